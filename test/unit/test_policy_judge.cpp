#include "core/x509/dn.hpp"
#include "core/policy/policy.hpp"
#include "core/policy/policy_match.hpp"
#include "core/policy/requirements.hpp"

#include <functional>
#include <gtest/gtest.h>

using namespace sslinfo::core;

namespace {

constexpr Timestamp now{std::chrono::seconds{1000000}};
constexpr std::chrono::hours day{24};
constexpr std::chrono::seconds second{1};
const std::string digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string other_digest = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

// A session and its client's certificate; without one where `present` is false.
struct Subject {
    Session session;
    ClientCertificate client;
    bool present = true;
    std::string auth;   // empty: not known
};

NameAttribute attribute(int rdn, const char *oid, const std::string &value, bool plain = true)
{
    return {.ordinal = rdn, .rdn = rdn, .name = {}, .oid = oid, .value = value, .plain = plain};
}

constexpr const char *cn = "2.5.4.3";
constexpr const char *o = "2.5.4.10";

// Satisfies every requirement of the table below.
Subject tls(const char *version)
{
    Subject out;
    Session &session = out.session;
    session.transport = Transport::tls;
    session.version = version;
    session.cipher = "ECDHE-RSA-AES256-GCM-SHA384";
    session.cipher_iana = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    session.bits = 256;
    session.forward_secrecy = true;
    session.aead = true;
    session.key_exchange_group = "X25519MLKEM768";
    session.post_quantum = true;
    session.server_name = "DB1.example";
    session.alpn = "postgresql";
    session.client_cert_present = true;
    session.group_kind = "hybrid";
    session.signature_algorithm = "rsa_pss_rsae_sha256";
    session.client_signature_algorithm = "ed25519";
    out.client.spiffe_id = "spiffe://prod/web";
    Certificate &certificate = out.client.certificate;
    certificate.subject = "CN=app,O=Acme";
    certificate.issuer = "CN=Root";
    certificate.not_before = now - day;
    certificate.not_after = now + 10 * day;
    certificate.key_strength = 128;
    certificate.extended_key_usage = {{"clientAuth", "codeSigning"}};
    certificate.fingerprint = digest;
    certificate.spki_fingerprint = digest;
    certificate.key_bits = 256;
    certificate.policies = {{"1.2.3.4", "1.2.3.5"}};
    out.client.ca_spki_fingerprints = {other_digest, digest};
    out.client.subject = {attribute(1, o, "Acme"), attribute(2, cn, "app")};
    out.client.issuer = {attribute(1, cn, "Root")};
    out.client.names = {{1, NameType::dns, "db1.app.example", true},
                        {2, NameType::uri, "spiffe://prod/web", true},
                        {3, NameType::ip, "2001:db8::1", true},
                        {4, NameType::email, "App@Acme.example", true},
                        {5, NameType::other, "UPN:joe@corp.example", true}};
    return out;
}

Subject without_tls(Transport transport)
{
    Subject out;
    out.session.transport = transport;
    out.present = false;
    return out;
}

bool meets(const Subject &subject, const std::string &policy, Timestamp at = now)
{
    const std::vector<Outcome> outcomes =
        judge(parse_policy(policy), subject.session, subject.present ? &subject.client : nullptr, subject.auth);
    EXPECT_FALSE(outcomes.empty()) << policy;
    for (const Outcome &outcome : outcomes) {
        EXPECT_FALSE(outcome.requirement.empty()) << policy;
        EXPECT_FALSE(outcome.actual.empty()) << policy;
        EXPECT_FALSE(outcome.advice.empty()) << policy;
    }
    return satisfied(outcomes, at);
}

using Change = std::function<void(Subject &)>;

struct Line {
    std::string requirement;
    std::string failing;   // the same requirement, asking for something else; empty where there is no such thing
    Change fails;          // makes the fact another one
    Change unknown;        // makes the fact unknown
    bool certificate = false;
};

const std::vector<Line> &table()
{
    static const std::vector<Line> lines = {
        {"tls", "", {}, {}},
        {"tls>=1.2", "", [](Subject &s) { s.session.version = "TLSv1.1"; },
         [](Subject &s) { s.session.version.reset(); }},
        {"encrypted", "", {}, {}},
        {"forward-secrecy", "", [](Subject &s) { s.session.forward_secrecy = false; }, {}},
        {"aead", "", [](Subject &s) { s.session.aead = false; }, {}},
        {"bits>=256", "bits>=257", [](Subject &s) { s.session.bits = 255; },
         [](Subject &s) { s.session.bits.reset(); }},
        {"post-quantum", "", [](Subject &s) { s.session.post_quantum = false; }, {}},
        {"group=x25519|x25519mlkem768", "group=x25519", [](Subject &s) { s.session.key_exchange_group = "secp256r1"; },
         [](Subject &s) { s.session.key_exchange_group.reset(); }},
        {"cipher=ecdhe-rsa-aes256-gcm-sha384", "cipher=AES256-SHA",
         [](Subject &s) { s.session.cipher = s.session.cipher_iana = "AES256-SHA"; },
         [](Subject &s) {
             s.session.cipher.reset();
             s.session.cipher_iana.reset();
         }},
        {"cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
         [](Subject &s) { s.session.cipher_iana = "TLS_RSA_WITH_AES_256_CBC_SHA"; },
         [](Subject &s) { s.session.cipher_iana.reset(); }},
        {"alpn=h2|postgresql", "alpn=PostgreSQL", [](Subject &s) { s.session.alpn = "h2c"; },
         [](Subject &s) { s.session.alpn.reset(); }},
        {"server-name=db*.example", "server-name=*.db1.example", [](Subject &s) { s.session.server_name = "example"; },
         [](Subject &s) { s.session.server_name.reset(); }},
        {"group-kind=hybrid|post-quantum", "group-kind=classical",
         [](Subject &s) { s.session.group_kind = "classical"; }, [](Subject &s) { s.session.group_kind.reset(); }},
        {"kem>=768", "kem>=1024", [](Subject &s) { s.session.key_exchange_group = "MLKEM512"; },
         [](Subject &s) { s.session.key_exchange_group.reset(); }},
        {"signature=ed25519|RSA_PSS_RSAE_SHA256", "signature=ed25519",
         [](Subject &s) { s.session.signature_algorithm = "rsa_pkcs1_sha1"; },
         [](Subject &s) { s.session.signature_algorithm.reset(); }},
        {"client-signature=ed25519", "client-signature=ed448",
         [](Subject &s) { s.session.client_signature_algorithm = "ecdsa_sha1"; },
         [](Subject &s) { s.session.client_signature_algorithm.reset(); }, true},
        {"client-key-bits>=256", "client-key-bits>=257", [](Subject &s) { s.client.certificate.key_bits = 255; },
         [](Subject &s) { s.client.certificate.key_bits.reset(); }, true},
        {"subject-has=\"O=Acme\"", "subject-has=\"O=Acme,OU=Payments\"",
         [](Subject &s) { s.client.subject[0].value = "Acme Ltd"; },
         [](Subject &s) { s.client.subject[0].plain = false; }, true},
        {"subject-has=\"O=Acme,CN=app\"", "subject-has=\"O=app,CN=Acme\"",
         [](Subject &s) { s.client.subject.pop_back(); }, [](Subject &s) { s.client.subject.clear(); }, true},
        {"cert-policy=1.2.3.9|1.2.3.5", "cert-policy=1.2.3",
         [](Subject &s) { s.client.certificate.policies = {{"2.5.29.32.0"}}; },
         [](Subject &s) { s.client.certificate.policies.reset(); }, true},
        {"san=upn:joe@CORP.example", "san=upn:Joe@corp.example",
         [](Subject &s) { s.client.names[4].value = "SRVName:joe@corp.example"; },
         [](Subject &s) { s.client.names.clear(); }, true},
        {"ca-spki=" + digest, "ca-spki=ee" + digest.substr(2),
         [](Subject &s) { s.client.ca_spki_fingerprints = {other_digest}; },
         [](Subject &s) { s.client.ca_spki_fingerprints.clear(); }, true},
        {"client-cert", "", [](Subject &s) { s.present = false; }, {}, true},
        {"client-key-strength>=128", "client-key-strength>=129",
         [](Subject &s) { s.client.certificate.key_strength = 112; },
         [](Subject &s) { s.client.certificate.key_strength.reset(); }, true},
        {"client-valid>=10d", "client-valid>=11d",
         [](Subject &s) { s.client.certificate.not_after = now + 10 * day - second; },
         [](Subject &s) { s.client.certificate.not_after.reset(); }, true},
        {"client-valid>=0s", "", [](Subject &s) { s.client.certificate.not_before = now + second; },
         [](Subject &s) { s.client.certificate.not_before.reset(); }, true},
        {"subject=\"CN=app,O=Acme\"", "subject=\"O=Acme,CN=app\"", [](Subject &s) { s.client.subject.pop_back(); },
         [](Subject &s) { s.client.subject.clear(); }, true},
        {"issuer=\"CN=Other\"|\"CN=Root\"", "issuer=\"CN=app,O=Acme\"",
         [](Subject &s) { s.client.issuer.push_back(attribute(2, cn, "Sub")); },
         [](Subject &s) { s.client.issuer.clear(); }, true},
        {"cn=web|app", "cn=App", [](Subject &s) { s.client.subject[1].value = "application"; },
         [](Subject &s) { s.client.subject.clear(); }, true},
        {"san=dns:*.app.example", "san=dns:*.example", [](Subject &s) { s.client.names[0].value = "app.example"; },
         [](Subject &s) { s.client.names.clear(); }, true},
        {"san=uri:spiffe://prod/*", "san=uri:spiffe://test/*",
         [](Subject &s) { s.client.names[1].value = "spiffe://prod/web/1"; },
         [](Subject &s) { s.client.names.clear(); }, true},
        {"san=ip:2001:DB8:0:0::1", "san=ip:2001:db8::2", [](Subject &s) { s.client.names[2].value = "10.0.0.1"; },
         [](Subject &s) { s.client.names.clear(); }, true},
        {"san=email:App@acme.EXAMPLE", "san=email:app@acme.example",
         [](Subject &s) { s.client.names[3].value = "App@evil@Acme.example"; },
         [](Subject &s) { s.client.names.clear(); }, true},
        {"eku=serverAuth|clientAuth", "eku=serverAuth",
         [](Subject &s) { s.client.certificate.extended_key_usage = {{"codeSigning"}}; },
         [](Subject &s) { s.client.certificate.extended_key_usage.reset(); }, true},
        {"fingerprint=" + other_digest + "|" + digest, "fingerprint=" + other_digest,
         [](Subject &s) { s.client.certificate.fingerprint[63] = '0'; },
         [](Subject &s) { s.client.certificate.fingerprint.clear(); }, true},
        {"spki=" + digest, "spki=" + other_digest,
         [](Subject &s) { s.client.certificate.spki_fingerprint = other_digest; },
         [](Subject &s) { s.client.certificate.spki_fingerprint.clear(); }, true},
    };
    return lines;
}

}   // namespace

