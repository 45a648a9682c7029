#pragma once
#include "core/openssl/handle.hpp"
#include "core/base/types.hpp"

#include <string>

// Public keys (RFC 5280, section 4.1.2.7).
namespace sslinfo::core {

struct PublicKey {
    std::string
        algorithm;   // RSA, RSA-PSS, EC, ED25519, ED448, DSA, DH, ML-DSA-65, …; a dotted OID if OpenSSL has no name
    std::optional<int> bits;            // EVP_PKEY_bits; none if OpenSSL cannot read the key
    std::optional<std::string> group;   // TLS name of an EC key's curve: secp256r1; none for explicit parameters
    std::optional<int> strength;        // security bits
};
PublicKey public_key(const X509 &certificate);

// Returns a curve's name in TLS and SEC 2 (secp256r1 for OpenSSL's prime256v1), or OpenSSL's short name.
std::string curve_name(int nid);

// Returns the DER of the SubjectPublicKeyInfo; empty if OpenSSL cannot write it.
std::string spki_der(const X509 &certificate);

// Decodes a SubjectPublicKeyInfo; null if OpenSSL cannot. Call it within retried(), together with the use of the key.
// X509_get0_pubkey() is no substitute: it has no usable key if memory was short when the certificate was decoded.
PkeyHandle decode_public_key(std::string_view spki);

// Returns lower-case hex of a digest. Throws Error(invalid_argument) for an algorithm unknown to OpenSSL.
std::string digest_hex(const std::string &algorithm, std::string_view octets);

}   // namespace sslinfo::core
