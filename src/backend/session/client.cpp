#include "core/tls/session.hpp"
#include "backend/session/client.hpp"

namespace sslinfo::backend {

core::Connection connection() noexcept
{
    const Port *const port = MyProcPort;
    if (port == nullptr)
        return {};
    if (uses_tls())
        return {core::Transport::tls, port->ssl, port->peer_cert_valid ? port->peer : nullptr};
#ifdef ENABLE_GSS
    if (port->gss != nullptr && be_gssapi_get_enc(const_cast<Port *>(port)))
        return {core::Transport::gss};
#endif
    return {port->raddr.addr.ss_family == AF_UNIX ? core::Transport::socket : core::Transport::plain};
}

}   // namespace sslinfo::backend
