#include "core/x509/name.hpp"

#include "core/x509/asn1.hpp"
#include "core/base/error.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/text.hpp"

namespace sslinfo::core {

namespace {

template <class Visitor> void for_each_entry(const X509_NAME &name, Visitor visit)
{
    const int count = X509_NAME_entry_count(&name);
    for (int i = 0; i < count; ++i) {
        const X509_NAME_ENTRY &entry = *X509_NAME_get_entry(&name, i);
        visit(X509_NAME_ENTRY_set(&entry), *X509_NAME_ENTRY_get_object(&entry), *X509_NAME_ENTRY_get_data(&entry));
    }
}

std::string escaped_value(const ASN1_STRING &value)
{
    const std::optional<std::string> text = utf8(value);
    return text ? rfc4514_escape(*text) : der_hexstring(value);
}

// OpenSSL, and therefore pg_stat_ssl, does not escape a lone '#'.
std::string openssl_escaped_value(const ASN1_STRING &value)
{
    std::string text = escaped_value(value);
    return text == "\\#" ? "#" : text;
}

}   // namespace

std::string slash_name(const X509_NAME &name)
{
    std::string out;
    for_each_entry(name, [&](int, const ASN1_OBJECT &type, const ASN1_STRING &value) {
        out += '/';
        out += short_name(type);
        out += '=';
        out += openssl_escaped_value(value);
    });
    return out;
}

std::string rfc4514_name(const X509_NAME &name)
{
    std::vector<std::string> rdns;
    int last_set = -1;
    for_each_entry(name, [&](int set, const ASN1_OBJECT &type, const ASN1_STRING &value) {
        if (set != last_set)
            rdns.emplace_back();
        else
            rdns.back() += '+';
        last_set = set;
        // After a dotted attribute type the value is written in hex (RFC 4514, section 2.4).
        const bool named = OBJ_obj2nid(&type) != NID_undef;
        rdns.back() += short_name(type) + '=' + (named ? escaped_value(value) : der_hexstring(value));
    });
    std::string out;
    for (auto rdn = rdns.rbegin(); rdn != rdns.rend(); ++rdn)
        out += (rdn == rdns.rbegin() ? "" : ",") + *rdn;
    return out;
}

std::vector<NameAttribute> name_attributes(const X509_NAME &name)
{
    std::vector<NameAttribute> out;
    for_each_entry(name, [&](int set, const ASN1_OBJECT &type, const ASN1_STRING &value) {
        const int nid = OBJ_obj2nid(&type);
        const char *known = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
        const std::optional<std::string> text = utf8(value);
        out.push_back({.ordinal = static_cast<int>(out.size()) + 1,
                       .rdn = set + 1,
                       .name = known != nullptr ? std::optional<std::string>(known) : std::nullopt,
                       .oid = dotted_oid(type),
                       .value = text ? printable(*text) : der_hexstring(value),
                       .plain = text && text->find('\0') == std::string::npos});
    });
    return out;
}

std::string attribute_oid(const std::string &field)
{
    const ObjectHandle object = find_object(field);
    if (!object)
        throw Error(ErrorCode::invalid_argument, "invalid X.509 field name: \"" + field + "\"");
    return dotted_oid(*object);
}

std::optional<std::string> name_field(const X509_NAME &name, const std::string &field)
{
    const std::string wanted = attribute_oid(field);
    std::optional<std::string> out;
    for_each_entry(name, [&](int, const ASN1_OBJECT &type, const ASN1_STRING &value) {
        if (!out && dotted_oid(type) == wanted)
            out = openssl_escaped_value(value);
    });
    return out;
}

std::vector<std::string> name_values(const X509_NAME &name, const std::string &field)
{
    const std::string wanted = attribute_oid(field);
    std::vector<std::string> out;
    for (NameAttribute &attribute : name_attributes(name))
        if (attribute.oid == wanted)
            out.push_back(std::move(attribute.value));
    return out;
}

}   // namespace sslinfo::core
