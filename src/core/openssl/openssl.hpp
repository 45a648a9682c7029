#pragma once
#include "core/base/no_postgres.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/opensslv.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// 1.1.1 has no reason of this name (3.0 does): it reports SSL_R_NO_SHARED_GROUPS or SSL_R_NO_SUITABLE_KEY_SHARE. The
// number is of none.
#ifndef SSL_R_NO_SUITABLE_GROUPS
#define SSL_R_NO_SUITABLE_GROUPS 4094
#endif

// OpenSSL, with the differences between its versions (1.1.1 to 4.0) evened out. No other file asks for a version.
namespace sslinfo::core {

// Some calls that only read take their argument without const: in 1.1.1 many (i2d_X509, X509V3_EXT_print, …), and in
// every version those that are macros over SSL_ctrl().
template <class T> T *mutable_pointer(const T *pointer) noexcept { return const_cast<T *>(pointer); }

// What was written to a BIO in memory (BIO_s_mem), until it is written to again or freed.
inline std::string_view written(BIO &memory) noexcept
{
    char *data = nullptr;
    const long length = BIO_get_mem_data(&memory, &data);
    return {data, static_cast<std::size_t>(length)};
}

// OpenSSL's own words for the last error on its queue.
inline std::string last_openssl_reason()
{
    const unsigned long error = ERR_peek_last_error();
    const char *reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    return reason != nullptr ? reason : "unknown error";
}

// OpenSSL numbers a TLS group by NID where it has one and by this flag or-ed with IANA's code where it has none.
constexpr int group_without_nid = 0x1000000;

// The group of the key exchange, numbered so; 0 where there was none or this OpenSSL cannot tell.
inline int negotiated_group(const SSL &ssl)
{
#ifdef SSL_get_negotiated_group   // 3.0
    return static_cast<int>(SSL_get_negotiated_group(mutable_pointer(&ssl)));
#else
    // 1.1.1 knows the peer's ephemeral key of a TLS 1.3 handshake; in TLS 1.2 the server does not keep it.
    EVP_PKEY *key = nullptr;
    if (SSL_get_peer_tmp_key(mutable_pointer(&ssl), &key) != 1)
        return 0;
    const int id = EVP_PKEY_id(key);
    const EC_KEY *ec = id == EVP_PKEY_EC ? EVP_PKEY_get0_EC_KEY(key) : nullptr;
    const int nid = ec != nullptr ? EC_GROUP_get_curve_name(EC_KEY_get0_group(ec)) : id;
    EVP_PKEY_free(key);
    return nid;
#endif
}

// OpenSSL's name of a group numbered so, or null.
inline const char *group_to_name([[maybe_unused]] const SSL &ssl, [[maybe_unused]] int group)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L   // provider groups have no OBJ name
    return SSL_group_to_name(mutable_pointer(&ssl), group);
#else
    return nullptr;
#endif
}

// A group that the client offered: IANA's code, or OpenSSL's NID if this OpenSSL does not give the code.
struct OfferedGroup {
    int code;   // -1: unknown
    int nid;    // NID_undef if the code is known
};

// A group as OpenSSL numbers it.
constexpr OfferedGroup offered_group(int number) noexcept
{
    return (number & group_without_nid) != 0 ? OfferedGroup{number & 0xffff, NID_undef} : OfferedGroup{-1, number};
}

