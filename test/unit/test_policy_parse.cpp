#include "core/policy/policy.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

constexpr const char *digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

// The requirements as they are shown, a space between them.
std::string shown(std::string_view text)
{
    const Policy policy = parse_policy(text);
    std::string out = policy.local ? "local" : "";
    for (const Requirement &requirement : policy.requirements)
        out += (out.empty() ? "" : " ") + requirement.text;
    return out;
}

std::vector<std::string> values(std::string_view text) { return parse_policy(text).requirements.at(0).any_of; }

struct Mistake {
    std::string marked;   // the policy, with a '^' before the place of the mistake
    std::string reason;
};

void expect(const Mistake &mistake)
{
    const std::size_t position = mistake.marked.find('^');
    ASSERT_NE(position, std::string::npos) << mistake.marked;
    const std::string text = std::string(mistake.marked).erase(position, 1);
    try {
        parse_policy(text);
        ADD_FAILURE() << "no error: " << text;
    } catch (const SyntaxError &error) {
        EXPECT_EQ(error.what(), "invalid TLS policy: " + mistake.reason) << text;
        EXPECT_EQ(error.position(), position) << text;
        EXPECT_EQ(error.text(), text);
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    }
}

}   // namespace

TEST(PolicyParse, EveryRequirement)
{
    for (const std::string &text :
         {"tls"s,
          "tls>=1.2"s,
          "tls>=1.3"s,
          "encrypted"s,
          "local"s,
          "forward-secrecy"s,
          "aead"s,
          "bits>=128"s,
          "post-quantum"s,
          "group=X25519MLKEM768|x25519"s,
          "cipher=TLS_AES_256_GCM_SHA384|ECDHE-RSA-AES128-GCM-SHA256"s,
          "alpn=postgresql|h2"s,
          "server-name=db.example|*.db.example"s,
          "client-cert"s,
          "client-key-strength>=112"s,
          "client-valid>=7d"s,
          "client-valid>=0s"s,
          "client-valid>=90min"s,
          "client-valid>=36500d"s,
          "subject=\"CN=app,O=Acme\""s,
          "issuer=\"CN=Root\\, CA,O=Acme\"|\"CN=Other\""s,
          "cn=app|web"s,
          "cn=\"a b\"|\"a\"\"b\"|\"a|b\"|\"a;b\""s,
          "san=uri:spiffe://prod/*|dns:*.app.example|ip:2001:db8::1|ip:10.0.0.1|email:app@acme.example"s,
          "eku=clientAuth|1.2.3.4"s,
          "fingerprint="s + digest,
          "auth=scram-sha-256|cert"s,
          "group-kind=hybrid|post-quantum"s,
          "kem>=768"s,
          "signature=ecdsa_secp256r1_sha256|ed25519"s,
          "client-signature=mldsa65"s,
          "client-key-bits>=2048"s,
          "subject-has=\"O=Acme,OU=Payments\""s,
          "cert-policy=1.2.3.4|2.5.29.32.0"s,
          "san=upn:joe@corp.example"s,
          "ca-spki="s + digest,
          "spki="s + digest + "|" + digest})
        EXPECT_EQ(shown(text), text);
}

TEST(PolicyParse, OrderAndDuplicatesStay)
{
    EXPECT_EQ(shown("aead tls>=1.2 aead bits>=128 bits>=256"), "aead tls>=1.2 aead bits>=128 bits>=256");
    EXPECT_EQ(shown("  tls\t\n aead\r\f\v "), "tls aead");
    EXPECT_EQ(shown("tls local local"), "local tls");
}

TEST(PolicyParse, CaseIsFreeInNamesUnitsAndTypes)
{
    EXPECT_EQ(shown("TLS>=1.3 Client-Cert MTLS CLIENT-VALID>=7D SAN=DNS:App.Example"),
              "tls>=1.3 client-cert tls>=1.2 encrypted client-cert client-valid>=7d san=dns:App.Example");
}

TEST(PolicyParse, PresetsAreTheirLines)
{
    for (const std::string_view name : preset_names())
        EXPECT_EQ(shown(name), preset(name)) << name;
    EXPECT_EQ(shown("mtls tls>=1.3 quantum-safe"),
              "tls>=1.2 encrypted client-cert tls>=1.3 tls>=1.3 encrypted post-quantum");
    EXPECT_EQ(preset("mozilla-old"), "");
    EXPECT_EQ(preset_names().size(), 7u);
}

