#pragma once
#include "core/openssl/openssl.hpp"

#include <optional>
#include <string>

// Signatures of certificates and CRLs (RFC 5280, sections 4.1.1.2 and 5.1.1.2).
namespace sslinfo::core {

const X509_ALGOR &signature_identifier(const X509 &certificate);
const X509_ALGOR &signature_identifier(const X509_CRL &crl);

// Returns OpenSSL's long name of the algorithm, or a dotted OID if it has none.
std::string signature_algorithm(const X509_ALGOR &identifier);

// Returns the hash in lower case: sha256. std::nullopt if it is unknown, malformed or part of the algorithm (Ed25519).
std::optional<std::string> signature_digest(const X509_ALGOR &identifier);

// True if the hash is SHA-1, MD5 or older.
bool has_weak_digest(const X509_ALGOR &identifier);

}   // namespace sslinfo::core
