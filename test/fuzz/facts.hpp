#pragma once
#include "core/asn1.hpp"
#include "core/certificate.hpp"
#include "core/dn.hpp"
#include "core/error_queue.hpp"
#include "core/extension.hpp"
#include "core/name.hpp"
#include "core/san.hpp"

#include "invariants.hpp"

#include <algorithm>

// Everything that the core tells of names and certificates, with its invariants checked, as one string.
namespace fuzz {

using namespace sslinfo::core;

// What PostgreSQL's pg_stat_ssl makes of the name, but for its length.
inline std::string slash_name_by_openssl(const X509_NAME &name)
{
    const BioHandle out(BIO_new(BIO_s_mem()));
    for (int i = 0; i < X509_NAME_entry_count(&name); ++i) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(&name, i);
        BIO_printf(out.get(), "/%s=", OBJ_nid2sn(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry))));
        ASN1_STRING_print_ex(out.get(), X509_NAME_ENTRY_get_data(entry),
                             (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_UTF8_CONVERT);
    }
    char *data = nullptr;
    const long length = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

inline std::string name_facts(const X509_NAME &name)
{
    const std::vector<NameAttribute> attributes = name_attributes(name);
    const std::string shown = rfc4514_name(name);
    const std::string slash = slash_name(name);
    check(attributes);
    check_text(shown);
    check_text(slash);

    bool named = true;
    bool plain = true;
    for (const NameAttribute &attribute : attributes) {
        named = named && attribute.name.has_value();
        plain = plain && attribute.plain;
        must(!attribute.oid.empty(), "an attribute has a type");
        if (attribute.oid.front() != '#') {
            const std::vector<std::string> values = name_values(name, attribute.oid);
            must(std::find(values.begin(), values.end(), attribute.value) != values.end(), "a value is found by its type", attribute.oid);
            must(name_field(name, attribute.oid).has_value(), "a field is found by its type", attribute.oid);
        }
    }
    if (named)
        must(slash == slash_name_by_openssl(name), "the slash form is that of pg_stat_ssl", slash);
    if (named && plain && !attributes.empty())
        must(dn_key(parse_dn(shown)) == dn_key(attributes), "what is printed parses back", shown);
    return shown + slash + flat(attributes);
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
    const Text id = spiffe_id(names);
    must(!id || valid_spiffe_id(*id), "a SPIFFE ID is valid");
    return flat(certificate) + (names ? flat(*names) : "none") + flat(all) + flat(printed) + name_facts(*X509_get_subject_name(&x)) +
           name_facts(*X509_get_issuer_name(&x)) + id.value_or("none") + subject_slash_name(x) + issuer_slash_name(x);
}

} // namespace fuzz
