#pragma once
#include "core/base/error.hpp"
#include "core/x509/name.hpp"

#include <cstdint>
#include <string>

// Parsers of values after "=" and ">=". Values are not empty and have no quotes. An invalid value throws SyntaxError.
namespace sslinfo::core {

// The form for comparisons and the form for messages.
struct PolicyValue {
    std::string key;
    std::string shown;
};

PolicyValue
group_value(const std::string &value);   // key-exchange group, also by its name in NIST standards or OpenSSL
PolicyValue cipher_value(const std::string &value);        // cipher suite
PolicyValue protocol_value(const std::string &value);      // ALPN protocol
PolicyValue dns_value(const std::string &value);           // DNS pattern
PolicyValue common_name_value(const std::string &value);   // text without '*'
PolicyValue dn_value(const std::string &value);            // distinguished name (RFC 4514)
PolicyValue san_value(const std::string &value);           // alternative name with type: dns:db.example
PolicyValue usage_value(const std::string &value);         // extended key usage: OpenSSL's name or dotted OID
PolicyValue attributes_value(const std::string &value);    // attributes of a name, in the form of dn_value()
PolicyValue oid_value(const std::string &value);           // dotted OID
PolicyValue group_kind_value(const std::string &value);    // classical, hybrid or post-quantum
PolicyValue signature_value(const std::string &value);     // TLS signature algorithm
PolicyValue lower_case_value(const std::string &value);    // name, case ignored
PolicyValue digest_value(const std::string &value);        // SHA-256 in hex, with or without colons

struct ParsedNumber {
    std::int64_t number;
    std::string shown;
};

ParsedNumber tls_version_value(const std::string &value);   // "1.2" is 2, "1.3" is 3
ParsedNumber kem_value(const std::string &value);           // ML-KEM parameter set: 768 or 1024
ParsedNumber count_value(const std::string &value);         // 1 to 1,000,000
ParsedNumber duration_value(const std::string &value);      // "7d" in seconds, at most a century

// Returns an attribute as part of the key of attributes_value(). Ends with NUL, which a plain value does not contain.
std::string attribute_key(const NameAttribute &attribute);

}   // namespace sslinfo::core
