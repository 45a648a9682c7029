#pragma once
#include "core/logins/plain_values.hpp"
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// The client of this backend.
namespace sslinfo::backend {

// The client connection of this process as the core wants it: Transport::none in a process without a client. The
// certificate is there only where TLS is in use and PostgreSQL has verified it. Never raises.
core::Connection connection() noexcept;

// The IP address of the client; none for a Unix-domain socket.
core::RawAddress client_address(const Port &port) noexcept;

// Has connection() return this recording of the handshake if TLS is in use; it must live as long as the process.
void set_recorded_handshake(const core::RecordedHandshake *handshake) noexcept;

// Has connection() return this method of authentication; a static string. Only the login hook can read it on every
// version: PostgreSQL frees the pg_hba.conf line after the login.
void set_auth_method(const char *method) noexcept;

// Does it use TLS? PostgreSQL sets ssl_in_use after ssl, and clears both together.
inline bool uses_tls() noexcept { return MyProcPort != nullptr && MyProcPort->ssl_in_use; }

// The verified certificate of the client; null if there is none. Cheaper than connection(), for each call of a
// function.
inline const X509 *client_certificate() noexcept
{
    return uses_tls() && MyProcPort->peer_cert_valid ? MyProcPort->peer : nullptr;
}

}   // namespace sslinfo::backend
