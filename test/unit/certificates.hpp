#pragma once
#include "core/certificate.hpp"
#include "core/handle.hpp"

#include "der.hpp"

#include <string>

// Keys, made when a test runs, and certificates that are really signed with them.

// A new key: EVP_PKEY_EC (with the curve of `option`), EVP_PKEY_RSA and EVP_PKEY_RSA_PSS (with that many bits), EVP_PKEY_ED25519, ….
sslinfo::core::PkeyHandle new_key(int type, int option = 0);
// One P-256 key for all tests that do not care.
const EVP_PKEY &ec_key();
// DER of the SubjectPublicKeyInfo.
std::string spki(const EVP_PKEY &key);

// The certificate signed by `issuer_key`; `digest` null for keys that hash by themselves. The signature algorithm is the key's.
sslinfo::core::X509Handle signed_certificate(const der::Certificate &certificate, const EVP_PKEY &issuer_key,
                                             const EVP_MD *digest = EVP_sha256());

// The certificate as the core parses it.
inline sslinfo::core::X509Handle parsed(const der::Certificate &certificate)
{
    return sslinfo::core::parse_der(der::certificate(certificate));
}
