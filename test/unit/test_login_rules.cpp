#include "core/policy/login_rules.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

namespace {

bool matches(std::string_view pattern, std::string_view name)
{
    return NamePattern::parse(pattern, 0, pattern).matches(name);
}

// The rule that judges, as it was written; "-" where none does.
std::string rule_of(std::string_view rules, std::string_view role, std::string_view database)
{
    const LoginRules parsed(rules);
    const LoginRule *rule = parsed.find(role, database);
    return rule != nullptr ? rule->text : "-";
}

std::string error_of(std::string_view rules)
{
    try {
        const LoginRules parsed(rules);
    } catch (const SyntaxError &error) {
        EXPECT_EQ(error.text(), rules);
        return std::to_string(error.position()) + ": " + error.what();
    }
    return "none";
}

}   // namespace

TEST(LoginRules, PatternsMatchWholeNames)
{
    EXPECT_TRUE(matches("app", "app"));
    EXPECT_FALSE(matches("app", "App"));
    EXPECT_FALSE(matches("app", "app1"));
    EXPECT_FALSE(matches("app", ""));
    EXPECT_TRUE(matches("*", ""));
    EXPECT_TRUE(matches("*", "anything"));
    EXPECT_TRUE(matches("app_*", "app_"));
    EXPECT_TRUE(matches("app_*", "app_1"));
    EXPECT_FALSE(matches("app_*", "my_app_1"));
    EXPECT_TRUE(matches("*_ro", "app_ro"));
    EXPECT_TRUE(matches("a*b*c", "abc"));
    EXPECT_TRUE(matches("a*b*c", "a-b-bc"));
    EXPECT_FALSE(matches("a*b*c", "acb"));
    EXPECT_FALSE(matches("ab*ba", "aba"));
    EXPECT_TRUE(matches("**", "x"));
    EXPECT_TRUE(matches("zürich", "zürich"));
    EXPECT_TRUE(matches("a%b?[c]", "a%b?[c]"));
}

TEST(LoginRules, QuotesMakeEverythingLiteral)
{
    EXPECT_TRUE(matches("\"a;b:c@d e\"", "a;b:c@d e"));
    EXPECT_TRUE(matches("\"*\"", "*"));
    EXPECT_FALSE(matches("\"*\"", "x"));
    EXPECT_FALSE(matches("a*b*c", "a-c"));
    EXPECT_THROW(matches("\"a", "a"), SyntaxError);
    EXPECT_TRUE(matches("\"a\"\"b\"", "a\"b"));
    EXPECT_TRUE(matches("\"\"", ""));
    EXPECT_FALSE(matches("\"\"", "x"));
    EXPECT_TRUE(matches("\"a;\"*", "a;1"));
    EXPECT_TRUE(matches("x\" \"y", "x y"));
}

TEST(LoginRules, TheFirstThatMatchesJudges)
{
    const char *rules = "app_*@prod: client-cert tls>=1.3; repl: client-cert;*@\"\" : tls>=1.2 ; app_*: tls;";
    EXPECT_EQ(rule_of(rules, "app_1", "prod"), "app_*@prod: client-cert tls>=1.3");
    EXPECT_EQ(rule_of(rules, "app_1", "test"), "app_*: tls");
    EXPECT_EQ(rule_of(rules, "repl", ""), "repl: client-cert");
    EXPECT_EQ(rule_of(rules, "other", ""), "*@\"\" : tls>=1.2");
    EXPECT_EQ(rule_of(rules, "other", "prod"), "-");
    EXPECT_EQ(rule_of("", "a", "b"), "-");
    EXPECT_EQ(rule_of(" ; ;", "a", "b"), "-");
    EXPECT_EQ(rule_of("a: subject=\"CN=x\\;y:z,O=A\"; b: tls", "b", "d"), "b: tls");
    EXPECT_EQ(rule_of("a: subject=\"CN=x\\;y:z,O=A\"; b: tls", "a", "d"), "a: subject=\"CN=x\\;y:z,O=A\"");
    EXPECT_EQ(rule_of("\"a;b\"@\"c:d\": tls", "a;b", "c:d"), "\"a;b\"@\"c:d\": tls");
}

TEST(LoginRules, MistakesAreFoundWhereTheyAre)
{
    EXPECT_EQ(error_of("app"), "3: invalid login rule: missing \":\" after the names");
    EXPECT_EQ(error_of("a: tls; app tls"), "15: invalid login rule: missing \":\" after the names");
    EXPECT_EQ(error_of("a: tls; : tls"), "8: invalid login rule: missing name");
    EXPECT_EQ(error_of("a@: tls"), "2: invalid login rule: missing name");
    EXPECT_EQ(error_of("@d: tls"), "0: invalid login rule: missing name");
    EXPECT_EQ(error_of("a@b@c: tls"), "3: invalid login rule: unexpected \"@\" in name");
    EXPECT_EQ(error_of("a, b: tls"), "1: invalid login rule: unexpected \",\" in name");
    EXPECT_EQ(error_of("a b: tls"), "1: invalid login rule: unexpected \" \" in name");
    EXPECT_EQ(error_of("a\"b: tls"), "8: invalid login rule: missing \":\" after the names");
    EXPECT_EQ(error_of("a: tls; b: tls>=9"), error_of("        b: tls>=9"));
    EXPECT_EQ(error_of("a: nonsense").substr(0, 3), "3: ");
    EXPECT_NE(error_of("a:"), "none");
    EXPECT_NE(error_of("a: ; b: tls"), "none");
    EXPECT_NE(error_of("a: subject=\"CN=x"), "none");
}

