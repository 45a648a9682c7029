#pragma once
#include "core/openssl/openssl.hpp"

#include <string>

namespace sslinfo::core {

// Channel binding data of a connection: 'tls-exporter' (RFC 9266, 32 octets) or 'tls-server-end-point' (RFC 5929,
// section 4.1: a hash of the server's certificate). Throws Error(invalid_argument) for another type and
// Error(not_available) where the connection has none of the type, saying why.
std::string channel_binding(const SSL &ssl, const std::string &type);

}   // namespace sslinfo::core
