#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// The client of this backend.
namespace sslinfo::backend {

// The client connection of this process as the core wants it: Transport::none in a process without a client. The
// certificate is there only where TLS is in use and PostgreSQL has verified it. Never raises.
core::Connection connection() noexcept;

// Does it use TLS? PostgreSQL sets ssl_in_use after ssl, and clears both together.
inline bool uses_tls() noexcept { return MyProcPort != nullptr && MyProcPort->ssl_in_use; }

}   // namespace sslinfo::backend
