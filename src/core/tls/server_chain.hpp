#pragma once
#include "core/x509/certificate.hpp"

#include <vector>

// The certificates that the server sends after its own.
namespace sslinfo::core {

// The certificates that the server sent after its leaf in this handshake, in their order, from depth 1. Empty if it
// sent no certificate or the leaf alone. They are the ones configured with the leaf (SSL_get0_chain_certs). If there
// are none, OpenSSL completes the chain from the CA file, and this does the same again.
std::vector<ChainCertificate> server_chain(const SSL &ssl);

}   // namespace sslinfo::core
