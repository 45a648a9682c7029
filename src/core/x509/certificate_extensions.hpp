#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

// The standard extensions that have columns of their own in ssl_certificate. Each is std::nullopt where the certificate
// does not have the extension, has it twice, or has it in a form that OpenSSL cannot parse.
namespace sslinfo::core {

// cA and pathLenConstraint (RFC 5280, section 4.2.1.9). Without the extension: not a CA. Both are unknown if the
// extension is unreadable or its path length is negative. A path length beyond int is capped at the largest int.
struct BasicConstraints {
    std::optional<bool> is_ca;
    std::optional<int> path_length;
};
BasicConstraints read_basic_constraints(const X509 &certificate);

// True if the certificate is a CA's or its key may sign certificates or CRLs (X509-SVID, section 3.2), and also if its
// basicConstraints or keyUsage are unreadable.
bool may_sign_certificates(const X509 &certificate);

// True if there is no keyUsage, or one with cRLSign (RFC 5280, section 6.3.3, (f)); false if it is unreadable.
bool may_sign_crls(const X509 &certificate);

std::optional<std::vector<std::string>>
read_key_usage(const X509 &certificate);   // names of RFC 5280: digitalSignature, …
std::optional<std::vector<std::string>>
read_extended_key_usage(const X509 &certificate);   // OpenSSL's short names: clientAuth, …; else dotted OIDs
std::optional<std::vector<std::string>> read_policies(const X509 &certificate);   // dotted OIDs
std::optional<std::string> read_subject_key_id(const X509 &certificate);          // hex
std::optional<std::string> read_authority_key_id(const X509 &certificate);        // hex of keyIdentifier
std::optional<std::vector<std::string>> read_information_access(const X509 &certificate,
                                                                int method);   // URLs of one access method
std::optional<std::vector<std::string>>
read_crl_urls(const X509 &certificate);   // URLs of the full names of the distribution points

}   // namespace sslinfo::core
