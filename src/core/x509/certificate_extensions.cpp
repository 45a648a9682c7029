#include "core/x509/certificate_extensions.hpp"

#include "core/x509/asn1.hpp"
#include "core/x509/decoded_extension.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/san.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <limits>

namespace sslinfo::core {

namespace {

void append_uri(std::vector<std::string> &out, const GENERAL_NAME &name)
{
    if (name.type == GEN_URI)
        out.push_back(general_name(name).value);
}

}   // namespace

BasicConstraints read_basic_constraints(const X509 &certificate)
{
    int status = 0;
    const auto constraints = decoded_extension<BasicConstraintsHandle>(certificate, NID_basic_constraints, &status);
    if (!constraints)
        return {status == extension_absent ? std::optional<bool>(false) : std::nullopt, std::nullopt};
    if (constraints->pathlen == nullptr)
        return {constraints->ca != 0, std::nullopt};
    if (ASN1_STRING_type(constraints->pathlen) == V_ASN1_NEG_INTEGER)
        return {std::nullopt, std::nullopt};
    constexpr std::int64_t length_max = std::numeric_limits<int>::max();
    std::int64_t length = 0;
    if (ASN1_INTEGER_get_int64(&length, constraints->pathlen) != 1)   // beyond 64 bits
        length = length_max;
    return {constraints->ca != 0, static_cast<int>(std::min(length, length_max))};
}

// Bits of keyUsage (RFC 5280, section 4.2.1.3).
constexpr int key_cert_sign = 5;
constexpr int crl_sign = 6;

bool may_sign_certificates(const X509 &certificate)
{
    if (read_basic_constraints(certificate).is_ca != false)
        return true;
    int status = 0;
    const auto usage = decoded_extension<BitStringHandle>(certificate, NID_key_usage, &status);
    if (!usage)
        return status != extension_absent;
    return ASN1_BIT_STRING_get_bit(usage.get(), key_cert_sign) == 1 ||
           ASN1_BIT_STRING_get_bit(usage.get(), crl_sign) == 1;
}

bool may_sign_crls(const X509 &certificate)
{
    int status = 0;
    const auto usage = decoded_extension<BitStringHandle>(certificate, NID_key_usage, &status);
    return usage ? ASN1_BIT_STRING_get_bit(usage.get(), crl_sign) == 1 : status == extension_absent;
}

std::optional<std::vector<std::string>> read_key_usage(const X509 &certificate)
{
    constexpr const char *names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                     "dataEncipherment", "keyAgreement",   "keyCertSign",
                                     "cRLSign",          "encipherOnly",   "decipherOnly"};
    const auto usage = decoded_extension<BitStringHandle>(certificate, NID_key_usage);
    if (!usage)
        return std::nullopt;
    std::vector<std::string> out;
    int bit = 0;
    for (const char *name : names)
        if (ASN1_BIT_STRING_get_bit(usage.get(), bit++) == 1)
            out.emplace_back(name);
    return out;
}

std::optional<std::vector<std::string>> read_extended_key_usage(const X509 &certificate)
{
    const auto usage = decoded_extension<ExtendedKeyUsageHandle>(certificate, NID_ext_key_usage);
    if (!usage)
        return std::nullopt;
    std::vector<std::string> out;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage.get()); ++i)
        out.push_back(short_name(*sk_ASN1_OBJECT_value(usage.get(), i)));
    return out;
}

std::optional<std::vector<std::string>> read_policies(const X509 &certificate)
{
    const auto policies = decoded_extension<CertificatePoliciesHandle>(certificate, NID_certificate_policies);
    if (!policies)
        return std::nullopt;
    std::vector<std::string> out;
    for (int i = 0; i < sk_POLICYINFO_num(policies.get()); ++i)
        out.push_back(dotted_oid(*sk_POLICYINFO_value(policies.get(), i)->policyid));
    return out;
}

std::optional<std::string> read_subject_key_id(const X509 &certificate)
{
    const auto id = decoded_extension<OctetStringHandle>(certificate, NID_subject_key_identifier);
    return id ? std::optional<std::string>(hex(octets(*id))) : std::nullopt;
}

std::optional<std::string> read_authority_key_id(const X509 &certificate)
{
    const auto id = decoded_extension<AuthorityKeyIdHandle>(certificate, NID_authority_key_identifier);
    return id && id->keyid != nullptr ? std::optional<std::string>(hex(octets(*id->keyid))) : std::nullopt;
}

std::optional<std::vector<std::string>> read_information_access(const X509 &certificate, int method)
{
    const auto access = decoded_extension<AuthorityInfoHandle>(certificate, NID_info_access);
    if (!access)
        return std::nullopt;
    std::vector<std::string> out;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
        const ACCESS_DESCRIPTION &description = *sk_ACCESS_DESCRIPTION_value(access.get(), i);
        if (OBJ_obj2nid(description.method) == method)
            append_uri(out, *description.location);
    }
    return out;
}

std::optional<std::vector<std::string>> read_crl_urls(const X509 &certificate)
{
    const auto points = decoded_extension<CrlDistributionPointsHandle>(certificate, NID_crl_distribution_points);
    if (!points)
        return std::nullopt;
    std::vector<std::string> out;
    for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
        const DIST_POINT_NAME *point = sk_DIST_POINT_value(points.get(), i)->distpoint;
        if (point == nullptr || point->type != 0)   // 0: fullName
            continue;
        for (int j = 0; j < sk_GENERAL_NAME_num(point->name.fullname); ++j)
            append_uri(out, *sk_GENERAL_NAME_value(point->name.fullname, j));
    }
    return out;
}

}   // namespace sslinfo::core
