#include "core/policy/policy_value.hpp"

#include "core/x509/asn1.hpp"
#include "core/x509/dn.hpp"
#include "core/openssl/handle.hpp"
#include "core/policy/policy_match.hpp"
#include "core/base/text.hpp"
#include "core/x509/san.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace sslinfo::core {

namespace {

constexpr const char *star_hint = "The pattern \"*\" is allowed only in san=dns:, san=uri: and server-name=.";

// Throws SyntaxError at the first character that is not a letter, a digit or in `others`.
void check_characters(const std::string &value, std::size_t begin, std::string_view others, const char *message)
{
    for (std::size_t i = begin; i < value.size(); ++i) {
        if (is_ascii_alphanumeric(value[i]) || others.find(value[i]) != std::string_view::npos)
            continue;
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(std::string_view(value).substr(i)), 1);
        const char *hint = value[i] == '*'   ? star_hint
                           : value[i] == ',' ? "Separate the values of a requirement with \"|\"."
                           : length > 1      ? "Write an internationalized domain name in its ASCII form, xn--…."
                                             : "";
        throw SyntaxError(value, i, message + (": \"" + value.substr(i, length) + "\""), hint);
    }
}

void refuse_star(const std::string &value, std::size_t begin)
{
    const std::size_t star = value.find('*', begin);
    if (star != std::string::npos)
        throw SyntaxError(value, star, "\"*\" is not allowed here", star_hint);
}

void check_dns(const std::string &value, std::size_t begin)
{
    check_characters(value, begin, ".-_*", "invalid character in DNS name");
    for (std::size_t label = begin; label <= value.size();) {
        const std::size_t end = std::min(value.find('.', label), value.size());
        if (end == label)
            throw SyntaxError(value, label, "DNS name must not have an empty label");
        label = end + 1;
    }
}

// Names of type uri and email are IA5String. A backslash marks escaped characters in a certificate's names.
void check_ia5(const std::string &value, std::size_t begin, const char *message)
{
    for (std::size_t i = begin; i < value.size(); ++i)
        if (value[i] <= 0x20 || value[i] >= 0x7f || value[i] == '\\')
            throw SyntaxError(value, i, message);
}

void check_email(const std::string &value, std::size_t begin)
{
    check_ia5(value, begin, "e-mail address must contain only printable ASCII characters and no backslash");
    refuse_star(value, begin);
    const std::size_t at = value.rfind('@');
    if (at == std::string::npos || at <= begin || at + 1 == value.size())
        throw SyntaxError(value, begin, "e-mail address must have the form local-part@domain");
}

// A user principal name is user@domain with any characters.
void check_principal(const std::string &value, std::size_t begin)
{
    refuse_star(value, begin);
    const std::size_t at = value.rfind('@');
    if (at == std::string::npos || at <= begin || at + 1 == value.size())
        throw SyntaxError(value, begin, "user principal name must have the form user@domain");
}

void check_uri(const std::string &value, std::size_t begin)
{
    check_ia5(value, begin, "URI must contain only printable ASCII characters and no backslash");
    const std::size_t colon = value.find(':', begin);
    if (colon == std::string::npos || colon == begin)
        throw SyntaxError(value, begin, "missing scheme in URI", "A URI begins with its scheme, such as spiffe://.");
    // The path follows the authority, if there is one.
    const bool authority = value.compare(colon + 1, 2, "//") == 0;
    const std::size_t path = authority ? std::min(value.find_first_of("/?#", colon + 3), value.size()) : colon + 1;
    const std::size_t path_end = std::min(value.find_first_of("?#", path), value.size());
    const std::size_t star = value.find('*', begin);
    const std::size_t last_star = value.rfind('*');
    if (star != std::string::npos && (star < path || last_star >= path_end))
        throw SyntaxError(value, star < path ? star : last_star, "\"*\" is allowed only in the path of a URI");
    if (ascii_lower(value.substr(begin, colon - begin)) == "spiffe") {
        std::string id = value.substr(begin);
        std::replace(id.begin(), id.end(), '*', 'x');
        if (!valid_spiffe_id(id))
            throw SyntaxError(value, begin, "\"" + value.substr(begin) + "\" is not a SPIFFE ID",
                              "A SPIFFE ID has the form spiffe://trust.domain/path, with the domain in lower case.");
    }
}

