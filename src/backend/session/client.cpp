#include "core/tls/session.hpp"
#include "backend/session/client.hpp"

namespace sslinfo::backend {

namespace {

const core::RecordedHandshake *recorded_handshake;

}   // namespace

void set_recorded_handshake(const core::RecordedHandshake *handshake) noexcept { recorded_handshake = handshake; }

core::Connection connection() noexcept
{
    const Port *const port = MyProcPort;
    if (port == nullptr)
        return {};
    if (uses_tls())
        return {core::Transport::tls, port->ssl, port->peer_cert_valid ? port->peer : nullptr, recorded_handshake};
#ifdef ENABLE_GSS
    if (port->gss != nullptr && be_gssapi_get_enc(const_cast<Port *>(port)))
        return {core::Transport::gss};
#endif
    return {port->raddr.addr.ss_family == AF_UNIX ? core::Transport::socket : core::Transport::plain};
}

}   // namespace sslinfo::backend
