#pragma once
#include "core/base/error.hpp"
#include "core/x509/name.hpp"

#include <cstdint>
#include <string>

// The values after "=" and ">=" of a requirement, without their quotes, and never empty. Each function throws
// SyntaxError with the value as its text if the value is invalid.
namespace sslinfo::core {

// One value: the form that the judge compares, and the form that is shown.
struct PolicyValue {
    std::string key;
    std::string shown;
};

PolicyValue group_value(const std::string &value);         // a key-exchange group, NIST's and OpenSSL's names included
PolicyValue cipher_value(const std::string &value);        // a cipher suite
PolicyValue protocol_value(const std::string &value);      // a protocol of ALPN
PolicyValue dns_value(const std::string &value);           // a DNS pattern
PolicyValue common_name_value(const std::string &value);   // any text without '*'
PolicyValue dn_value(const std::string &value);            // a distinguished name (RFC 4514)
PolicyValue san_value(const std::string &value);           // an alternative name with its type, such as dns:db.example
PolicyValue usage_value(const std::string &value);         // an extended key usage: OpenSSL's name or a dotted OID
PolicyValue attributes_value(const std::string &value);    // attributes of a name, in the form of dn_value()
PolicyValue oid_value(const std::string &value);           // a dotted OID
PolicyValue group_kind_value(const std::string &value);    // classical, hybrid or post-quantum
PolicyValue signature_value(const std::string &value);     // a signature algorithm of TLS
PolicyValue lower_case_value(const std::string &value);    // a name whose letters match in either case
PolicyValue digest_value(const std::string &value);        // a SHA-256 digest in hex, with colons or without

struct ParsedNumber {
    std::int64_t number;
    std::string shown;
};

ParsedNumber tls_version_value(const std::string &value);   // "1.2" is 2, "1.3" is 3
ParsedNumber kem_value(const std::string &value);           // an ML-KEM parameter set: 768 or 1024
ParsedNumber count_value(const std::string &value);         // 1 to 1,000,000
ParsedNumber duration_value(const std::string &value);      // "7d" in seconds, at most a century

// One attribute as attributes_value() writes it into its key. It ends with NUL, which no plain value has.
std::string attribute_key(const NameAttribute &attribute);

}   // namespace sslinfo::core
