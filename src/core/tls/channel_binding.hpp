#pragma once
#include "core/openssl/openssl.hpp"

#include <string>

namespace sslinfo::core {

// Returns 'tls-exporter' (RFC 9266, 32 bytes) or 'tls-server-end-point' (RFC 5929, section 4.1, a hash of the server's
// certificate). Throws Error(invalid_argument) for another type, Error(not_available) if this connection has none.
std::string channel_binding(const SSL &ssl, const std::string &type);

}   // namespace sslinfo::core