// The groups of the client's supported_groups extension, in its order; none is left out.
inline std::vector<OfferedGroup> offered_groups(const SSL &ssl)
{
    std::vector<OfferedGroup> groups;
#ifdef SSL_get0_iana_groups   // 3.3's header; SSL_get1_groups() replaces some codes by NIDs
    std::uint16_t *codes = nullptr;
    const long count = SSL_get0_iana_groups(mutable_pointer(&ssl), &codes);
    for (long i = 0; codes != nullptr && i < count; ++i)
        groups.push_back({codes[i], NID_undef});
#else
    const auto count = SSL_get1_groups(mutable_pointer(&ssl), nullptr);
    std::vector<int> numbers(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (!numbers.empty())
        SSL_get1_groups(mutable_pointer(&ssl), numbers.data());
    for (const int number : numbers)
        groups.push_back(offered_group(number));
#endif
    return groups;
}

// The cipher suites of the ClientHello as they came, two bytes each; nothing is left out.
inline std::vector<std::uint16_t> offered_ciphers(const SSL &ssl)
{
    const unsigned char *raw = nullptr;
    const long length = SSL_get0_raw_cipherlist(mutable_pointer(&ssl), &raw);
    std::vector<std::uint16_t> ciphers;
    for (long i = 0; raw != nullptr && i + 1 < length; i += 2)
        ciphers.push_back(static_cast<std::uint16_t>(raw[i] << 8 | raw[i + 1]));
    return ciphers;
}

// OpenSSL's name of the scheme with which the server (or the client) signed in this handshake, or null.
inline const char *own_signature_name([[maybe_unused]] const SSL &ssl)
{
    const char *name = nullptr;
#if OPENSSL_VERSION_NUMBER >= 0x30500000L   // ML-DSA has no digest and no NID of before
    SSL_get0_signature_name(mutable_pointer(&ssl), &name);
#endif
    return name;
}
inline const char *peer_signature_name([[maybe_unused]] const SSL &ssl)
{
    const char *name = nullptr;
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
    SSL_get0_peer_signature_name(mutable_pointer(&ssl), &name);
#endif
    return name;
}

// SHA-256. Since 3.0 each use of EVP_sha256() searches the providers; this keeps what the first search found, for the
// life of the process and of those that it forks.
inline const EVP_MD *sha256() noexcept
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    static EVP_MD *const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (fetched != nullptr)
        return fetched;
#endif
    return EVP_sha256();
}

// Did the peer close the connection in the middle of something? Before 3.0 that was no error on the queue.
inline bool is_unexpected_end([[maybe_unused]] unsigned long error) noexcept
{
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING   // 3.0
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
#else
    return false;
#endif
}

// FIPS mode: by provider from 3.0 on, by a mode of the whole library in 1.1.1.
inline bool fips_enabled()
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    return EVP_default_properties_is_fips_enabled(nullptr) == 1;
#else
    return FIPS_mode() == 1;
#endif
}

// ML-KEM-768, the post-quantum part of X25519MLKEM768: a key encapsulation by provider, so not before 3.0.
inline bool has_ml_kem()
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    EVP_KEM *kem = EVP_KEM_fetch(nullptr, "ML-KEM-768", nullptr);
    EVP_KEM_free(kem);
    return kem != nullptr;
#else
    return false;
#endif
}

// Calls visit(X509 *, X509_CRL *), one of which is null, for each object of a store.
template <class Visit> void each_object(X509_STORE *store, Visit visit)
{
#if OPENSSL_VERSION_NUMBER >= 0x30300000L   // 4.0 deprecates X509_STORE_get0_objects()
    STACK_OF(X509_OBJECT) *const objects = X509_STORE_get1_objects(store);
#else
    STACK_OF(X509_OBJECT) *const objects = X509_STORE_get0_objects(store);
#endif
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        X509_OBJECT *const object = sk_X509_OBJECT_value(objects, i);
        visit(X509_OBJECT_get0_X509(object), X509_OBJECT_get0_X509_CRL(object));
    }
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
    sk_X509_OBJECT_pop_free(objects, X509_OBJECT_free);
#endif
}

// The functions of DH parameters that PostgreSQL calls. 3.0 deprecates them, but those that take their place read other
// files.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
inline void free_dh(DH *parameters) noexcept { DH_free(parameters); }
// The first DH parameters in PEM; null if there are none or they are malformed.
inline DH *read_dh_parameters(BIO *in) { return PEM_read_bio_DHparams(in, nullptr, nullptr, nullptr); }
inline int dh_bits(const DH *parameters) noexcept { return DH_bits(parameters); }
// Flags of DH_check(), 0 if there is nothing wrong; -1 if it fails.
inline int dh_problems(const DH *parameters)
{
    int problems = 0;
    return DH_check(parameters, &problems) == 1 ? problems : -1;
}
#pragma GCC diagnostic pop

// The store that a connection verifies its peer with.
inline X509_STORE *verify_store(const SSL &ssl)
{
    X509_STORE *store = nullptr;
#if OPENSSL_VERSION_NUMBER >= 0x30000000L   // 1.1.1 cannot return a connection's own
    SSL_get0_verify_cert_store(mutable_pointer(&ssl), &store);
#endif
    return store != nullptr ? store : SSL_CTX_get_cert_store(SSL_get_SSL_CTX(&ssl));
}

}   // namespace sslinfo::core
