#pragma once
#include "core/session.hpp"
#include "backend/pg.hpp"

// The client of this backend.
namespace sslinfo::backend {

// The client connection of this process as the core wants it: Transport::none in a process without a client. The
// certificate is there only where TLS is in use and PostgreSQL has verified it. Never raises.
core::Connection connection() noexcept;

} // namespace sslinfo::backend
