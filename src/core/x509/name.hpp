#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Distinguished names (RFC 5280, section 4.1.2.4).
namespace sslinfo::core {

// "/C=DE/O=Acme/CN=app" as pg_stat_ssl and contrib/sslinfo show it, of any length. An attribute type that OpenSSL has
// no name for is shown by its dotted OID, a value that is no valid character string as "#" and the hex of its DER.
std::string slash_name(const X509_NAME &name);

// RFC 4514: most specific first, specials escaped, other characters as they are.
std::string rfc4514_name(const X509_NAME &name);

// One attribute of a name, in the order of the certificate.
struct NameAttribute {
    int ordinal;                       // from 1
    int rdn;                           // the relative distinguished name it belongs to, from 1
    std::optional<std::string> name;   // OpenSSL's short name; none where it has none
    std::string oid;
    std::string value;   // raw: nothing escaped but a NUL, as "\00"; "#" and hex where it is no valid character string
    bool plain;          // the value is a character string without NUL: what is shown is what it is

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("ordinal", ordinal);
        visit("rdn", rdn);
        visit("name", name);
        visit("oid", oid);
        visit("value", value);
    }
};
std::vector<NameAttribute> name_attributes(const X509_NAME &name);

// The attribute type that `field` stands for: a short or long name of OpenSSL's, or a dotted OID, in dotted form.
// Throws Error(invalid_argument) for anything else.
std::string attribute_oid(const std::string &field);

// The first value of an attribute type, escaped as in RFC 4514, which is contrib/sslinfo's answer; none where the name
// has no such attribute.
std::optional<std::string> name_field(const X509_NAME &name, const std::string &field);

// All raw values of an attribute type, in the order of the certificate; empty where the name has none.
std::vector<std::string> name_values(const X509_NAME &name, const std::string &field);

}   // namespace sslinfo::core
