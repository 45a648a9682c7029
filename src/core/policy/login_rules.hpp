#pragma once
#include "core/policy/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

// Rules for logins: 'app_*@prod: mtls tls>=1.3; repl: client-cert; *: tls>=1.2'. docs/server.md is their reference.
namespace sslinfo::core {

// A role or a database in a rule. '*' stands for any characters, also none; what is in double quotes stands for itself,
// and two double quotes in there for one. Names are compared byte by byte.
class NamePattern {
  public:
    // `text` begins at `position` of `whole`, for the SyntaxError.
    static NamePattern parse(std::string_view whole, std::size_t position, std::string_view text);
    static NamePattern any();
    bool matches(std::string_view name) const noexcept;

  private:
    std::vector<std::string> parts_;   // between the stars, at least one
};

struct LoginRule {
    NamePattern role;
    NamePattern database;
    Policy policy;
    std::string text;   // as it was written
};

class LoginRules {
  public:
    LoginRules() = default;
    // Throws SyntaxError. An empty text has no rules.
    explicit LoginRules(std::string_view text);
    // The first rule whose patterns match; null where none does. A physical replication connection has the database "".
    const LoginRule *find(std::string_view role, std::string_view database) const noexcept;

  private:
    std::vector<LoginRule> rules_;
};

// What a rule says against a login.
struct Refusal {
    std::string unmet;    // the requirements that are not met, 'tls>=1.3, client-cert'
    std::string actual;   // the same with what was found
    std::string advice;
};
// None where the session satisfies the rule now. `client` is null where there is no certificate.
std::optional<Refusal> refusal(const LoginRule &rule, const Session &session, const X509 *client, Timestamp now);

}   // namespace sslinfo::core