TEST(PolicyJudge, TruthTable)
{
    for (const Line &line : table())
        for (const char *version : {"TLSv1.2", "TLSv1.3"}) {
            SCOPED_TRACE(line.requirement + " on " + version);
            EXPECT_TRUE(meets(tls(version), line.requirement));
            EXPECT_TRUE(line.failing.empty() || !meets(tls(version), line.failing)) << line.failing;
            for (const bool unknown : {false, true})
                if (const Change &change = unknown ? line.unknown : line.fails) {
                    Subject changed = tls(version);
                    change(changed);
                    EXPECT_FALSE(meets(changed, line.requirement)) << (unknown ? "unknown" : "fails");
                }
            Subject no_certificate = tls(version);
            no_certificate.present = false;
            EXPECT_EQ(meets(no_certificate, line.requirement), !line.certificate);
        }
}

TEST(PolicyJudge, TheTruthTableHasEveryWord)
{
    for (const std::string_view name : word_names()) {
        if (name == "local" || name == "auth")   // tests of their own
            continue;
        EXPECT_TRUE(std::any_of(table().begin(), table().end(), [&](const Line &line) {
            return line.requirement.substr(0, line.requirement.find_first_of(">=")) == name;
        })) << name;
    }
}

TEST(PolicyJudge, WithoutTlsNothingHoldsButEncryptedAndLocal)
{
    for (const Transport transport : {Transport::plain, Transport::socket, Transport::gss, Transport::none}) {
        const Subject subject = without_tls(transport);
        for (const Line &line : table())
            EXPECT_EQ(meets(subject, line.requirement), line.requirement == "encrypted" && transport == Transport::gss)
                << line.requirement << " on " << transport_name(transport);
        EXPECT_EQ(meets(subject, "local"), transport == Transport::socket);
        for (const std::string_view name : preset_names())
            EXPECT_FALSE(meets(subject, std::string(name))) << name;
    }
}

