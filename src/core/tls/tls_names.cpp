#include "core/tls/tls_names.hpp"

#include "core/base/ascii.hpp"
#include "core/tls/known_names.hpp"

#include <algorithm>
#include <iterator>

namespace sslinfo::core {

namespace {

struct Scheme {
    int code;
    const char *name;
    int digest_nid;      // NID_undef: the scheme has no separate digest
    int signature_nid;   // NID_undef: never looked up by NID
    bool pss_key;
};

constexpr int no_code = -1;

// IANA, "TLS SignatureScheme". Codes below 0x0400 are TLS 1.2's pairs of hash and signature.
constexpr Scheme schemes[] = {
    {no_code, "rsa_pkcs1_md5_sha1", NID_md5_sha1, EVP_PKEY_RSA, false},   // TLS 1.0 and 1.1 (RFC 4346, section 7.4.3)
    {0x0201, "rsa_pkcs1_sha1", NID_sha1, EVP_PKEY_RSA, false},
    {0x0202, "dsa_sha1", NID_sha1, EVP_PKEY_DSA, false},
    {0x0203, "ecdsa_sha1", NID_sha1, EVP_PKEY_EC, false},
    {0x0301, "rsa_pkcs1_sha224", NID_sha224, EVP_PKEY_RSA, false},
    {0x0302, "dsa_sha224", NID_sha224, EVP_PKEY_DSA, false},
    {0x0303, "ecdsa_sha224", NID_sha224, EVP_PKEY_EC, false},
    {0x0401, "rsa_pkcs1_sha256", NID_sha256, EVP_PKEY_RSA, false},
    {0x0402, "dsa_sha256", NID_sha256, EVP_PKEY_DSA, false},
    {0x0403, "ecdsa_secp256r1_sha256", NID_sha256, EVP_PKEY_EC, false},
    {0x0501, "rsa_pkcs1_sha384", NID_sha384, EVP_PKEY_RSA, false},
    {0x0502, "dsa_sha384", NID_sha384, EVP_PKEY_DSA, false},
    {0x0503, "ecdsa_secp384r1_sha384", NID_sha384, EVP_PKEY_EC, false},
    {0x0601, "rsa_pkcs1_sha512", NID_sha512, EVP_PKEY_RSA, false},
    {0x0602, "dsa_sha512", NID_sha512, EVP_PKEY_DSA, false},
    {0x0603, "ecdsa_secp521r1_sha512", NID_sha512, EVP_PKEY_EC, false},
    {0x0804, "rsa_pss_rsae_sha256", NID_sha256, EVP_PKEY_RSA_PSS, false},
    {0x0805, "rsa_pss_rsae_sha384", NID_sha384, EVP_PKEY_RSA_PSS, false},
    {0x0806, "rsa_pss_rsae_sha512", NID_sha512, EVP_PKEY_RSA_PSS, false},
    {0x0807, "ed25519", NID_undef, EVP_PKEY_ED25519, false},
    {0x0808, "ed448", NID_undef, EVP_PKEY_ED448, false},
    {0x0809, "rsa_pss_pss_sha256", NID_sha256, EVP_PKEY_RSA_PSS, true},
    {0x080a, "rsa_pss_pss_sha384", NID_sha384, EVP_PKEY_RSA_PSS, true},
    {0x080b, "rsa_pss_pss_sha512", NID_sha512, EVP_PKEY_RSA_PSS, true},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256", NID_undef, NID_undef, false},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384", NID_undef, NID_undef, false},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512", NID_undef, NID_undef, false},
    {0x0904, "mldsa44", NID_undef, NID_undef, false},
    {0x0905, "mldsa65", NID_undef, NID_undef, false},
    {0x0906, "mldsa87", NID_undef, NID_undef, false},
};

struct Group {
    int code;
    int nid;   // NID_undef: not in every OpenSSL version, which returns the code instead
    const char *name;
};

// OpenSSL has separate NIDs for the Brainpool groups of TLS 1.3 since 3.2.
#ifdef NID_brainpoolP256r1tls13
constexpr int nid_brainpool_tls13[] = {NID_brainpoolP256r1tls13, NID_brainpoolP384r1tls13, NID_brainpoolP512r1tls13};
#else
constexpr int nid_brainpool_tls13[] = {NID_undef, NID_undef, NID_undef};
#endif

// IANA, "TLS Supported Groups".
constexpr Group groups[] = {
    {1, NID_sect163k1, "sect163k1"},
    {2, NID_sect163r1, "sect163r1"},
    {3, NID_sect163r2, "sect163r2"},
    {4, NID_sect193r1, "sect193r1"},
    {5, NID_sect193r2, "sect193r2"},
    {6, NID_sect233k1, "sect233k1"},
    {7, NID_sect233r1, "sect233r1"},
    {8, NID_sect239k1, "sect239k1"},
    {9, NID_sect283k1, "sect283k1"},
    {10, NID_sect283r1, "sect283r1"},
    {11, NID_sect409k1, "sect409k1"},
    {12, NID_sect409r1, "sect409r1"},
    {13, NID_sect571k1, "sect571k1"},
    {14, NID_sect571r1, "sect571r1"},
    {15, NID_secp160k1, "secp160k1"},
    {16, NID_secp160r1, "secp160r1"},
    {17, NID_secp160r2, "secp160r2"},
    {18, NID_secp192k1, "secp192k1"},
    {19, NID_X9_62_prime192v1, "secp192r1"},
    {20, NID_secp224k1, "secp224k1"},
    {21, NID_secp224r1, "secp224r1"},
    {22, NID_secp256k1, "secp256k1"},
    {23, NID_X9_62_prime256v1, "secp256r1"},
    {24, NID_secp384r1, "secp384r1"},
    {25, NID_secp521r1, "secp521r1"},
    {26, NID_brainpoolP256r1, "brainpoolP256r1"},
    {27, NID_brainpoolP384r1, "brainpoolP384r1"},
    {28, NID_brainpoolP512r1, "brainpoolP512r1"},
    {29, NID_X25519, "x25519"},
    {30, NID_X448, "x448"},
    {31, nid_brainpool_tls13[0], "brainpoolP256r1tls13"},
    {32, nid_brainpool_tls13[1], "brainpoolP384r1tls13"},
    {33, nid_brainpool_tls13[2], "brainpoolP512r1tls13"},
    {34, NID_undef, "GC256A"},
    {35, NID_undef, "GC256B"},
    {36, NID_undef, "GC256C"},
    {37, NID_undef, "GC256D"},
    {38, NID_undef, "GC512A"},
    {39, NID_undef, "GC512B"},
    {40, NID_undef, "GC512C"},
    {41, NID_undef, "curveSM2"},
    {256, NID_ffdhe2048, "ffdhe2048"},
    {257, NID_ffdhe3072, "ffdhe3072"},
    {258, NID_ffdhe4096, "ffdhe4096"},
    {259, NID_ffdhe6144, "ffdhe6144"},
    {260, NID_ffdhe8192, "ffdhe8192"},
    {0x0200, NID_undef, "MLKEM512"},
    {0x0201, NID_undef, "MLKEM768"},
    {0x0202, NID_undef, "MLKEM1024"},
    {0x11eb, NID_undef, "SecP256r1MLKEM768"},
    {0x11ec, NID_undef, "X25519MLKEM768"},
    {0x11ed, NID_undef, "SecP384r1MLKEM1024"},
    {0x11ee, NID_undef, "curveSM2MLKEM768"},
    {0x6399, NID_undef, "X25519Kyber768Draft00"},
    {0x639a, NID_undef, "SecP256r1Kyber768Draft00"},
    {0xff01, NID_undef, "arbitrary_explicit_prime_curves"},
    {0xff02, NID_undef, "arbitrary_explicit_char2_curves"},
};

struct CodeName {
    int code;
    const char *name;
};

constexpr CodeName versions[] = {
    {0x0304, "TLSv1.3"}, {0x0303, "TLSv1.2"}, {0x0302, "TLSv1.1"}, {0x0301, "TLSv1"}, {0x0300, "SSLv3"},
};

// IANA, "TLS ExtensionType Values" that clients send.
constexpr CodeName extension_types[] = {
    {0, "server_name"},
    {1, "max_fragment_length"},
    {5, "status_request"},
    {10, "supported_groups"},
    {11, "ec_point_formats"},
    {12, "srp"},
    {13, "signature_algorithms"},
    {14, "use_srtp"},
    {15, "heartbeat"},
    {16, "application_layer_protocol_negotiation"},
    {17, "status_request_v2"},
    {18, "signed_certificate_timestamp"},
    {19, "client_certificate_type"},
    {20, "server_certificate_type"},
    {21, "padding"},
    {22, "encrypt_then_mac"},
    {23, "extended_master_secret"},
    {24, "token_binding"},
    {27, "compress_certificate"},
    {28, "record_size_limit"},
    {34, "delegated_credential"},
    {35, "session_ticket"},
    {41, "pre_shared_key"},
    {42, "early_data"},
    {43, "supported_versions"},
    {44, "cookie"},
    {45, "psk_key_exchange_modes"},
    {47, "certificate_authorities"},
    {48, "oid_filters"},
    {49, "post_handshake_auth"},
    {50, "signature_algorithms_cert"},
    {51, "key_share"},
    {0xfe0d, "encrypted_client_hello"},
    {0xff01, "renegotiation_info"},
};

// IANA, "TLS Alerts".
constexpr CodeName alerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
};

