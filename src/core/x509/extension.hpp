#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <vector>

// Extensions of a certificate (RFC 5280, section 4.2).
namespace sslinfo::core {

struct Extension {
    int ordinal;   // from 1, in the order of the certificate
    std::string oid;
    std::optional<std::string> name;   // OpenSSL's short name, if it has one
    bool critical;
    std::optional<std::string> value;   // printed by OpenSSL, if it can
    Bytes der;                          // the octets of extnValue

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("ordinal", ordinal);
        visit("oid", oid);
        visit("name", name);
        visit("critical", critical);
        visit("value", value);
        visit("der", der);
    }
};
std::vector<Extension> extensions(const X509 &certificate);

// The extension as in contrib/sslinfo's ssl_extension_info(): always with a name and a value.
struct PrintedExtension {
    std::string name;    // short name, or dotted OID
    std::string value;   // printed by OpenSSL, or hex of its DER
    bool critical;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("name", name);
        visit("value", value);
        visit("critical", critical);
    }
};
std::vector<PrintedExtension> printed_extensions(const X509 &certificate);

}   // namespace sslinfo::core
