#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Subject alternative names (RFC 5280, section 4.2.1.6), from the parsed structure and never from printed text.
namespace sslinfo::core {

struct AlternativeName {
    int ordinal;        // from 1, in the order of the certificate
    std::string type;   // dns, uri, email, ip, dirname, rid, other
    std::string value;
    bool plain;   // what is shown is what it is: nothing in the value was escaped or put into words

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("ordinal", ordinal);
        visit("type", type);
        visit("value", value);
    }
};

// std::nullopt: the certificate has no such extension, has it twice, or OpenSSL cannot parse it.
std::optional<std::vector<AlternativeName>> alternative_names(const X509 &certificate);

// A GENERAL_NAME: its type and value as in AlternativeName, with ordinal 0.
AlternativeName general_name(const GENERAL_NAME &name);

// The values of one type. std::nullopt where there are no names; empty where there are, but none of the type.
std::optional<std::vector<std::string>> values_of_type(const std::optional<std::vector<AlternativeName>> &names,
                                                       std::string_view type);

// The iPAddress values of four or sixteen bytes; others cannot be addresses.
std::optional<Addresses> addresses(const std::optional<std::vector<AlternativeName>> &names);

// Throws Error(invalid_argument) for a word that is no type of AlternativeName.
void check_name_type(const std::string &type);

// True if `uri` is the SPIFFE ID of a workload: scheme, trust domain and a path that is not empty, at most 2048 bytes
// in all (SPIFFE-ID, section 2; X509-SVID, section 2). An ID without a path is that of a trust domain.
bool valid_spiffe_id(std::string_view uri) noexcept;

// The SPIFFE ID of a workload, if the names have exactly one URI and it is one (X509-SVID, section 2).
std::optional<std::string> spiffe_id(const std::optional<std::vector<AlternativeName>> &names);

}   // namespace sslinfo::core
