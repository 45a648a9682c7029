#pragma once
#include "core/x509/certificate.hpp"
#include "core/base/error.hpp"
#include "core/x509/name.hpp"
#include "core/x509/san.hpp"
#include "core/tls/session.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

// Policies: one line of requirements, all of which a session must meet. See docs/policy.md.
namespace sslinfo::core {

struct Word;   // core/policy/requirements.hpp

struct Requirement {
    const Word *word;                  // never null
    std::int64_t at_least;             // after ">=": 3 for TLS 1.3, seconds for client-valid; 0 without ">="
    std::vector<std::string> any_of;   // after "=", in the form compared by the judge
    std::string text;                  // normal form, which parses to the same requirement
};

struct Policy {
    std::vector<Requirement> requirements;   // with presets expanded, without "local"
    bool local = false;                      // Unix-socket sessions pass; without requirements no others do
};

// Limits that bound time and memory of a check for any policy and certificate.
inline constexpr std::size_t policy_max_length = 65536;       // bytes
inline constexpr std::size_t policy_max_requirements = 200;   // after expansion of presets
inline constexpr std::size_t policy_max_values = 1000;        // in all requirements
inline constexpr std::size_t actual_max = 500;                // bytes of Outcome::actual

// Throws SyntaxError, also for an empty policy and beyond the limits.
Policy parse_policy(std::string_view text);

// Returns the expansion of a preset; empty for any other word. It may contain names unknown to this OpenSSL.
std::string_view preset(std::string_view name);
std::vector<std::string_view> preset_names();

// Returns the position of the first `wanted` outside double quotes; npos if none. A policy has no ';' there.
std::size_t find_unquoted(std::string_view text, char wanted, std::size_t start = 0) noexcept;

// Facts of the client's certificate for policies.
struct ClientCertificate {
    Certificate certificate;
    std::vector<AlternativeName> names;
    std::vector<NameAttribute> subject;
    std::vector<NameAttribute> issuer;
    std::optional<std::string> spiffe_id;
    std::vector<std::string> ca_spki_fingerprints;   // verified chain without the leaf
};
// `ssl` is the connection that verified the certificate, or null.
ClientCertificate read_client_certificate(const X509 &certificate, const SSL *ssl);

// Result for one requirement. Independent of the current time, which satisfied() compares with a period.
struct Outcome {
    std::string requirement;             // Requirement::text
    std::string kind;                    // without a list of values, which may be confidential
    bool holds = false;                  // apart from the time
    Timestamp from = Timestamp::min();   // first and last second
    Timestamp until = Timestamp::max();
    std::string actual;   // actual value, at most actual_max bytes before escaping
    std::string advice;   // advice for the administrator if not satisfied

    bool satisfied(Timestamp now) const noexcept { return holds && from <= now && now <= until; }
};

// Returns an outcome for each requirement, in the order of the policy. In a Unix-socket session of a policy with
// "local" the only outcome is that of "local". There is always an outcome, and the session satisfies the policy while
// all are satisfied. An unknown fact satisfies nothing. `client` may be null, `auth_method` empty.
std::vector<Outcome> judge(const Policy &policy, const Session &session, const ClientCertificate *client,
                           std::string_view auth_method = {});
// The same for a connection with the facts `session`. Reads the certificate only if the policy needs it.
std::vector<Outcome> judge(const Policy &policy, const Session &session, const Connection &connection);
bool satisfied(const std::vector<Outcome> &outcomes, Timestamp now) noexcept;

}   // namespace sslinfo::core
