#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Subject alternative names (RFC 5280, section 4.2.1.6), read from the decoded structure, not from OpenSSL's text.
namespace sslinfo::core {

enum class NameType { dns, uri, email, ip, dirname, rid, other };
// Convert between types and their names in SQL. name_type() throws Error(invalid_argument) for an unknown name.
std::string cell_text(NameType type);
NameType name_type(std::string_view name);

struct AlternativeName {
    int ordinal;   // from 1, in the order of the certificate
    NameType type;
    std::string value;
    bool plain;   // true if `value` is exact, with nothing escaped or reformatted

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("ordinal", ordinal);
        visit("type", type);
        visit("value", value);
    }
};

// std::nullopt if the certificate has no such extension, has it twice, or OpenSSL cannot parse it.
std::optional<std::vector<AlternativeName>> alternative_names(const X509 &certificate);

// Returns the type and value of a GENERAL_NAME, with ordinal 0.
AlternativeName general_name(const GENERAL_NAME &name);

// Returns the values of one type. std::nullopt if `names` is.
std::optional<std::vector<std::string>> values_of_type(const std::optional<std::vector<AlternativeName>> &names,
                                                       NameType type);

// Returns the iPAddress values with the length of an address, 4 or 16 bytes.
std::optional<Addresses> addresses(const std::optional<std::vector<AlternativeName>> &names);

// True if `uri` is the SPIFFE ID of a workload: scheme, trust domain, nonempty path, at most 2048 bytes (SPIFFE-ID,
// section 2; X509-SVID, section 2). Without a path it would be the ID of a trust domain.
bool valid_spiffe_id(std::string_view uri) noexcept;

// Returns the SPIFFE ID if the names contain exactly one URI and it is that of a workload (X509-SVID, section 2).
std::optional<std::string> spiffe_id(const std::optional<std::vector<AlternativeName>> &names);

}   // namespace sslinfo::core