std::string ip_address(const std::string &value, std::size_t begin)
{
    const std::string text = value.substr(begin);
    const int family = text.find(':') != std::string::npos ? AF_INET6 : AF_INET;
    unsigned char octets[16];
    char shown[INET6_ADDRSTRLEN];
    if (inet_pton(family, text.c_str(), octets) != 1 || inet_ntop(family, octets, shown, sizeof shown) == nullptr)
        throw SyntaxError(value, begin, "\"" + text + "\" is not an IP address");
    return shown;
}

// Returns the number of leading digits, at least one.
std::size_t leading_digits(const std::string &value)
{
    const std::size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
    if (digits == 0)
        throw SyntaxError(value, 0, "value must be a whole number");
    return digits;
}

std::int64_t digits_of(const std::string &value, std::size_t count, std::int64_t number_max)
{
    std::int64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        number = number * 10 + (value[i] - '0');
        if (number > number_max)
            throw SyntaxError(value, 0, "number must be at most " + std::to_string(number_max));
    }
    return number;
}

struct Unit {
    std::string_view name;
    std::int64_t seconds;
};
constexpr Unit units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};

}   // namespace

PolicyValue san_value(const std::string &value)
{
    const std::size_t begin = value.find(':') + 1;
    const std::string type = ascii_lower(value.substr(0, begin));
    if (begin != 0 && begin == value.size())
        throw SyntaxError(value, begin, "missing name after \"" + type + "\"");
    if (type == "dns:")
        check_dns(value, begin);
    else if (type == "uri:")
        check_uri(value, begin);
    else if (type == "email:")
        check_email(value, begin);
    else if (type == "upn:")
        check_principal(value, begin);
    else if (type != "ip:")
        throw SyntaxError(value, 0, "name in san= must begin with its type",
                          "The types are dns:, uri:, email:, ip: and upn:.");
    const std::string key = type + (type == "ip:" ? ip_address(value, begin) : value.substr(begin));
    return {key, key};
}

// Accepts other names of curves in OpenSSL and NIST standards.
PolicyValue group_value(const std::string &value)
{
    check_characters(value, 0, "_-.", "invalid character in name of group");
    std::string key = ascii_lower(value);
    if (key == "prime256v1" || key == "p-256")
        key = "secp256r1";
    else if (key == "p-384")
        key = "secp384r1";
    else if (key == "p-521")
        key = "secp521r1";
    return {key, value};
}

PolicyValue cipher_value(const std::string &value)
{
    check_characters(value, 0, "_-", "invalid character in name of cipher suite");
    return {ascii_lower(value), value};
}

PolicyValue signature_value(const std::string &value)
{
    check_characters(value, 0, "_-", "invalid character in name of signature algorithm");
    return {ascii_lower(value), value};
}

PolicyValue lower_case_value(const std::string &value) { return {ascii_lower(value), ascii_lower(value)}; }

PolicyValue group_kind_value(const std::string &value)
{
    const std::string kind = ascii_lower(value);
    if (kind != "classical" && kind != "hybrid" && kind != "post-quantum")
        throw SyntaxError(value, 0, "unrecognized kind of group \"" + value + "\"",
                          "The kinds are classical, hybrid and post-quantum.");
    return {kind, kind};
}

PolicyValue oid_value(const std::string &value)
{
    const ObjectHandle object =
        value.find_first_not_of("0123456789.") == std::string::npos ? find_object(value) : nullptr;
    if (!object || dotted_oid(*object) != value)
        throw SyntaxError(value, 0, "\"" + value + "\" is not a dotted OID");
    return {value, value};
}