// A fact that has no business there satisfies nothing: the transport decides.
TEST(PolicyJudge, FactsOfTlsCountOnTlsOnly)
{
    for (const Transport transport : {Transport::plain, Transport::socket, Transport::gss, Transport::none}) {
        Subject subject = tls("TLSv1.3");
        subject.session.transport = transport;
        for (const Line &line : table())
            EXPECT_EQ(meets(subject, line.requirement), line.requirement == "encrypted" && transport == Transport::gss);
    }
}

TEST(PolicyJudge, TlsVersions)
{
    EXPECT_TRUE(meets(tls("TLSv1.3"), "tls>=1.3"));
    EXPECT_FALSE(meets(tls("TLSv1.2"), "tls>=1.3"));
    EXPECT_TRUE(meets(tls("TLSv1.4"), "tls>=1.3"));
    for (const char *old : {"TLSv1", "TLSv1.1", "SSLv3", "DTLSv1.2", "TLSv2", "unknown", "", "TLSv1.30", "TLSv1.x"}) {
        EXPECT_FALSE(meets(tls(old), "tls>=1.2")) << old;
        EXPECT_TRUE(meets(tls(old), "tls")) << old;
    }
}

TEST(PolicyJudge, LocalIsTheOneThatDecides)
{
    const Policy policy = parse_policy("local mtls tls>=1.3");
    const std::vector<Outcome> on_socket = judge(policy, without_tls(Transport::socket).session, nullptr);
    ASSERT_EQ(on_socket.size(), 1u);
    EXPECT_EQ(on_socket[0].requirement, "local");
    EXPECT_TRUE(satisfied(on_socket, now));
    const Subject subject = tls("TLSv1.3");
    EXPECT_EQ(judge(policy, subject.session, &subject.client).size(), 4u);
    EXPECT_TRUE(meets(subject, "local mtls tls>=1.3"));
    EXPECT_FALSE(meets(subject, "local"));
    EXPECT_FALSE(meets(without_tls(Transport::plain), "local tls"));
    EXPECT_FALSE(meets(without_tls(Transport::none), "local local"));
    EXPECT_FALSE(satisfied({}, now));
}

