#pragma once
#include "core/tls/client_hello.hpp"

#include <string>

// JA4, the TLS client fingerprint of FoxIO (technical_details/JA4.md in https://github.com/FoxIO-LLC/ja4, under the BSD
// licence; the other members of that family are under another one). Clients that use the same TLS library with the same
// settings have the same fingerprint. It is no proof of identity: everybody can send the ClientHello of anybody.
namespace sslinfo::core {

// For TLS over TCP: 't13d1516h2_8daaf6152771_e5627efa2ab1', 36 characters. Throws std::bad_alloc, and Error if this
// OpenSSL cannot compute SHA-256.
std::string ja4(const ClientHello &hello);

}   // namespace sslinfo::core
