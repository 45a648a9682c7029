#include "core/x509/key.hpp"

#include "core/x509/asn1.hpp"
#include "core/base/error.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/text.hpp"
#include "core/openssl/failure.hpp"

#include <algorithm>
#include <new>

namespace sslinfo::core {

namespace {

std::string algorithm_name(const ASN1_OBJECT &algorithm)
{
    switch (OBJ_obj2nid(&algorithm)) {
    case NID_rsaEncryption:
        return "RSA";
    case NID_rsassaPss:
        return "RSA-PSS";
    case NID_X9_62_id_ecPublicKey:
        return "EC";
    case NID_dsa:
        return "DSA";
    case NID_dhKeyAgreement:
    case NID_dhpublicnumber:
        return "DH";
    default:
        return long_name(algorithm);
    }
}

// Returns the curve named by an OID in the parameters; std::nullopt for explicit parameters.
std::optional<std::string> named_curve(const X509_ALGOR &algorithm)
{
    const ASN1_OBJECT *type = nullptr;
    int parameter_type = V_ASN1_UNDEF;
    const void *parameter = nullptr;
    X509_ALGOR_get0(&type, &parameter_type, &parameter, &algorithm);
    if (OBJ_obj2nid(type) != NID_X9_62_id_ecPublicKey || parameter_type != V_ASN1_OBJECT)
        return std::nullopt;
    const ASN1_OBJECT &curve = *static_cast<const ASN1_OBJECT *>(parameter);
    const int nid = OBJ_obj2nid(&curve);
    return nid == NID_undef ? dotted_oid(curve) : curve_name(nid);
}

// Rows of SP 800-57 part 1 rev. 5, table 2, strongest first.
struct StrengthRow {
    int bits;
    int strength;
};
template <std::size_t N> int table_strength(const StrengthRow (&rows)[N], int bits) noexcept
{
    for (const StrengthRow &row : rows)
        if (bits >= row.bits)
            return row.strength;
    return 0;
}
constexpr StrengthRow modulus_rows[] = {{15360, 256}, {7680, 192}, {3072, 128}, {2048, 112}, {1024, 80}};
constexpr StrengthRow curve_rows[] = {{512, 256}, {384, 192}, {256, 128}, {224, 112}, {160, 80}};

// Returns security bits by SP 800-57, for Edwards curves by SP 800-186, for other keys (ML-DSA) by OpenSSL's estimate.
// For DSA and DH that estimate is an upper limit: it accounts for the subgroup.
int strength_of(const EVP_PKEY &key, int bits)
{
    const int estimate = EVP_PKEY_security_bits(&key);
    switch (EVP_PKEY_base_id(&key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return table_strength(modulus_rows, bits);
    case EVP_PKEY_DSA:
    case EVP_PKEY_DH:
    case EVP_PKEY_DHX:
        return std::min(table_strength(modulus_rows, bits), estimate);
    case EVP_PKEY_EC:
    case EVP_PKEY_SM2:
        return table_strength(curve_rows, bits);
    case EVP_PKEY_ED25519:
    case EVP_PKEY_X25519:
        return 128;
    case EVP_PKEY_ED448:
    case EVP_PKEY_X448:
        return 224;
    default:
        return estimate;
    }
}

bool measure(const EVP_PKEY *key, PublicKey &out)
{
    if (key == nullptr || EVP_PKEY_bits(key) <= 0)
        return false;
    out.bits = EVP_PKEY_bits(key);
    out.strength = strength_of(*key, *out.bits);
    return true;
}

}   // namespace

std::string curve_name(int nid)
{
    switch (nid) {
    case NID_X9_62_prime256v1:
        return "secp256r1";
    case NID_X9_62_prime192v1:
        return "secp192r1";
    default: {
        const char *name = OBJ_nid2sn(nid);
        return name != nullptr ? name : "";
    }
    }
}

PublicKey public_key(const X509 &certificate)
{
    auto *spki = X509_get_X509_PUBKEY(&certificate);
    ASN1_OBJECT *algorithm = nullptr;
    X509_ALGOR *identifier = nullptr;
    if (spki == nullptr || X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, &identifier, spki) != 1)
        throw Error(ErrorCode::internal, "certificate has no public key");
    PublicKey out{
        .algorithm = algorithm_name(*algorithm), .bits = {}, .group = named_curve(*identifier), .strength = {}};
    if (measure(X509_get0_pubkey(&certificate), out))
        return out;
    const std::string der = spki_der(certificate);
    retried([&] { return measure(decode_public_key(der).get(), out); });
    return out;
}

PkeyHandle decode_public_key(std::string_view spki)
{
    const auto *next = reinterpret_cast<const unsigned char *>(spki.data());
    return PkeyHandle(d2i_PUBKEY(nullptr, &next, static_cast<long>(spki.size())));
}

std::string spki_der(const X509 &certificate) { return der_of(i2d_X509_PUBKEY, *X509_get_X509_PUBKEY(&certificate)); }

std::string digest_hex(const std::string &algorithm, std::string_view octets)
{
    const EVP_MD *digest = algorithm == "sha256"                       ? sha256()
                           : algorithm.find('\0') == std::string::npos ? EVP_get_digestbyname(algorithm.c_str())
                                                                       : nullptr;
    if (digest == nullptr)
        throw Error(ErrorCode::invalid_argument, "unrecognized digest algorithm: \"" + algorithm + "\"");
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (!retried([&] { return EVP_Digest(octets.data(), octets.size(), value, &length, digest, nullptr) == 1; }))
        throw Error(ErrorCode::invalid_argument,
                    "digest algorithm \"" + algorithm + "\" is not available from this OpenSSL");
    return hex({reinterpret_cast<const char *>(value), length});
}

}   // namespace sslinfo::core