TEST(PolicyJudge, AllMustHoldInAnyOrderAndEachOfADuplicate)
{
    const Subject subject = tls("TLSv1.2");
    EXPECT_TRUE(meets(subject, "tls aead client-cert tls>=1.2"));
    EXPECT_FALSE(meets(subject, "tls>=1.2 tls>=1.3"));
    EXPECT_FALSE(meets(subject, "tls>=1.3 tls>=1.2"));
    EXPECT_FALSE(meets(subject, "cn=app cn=web"));
    EXPECT_FALSE(meets(subject, "cn=web cn=app"));
}

TEST(PolicyJudge, TheClockGoesByTheSecond)
{
    const Subject subject = tls("TLSv1.3");
    const Timestamp first = now - day;
    const Timestamp last = now + 10 * day;
    EXPECT_TRUE(meets(subject, "client-valid>=0s", first));
    EXPECT_FALSE(meets(subject, "client-valid>=0s", first - second));
    EXPECT_TRUE(meets(subject, "client-valid>=0s", last));
    EXPECT_FALSE(meets(subject, "client-valid>=0s", last + second));
    EXPECT_TRUE(meets(subject, "client-valid>=7d", last - 7 * day));
    EXPECT_FALSE(meets(subject, "client-valid>=7d", last - 7 * day + second));
    EXPECT_FALSE(meets(subject, "client-valid>=36500d"));
    EXPECT_TRUE(meets(subject, "client-cert", last + second));
}

