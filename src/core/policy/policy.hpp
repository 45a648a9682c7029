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

enum class RequirementKind {
    // How the session reaches the server.
    tls,   // also tls>=1.x
    encrypted,
    local,
    // What the handshake agreed upon.
    forward_secrecy,
    aead,
    bits,
    post_quantum,
    group,
    cipher,
    alpn,
    server_name,
    // The client's certificate.
    client_cert,
    client_key_strength,
    client_valid,
    subject,
    issuer,
    cn,
    san,
    eku,
    fingerprint,
    spki,
};

struct Requirement {
    RequirementKind kind = RequirementKind::tls;
    std::int64_t at_least = 0;   // behind ">=": TLS 1.3 is 3, client-valid is in seconds; 0 where nothing is asked
    std::vector<std::string> any_of;   // behind "=", each in the normal form in which the judge compares it
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

// The line that a preset stands for; empty for a word that is no preset.
std::string_view preset(std::string_view name);
std::vector<std::string_view> preset_names();

// Where `wanted` stands outside double quotes, from `start` on; npos where it does not. No policy has a ';' there.
std::size_t find_unquoted(std::string_view text, char wanted, std::size_t start = 0) noexcept;

// What a policy may ask of the client's certificate.
struct ClientCertificate {
    Certificate certificate;
    std::vector<AlternativeName> names;
    std::vector<NameAttribute> subject;
    std::vector<NameAttribute> issuer;
};
ClientCertificate read_client_certificate(const X509 &certificate);

// What became of one requirement. It does not depend on the time at which it is judged: what changes as time goes by is
// said as the span of time in which the requirement is met.
struct Outcome {
    std::string requirement;   // Requirement::text
    std::string kind;          // the same without its list of values, which may be for the administrator alone
    bool holds = false;        // but for the time
    Timestamp from{std::numeric_limits<std::int64_t>::min()};   // first and last second at which it is met
    Timestamp until{std::numeric_limits<std::int64_t>::max()};
    std::string actual;   // what was found, in words: at most actual_max bytes before control characters are escaped
    std::string advice;   // if it is not met: what to change on which side

    bool satisfied(Timestamp now) const noexcept
    {
        return holds && from.seconds <= now.seconds && now.seconds <= until.seconds;
    }

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("requirement", requirement);
        visit("holds", holds);
        visit("from", from);
        visit("until", until);
        visit("actual", actual);
        visit("advice", advice);
    }
};

// One outcome for each requirement that decides, in the order of the policy, and at least one: in a Unix-socket session
// that is "local" alone where the policy has it; elsewhere all the others. The session satisfies the policy at a time
// if every outcome is satisfied at that time. `client` is null where the client showed no certificate. A fact that is
// unknown satisfies nothing.
std::vector<Outcome> judge(const Policy &policy, const Session &session, const ClientCertificate *client);
bool satisfied(const std::vector<Outcome> &outcomes, Timestamp now) noexcept;

}   // namespace sslinfo::core