constexpr CodeName point_formats[] = {
    {0, "uncompressed"},
    {1, "ansiX962_compressed_prime"},
    {2, "ansiX962_compressed_char2"},
};

template <class Table, class Predicate> std::optional<std::string> find_name(const Table &table, Predicate matches)
{
    const auto found = std::find_if(std::begin(table), std::end(table), matches);
    return found != std::end(table) ? std::optional<std::string>(found->name) : std::nullopt;
}

}   // namespace

std::optional<std::string> signature_scheme_name(int code)
{
    return find_name(schemes, [=](const Scheme &scheme) { return scheme.code == code; });
}

std::optional<std::string> signature_scheme_name(int digest_nid, int signature_nid, bool pss_key)
{
    if (signature_nid == NID_undef)
        return std::nullopt;
    return find_name(schemes, [=](const Scheme &scheme) {
        return scheme.signature_nid == signature_nid && scheme.pss_key == pss_key &&
               (scheme.digest_nid == NID_undef || scheme.digest_nid == digest_nid);
    });
}

std::optional<int> group_code(int nid)
{
    const auto found =
        std::find_if(std::begin(groups), std::end(groups), [=](const Group &group) { return group.nid == nid; });
    return nid != NID_undef && found != std::end(groups) ? std::optional(found->code) : std::nullopt;
}

