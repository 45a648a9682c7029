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

// Policies: one line of requirements, all of which a session must meet. docs/policy.md is their reference.
namespace sslinfo::core {

struct Word;   // core/policy/requirements.hpp

struct Requirement {
    const Word *word;                  // its row in the table, never null
    std::int64_t at_least;             // after ">=": TLS 1.3 is 3, client-valid is in seconds; 0 without ">="
    std::vector<std::string> any_of;   // after "=", each in the normal form that the judge compares
    std::string text;                  // the requirement as it is shown; it parses to the same requirement
};

struct Policy {
    std::vector<Requirement> requirements;   // presets expanded, "local" left out
    bool local = false;   // a Unix-socket session passes, and is the only one that does without requirements
};

// Limits, so that a judgement costs a bounded time and memory whoever wrote the policy and the certificate.
inline constexpr std::size_t policy_max_length = 65536;       // in bytes
inline constexpr std::size_t policy_max_requirements = 200;   // presets expanded
inline constexpr std::size_t policy_max_values = 1000;        // of all requirements together
inline constexpr std::size_t actual_max = 500;                // bytes of Outcome::actual

// Throws SyntaxError, also for an empty policy and beyond policy_max_length, policy_max_requirements or
// policy_max_values.
Policy parse_policy(std::string_view text);

// The expansion of a preset; empty for a word that is no preset. Its names are not compared with those of this OpenSSL.
std::string_view preset(std::string_view name);
std::vector<std::string_view> preset_names();

// Position of the first `wanted` outside double quotes, from `start` on; npos if there is none. No policy has a ';'
// there.
std::size_t find_unquoted(std::string_view text, char wanted, std::size_t start = 0) noexcept;

// The facts of the client's certificate that a policy may require.
struct ClientCertificate {
    Certificate certificate;
    std::vector<AlternativeName> names;
    std::vector<NameAttribute> subject;
    std::vector<NameAttribute> issuer;
    std::optional<std::string> spiffe_id;
    std::vector<std::string> ca_spki_fingerprints;   // of the verified chain without the leaf
};
// `ssl` is the connection that verified it; null if there is none.
ClientCertificate read_client_certificate(const X509 &certificate, const SSL *ssl);

// The result for one requirement. It does not depend on the time of judging: a requirement with a clock is met within a
// span of time.
struct Outcome {
    std::string requirement;   // Requirement::text
    std::string kind;          // the same without its list of values, which may be for the administrator alone
    bool holds = false;        // but for the time
    Timestamp from = Timestamp::min();   // first and last second at which it is met
    Timestamp until = Timestamp::max();
    std::string actual;   // what was found, in words: at most actual_max bytes before control characters are escaped
    std::string advice;   // if it is not met: what to change on which side

    bool satisfied(Timestamp now) const noexcept { return holds && from <= now && now <= until; }
};

// One outcome for each requirement that decides, in the order of the policy, and at least one: in a Unix-socket session
// that is "local" alone if the policy has it; otherwise all the others. The session satisfies the policy at a time
// if every outcome is satisfied at that time. `client` is null if the client sent no certificate,
// `auth_method` empty if it is not known. An unknown fact
// satisfies nothing.
std::vector<Outcome> judge(const Policy &policy, const Session &session, const ClientCertificate *client,
                           std::string_view auth_method = {});
// The same for a connection. `session` has its facts. Reads the certificate only if the policy needs it.
std::vector<Outcome> judge(const Policy &policy, const Session &session, const Connection &connection);
bool satisfied(const std::vector<Outcome> &outcomes, Timestamp now) noexcept;

}   // namespace sslinfo::core