TEST(PolicyParse, NormalForms)
{
    EXPECT_EQ(values("group=PRIME256v1|P-256|secp256r1|P-384|P-521|X25519"),
              (std::vector<std::string>{"secp256r1", "secp256r1", "secp256r1", "secp384r1", "secp521r1", "x25519"}));
    EXPECT_EQ(values("eku=1.3.6.1.5.5.7.3.2|clientAuth"), (std::vector<std::string>{"clientAuth", "clientAuth"}));
    EXPECT_EQ(values("san=ip:2001:DB8:0::1"), std::vector<std::string>{"ip:2001:db8::1"});
    EXPECT_EQ(values("fingerprint=00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                     "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"),
              std::vector<std::string>{digest});
    EXPECT_EQ(shown("bits>=0128 client-valid>=007D"), "bits>=128 client-valid>=7d");
    EXPECT_EQ(parse_policy("client-valid>=2h").requirements[0].at_least, 7200);
    EXPECT_EQ(parse_policy("client-valid>=90min").requirements[0].at_least, 5400);
    EXPECT_EQ(parse_policy("client-valid>=3d").requirements[0].at_least, 259200);
}

TEST(PolicyParse, QuotesAndDistinguishedNames)
{
    EXPECT_EQ(values("cn=\"a\"\"b\""), std::vector<std::string>{"a\"b"});
    EXPECT_EQ(values("cn=M\xc3\xbcller"), std::vector<std::string>{"M\xc3\xbcller"});
    EXPECT_EQ(shown("subject=CN=app,O=Acme"), "subject=\"CN=app,O=Acme\"");
    EXPECT_EQ(shown("subject=\"cn = app , o=Acme\\20\\2C Inc.\""), "subject=\"CN=app,O=Acme \\, Inc.\"");
    EXPECT_EQ(shown("subject=\"CN=a\\\"\"b\""), "subject=\"CN=a\\\"\"b\"");
    EXPECT_EQ(values("subject=\"CN=a+OU=b,O=c\""), values("subject=\"2.5.4.11=b + commonName=a, O=c\""));
    EXPECT_NE(values("subject=\"CN=a,O=c\""), values("subject=\"O=c,CN=a\""));
    EXPECT_NE(values("subject=\"CN=a,O=c\""), values("subject=\"CN=a+O=c\""));
    EXPECT_NE(values("subject=\"CN=a\""), values("subject=\"CN=A\""));
}

TEST(PolicyParse, MistakesHaveAPlaceAndAReason)
{
    const Mistake mistakes[] = {
        // Nothing, and what is no requirement.
        {"^", "policy is empty"},
        {"  \t ^", "policy is empty"},
        {"^tsl", "unrecognized requirement \"tsl\""},
        {"tls ^mozilla-old", "unrecognized requirement \"mozilla-old\""},
        {"mtls ^cert", "unrecognized requirement \"cert\""},
        {"tls^, aead", "unexpected \",\""},
        {"tls ^>= 1.3", "unexpected \">\""},
        {"tls^;aead", "unexpected \";\""},
        {"tls^\xc3\xa9", "unexpected \"\xc3\xa9\""},
        {"^\xe2\x98\x83 tls", "unexpected \"\xe2\x98\x83\""},
        {"^\"tls\"", "unexpected \"\"\""},
        {"mtls^>=1", "unexpected \">\""},
        {"mtls^=x", "unexpected \"=\""},
        // Operators.
        {"bits^=128", "\"bits\" must be followed by \">=\""},
        {"tls^=1.3", "\"tls\" must be followed by \">=\""},
        {"group^>=x25519", "\"group\" must be followed by \"=\""},
        {"bits^<128", "unexpected \"<\""},
        {"bits^>128", "unexpected \">\""},
        {"bits^!=128", "unexpected \"!\""},
        {"aead^=yes", "\"aead\" takes no value"},
        {"local^>=1", "\"local\" takes no value"},
        {"bits^", "\"bits\" requires a value"},
        {"group^ tls", "\"group\" requires a value"},
        // Values that are missing, or do not end.
        {"tls>=^", "missing value"},
        {"bits>=^ 128", "missing value"},
        {"cn=^", "missing value"},
        {"cn=a|^", "missing value"},
        {"cn=^|a", "missing value"},
        {"cn=a|^ b", "missing value"},
        {"cn=^\"\"", "value must not be empty"},
        {"cn=^\"a b", "unterminated quoted value"},
        {"cn=^\"a\"\"", "unterminated quoted value"},
        {"cn=\"a\"^b", "unexpected \"b\""},
        {"cn=a^\"b\"", "unexpected \"\"\""},
        {"cn=a^;b", "unexpected \";\""},
        {"bits>=128^|256", "unexpected \"|\""},
        {"bits>=^\"128\"", "missing value"},
        {"cn=\"a^\nb\"", "unexpected control character in value"},
        {"tls ^\x01", "unexpected control character"},
        {"cn=a^\x7f", "unexpected control character"},
        {"tls ^\xff", "policy is not valid UTF-8"},
        {"cn=a^\xc3", "policy is not valid UTF-8"},
        // Numbers.
        {"tls>=^1.4", "TLS version \"1.4\" is neither 1.2 nor 1.3"},
        {"tls>=^1.1", "TLS version \"1.1\" is neither 1.2 nor 1.3"},
        {"tls>=^TLSv1.3", "TLS version \"TLSv1.3\" is neither 1.2 nor 1.3"},
        {"bits>=^x", "value must be a whole number"},
        {"bits>=^-1", "value must be a whole number"},
        {"bits>=128^.5", "value must be a whole number"},
        {"bits>=^0", "number must be at least 1"},
        {"bits>=^1000001", "number must be at most 1000000"},
        {"bits>=^99999999999999999999999999", "number must be at most 1000000"},
        {"client-valid>=7^.5d", "unrecognized unit of time \".5d\""},
        {"client-valid>=7^", "missing unit of time"},
        {"client-valid>=7^w", "unrecognized unit of time \"w\""},
        {"client-valid>=^d", "value must be a whole number"},
        {"client-valid>=^36501d", "number must be at most 36500"},
        {"client-valid>=^99999999999999999999s", "number must be at most 3153600000"},
        // Names.
        {"group=x^*", "invalid character in name of group: \"*\""},
        {"group=x^\xc3\xa9", "invalid character in name of group: \"\xc3\xa9\""},
        {"cipher=AES^:SHA", "invalid character in name of cipher suite: \":\""},
        {"alpn=a^\\00", "invalid character in name of protocol: \"\\\""},
        {"cn=app^*", "\"*\" is not allowed here"},
        {"server-name=b^\xc3\xbc.example", "invalid character in DNS name: \"\xc3\xbc\""},
        {"server-name=a.^.b", "DNS name must not have an empty label"},
        {"server-name=^.b", "DNS name must not have an empty label"},
        {"server-name=b.^", "DNS name must not have an empty label"},
        {"eku=^clientauth", "unrecognized extended key usage \"clientauth\""},
        // Names that do not exist.
        {"group=x25519|^x25518", "unrecognized value \"x25518\" for \"group\""},
        {"cipher=^TLS_AES_256_GCM_SHA256", "unrecognized value \"TLS_AES_256_GCM_SHA256\" for \"cipher\""},
        {"cipher=^ALL", "unrecognized value \"ALL\" for \"cipher\""},
        {"group=^DEFAULT", "unrecognized value \"DEFAULT\" for \"group\""},
        {"signature=^ed25518", "unrecognized value \"ed25518\" for \"signature\""},
        {"client-signature=^rsa", "unrecognized value \"rsa\" for \"client-signature\""},
        {"auth=^scram", "unrecognized value \"scram\" for \"auth\""},
        {"auth=^reject", "unrecognized value \"reject\" for \"auth\""},
        {"group-kind=^quantum", "unrecognized kind of group \"quantum\""},
        {"kem>=^512", "parameter set of ML-KEM must be 768 or 1024"},
        {"client-key-bits>=^0", "number must be at least 1"},
        {"cert-policy=^anyPolicy", "\"anyPolicy\" is not a dotted OID"},
        {"cert-policy=^1.2..3", "\"1.2..3\" is not a dotted OID"},
        {"san=upn:^joe", "user principal name must have the form user@domain"},
        {"san=upn:^*@corp.example", "\"*\" is not allowed here"},
        {"ca-spki=^00", "SHA-256 fingerprint must have 64 hex digits, not 2"},
        {"^client_cert", "unrecognized requirement \"client_cert\""},
        {"mtls ^tls1.3", "unrecognized requirement \"tls1.3\""},
        // Alternative names.
        {"san=^app.example", "name in san= must begin with its type"},
        {"san=^dirname:x", "name in san= must begin with its type"},
        {"san=dns:a|^b", "name in san= must begin with its type"},
        {"san=dns:^", "missing name after \"dns:\""},
        {"san=dns:a^/b", "invalid character in DNS name: \"/\""},
        {"san=ip:^10.0.0.0/8", "\"10.0.0.0/8\" is not an IP address"},
        {"san=ip:^2001:db8::g", "\"2001:db8::g\" is not an IP address"},
        {"san=email:^app", "e-mail address must have the form local-part@domain"},
        {"san=email:^*@acme.example", "\"*\" is not allowed here"},
        {"san=uri:^x", "missing scheme in URI"},
        {"san=uri:^//x", "missing scheme in URI"},
        {"san=uri:spiffe://^*/app", "\"*\" is allowed only in the path of a URI"},
        {"san=uri:https://a/b?^*", "\"*\" is allowed only in the path of a URI"},
        {"san=uri:^*://a/b", "\"*\" is allowed only in the path of a URI"},
        {"san=uri:^spiffe://Prod/app", "\"spiffe://Prod/app\" is not a SPIFFE ID"},
        {"san=uri:^SPIFFE://prod/app", "\"SPIFFE://prod/app\" is not a SPIFFE ID"},
        {"san=uri:^spiffe://prod/", "\"spiffe://prod/\" is not a SPIFFE ID"},
        {"san=uri:https://a/^\xc3\xa9", "URI must contain only printable ASCII characters and no backslash"},
        {"san=uri:https://a/^\\00", "URI must contain only printable ASCII characters and no backslash"},
        // Distinguished names.
        {"subject=\"app^\"", "missing \"=\" after attribute type \"app\" in distinguished name"},
        {"subject=\"^\xc3\xa9\"", "missing attribute type in distinguished name"},
        {"subject=\"^=app\"", "missing attribute type in distinguished name"},
        {"subject=\"CN=app,^\"", "missing attribute type in distinguished name"},
        {"subject=\"CN=a\"^x", "unexpected \"x\""},
        {"subject=\"CN=a^\"\"\"", "\"\"\" in distinguished name must be escaped as \"\\\"\""},
        {"subject=\"^XY=app\"", "unrecognized attribute type \"XY\" in distinguished name"},
        {"subject=\"CN=^#0403\"", "attribute value in hex is not supported"},
        {"subject=\"CN=a^\\00\"", "NUL character is not allowed in distinguished name"},
        {"subject=\"CN=a^\\x\"",
         "\"\\\" in distinguished name must be followed by a special character or two hex digits"},
        {"subject=\"CN=a^\\\"",
         "\"\\\" in distinguished name must be followed by a special character or two hex digits"},
        {"subject=\"CN=^\\ff\"", "attribute value is not valid UTF-8"},
        {"subject=\"CN=a^;O=b\"", "\";\" in distinguished name must be escaped as \"\\;\""},
        {"issuer=\"CN=\\\"\"a\\\"\",O=^\"\"b\"", "\"\"\" in distinguished name must be escaped as \"\\\"\""},
        // Digests.
        {"fingerprint=^0011", "SHA-256 fingerprint must have 64 hex digits, not 4"},
        {"fingerprint=00^x", "SHA-256 fingerprint must be in hex, with a colon between all octets or none"},
        {"spki=^00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00",
         "SHA-256 fingerprint must have 64 hex digits, not 66"},
        {"spki=00:11^2233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
         "SHA-256 fingerprint must be in hex, with a colon between all octets or none"},
        {"spki=00^112233:445566778899aabbccddeeff00112233445566778899aabbccddeeff",
         "SHA-256 fingerprint must be in hex, with a colon between all octets or none"},
        {"spki=00:11:22^:", "SHA-256 fingerprint must be in hex, with a colon between all octets or none"},
    };
    for (const Mistake &mistake : mistakes)
        expect(mistake);
}

TEST(PolicyParse, LongTextsAreRefusedWhereTheyBecomeTooLong)
{
    std::string text = "tls" + std::string(policy_max_length - 3, ' ');
    EXPECT_EQ(parse_policy(text).requirements.size(), 1u);
    for (std::size_t size : {policy_max_length + 1, std::size_t(1) << 20}) {
        text.resize(size, ' ');
        try {
            parse_policy(text);
            ADD_FAILURE();
        } catch (const SyntaxError &error) {
            EXPECT_STREQ(error.what(), "invalid TLS policy: policy is longer than 65536 bytes");
            EXPECT_EQ(error.position(), policy_max_length);
        }
    }
}

TEST(PolicyParse, NulIsACharacterLikeAnyOtherThatIsRefused)
{
    try {
        parse_policy("cn=app\0evil"s);
        ADD_FAILURE();
    } catch (const SyntaxError &error) {
        EXPECT_EQ(error.position(), 6u);
    }
}

TEST(PolicyParse, FindsWhatStandsOutsideQuotes)
{
    EXPECT_EQ(find_unquoted("cn=\"a;b\"; tls;", ';'), 8u);
    EXPECT_EQ(find_unquoted("cn=\"a;b\"; tls;", ';', 9), 13u);
    EXPECT_EQ(find_unquoted("cn=\"a\"\";b\"", ';'), std::string_view::npos);
}

TEST(PolicyParse, NumbersOfRequirementsAndValuesAreLimited)
{
    const auto repeated = [](const std::string &item, std::size_t count) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += item;
        return out;
    };
    const auto refused = [](const std::string &text) -> std::string {
        try {
            parse_policy(text);
            return "";
        } catch (const SyntaxError &error) {
            return error.what();
        }
    };
    EXPECT_EQ(parse_policy(repeated("tls ", policy_max_requirements)).requirements.size(), policy_max_requirements);
    EXPECT_EQ(refused(repeated("tls ", policy_max_requirements + 1)),
              "invalid TLS policy: policy has more than 200 requirements");
    EXPECT_EQ(refused(repeated("tls ", policy_max_requirements - 2) + "mtls"),
              "invalid TLS policy: policy has more than 200 requirements");
    EXPECT_EQ(refused("cn=a" + repeated("|a", policy_max_values - 1)), "");
    EXPECT_EQ(refused("cn=a" + repeated("|a", policy_max_values)),
              "invalid TLS policy: policy has more than 1000 values");
    EXPECT_EQ(refused("cn=a" + repeated("|a", policy_max_values - 1) + " alpn=x"),
              "invalid TLS policy: policy has more than 1000 values");
    EXPECT_EQ(refused("cn=a" + repeated("|a", policy_max_values - 1) + " mozilla-modern"),
              "invalid TLS policy: policy has more than 1000 values");
}

