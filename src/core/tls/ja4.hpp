#pragma once
#include "core/tls/client_hello.hpp"

#include <string>

// JA4, FoxIO's TLS client fingerprint (technical_details/JA4.md in https://github.com/FoxIO-LLC/ja4, BSD licence; other
// members of the JA4+ family have another licence). Clients with the same TLS library and settings have the same
// fingerprint. It proves no identity: any client can send the ClientHello of another one.
namespace sslinfo::core {

// Returns 36 characters: 't13d1516h2_8daaf6152771_e5627efa2ab1'. Throws Error if this OpenSSL has no SHA-256.
std::string ja4(const ClientHello &hello);

}   // namespace sslinfo::core