PolicyValue protocol_value(const std::string &value)
{
    check_characters(value, 0, "_-./+", "invalid character in name of protocol");
    return {value, value};
}

PolicyValue dns_value(const std::string &value)
{
    check_dns(value, 0);
    return {value, value};
}

PolicyValue common_name_value(const std::string &value)
{
    refuse_star(value, 0);
    return {value, value};
}

PolicyValue usage_value(const std::string &value)
{
    const ObjectHandle object = find_object(value);
    if (!object)
        throw SyntaxError(value, 0, "unrecognized extended key usage \"" + value + "\"",
                          "Write OpenSSL's name, such as clientAuth, or a dotted OID.");
    const std::string name = short_name(*object);
    return {name, name};
}

PolicyValue dn_value(const std::string &value)
{
    try {
        const std::vector<NameAttribute> attributes = parse_dn(value);
        return {dn_key(attributes).value(), dn_text(attributes)};
    } catch (const SyntaxError &error) {
        throw SyntaxError(value, error.position(), error.what(),
                          "Write the name as ssl_client_certificate() shows it (RFC 4514).");
    }
}

PolicyValue attributes_value(const std::string &value)
{
    PolicyValue out = dn_value(value);
    out.key.clear();
    for (const NameAttribute &attribute : parse_dn(value))
        out.key += attribute_key(attribute);
    return out;
}

std::string attribute_key(const NameAttribute &attribute) { return attribute.oid + '=' + attribute.value + '\0'; }

// Accepts SHA-256 in hex, with a colon between all bytes (like the openssl command) or none.
PolicyValue digest_value(const std::string &value)
{
    const bool colons = value.find(':') != std::string::npos;
    std::string digits;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool separator = colons && i % 3 == 2;
        if (separator ? value[i] != ':' || i + 1 == value.size() : hex_digit(value[i]) < 0)
            throw SyntaxError(value, i, "SHA-256 fingerprint must be in hex, with a colon between all octets or none");
        if (!separator)
            digits += value[i];
    }
    if (digits.size() != 64)
        throw SyntaxError(value, 0,
                          "SHA-256 fingerprint must have 64 hex digits, not " + std::to_string(digits.size()));
    return {ascii_lower(digits), ascii_lower(digits)};
}

ParsedNumber tls_version_value(const std::string &value)
{
    if (value != "1.2" && value != "1.3")
        throw SyntaxError(value, 0, "TLS version \"" + value + "\" is neither 1.2 nor 1.3");
    return {value == "1.2" ? 2 : 3, value};
}

ParsedNumber kem_value(const std::string &value)
{
    if (value != "768" && value != "1024")
        throw SyntaxError(value, 0, "parameter set of ML-KEM must be 768 or 1024");
    return {value == "768" ? 768 : 1024, value};
}

ParsedNumber count_value(const std::string &value)
{
    const std::size_t digits = leading_digits(value);
    if (digits != value.size())
        throw SyntaxError(value, digits, "value must be a whole number");
    const std::int64_t number = digits_of(value, digits, 1000000);
    if (number == 0)
        throw SyntaxError(value, 0, "number must be at least 1");
    return {number, std::to_string(number)};
}

ParsedNumber duration_value(const std::string &value)
{
    constexpr std::int64_t seconds_max = std::int64_t(36500) * 86400;   // a century, to avoid overflow
    const std::size_t digits = leading_digits(value);
    const std::string unit = ascii_lower(value.substr(digits));
    for (const Unit &known : units)
        if (known.name == unit) {
            const std::int64_t number = digits_of(value, digits, seconds_max / known.seconds);
            return {number * known.seconds, std::to_string(number) + unit};
        }
    throw SyntaxError(value, digits,
                      unit.empty() ? "missing unit of time" : "unrecognized unit of time \"" + unit + "\"",
                      "The units are d, h, min and s.");
}

}   // namespace sslinfo::core
