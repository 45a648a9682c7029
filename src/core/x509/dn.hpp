#pragma once
#include "core/x509/name.hpp"

#include <string>
#include <string_view>
#include <vector>

// Distinguished names in a policy, to be compared with those of certificates.
namespace sslinfo::core {

// Parses RFC 4514, most specific first. Spaces around ',', '+' and '=' are ignored, as in RFC 2253. Types are OpenSSL's
// names, those of RFC 4514 in any case, or dotted OIDs. Returns attributes in the order of a certificate. Throws
// SyntaxError, also for a value in hex ("#04024869") and for a NUL, which could never match.
std::vector<NameAttribute> parse_dn(std::string_view text);

// Returns the RFC 4514 form, most specific first.
std::string dn_text(const std::vector<NameAttribute> &attributes);

// Returns a key that two names share if they have the same RDNs in the same order, with the same attributes in any
// order within an RDN. Values are compared byte by byte. std::nullopt if a value is not plain.
std::optional<std::string> dn_key(const std::vector<NameAttribute> &attributes);

}   // namespace sslinfo::core
