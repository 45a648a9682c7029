#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Subject alternative names (RFC 5280, section 4.2.1.6), from the parsed structure and never from printed text.
namespace sslinfo::core {

enum class NameType { dns, uri, email, ip, dirname, rid, other };
// The name of a type in SQL, which is that of its enumerator.
std::string cell_text(NameType type);
// The type of this name in SQL. Throws Error(invalid_argument) if there is none.
NameType name_type(std::string_view name);

struct AlternativeName {
    int ordinal;   // from 1, in the order of the certificate
    NameType type;
    std::string value;
    bool plain;   // true if `value` is exact: nothing in it was escaped or put into words

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

// The values of one type. std::nullopt if there are no names; empty if there are, but none of the type.
std::optional<std::vector<std::string>> values_of_type(const std::optional<std::vector<AlternativeName>> &names,
                                                       NameType type);

// The iPAddress values of four or sixteen bytes; others cannot be addresses.
std::optional<Addresses> addresses(const std::optional<std::vector<AlternativeName>> &names);

// True if `uri` is the SPIFFE ID of a workload: scheme, trust domain and a path that is not empty, at most 2048 bytes
// in all (SPIFFE-ID, section 2; X509-SVID, section 2). An ID without a path is that of a trust domain.
bool valid_spiffe_id(std::string_view uri) noexcept;

// The SPIFFE ID of a workload, if the names have exactly one URI and it is one (X509-SVID, section 2).
std::optional<std::string> spiffe_id(const std::optional<std::vector<AlternativeName>> &names);

}   // namespace sslinfo::core
