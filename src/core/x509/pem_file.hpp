#pragma once
#include "core/openssl/handle.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>

// Files of certificates and CRLs, and CRLs themselves (RFC 5280, section 5).
namespace sslinfo::core {

// The certificates and CRLs of a PEM file in their order, as X509_load_cert_crl_file() reads it. Throws
// Error(invalid_text) if a block is malformed or there is none. Never prompts for a pass phrase.
InfosHandle read_pem_file(std::string_view pem);

// Lower-case hex of SHA-256 over the DER.
std::string crl_fingerprint(const X509_CRL &crl);
// The number of revoked certificates; nothing is decoded again.
int crl_entries(const X509_CRL &crl);
// Was it issued by now, and is its successor not due yet?
bool is_current(const X509_CRL &crl, Timestamp now);
// Is its digest SHA-1 or MD5?
bool has_weak_digest(int signature_nid);

}   // namespace sslinfo::core