TEST(PolicyJudge, WhatIsNotPlainNeverMatches)
{
    const char *const policies[] = {"cn=app",
                                    "subject=\"CN=app,O=Acme\"",
                                    "san=dns:*.app.example",
                                    "san=uri:spiffe://prod/*",
                                    "san=ip:2001:db8::1",
                                    "san=email:App@Acme.example",
                                    "issuer=\"CN=Root\""};
    Subject subject = tls("TLSv1.3");
    for (NameAttribute &attribute : subject.client.subject)
        attribute.plain = false;
    subject.client.issuer[0].plain = false;
    for (AlternativeName &name : subject.client.names)
        name.plain = false;
    for (const char *policy : policies) {
        EXPECT_TRUE(meets(tls("TLSv1.3"), policy)) << policy;
        EXPECT_FALSE(meets(subject, policy)) << policy;
    }
}

TEST(PolicyJudge, EveryCommonNameMustBeWanted)
{
    Subject subject = tls("TLSv1.3");
    subject.client.subject.push_back(attribute(3, cn, "root"));
    EXPECT_FALSE(meets(subject, "cn=app"));
    EXPECT_FALSE(meets(subject, "cn=root"));
    EXPECT_TRUE(meets(subject, "cn=root|app"));
}

TEST(PolicyJudge, ASpiffeIdCountsInAnSvidOnly)
{
    Subject subject = tls("TLSv1.3");
    subject.client.names.push_back({6, NameType::uri, "https://app.example/1", true});
    EXPECT_TRUE(meets(subject, "san=uri:https://app.example/*"));
    subject.client.spiffe_id.reset();   // two URIs: no SVID
    EXPECT_FALSE(meets(subject, "san=uri:spiffe://prod/web"));
    EXPECT_TRUE(meets(subject, "san=uri:https://app.example/*"));
}

TEST(PolicyJudge, SaysWhatWasFound)
{
    const auto actual = [](const Subject &subject, const char *policy) {
        return judge(parse_policy(policy), subject.session, subject.present ? &subject.client : nullptr).at(0).actual;
    };
    const Subject subject = tls("TLSv1.2");
    EXPECT_EQ(actual(subject, "tls>=1.3"), "TLSv1.2");
    EXPECT_EQ(actual(subject, "client-valid>=7d"), "from 1970-01-11 13:46:40 UTC to 1970-01-22 13:46:40 UTC");
    EXPECT_EQ(actual(subject, "san=dns:x"),
              "dns:db1.app.example, uri:spiffe://prod/web, ip:2001:db8::1, email:App@Acme.example, "
              "other:UPN:joe@corp.example");
    EXPECT_EQ(actual(without_tls(Transport::plain), "aead"), "TCP without encryption");
    EXPECT_EQ(actual(without_tls(Transport::socket), "tls"), "a Unix-domain socket, no TLS");
    EXPECT_EQ(actual(without_tls(Transport::gss), "tls"), "GSSAPI encryption, no TLS");
    EXPECT_EQ(actual(without_tls(Transport::none), "encrypted"), "no client connection");
    Subject none = tls("TLSv1.3");
    none.present = false;
    EXPECT_EQ(actual(none, "cn=app"), "no client certificate");
}

