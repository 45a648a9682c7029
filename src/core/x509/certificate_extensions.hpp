#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

// Extensions with a column in ssl_certificate. std::nullopt if an extension is absent, occurs twice or is malformed.
namespace sslinfo::core {

// cA and pathLenConstraint (RFC 5280, section 4.2.1.9). is_ca is false without the extension. Both are std::nullopt if
// it is unreadable or its path length is negative. A path length beyond int becomes the largest int.
struct BasicConstraints {
    std::optional<bool> is_ca;
    std::optional<int> path_length;
};
BasicConstraints read_basic_constraints(const X509 &certificate);

// True if the certificate is a CA's or may sign certificates or CRLs (X509-SVID, section 3.2), or this is unreadable.
bool may_sign_certificates(const X509 &certificate);

// True without keyUsage or if it includes cRLSign (RFC 5280, section 6.3.3, (f)). False if it is unreadable.
bool may_sign_crls(const X509 &certificate);

std::optional<std::vector<std::string>>
read_key_usage(const X509 &certificate);   // names in RFC 5280: digitalSignature, …
std::optional<std::vector<std::string>>
read_extended_key_usage(const X509 &certificate);   // OpenSSL's short names (clientAuth, …) or dotted OIDs
std::optional<std::vector<std::string>> read_policies(const X509 &certificate);   // dotted OIDs
std::optional<std::string> read_subject_key_id(const X509 &certificate);          // hex
std::optional<std::string> read_authority_key_id(const X509 &certificate);        // hex of keyIdentifier
std::optional<std::vector<std::string>> read_information_access(const X509 &certificate,
                                                                int method);   // URLs of one access method
std::optional<std::vector<std::string>>
read_crl_urls(const X509 &certificate);   // URLs of the full names of the distribution points

}   // namespace sslinfo::core