TEST(LoginRules, RefusalSaysWhatIsNotMet)
{
    Session session;
    session.transport = Transport::tls;
    session.version = "TLSv1.2";
    const LoginRules rules("a: tls>=1.3 client-cert; b: tls>=1.2");
    EXPECT_FALSE(refusal(*rules.find("b", "d"), session, Connection(), Timestamp{}).has_value());
    const std::optional<Refusal> refused = refusal(*rules.find("a", "d"), session, Connection(), Timestamp{});
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->kinds, "tls>=1.3, client-cert");
    EXPECT_EQ(refused->actual.substr(0, 18), "tls>=1.3: TLSv1.2;");
    EXPECT_FALSE(refused->advice.empty());
}

namespace {

std::string refused(const std::string &rules)
{
    try {
        const LoginRules parsed(rules);
        return "";
    } catch (const SyntaxError &error) {
        return error.what();
    }
}

}   // namespace

TEST(LoginRules, ARuleThatCouldNeverApplyIsAnError)
{
    const std::string longest(name_length_max, 'n');
    const std::string too_long = "invalid login rule: name is longer than 63 bytes";
    EXPECT_EQ(refused(longest + "@" + longest + ": tls"), "");
    EXPECT_EQ(refused(longest + "*: tls"), "");
    EXPECT_EQ(refused(longest + "n: tls"), too_long);
    EXPECT_EQ(refused("app@" + longest + "n: tls"), too_long);
    EXPECT_EQ(refused("*" + longest + "*n: tls"), too_long);
    EXPECT_EQ(refused("\"" + longest + "n\": tls"), too_long);
    const std::string shadowed = "invalid login rule: rule can never apply";
    EXPECT_EQ(refused("*: tls; app: mtls"), shadowed);
    EXPECT_EQ(refused("app: tls; app: mtls"), shadowed);
    EXPECT_EQ(refused("app@*: tls; app@prod: mtls"), shadowed);
    EXPECT_EQ(refused("*@prod: tls; app@prod: mtls"), shadowed);
    EXPECT_EQ(refused("**: tls; app: mtls"), shadowed);
    EXPECT_EQ(refused("app_*: tls; app_1: mtls"), shadowed);
    EXPECT_EQ(refused("app_*: tls; app_1*: mtls"), shadowed);
    EXPECT_EQ(refused("*a*b*: tls; xa*yb: mtls"), shadowed);
    EXPECT_EQ(refused("app_*@*_prod: tls; \"app_*\"@eu_prod: mtls"), shadowed);
    EXPECT_EQ(refused("app@prod: tls; app: mtls; *@prod: tls; *: tls"), "");
    EXPECT_EQ(refused("app_1*: tls; app_*: mtls; *_1: tls"), "");
    EXPECT_EQ(refused("a*b: tls; a*: mtls; *b: tls; \"*\": tls"), "");
    EXPECT_EQ(refused("app_*@prod: tls; app_1: mtls; app_*: tls"), "");
}

// White space that one does not see, and controls: between double quotes only.
TEST(LoginRules, ANameWithUnseenCharactersIsQuoted)
{
    for (const auto &odd :
         std::vector<std::string>{"\u00a0", "\u2003", "\u200b", "\ufeff", "\u202e", "\u0085", "\x1b"}) {
        EXPECT_EQ(refused("app" + odd + ": tls"), "invalid login rule: unexpected \"" + odd + "\" in name");
        EXPECT_EQ(refused(odd + "app@prod: tls"), "invalid login rule: unexpected \"" + odd + "\" in name");
        EXPECT_EQ(refused("app@prod" + odd + ": tls"), "invalid login rule: unexpected \"" + odd + "\" in name");
        EXPECT_EQ(refused("\"app" + odd + "\": tls"), "");
    }
    EXPECT_EQ(refused("größe: tls"), "");
}

// The values that a rule asks for are for the log; a client sees what is asked for and its own value.
TEST(LoginRules, ARefusalDoesNotShowTheValuesOfTheRule)
{
    const std::string digest(64, 'a');
    const LoginRules rules("*: tls>=1.3 fingerprint=" + digest + " subject=\"CN=boss,O=Acme\" server-name=db.example");
    Session session;
    session.transport = Transport::tls;
    session.version = "TLSv1.2";
    session.server_name = "other";
    const X509Handle certificate = parsed({});
    const auto refusal_of =
        refusal(*rules.find("app", "prod"), session, {Transport::tls, nullptr, certificate.get()}, {});
    ASSERT_TRUE(refusal_of);
    EXPECT_EQ(refusal_of->kinds, "tls>=1.3, fingerprint, subject, server-name");
    for (const std::string &shown : {refusal_of->kinds, refusal_of->actual, refusal_of->advice})
        for (const std::string &secret : {digest, std::string("boss"), std::string("db.example")})
            EXPECT_EQ(shown.find(secret), std::string::npos) << shown;
    EXPECT_NE(refusal_of->actual.find("subject: CN=Subject"), std::string::npos) << refusal_of->actual;
    for (const std::string &whole : {digest, std::string("boss"), std::string("db.example")})
        EXPECT_NE(refusal_of->for_log.find(whole), std::string::npos);
}