TEST(PolicyMatch, ADnsPatternStaysWithinALabel)
{
    EXPECT_TRUE(matches_dns("*.app.example", "DB.app.Example"));
    EXPECT_TRUE(matches_dns("db-*-*.example", "db-1-a-b.example"));
    EXPECT_TRUE(matches_dns("db*.example", "db.example"));
    EXPECT_TRUE(matches_dns("*.*", "a.b"));
    for (const char *name : {"app.example", "a.b.app.example", ".app.example", "db.app.example.", "db.app.example.evil",
                             "", "db.app.exampl", "db\\00.app.example", "d b.app.example", "d\xc3\xa9.app.example"})
        EXPECT_FALSE(matches_dns("*.app.example", name)) << name;
    EXPECT_FALSE(matches_dns("a.*", "a."));
    EXPECT_FALSE(matches_dns("*", "a.b"));
    EXPECT_FALSE(matches_dns("*.*", "a..b"));
    EXPECT_FALSE(matches_dns("app.example", "*.example"));
}

TEST(PolicyMatch, AUriPatternStaysWithinASegment)
{
    EXPECT_TRUE(matches_uri("spiffe://prod/*", "spiffe://prod/web"));
    EXPECT_TRUE(matches_uri("spiffe://prod/ns/*/sa/web-*", "spiffe://prod/ns/a/sa/web-"));
    EXPECT_TRUE(matches_uri("urn:a:*", "urn:a:b:c"));
    EXPECT_TRUE(matches_uri("https://a/*/", "https://a/b/"));
    for (const char *uri :
         {"spiffe://prod", "spiffe://prod/", "spiffe://prod/a/b", "spiffe://prod/a?b", "spiffe://prod/a#b",
          "spiffe://prod.evil/a", "spiffe://Prod/a", "xspiffe://prod/a", "spiffe://prod//a", ""})
        EXPECT_FALSE(matches_uri("spiffe://prod/*", uri)) << uri;
    EXPECT_FALSE(matches_uri("https://a/*/b", "https://a//b"));
    EXPECT_FALSE(matches_uri("https://a/b?c", "https://a/b/c"));
}

TEST(PolicyMatch, Emails)
{
    EXPECT_TRUE(matches_email("A@b.example", "A@B.example"));
    EXPECT_FALSE(matches_email("A@b.example", "a@b.example"));
    EXPECT_FALSE(matches_email("a@b.example", "a@b.example.evil"));
    EXPECT_FALSE(matches_email("a@b.example", "b.example"));
}

// RFC 9325, section 4.1: a NULL cipher authenticates and does not encrypt. Unknown bits satisfy nothing either.
TEST(PolicyJudge, ACipherWithoutEncryptionIsNotEncrypted)
{
    for (const std::optional<int> bits : {std::optional<int>(0), std::optional<int>()}) {
        Subject subject = tls("TLSv1.2");
        subject.session.cipher = "ECDHE-ECDSA-NULL-SHA";
        subject.session.cipher_iana = "TLS_ECDHE_ECDSA_WITH_NULL_SHA";
        subject.session.bits = bits;
        for (const char *policy :
             {"encrypted", "mtls", "bits>=1", "quantum-safe", "mozilla-intermediate", "mozilla-modern"})
            EXPECT_FALSE(meets(subject, policy)) << policy;
        EXPECT_TRUE(meets(subject, "tls"));
        EXPECT_EQ(judge(parse_policy("encrypted"), subject.session, nullptr).at(0).actual, "ECDHE-ECDSA-NULL-SHA");
    }
    EXPECT_TRUE(meets(tls("TLSv1.2"), "encrypted"));
    EXPECT_TRUE(meets(without_tls(Transport::gss), "encrypted"));
}

