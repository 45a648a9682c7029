#include "core/x509/signature.hpp"

#include "core/base/ascii.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/asn1.hpp"

namespace sslinfo::core {

namespace {

// Returns the NID of the hash in RSASSA-PSS parameters (RFC 4055, section 3.1), by default SHA-1; NID_undef if they are
// malformed. (X509_get_signature_info() returns it only if OpenSSL supports all parameters.)
int pss_digest(const X509_ALGOR &identifier)
{
    int type = V_ASN1_UNDEF;
    const void *parameters = nullptr;
    X509_ALGOR_get0(nullptr, &type, &parameters, &identifier);
    if (type != V_ASN1_SEQUENCE)
        return NID_undef;
    const RsaPssParamsHandle pss(static_cast<RSA_PSS_PARAMS *>(
        ASN1_item_unpack(static_cast<const ASN1_STRING *>(parameters), ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
    if (!pss)
        return NID_undef;
    const ASN1_OBJECT *hash = nullptr;
    if (pss->hashAlgorithm != nullptr)
        X509_ALGOR_get0(&hash, nullptr, nullptr, pss->hashAlgorithm);
    return hash != nullptr ? OBJ_obj2nid(hash) : NID_sha1;
}

int digest_nid(const X509_ALGOR &identifier)
{
    const ASN1_OBJECT *type = nullptr;
    X509_ALGOR_get0(&type, nullptr, nullptr, &identifier);
    const int algorithm = OBJ_obj2nid(type);
    if (algorithm == NID_rsassaPss)
        return pss_digest(identifier);
    int digest = NID_undef;
    OBJ_find_sigid_algs(algorithm, &digest, nullptr);
    return digest;
}

}   // namespace

const X509_ALGOR &signature_identifier(const X509 &certificate)
{
    const X509_ALGOR *identifier = nullptr;
    X509_get0_signature(nullptr, &identifier, &certificate);
    return *identifier;
}

const X509_ALGOR &signature_identifier(const X509_CRL &crl)
{
    const X509_ALGOR *identifier = nullptr;
    X509_CRL_get0_signature(&crl, nullptr, &identifier);
    return *identifier;
}

std::string signature_algorithm(const X509_ALGOR &identifier)
{
    const ASN1_OBJECT *type = nullptr;
    X509_ALGOR_get0(&type, nullptr, nullptr, &identifier);
    return long_name(*type);
}

std::optional<std::string> signature_digest(const X509_ALGOR &identifier)
{
    const int digest = digest_nid(identifier);
    const char *const name = digest == NID_undef ? nullptr : OBJ_nid2sn(digest);
    return name != nullptr ? std::optional<std::string>(ascii_lower(name)) : std::nullopt;
}

bool has_weak_digest(const X509_ALGOR &identifier)
{
    const int digest = digest_nid(identifier);
    return digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 || digest == NID_md2;
}

}   // namespace sslinfo::core
