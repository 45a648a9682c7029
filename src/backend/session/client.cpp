#include "core/tls/session.hpp"
#include "backend/session/client.hpp"

namespace sslinfo::backend {

namespace {

const core::RecordedHandshake *recorded_handshake;
const char *recorded_auth_method;

// Returns the method of pg_hba.conf. Every method but trust proves an identity.
const char *auth_method(const Port &port)
{
    if (recorded_auth_method != nullptr)
        return recorded_auth_method;
    return proven_identity(port) == nullptr ? "trust" : proving_method();
}

core::Connection transport_of(const Port &port) noexcept
{
    if (uses_tls())
        return {core::Transport::tls, port.ssl, client_certificate(), recorded_handshake};
#ifdef ENABLE_GSS
    if (port.gss != nullptr && be_gssapi_get_enc(const_cast<Port *>(&port)))
        return {core::Transport::gss};
#endif
    return {port.raddr.addr.ss_family == AF_UNIX ? core::Transport::socket : core::Transport::plain};
}

}   // namespace

void set_recorded_handshake(const core::RecordedHandshake *handshake) noexcept { recorded_handshake = handshake; }

void set_auth_method(const char *method) noexcept { recorded_auth_method = method; }

core::RawAddress client_address(const Port &port) noexcept
{
    core::RawAddress address{};
    const auto *const storage = reinterpret_cast<const sockaddr *>(&port.raddr.addr);
    if (storage->sa_family == AF_INET) {
        address.length = 4;
        memcpy(address.octets, &reinterpret_cast<const sockaddr_in *>(storage)->sin_addr, 4);
    } else if (storage->sa_family == AF_INET6) {
        address.length = 16;
        memcpy(address.octets, &reinterpret_cast<const sockaddr_in6 *>(storage)->sin6_addr, 16);
    }
    return address;
}

core::Connection connection() noexcept
{
    const Port *const port = MyProcPort;
    if (port == nullptr)
        return {};
    core::Connection result = transport_of(*port);
    result.auth_method = auth_method(*port);
    result.authn_id = proven_identity(*port);
    return result;
}

}   // namespace sslinfo::backend
