#include "core/x509/san.hpp"

#include "core/base/ascii.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/decoded_extension.hpp"
#include "core/base/error.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/name.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <iterator>
#include <utility>

namespace sslinfo::core {

namespace {

constexpr const char *type_names[] = {"dns", "uri", "email", "ip", "dirname", "rid", "other"};
static_assert(std::size(type_names) == static_cast<std::size_t>(NameType::other) + 1);

AlternativeName ia5_name(NameType type, const ASN1_STRING &string)
{
    const std::string_view raw = octets(string);
    std::string shown = printable_ia5(raw);
    const bool plain = shown == raw;
    return {0, type, std::move(shown), plain};
}

AlternativeName ip_address(const ASN1_STRING &string)
{
    const std::string_view raw = octets(string);
    char buffer[INET6_ADDRSTRLEN];
    if ((raw.size() == 4 || raw.size() == 16) &&
        inet_ntop(raw.size() == 4 ? AF_INET : AF_INET6, raw.data(), buffer, sizeof buffer) != nullptr)
        return {0, NameType::ip, buffer, true};
    return {0, NameType::ip, "#" + hex(raw), false};
}

// Returns the label of an otherName type, or null. Compares OIDs, since OpenSSL 1.1.1 has no names for them.
const char *other_name_label(std::string_view oid) noexcept
{
    constexpr std::pair<std::string_view, const char *> labels[] = {
        {"1.3.6.1.4.1.311.20.2.3", "UPN:"},          // user principal name (Microsoft)
        {"1.3.6.1.5.5.7.8.5", "XmppAddr:"},          // RFC 6120, section 13.7.1.4
        {"1.3.6.1.5.5.7.8.7", "SRVName:"},           // RFC 4985
        {"1.3.6.1.5.5.7.8.8", "NAIRealm:"},          // RFC 7585, section 2.2
        {"1.3.6.1.5.5.7.8.9", "SmtpUTF8Mailbox:"},   // RFC 9598
    };
    for (const auto &[type, label] : labels)
        if (oid == type)
            return label;
    return nullptr;
}

// True for the string types that ASN1_STRING_to_UTF8() decodes, except times, which it also accepts.
bool is_character_string(int type) noexcept
{
    switch (type) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_BMPSTRING:
        return true;
    default:
        return false;
    }
}

// Returns label and text, or else the OID of the type and the hex of the value.
AlternativeName other_name(const OTHERNAME &name)
{
    const std::string oid = dotted_oid(*name.type_id);
    const ASN1_TYPE &value = *name.value;
    const char *const label = other_name_label(oid);
    if (label != nullptr && is_character_string(value.type)) {
        const std::optional<std::string> text = utf8(*value.value.asn1_string);
        if (text) {
            const std::string shown = printable(*text);
            return {0, NameType::other, label + shown, shown == *text};
        }
    }
    return {0, NameType::other, oid + ":" + der_hexstring(i2d_ASN1_TYPE, value), false};
}

AlternativeName hex_name(const char *label, const GENERAL_NAME &name)
{
    return {0, NameType::other, label + der_hexstring(i2d_GENERAL_NAME, name), false};
}

bool spiffe_path_character(char c) noexcept { return is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_'; }

bool trust_domain_character(char c) noexcept { return spiffe_path_character(c) && !is_ascii_upper(c); }

}   // namespace

std::string cell_text(NameType type) { return type_names[static_cast<std::size_t>(type)]; }

NameType name_type(std::string_view name)
{
    const auto found = std::find(std::begin(type_names), std::end(type_names), name);
    if (found == std::end(type_names))
        throw Error(ErrorCode::invalid_argument, "invalid subject alternative name type: \"" + std::string(name) + "\"",
                    "The types are dns, uri, email, ip, dirname, rid and other.");
    return static_cast<NameType>(found - std::begin(type_names));
}

AlternativeName general_name(const GENERAL_NAME &name)
{
    switch (name.type) {
    case GEN_DNS:
        return ia5_name(NameType::dns, *name.d.dNSName);
    case GEN_URI:
        return ia5_name(NameType::uri, *name.d.uniformResourceIdentifier);
    case GEN_EMAIL:
        return ia5_name(NameType::email, *name.d.rfc822Name);
    case GEN_IPADD:
        return ip_address(*name.d.iPAddress);
    case GEN_DIRNAME:
        return {0, NameType::dirname, rfc4514_name(*name.d.directoryName), false};
    case GEN_RID:
        return {0, NameType::rid, dotted_oid(*name.d.registeredID), true};
    case GEN_OTHERNAME:
        return other_name(*name.d.otherName);
    case GEN_X400:
        return hex_name("x400Address:", name);
    default:
        return hex_name("ediPartyName:", name);
    }
}

std::optional<std::vector<AlternativeName>> alternative_names(const X509 &certificate)
{
    const auto names = decoded_extension<GeneralNamesHandle>(certificate, NID_subject_alt_name);
    if (!names)
        return std::nullopt;
    std::vector<AlternativeName> out;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        out.push_back(general_name(*sk_GENERAL_NAME_value(names.get(), i)));
        out.back().ordinal = i + 1;
    }
    return out;
}

std::optional<std::vector<std::string>> values_of_type(const std::optional<std::vector<AlternativeName>> &names,
                                                       NameType type)
{
    if (!names)
        return std::nullopt;
    std::vector<std::string> out;
    for (const AlternativeName &name : *names)
        if (name.type == type)
            out.push_back(name.value);
    return out;
}

std::optional<Addresses> addresses(const std::optional<std::vector<AlternativeName>> &names)
{
    if (!names)
        return std::nullopt;
    Addresses out;
    for (const AlternativeName &name : *names)
        if (name.type == NameType::ip && name.plain)
            out.list.push_back(name.value);
    return out;
}

bool valid_spiffe_id(std::string_view uri) noexcept
{
    constexpr std::string_view scheme = "spiffe://";
    if (uri.size() > 2048 || uri.substr(0, scheme.size()) != scheme)
        return false;
    uri.remove_prefix(scheme.size());
    const std::size_t slash = uri.find('/');
    const std::string_view domain = uri.substr(0, slash);
    if (domain.empty() || domain.size() > 255 || !std::all_of(domain.begin(), domain.end(), trust_domain_character))
        return false;
    if (slash == std::string_view::npos)
        return false;
    std::string_view path = uri.substr(slash);
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty() || segment == "." || segment == ".." ||
            !std::all_of(segment.begin(), segment.end(), spiffe_path_character))
            return false;
        path.remove_prefix(segment.size());
    }
    return true;
}

std::optional<std::string> spiffe_id(const std::optional<std::vector<AlternativeName>> &names)
{
    std::optional<std::string> out;
    int uris = 0;
    for (const AlternativeName &name : names.value_or(std::vector<AlternativeName>())) {
        if (name.type != NameType::uri)
            continue;
        ++uris;
        if (name.plain && valid_spiffe_id(name.value))
            out = name.value;
    }
    return uris == 1 ? out : std::nullopt;
}

}   // namespace sslinfo::core
