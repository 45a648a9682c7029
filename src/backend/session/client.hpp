#pragma once
#include "core/logins/plain_values.hpp"
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

namespace sslinfo::backend {

// Returns this process's client connection. Its transport is none in a process without a client. It has a certificate
// only with TLS and after verification by PostgreSQL. Never raises.
core::Connection connection() noexcept;

// Returns the client's IP address; none for a Unix-domain socket.
core::RawAddress client_address(const Port &port) noexcept;

// Sets the recorded handshake for connection(). It must live as long as the process.
void set_recorded_handshake(const core::RecordedHandshake *handshake) noexcept;

// Sets the authentication method, a static string. PostgreSQL frees the pg_hba.conf line after the login.
void set_auth_method(const char *method) noexcept;

// True for a TLS connection. PostgreSQL sets ssl_in_use after ssl, and clears both together.
inline bool uses_tls() noexcept { return MyProcPort != nullptr && MyProcPort->ssl_in_use; }

// Returns the client's verified certificate, or null. Cheaper than connection().
inline const X509 *client_certificate() noexcept
{
    return uses_tls() && MyProcPort->peer_cert_valid ? MyProcPort->peer : nullptr;
}

}   // namespace sslinfo::backend
