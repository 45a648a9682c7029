#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Distinguished names (RFC 5280, section 4.1.2.4).
namespace sslinfo::core {

// Returns "/C=DE/O=Acme/CN=app", the form of pg_stat_ssl and contrib/sslinfo, without a length limit. An attribute type
// unknown to OpenSSL appears as its OID, a malformed character string as "#" and the hex of its DER.
std::string slash_name(const X509_NAME &name);

// Returns the RFC 4514 form: most specific first, special characters escaped, others unchanged.
std::string rfc4514_name(const X509_NAME &name);

// An attribute of a name, in the order of the certificate.
struct NameAttribute {
    int ordinal;                       // from 1
    int rdn;                           // number of its relative distinguished name, from 1
    std::optional<std::string> name;   // OpenSSL's short name, if it has one
    std::string oid;
    std::string value;   // unescaped, but NUL as "\00"; "#" and hex if it is not a valid character string
    bool plain;          // true if `value` is exact: a character string without NUL

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

// Returns the OID of an attribute type given by OpenSSL's name or its OID. Throws Error(invalid_argument) for others.
std::string attribute_oid(const std::string &field);

// Returns the first value of an attribute type, escaped as in RFC 4514, like contrib/sslinfo; std::nullopt if none.
std::optional<std::string> name_field(const X509_NAME &name, const std::string &field);

// Returns all raw values of an attribute type, in the order of the certificate.
std::vector<std::string> name_values(const X509_NAME &name, const std::string &field);

}   // namespace sslinfo::core