TEST(PolicyJudge, WhatWasFoundIsBoundedAndEscaped)
{
    Subject subject = tls("TLSv1.3");
    subject.client.certificate.subject = "CN=" + std::string(10000, 'x');
    subject.client.names.assign(4500, {.ordinal = 1, .type = NameType::dns, .value = "host.example", .plain = true});
    for (const char *policy : {"client-cert", "san=dns:x", "subject=CN=x"}) {
        const std::string actual = judge(parse_policy(policy), subject.session, &subject.client).at(0).actual;
        EXPECT_EQ(actual.size(), actual_max) << policy;
        EXPECT_TRUE(actual.ends_with("\u2026")) << policy;
    }
    subject.session.server_name = "a\r\nFATAL\u009b\u202e";
    EXPECT_EQ(judge(parse_policy("server-name=x"), subject.session, nullptr).at(0).actual,
              "a\\u000d\\u000aFATAL\\u009b\\u202e");
}

TEST(PolicyJudge, TheAuthenticationMethodIsJudgedOnEveryTransport)
{
    for (const Transport transport : {Transport::tls, Transport::plain, Transport::socket, Transport::gss}) {
        Subject subject = without_tls(transport);
        EXPECT_FALSE(meets(subject, "auth=scram-sha-256|trust")) << "unknown";
        subject.auth = "scram-sha-256";
        EXPECT_TRUE(meets(subject, "auth=cert|SCRAM-SHA-256"));
        EXPECT_FALSE(meets(subject, "auth=md5|cert"));
    }
}

TEST(PolicyJudge, EachOfThePresetsHoldsAndFails)
{
    Subject nist = tls("TLSv1.2");
    nist.session.key_exchange_group = "secp256r1";
    EXPECT_TRUE(meets(nist, "nist-sp-800-52r2"));
    EXPECT_TRUE(meets(nist, "bsi-tr-02102-2-2026"));
    EXPECT_FALSE(meets(nist, "cnsa-2.0"));
    for (const char *group : {"x25519", "X25519MLKEM768"}) {
        nist.session.key_exchange_group = group;
        EXPECT_FALSE(meets(nist, "nist-sp-800-52r2"));
        EXPECT_FALSE(meets(nist, "bsi-tr-02102-2-2026"));
    }
    nist.session.key_exchange_group.reset();
    EXPECT_FALSE(meets(nist, "nist-sp-800-52r2"));
    EXPECT_FALSE(meets(nist, "bsi-tr-02102-2-2026"));

    Subject cnsa = tls("TLSv1.3");
    cnsa.session.cipher = cnsa.session.cipher_iana = "TLS_AES_256_GCM_SHA384";
    cnsa.session.key_exchange_group = "MLKEM1024";
    cnsa.session.signature_algorithm = "mldsa87";
    EXPECT_TRUE(meets(cnsa, "cnsa-2.0"));
    Subject other = cnsa;
    other.session.key_exchange_group = "X25519MLKEM768";
    EXPECT_FALSE(meets(other, "cnsa-2.0"));
    other = cnsa;
    other.session.signature_algorithm.reset();
    EXPECT_FALSE(meets(other, "cnsa-2.0"));
    other = cnsa;
    other.session.cipher = other.session.cipher_iana = "TLS_AES_128_GCM_SHA256";
    EXPECT_FALSE(meets(other, "cnsa-2.0"));
}
