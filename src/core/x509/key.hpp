#pragma once
#include "core/openssl/handle.hpp"
#include "core/base/types.hpp"

#include <string>

// Public keys (RFC 5280, section 4.1.2.7).
namespace sslinfo::core {

struct PublicKey {
    std::string
        algorithm;   // RSA, RSA-PSS, EC, ED25519, ED448, DSA, DH, ML-DSA-65, …; a dotted OID where OpenSSL has no name
    std::optional<int> bits;   // EVP_PKEY_bits; none for a key that OpenSSL cannot read
    std::optional<std::string>
        group;   // the named curve of an EC key, as TLS names it: secp256r1; none for explicit parameters
    std::optional<int> strength;   // security bits: SP 800-57 part 1, table 2; SP 800-186
};
PublicKey public_key(const X509 &certificate);

// A named elliptic curve as TLS and SEC 2 name it: secp256r1 for OpenSSL's prime256v1; others by OpenSSL's short name.
std::string curve_name(int nid);

// The DER of the SubjectPublicKeyInfo; empty where OpenSSL cannot write it.
std::string spki_der(const X509 &certificate);

// A key from the DER of its SubjectPublicKeyInfo; null if OpenSSL cannot read it. To be called within retried()
// together with the use of the key: X509_get0_pubkey() has no key, or one of no use, if memory was short when the
// certificate was decoded.
PkeyHandle decode_public_key(std::string_view spki);

// Lower-case hex of a digest over `octets`. `algorithm` is a name that OpenSSL knows: sha256, sha384, sha512, sha1, …
// Throws Error(invalid_argument) for any other.
std::string digest_hex(const std::string &algorithm, std::string_view octets);

}   // namespace sslinfo::core
