#pragma once
#include "core/x509/asn1.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/dn.hpp"
#include "core/openssl/failure.hpp"
#include "core/x509/extension.hpp"
#include "core/x509/name.hpp"
#include "core/x509/san.hpp"

#include "invariants.hpp"
#include "names.hpp"

#include <map>

// Everything that the core tells of names and certificates, with its invariants checked, as one string.
namespace fuzz {

using namespace sslinfo::core;

inline std::string name_facts(const X509_NAME &name)
{
    const std::vector<NameAttribute> attributes = name_attributes(name);
    const std::string shown = rfc4514_name(name);
    const std::string slash = slash_name(name);
    check(attributes);
    check_text(shown);
    check_text(slash);

    std::map<std::string, std::vector<std::string>> values;
    bool named = true;
    bool plain = true;
    for (const NameAttribute &attribute : attributes) {
        named = named && attribute.name.has_value();
        plain = plain && attribute.plain;
        must(!attribute.oid.empty(), "an attribute has a type");
        if (attribute.oid.front() != '#')
            values[attribute.oid].push_back(attribute.value);
    }
    for (const auto &[oid, of_type] : values) {
        must(name_values(name, oid) == of_type, "values are found by their type", oid);
        must(name_field(name, oid).has_value(), "a field is found by its type", oid);
    }
    if (named)
        must(slash == slash_name_by_openssl(name), "the slash form is that of pg_stat_ssl", slash);
    if (named && plain && !attributes.empty())
        must(dn_key(parse_dn(shown)) == dn_key(attributes), "what is printed parses back", shown);
    return shown + slash + to_cells(attributes);
}

inline std::string certificate_facts(const X509 &x)
{
    const Certificate certificate = read_certificate(x);
    const std::optional<std::vector<AlternativeName>> names = alternative_names(x);
    const std::vector<Extension> all = extensions(x);
    const std::vector<PrintedExtension> printed = printed_extensions(x);
    check(certificate);
    check(names);
    check(all);
    check(printed);
    must(all.size() == printed.size(), "each extension is printed");
    for (const PrintedExtension &extension : printed)
        must(!extension.name.empty(), "an extension has a name");
    must(certificate.fingerprint.size() == 64 && certificate.spki_fingerprint.size() == 64, "SHA-256 has 64 digits");
    const std::optional<std::string> id = spiffe_id(names);
    must(!id || valid_spiffe_id(*id), "a SPIFFE ID is valid");
    return to_cells(certificate) + (names ? to_cells(*names) : "none") + to_cells(all) + to_cells(printed) +
           name_facts(*X509_get_subject_name(&x)) + name_facts(*X509_get_issuer_name(&x)) + id.value_or("none") +
           subject_slash_name(x).value_or("none") + issuer_slash_name(x).value_or("none");
}

}   // namespace fuzz
