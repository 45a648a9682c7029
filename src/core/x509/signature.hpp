#pragma once
#include "core/openssl/openssl.hpp"

#include <optional>
#include <string>

// How certificates and CRLs are signed (RFC 5280, sections 4.1.1.2 and 5.1.1.2).
namespace sslinfo::core {

// The AlgorithmIdentifier of its signature.
const X509_ALGOR &signature_identifier(const X509 &certificate);
const X509_ALGOR &signature_identifier(const X509_CRL &crl);

// OpenSSL's long name of the algorithm; a dotted OID if OpenSSL has no name.
std::string signature_algorithm(const X509_ALGOR &identifier);

// The hash in lower case: sha256. None if the algorithm has none of its own (Ed25519) or is unknown, or if the
// parameters of RSASSA-PSS are malformed.
std::optional<std::string> signature_digest(const X509_ALGOR &identifier);

// Is the hash SHA-1, MD5 or older?
bool has_weak_digest(const X509_ALGOR &identifier);

}   // namespace sslinfo::core
