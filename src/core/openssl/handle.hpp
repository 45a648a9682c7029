#pragma once
#include "core/openssl/openssl.hpp"

#include <memory>

// Owning handles of OpenSSL objects. Plain pointers and references are borrowed.
namespace sslinfo::core {

template <auto Free> struct Deleter {
    template <class T> void operator()(T *pointer) const noexcept { Free(pointer); }
};

inline void free_openssl(void *pointer) noexcept { OPENSSL_free(pointer); }
inline void free_general_names(GENERAL_NAMES *names) noexcept { GENERAL_NAMES_free(names); }

using BioHandle = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using BignumHandle = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using CrlHandle = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using X509Handle = std::unique_ptr<X509, Deleter<X509_free>>;
using IntegerHandle = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
using ObjectHandle = std::unique_ptr<ASN1_OBJECT, Deleter<ASN1_OBJECT_free>>;
using BitStringHandle = std::unique_ptr<ASN1_BIT_STRING, Deleter<ASN1_BIT_STRING_free>>;
using OctetStringHandle = std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>>;
using BasicConstraintsHandle = std::unique_ptr<BASIC_CONSTRAINTS, Deleter<BASIC_CONSTRAINTS_free>>;
using ExtendedKeyUsageHandle = std::unique_ptr<EXTENDED_KEY_USAGE, Deleter<EXTENDED_KEY_USAGE_free>>;
using CertificatePoliciesHandle = std::unique_ptr<CERTIFICATEPOLICIES, Deleter<CERTIFICATEPOLICIES_free>>;
using AuthorityKeyIdHandle = std::unique_ptr<AUTHORITY_KEYID, Deleter<AUTHORITY_KEYID_free>>;
using AuthorityInfoHandle = std::unique_ptr<AUTHORITY_INFO_ACCESS, Deleter<AUTHORITY_INFO_ACCESS_free>>;
using CrlDistributionPointsHandle = std::unique_ptr<CRL_DIST_POINTS, Deleter<CRL_DIST_POINTS_free>>;
using GeneralNamesHandle = std::unique_ptr<GENERAL_NAMES, Deleter<free_general_names>>;
using RsaPssParamsHandle = std::unique_ptr<RSA_PSS_PARAMS, Deleter<RSA_PSS_PARAMS_free>>;
inline void free_infos(STACK_OF(X509_INFO) * infos) noexcept { sk_X509_INFO_pop_free(infos, X509_INFO_free); }
using InfosHandle = std::unique_ptr<STACK_OF(X509_INFO), Deleter<free_infos>>;
using ContextHandle = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;
using DhHandle = std::unique_ptr<DH, Deleter<free_dh>>;
using GroupHandle = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using PkeyHandle = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
// Memory allocated by OpenSSL and owned by the caller.
template <class T> using OpensslMemory = std::unique_ptr<T, Deleter<free_openssl>>;

}   // namespace sslinfo::core