TEST(PolicyParse, AHintNamesTheWordThatWasProbablyMeant)
{
    const auto hint = [](const std::string &text) -> std::string {
        try {
            parse_policy(text);
            return "no error";
        } catch (const SyntaxError &error) {
            return error.hint();
        }
    };
    EXPECT_EQ(hint("client_cert"), "Did you mean \"client-cert\"?");
    EXPECT_EQ(hint("tls1.3"), "Did you mean \"tls>=1.3\"?");
    EXPECT_EQ(hint("mlts"), "Did you mean \"mtls\"?");
    EXPECT_EQ(hint("aed"), "Did you mean \"aead\"?");
    EXPECT_EQ(hint("cnsa-2-0"), "Did you mean \"cnsa-2.0\"?");
    EXPECT_EQ(hint("group=x25518"), "Did you mean \"x25519\"?");
    EXPECT_EQ(hint("auth=scram-sha256"), "Did you mean \"scram-sha-256\"?");
    EXPECT_EQ(hint("cipher=TLS_AES_256_GCM_SHA38"), "Did you mean \"TLS_AES_256_GCM_SHA384\"?");
    EXPECT_EQ(hint("mtls, tls").substr(0, 40), "Separate requirements with spaces, and t");
    EXPECT_EQ(hint("cn=a b").substr(0, 49), "Enclose a value with spaces or a comma in double ");
    EXPECT_EQ(hint("subject=CN=app, O=Acme").substr(0, 49), "Enclose a value with spaces or a comma in double ");
    EXPECT_EQ(hint("nonsense").substr(0, 25), "The requirements are tls,");
}

TEST(PolicyParse, NamesOfThisOpensslAreKnown)
{
    for (const char *text : {"cipher=ECDHE-RSA-AES128-GCM-SHA256", "cipher=ecdhe-ecdsa-aes256-sha384",
                             "cipher=TLS_RSA_WITH_RC4_128_MD5", "group=prime256v1|P-384|p-521", "group=GC512C"})
        EXPECT_EQ(shown(text), text);
}
