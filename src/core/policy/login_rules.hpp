#pragma once
#include "core/policy/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

// Rules for logins: 'app_*@prod: mtls tls>=1.3; repl: client-cert; *: tls>=1.2'. docs/server.md is their reference.
namespace sslinfo::core {

inline constexpr std::size_t name_length_max = 63;   // of a role or a database, in bytes: PostgreSQL's NAMEDATALEN - 1

// A role or a database in a rule. '*' stands for any characters, also none; what is in double quotes stands for itself,
// and two double quotes in there for one. Names are compared byte by byte.
class NamePattern {
  public:
    // `text` begins at `position` of `whole`, for the SyntaxError.
    static NamePattern parse(std::string_view whole, std::size_t position, std::string_view text);
    static NamePattern any();
    bool matches(std::string_view name) const noexcept;
    // True if this pattern matches every name that the other one matches: "app_*" all of "app_1" and of "app_1*".
    bool matches_all_of(const NamePattern &other) const;

  private:
    std::vector<std::string> parts_;   // between the stars, at least one
};

struct LoginRule {
    NamePattern role;
    NamePattern database;
    Policy policy;
    std::string text;   // as it was written, and its parts
    std::string role_text;
    std::string database_text;   // empty if the rule has none
    std::string policy_text;
};

class LoginRules {
  public:
    LoginRules() = default;
    // Throws SyntaxError, also for a rule that could never apply: a name that no role has, or an earlier rule that
    // has all its logins. An empty text has no rules.
    explicit LoginRules(std::string_view text);
    // The first rule whose patterns match; null where none does. A physical replication connection has the database "".
    const LoginRule *find(std::string_view role, std::string_view database) const noexcept;

    bool empty() const noexcept { return rules_.empty(); }
    const std::vector<LoginRule> &all() const noexcept { return rules_; }   // in their order

  private:
    void add(LoginRule &&rule, std::string_view text, std::size_t position);

    std::vector<LoginRule> rules_;
};

// Why a rule refuses a login. The client sees `kinds`, `actual` and `advice`: the values that a rule asks for (names,
// fingerprints) are for the log alone.
struct Refusal {
    std::string kinds;     // of the requirements that are not met: 'tls>=1.3, fingerprint'
    std::string actual;    // the same with what was found: 'tls>=1.3: TLSv1.2; fingerprint: 12ab…'
    std::string for_log;   // as `actual`, with the whole requirements
    std::string advice;
};
// std::nullopt if the session satisfies the rule now. `session` has the facts of the connection.
std::optional<Refusal> refusal(const LoginRule &rule, const Session &session, const Connection &connection,
                               Timestamp now);

}   // namespace sslinfo::core
