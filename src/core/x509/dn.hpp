#pragma once
#include "core/x509/name.hpp"

#include <string>
#include <string_view>
#include <vector>

// Distinguished names as somebody writes them, to be compared with those of certificates.
namespace sslinfo::core {

// RFC 4514, most specific first; spaces around ',', '+' and '=' are passed over, as in RFC 2253. Types are OpenSSL's
// names, those of RFC 4514 in any case, or dotted OIDs. The attributes come in the order of a certificate. Throws
// SyntaxError, also for a value in hex ("#04024869") and for a NUL, neither of which could ever match.
std::vector<NameAttribute> parse_dn(std::string_view text);

// RFC 4514: most specific first.
std::string dn_text(const std::vector<NameAttribute> &attributes);

// Two names are the same if their keys are equal: the same RDNs in the same order, each of the same attributes in any
// order, the same types and, byte by byte, the same values. None for a name with a value that is not plain.
std::optional<std::string> dn_key(const std::vector<NameAttribute> &attributes);

}   // namespace sslinfo::core