std::optional<std::string> group_name(int code)
{
    return find_name(groups, [=](const Group &group) { return group.code == code; });
}

std::optional<std::string> tls_version_name(int version)
{
    return find_name(versions, [=](const CodeName &row) { return row.code == version; });
}

std::optional<std::string> extension_name(int type)
{
    return find_name(extension_types, [=](const CodeName &row) { return row.code == type; });
}

std::optional<std::string> alert_name(int alert)
{
    return find_name(alerts, [=](const CodeName &row) { return row.code == alert; });
}

std::optional<std::string> point_format_name(int format)
{
    return find_name(point_formats, [=](const CodeName &row) { return row.code == format; });
}

std::string hex_code(int code)
{
    std::string out = "0x";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += "0123456789abcdef"[code >> shift & 0xf];
    return out;
}

std::optional<int> ml_kem_parameter_set(std::string_view group)
{
    const std::string wanted = ascii_lower(group);
    const auto found = std::find_if(std::begin(groups), std::end(groups),
                                    [&](const Group &row) { return ascii_lower(row.name) == wanted; });
    if (found == std::end(groups))
        return std::nullopt;
    switch (found->code) {
    case 0x0200:   // MLKEM512
        return 512;
    case 0x0201:   // MLKEM768
    case 0x11eb:   // SecP256r1MLKEM768
    case 0x11ec:   // X25519MLKEM768
    case 0x11ee:   // curveSM2MLKEM768
        return 768;
    case 0x0202:   // MLKEM1024
    case 0x11ed:   // SecP384r1MLKEM1024
        return 1024;
    default:
        return std::nullopt;
    }
}

std::vector<std::string_view> group_names()
{
    std::vector<std::string_view> out;
    for (const Group &group : groups)
        out.emplace_back(group.name);
    return out;
}

std::vector<std::string_view> signature_names()
{
    std::vector<std::string_view> out;
    for (const Scheme &scheme : schemes)
        out.emplace_back(scheme.name);
    return out;
}

const char *group_kind(int code) noexcept
{
    const bool ml_kem_alone = code >= 0x0200 && code <= 0x0202;
    return !post_quantum_group(code) ? "classical" : ml_kem_alone ? "post-quantum" : "hybrid";
}

bool post_quantum_group(int code) noexcept
{
    return (code >= 0x0200 && code <= 0x0202) || (code >= 0x11eb && code <= 0x11ee);
}

bool grease(int code) noexcept { return (code & 0x0f0f) == 0x0a0a && (code >> 8) == (code & 0xff); }

}   // namespace sslinfo::core
