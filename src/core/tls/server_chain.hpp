#pragma once
#include "core/x509/certificate.hpp"

#include <vector>

// Certificates that the server sends after its own.
namespace sslinfo::core {

// Returns the certificates that the server sent after its leaf in this handshake, from depth 1. Empty if it sent none.
// They are the configured ones (SSL_get0_chain_certs) or, without those, completed from the CA file like OpenSSL does.
std::vector<ChainCertificate> server_chain(const SSL &ssl);

}   // namespace sslinfo::core
