#pragma once
#include "core/policy/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

// Login rules: 'app_*@prod: mtls tls>=1.3; repl: client-cert; *: tls>=1.2'. See docs/server.md.
namespace sslinfo::core {

inline constexpr std::size_t name_length_max = 63;   // bytes of a role or database name: PostgreSQL's NAMEDATALEN - 1

// A role or database in a rule. '*' matches any characters. Text in double quotes is literal, with two double quotes
// for one. Names are compared byte by byte.
class NamePattern {
  public:
    // `text` starts at `position` of `whole`, which SyntaxError reports.
    static NamePattern parse(std::string_view whole, std::size_t position, std::string_view text);
    static NamePattern any();
    bool matches(std::string_view name) const noexcept;
    // True if this pattern matches every name that `other` matches: "app_*" does for "app_1" and "app_1*".
    bool matches_all_of(const NamePattern &other) const;

  private:
    std::vector<std::string> parts_;   // between the '*'s, at least one
};

struct LoginRule {
    NamePattern role;
    NamePattern database;
    Policy policy;
    std::string text;   // as written; below, its parts
    std::string role_text;
    std::string database_text;   // empty without a database
    std::string policy_text;
};

class LoginRules {
  public:
    LoginRules() = default;
    // Parses rules; an empty text has none. Throws SyntaxError, also for a rule that can never apply.
    explicit LoginRules(std::string_view text);
    // Returns the first matching rule, or null. `database` is "" for a physical replication connection.
    const LoginRule *find(std::string_view role, std::string_view database) const noexcept;

    bool empty() const noexcept { return rules_.empty(); }
    const std::vector<LoginRule> &all() const noexcept { return rules_; }   // in order

  private:
    void add(LoginRule &&rule, std::string_view text, std::size_t position);

    std::vector<LoginRule> rules_;
};

// Why a rule refuses a login. The client receives `kinds`, `actual` and `advice`, but not the values in the rule.
struct Refusal {
    std::string kinds;     // requirements not met: 'tls>=1.3, fingerprint'
    std::string actual;    // with the actual values: 'tls>=1.3: TLSv1.2; fingerprint: 12ab…'
    std::string for_log;   // like `actual`, with whole requirements
    std::string advice;
};
// Returns std::nullopt if the session satisfies the rule now. `session` contains the facts of `connection`.
std::optional<Refusal> refusal(const LoginRule &rule, const Session &session, const Connection &connection,
                               Timestamp now);

}   // namespace sslinfo::core
