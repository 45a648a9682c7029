// Sessions of real handshakes, judged by files that the tests write. The fixtures' client certificate has the serial
// number 4711, its root the name CA and the key ec_key().
#include "core/tls/recheck.hpp"

#include "handshake.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

namespace {

constexpr Timestamp now{std::chrono::seconds{1750000000}};

const der::Certificate root{.issuer = der::common_name("CA"), .subject = der::common_name("CA")};

std::string crl_pem(const Crl &crl, const EVP_PKEY &key = ec_key())
{
    return der::pem(signed_crl(crl, key), "X509 CRL");
}

std::string evidence()
{
    const Connected c({.client_certificate = true});
    return chain_evidence(c.server(), 4096);
}

std::string status(const std::string &evidence, const std::string &ca, const std::optional<std::string> &crl = {},
                   Timestamp when = now)
{
    std::vector<StoredFile> files = {{.setting = "ssl_ca_file", .name = "ca.crt", .bytes = ca}};
    if (crl)
        files.push_back({.setting = "ssl_crl_file", .name = "server.crl", .bytes = *crl});
    return recheck({{1, evidence}}, files, crl.has_value(), when).at(0).status;
}

}   // namespace

TEST(Recheck, TrustsARootByItsKey)
{
    const std::string session = evidence();
    EXPECT_EQ(status(session, signed_pem(root)), "ok");
    der::Certificate renewed = root;
    renewed.serial = der::integer(5);
    EXPECT_EQ(status(session, signed_pem(renewed)), "ok") << "a renewed root has another certificate and the same key";
    const PkeyHandle other = new_key(EVP_PKEY_EC);
    der::Certificate stranger = root;
    stranger.spki = spki(*other);
    EXPECT_EQ(status(session, signed_pem(stranger)), "untrusted");
    EXPECT_EQ(status(session, "garbage"), "unknown");
    der::Certificate expired = root;
    expired.not_after = der::utc_time("250202030405Z");
    EXPECT_EQ(status(session, signed_pem(expired)), "expired");
    EXPECT_EQ(status(session, signed_pem(expired) + signed_pem(root)), "ok") << "one root of the key is enough";
    EXPECT_EQ(status(session, signed_pem(root), {}, Timestamp{std::chrono::seconds{2060000000}}), "expired");
    der::Certificate early = root;
    early.not_before = der::utc_time("400202030405Z");
    early.not_after = der::utc_time("490202030405Z");
    const std::string early_pem = signed_pem(early);
    const std::vector<StoredFile> files = {{.setting = "ssl_ca_file", .name = "ca.crt", .bytes = early_pem}};
    const Recheck row = recheck({{1, session}}, files, false, now).at(0);
    EXPECT_EQ(row.status, "expired");
    EXPECT_EQ(row.reason, "its root has expired or is not valid yet");
}

TEST(Recheck, BelievesACurrentCrlOfTheIssuer)
{
    const std::string session = evidence();
    const std::string ca = signed_pem(root);
    const auto by = [&](const Crl &crl) { return status(session, ca, crl_pem(crl)); };
    EXPECT_EQ(by({}), "ok");
    EXPECT_EQ(by({.revoked = {der::integer(4710)}}), "ok");
    const std::vector<std::string> revoked = {der::integer(4711)};
    EXPECT_EQ(by({.revoked = revoked}), "revoked");
    EXPECT_EQ(by({.next_update = "", .revoked = revoked}), "revoked") << "a CRL without nextUpdate is current";
    const auto reason = [](int code) {
        return der::extension("2.5.29.21", der::tlv(0x0a, std::string(1, char(code))));
    };
    EXPECT_EQ(by({.revoked = revoked, .entry_extension = reason(1)}), "revoked") << "keyCompromise";
    EXPECT_EQ(by({.revoked = revoked, .entry_extension = reason(8)}), "ok") << "removeFromCRL";
    EXPECT_EQ(by({.issuer = der::common_name("other"), .revoked = revoked}), "unknown");
    EXPECT_EQ(by({.next_update = der::utc_time("250202030405Z"), .revoked = revoked}), "unknown") << "expired";
    EXPECT_EQ(by({.this_update = der::utc_time("330102030405Z"), .revoked = revoked}), "unknown") << "not yet current";
    const PkeyHandle other = new_key(EVP_PKEY_EC);
    EXPECT_EQ(status(session, ca, crl_pem({.revoked = revoked}, *other)), "unknown") << "signed by another key";
    EXPECT_EQ(status(session, ca, crl_pem({.revoked = revoked}, *other) + crl_pem({})), "ok")
        << "a forged CRL beside a good one";
    EXPECT_EQ(status(session, ca, crl_pem({}) + crl_pem({.revoked = revoked})), "revoked");
    EXPECT_EQ(status(session, ca, "garbage"), "unknown");
}

TEST(Recheck, UsesNoCrlThatItDoesNotUnderstand)
{
    const std::string session = evidence();
    const auto by = [&](const std::string &extension) {
        return status(session, signed_pem(root), crl_pem({.revoked = {der::integer(4711)}, .extensions = {extension}}));
    };
    EXPECT_EQ(by(der::extension("2.5.29.20", der::integer(7))), "revoked") << "a CRL number";
    EXPECT_EQ(by(der::extension("2.5.29.27", der::integer(6), true)), "unknown") << "a delta CRL";
    EXPECT_EQ(by(der::extension("2.5.29.28", der::sequence({}), true)), "unknown") << "of a distribution point";
    EXPECT_EQ(by(der::extension("1.3.6.1.4.1.99999.1", der::null(), true)), "unknown")
        << "an unknown critical extension";
    EXPECT_EQ(by(der::extension("1.3.6.1.4.1.99999.1", der::null())), "revoked") << "one that is not critical";
}

TEST(Recheck, UsesNoCrlOfARootThatMaySignNone)
{
    der::Certificate certificates_only = root;
    certificates_only.extensions = {der::extension("2.5.29.15", der::bit_string("\x04", 2), true)};   // keyCertSign
    const std::string crl = crl_pem({.revoked = {der::integer(4711)}});
    EXPECT_EQ(status(evidence(), signed_pem(certificates_only), crl), "unknown");
    certificates_only.extensions = {der::extension("2.5.29.15", der::bit_string("\x06", 1), true)};   // and cRLSign
    EXPECT_EQ(status(evidence(), signed_pem(certificates_only), crl), "revoked");
}

TEST(Recheck, IsUnknownForEvidenceThatIsCutOff)
{
    const std::string session = evidence();
    const std::string ca = signed_pem(root);
    const std::string crl = crl_pem({.revoked = {der::integer(4711)}});
    for (std::size_t length = 0; length < session.size(); ++length) {
        const std::string cut = session.substr(0, length);
        EXPECT_NE(status(cut, ca, crl), "ok") << length << " bytes of " << session.size();
    }
    EXPECT_EQ(status("", ca), "unknown");
    EXPECT_EQ(status(session + "x", ca), "unknown") << "bytes after it";
}

TEST(Recheck, KeepsKeysOutOfEvidenceThatIsTooLong)
{
    const Connected c({.client_certificate = true});
    const std::string all = chain_evidence(c.server(), 4096);
    const std::string some = chain_evidence(c.server(), all.size() - 1);
    EXPECT_LT(some.size(), all.size());
    EXPECT_EQ(status(some, signed_pem(root)), "ok");
    EXPECT_EQ(status(some, signed_pem(root), crl_pem({})), "unknown") << "nothing is known about revocation";
    EXPECT_EQ(chain_evidence(Connected({}).server(), 4096), "") << "without a client certificate there is none";
}
