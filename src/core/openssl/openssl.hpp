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

// Absent from OpenSSL 1.1.1, which reports SSL_R_NO_SHARED_GROUPS or SSL_R_NO_SUITABLE_KEY_SHARE. The number is unused.
#ifndef SSL_R_NO_SUITABLE_GROUPS
#define SSL_R_NO_SUITABLE_GROUPS 4094
#endif

// OpenSSL's headers, and functions that hide the differences between 1.1.1 and 4.0. No other file tests the version.
namespace sslinfo::core {

// Removes const for calls that only read: i2d_X509 and others in 1.1.1, macros over SSL_ctrl() in all versions.
template <class T> T *mutable_pointer(const T *pointer) noexcept { return const_cast<T *>(pointer); }

// Returns the content of a memory BIO (BIO_s_mem), valid until the next write or free.
inline std::string_view bio_contents(BIO &memory) noexcept
{
    char *data = nullptr;
    const long length = BIO_get_mem_data(&memory, &data);
    return {data, static_cast<std::size_t>(length)};
}

// Returns OpenSSL's text for the last error on its queue.
inline std::string last_openssl_reason()
{
    const unsigned long error = ERR_peek_last_error();
    const char *reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    return reason != nullptr ? reason : "unknown error";
}

// OpenSSL numbers a TLS group by its NID or, if it has no NID, by this flag or-ed with IANA's code.
constexpr int group_without_nid = 0x1000000;

// Returns the key-exchange group in this numbering; 0 if there was none or this OpenSSL does not report it.
inline int negotiated_group(const SSL &ssl)
{
#ifdef SSL_get_negotiated_group   // 3.0
    return static_cast<int>(SSL_get_negotiated_group(mutable_pointer(&ssl)));
#else
    // 1.1.1 stores the peer's ephemeral key in TLS 1.3, but not as a TLS 1.2 server.
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

// Returns OpenSSL's name of a group in this numbering, or null.
inline const char *group_to_name([[maybe_unused]] const SSL &ssl, [[maybe_unused]] int group)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L   // provider groups have no OBJ name
    return SSL_group_to_name(mutable_pointer(&ssl), group);
#else
    return nullptr;
#endif
}

// A group offered by the client: IANA's code, or OpenSSL's NID if this OpenSSL does not return the code.
struct OfferedGroup {
    int code;   // -1: unknown
    int nid;    // NID_undef if the code is known
};

// Converts OpenSSL's number of a group.
constexpr OfferedGroup offered_group(int number) noexcept
{
    return (number & group_without_nid) != 0 ? OfferedGroup{number & 0xffff, NID_undef} : OfferedGroup{-1, number};
}

// Returns all groups of the client's supported_groups extension, in its order.
inline std::vector<OfferedGroup> offered_groups(const SSL &ssl)
{
    std::vector<OfferedGroup> groups;
#ifdef SSL_get0_iana_groups   // since 3.3; SSL_get1_groups() replaces some codes by NIDs
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

// Returns all cipher suites of the ClientHello, in its order.
inline std::vector<std::uint16_t> offered_ciphers(const SSL &ssl)
{
    const unsigned char *raw = nullptr;
    const long length = SSL_get0_raw_cipherlist(mutable_pointer(&ssl), &raw);
    std::vector<std::uint16_t> ciphers;
    for (long i = 0; raw != nullptr && i + 1 < length; i += 2)
        ciphers.push_back(static_cast<std::uint16_t>(raw[i] << 8 | raw[i + 1]));
    return ciphers;
}

// Returns OpenSSL's name of the signature scheme that the server or the client used in this handshake, or null.
inline const char *own_signature_name([[maybe_unused]] const SSL &ssl)
{
    const char *name = nullptr;
#if OPENSSL_VERSION_NUMBER >= 0x30500000L   // ML-DSA has neither a digest nor an older NID
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

// Returns SHA-256. Since 3.0 EVP_sha256() searches the providers at each use, so the first result is cached.
inline const EVP_MD *sha256() noexcept
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    static EVP_MD *const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (fetched != nullptr)
        return fetched;
#endif
    return EVP_sha256();
}

// True if the peer closed the connection unexpectedly. Before 3.0 OpenSSL queues no error for this.
inline bool is_unexpected_end([[maybe_unused]] unsigned long error) noexcept
{
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING   // 3.0
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
#else
    return false;
#endif
}

// True in FIPS mode: of the provider since 3.0, of the whole library in 1.1.1.
inline bool fips_enabled()
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    return EVP_default_properties_is_fips_enabled(nullptr) == 1;
#else
    return FIPS_mode() == 1;
#endif
}

// True if this OpenSSL has ML-KEM-768, the post-quantum part of X25519MLKEM768. Never before 3.0.
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

// Calls visit(X509 *, X509_CRL *) for each object of a store; one of the two is null.
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

// DH parameters, read by PostgreSQL's functions. 3.0 deprecates them, but their replacements accept other files.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
inline void free_dh(DH *parameters) noexcept { DH_free(parameters); }
// Returns the first DH parameters of a PEM file; null if there are none or they are malformed.
inline DH *read_dh_parameters(BIO *in) { return PEM_read_bio_DHparams(in, nullptr, nullptr, nullptr); }
inline int dh_bits(const DH *parameters) noexcept { return DH_bits(parameters); }
// Returns the flags of DH_check(): 0 if the parameters are good, -1 if the check fails.
inline int dh_problems(const DH *parameters)
{
    int problems = 0;
    return DH_check(parameters, &problems) == 1 ? problems : -1;
}
#pragma GCC diagnostic pop

// Returns the store that the connection uses to verify its peer.
inline X509_STORE *verify_store(const SSL &ssl)
{
    X509_STORE *store = nullptr;
#if OPENSSL_VERSION_NUMBER >= 0x30000000L   // 1.1.1 has no function for a connection's own store
    SSL_get0_verify_cert_store(mutable_pointer(&ssl), &store);
#endif
    return store != nullptr ? store : SSL_CTX_get_cert_store(SSL_get_SSL_CTX(&ssl));
}

}   // namespace sslinfo::core
