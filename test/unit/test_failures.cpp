#include "core/openssl/openssl.hpp"
#include "core/base/cells.hpp"
#include "core/base/error.hpp"
#include "core/logins/failure_table.hpp"

#include "entries.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>

using namespace sslinfo::core;

namespace {

class Table {
  public:
    explicit Table(int capacity) : memory(new char[FailureTable::size(capacity)])
    {
        FailureTable::create(memory.get(), capacity, Instant{std::chrono::microseconds{1}});
    }
    FailureTable table() const { return FailureTable(memory.get()); }
    std::vector<FailureEntry> entries() const
    {
        std::vector<FailureEntry> all;
        for (int i = 0; i < table().info().entries; ++i)
            all.push_back(table().entry(i));
        return all;
    }

  private:
    std::unique_ptr<char[]> memory;
};

FailureEntry attempt(const std::optional<std::string> &user, unsigned address, std::int64_t second,
                     FailureReason reason = FailureReason::password)
{
    FailureKey key{};
    key.reason = reason;
    key.address.length = 4;
    for (int i = 0; i < 4; ++i)
        key.address.octets[i] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
    key.user = ShortName::of(user);
    key.database = ShortName::of(user ? std::optional<std::string>("db") : std::optional<std::string>());
    FailureDetails details{};
    details.message = ShortText<254>::of("message");
    details.server_name = ShortText<63>::of(std::nullopt);
    details.ja4 = ShortText<36>::of(std::nullopt);
    details.alert = 48;
    details.offered_version = 0x0303;
    return failed_attempt(key, details, Instant{std::chrono::seconds{second}});
}

std::int64_t sum(const std::vector<FailureEntry> &entries)
{
    std::int64_t all = 0;
    for (const FailureEntry &entry : entries)
        all += entry.count;
    return all;
}

LoggedMessage fatal(std::string_view format, std::string_view sqlstate = "28000") { return {format, sqlstate, true}; }

constexpr FailedHandshake nothing_seen{.watched = true,
                                       .hello_seen = true,
                                       .alert_sent = -1,
                                       .alert_received = -1,
                                       .error = 0,
                                       .verify_result = X509_V_OK,
                                       .end_of_file = false};

using H = FailedHandshake;
FailureReason reason_of(const std::function<void(H &)> &change)
{
    FailedHandshake handshake = nothing_seen;
    change(handshake);
    return handshake_failure_reason(handshake);
}

FailureReason with_error(int reason)   // one of SSL's
{
    return reason_of(
        [=](H &h) { h.alert_sent = SSL_AD_HANDSHAKE_FAILURE, h.error = ERR_PACK(ERR_LIB_SSL, 0, reason); });
}

}   // namespace

TEST(FailureTable, CountsWhatIsTheSameTogether)
{
    const Table t(10);
    t.table().record(attempt("app", 1, 10));
    t.table().record(attempt("app", 1, 20));
    t.table().record(attempt("app", 2, 30));
    t.table().record(attempt("app", 1, 40, FailureReason::no_entry));
    ASSERT_EQ(t.entries().size(), 3u);
    EXPECT_EQ(t.entries()[0].count, 2);
    EXPECT_EQ(t.entries()[0].first_seen, (Instant{std::chrono::microseconds{10000000}}));
    EXPECT_EQ(t.entries()[0].last_seen, (Instant{std::chrono::microseconds{20000000}}));
    EXPECT_EQ(t.table().total(FailureReason::password).count, 3);
    EXPECT_EQ(t.table().total(FailureReason::password).last_seen, (Instant{std::chrono::microseconds{30000000}}));
    EXPECT_EQ(t.table().total(FailureReason::rule).last_seen, std::nullopt);
    EXPECT_EQ(t.table().info().evictions, 0);
}

TEST(FailureTable, AnAddressHasABoundedNumberOfRows)
{
    const Table t(1000);
    t.table().record(attempt("somebody", 2, 1));
    for (int i = 0; i < 500; ++i)
        t.table().record(attempt("user" + std::to_string(i), 1, 10 + i));
    const auto entries = t.entries();
    EXPECT_EQ(entries.size(), 1u + FailureTable::rows_per_address_max);
    EXPECT_EQ(t.table().total(FailureReason::password).count, 501);
    const auto folded = std::find_if(entries.begin(), entries.end(), [](const auto &e) { return !e.key.user.text(); });
    ASSERT_NE(folded, entries.end());
    EXPECT_EQ(folded->count, 500 - FailureTable::rows_per_address_max + 1);
    EXPECT_EQ(folded->first_seen, (Instant{std::chrono::microseconds{10000000}}));
    EXPECT_EQ(sum(entries), 501);
    EXPECT_EQ(folded->key.database.text(), std::nullopt);
    // The row that made room was the address's own: another address lost nothing.
    EXPECT_EQ(entries[0].key.user.text(), "somebody");
    EXPECT_EQ(t.table().info().evictions, 0);
    // A name that has a row is still counted in it, and every other reason in a row without names.
    t.table().record(attempt("user10", 1, 600));
    t.table().record(attempt("new", 1, 601, FailureReason::no_entry));
    EXPECT_EQ(t.entries().size(), entries.size());
    EXPECT_EQ(t.table().info().evictions, 1);
}

TEST(FailureTable, AFullTableGivesUpWhatWasSeenLongestAgo)
{
    const Table t(10);
    for (unsigned i = 0; i < 25; ++i)
        t.table().record(attempt(std::nullopt, i, i));
    EXPECT_EQ(t.entries().size(), 10u);
    EXPECT_EQ(t.table().info().evictions, 15);
    EXPECT_EQ(t.table().total(FailureReason::password).count, 25);
    std::set<std::string> addresses;
    for (const FailureEntry &entry : t.entries())
        addresses.insert(entry.key.address.shown()->text);
    EXPECT_TRUE(addresses.count("0.0.0.24") == 1 && addresses.count("0.0.0.15") == 1);
    EXPECT_EQ(addresses.size(), 10u);
    t.table().reset(Instant{std::chrono::microseconds{7}});
    EXPECT_EQ(t.table().info().entries, 0);
    EXPECT_EQ(t.table().info().stats_reset, (Instant{std::chrono::microseconds{7}}));
    EXPECT_EQ(t.table().total(FailureReason::password).count, 0);
}

TEST(FailureTable, ARowThatIsSeenAgainIsTheNewest)
{
    const Table t(10);
    for (unsigned i = 0; i < 10; ++i)
        t.table().record(attempt(std::nullopt, i, i));
    t.table().record(attempt(std::nullopt, 0, 100));
    t.table().record(attempt(std::nullopt, 10, 101));
    std::set<std::string> addresses;
    for (const FailureEntry &entry : t.entries())
        addresses.insert(entry.key.address.shown()->text);
    EXPECT_EQ(addresses.count("0.0.0.0"), 1u);
    EXPECT_EQ(addresses.count("0.0.0.1"), 0u);
}

TEST(FailureTable, IsShown)
{
    std::map<std::string, std::string> shown;
    const std::string cells = to_cells(attempt("app", 0x7f000001, 5));
    CellReader reader(cells);
    for (Cell cell; reader.next(cell);)
        shown[std::string(cell.name)] = std::string(cell.data);
    EXPECT_EQ(shown["stage"] + ": " + shown["reason"], "authentication: password");
    EXPECT_EQ(shown["client_addr"], "127.0.0.1");
    EXPECT_EQ(shown["alert"] + " from " + shown["alert_from"], "unknown_ca from server");
    EXPECT_EQ(shown["offered_version"], "TLSv1.2");
}

TEST(FailureTable, SurvivesAsBytes)
{
    const Table t(50);
    for (int i = 0; i < 40; ++i)
        t.table().record(attempt("user" + std::to_string(i), static_cast<unsigned>(i % 5), i));
    const std::string bytes = t.table().write();
    const Table again(50);
    again.table().read(bytes);
    EXPECT_EQ(again.table().write().size(), bytes.size());
    EXPECT_EQ(sum(again.entries()), 40);
    EXPECT_EQ(again.table().total(FailureReason::password).count, 40);
    // A smaller table has the newest.
    const Table smaller(10);
    smaller.table().read(bytes);
    EXPECT_EQ(smaller.entries().size(), 10u);
    EXPECT_EQ(smaller.table().total(FailureReason::password).count, 40);
    EXPECT_EQ(smaller.table().info().evictions, 30);
}

TEST(FailureTable, MalformedBytesLeaveItAlone)
{
    const Table t(10);
    t.table().record(attempt("app", 1, 1));
    const std::string bytes = t.table().write();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Table other(10);
        if (length == bytes.size() - sizeof(FailureEntry))
            continue;   // a header without entries
        EXPECT_THROW(other.table().read(bytes.substr(0, length)), Error) << length;
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 0xff);
        const Table other(10);
        try {
            other.table().read(changed);
        } catch (const Error &) {
            EXPECT_EQ(other.table().info().entries, 0);
            continue;
        }
        for (const FailureEntry &entry : other.entries())
            EXPECT_FALSE(to_cells(entry).empty());
    }
}

TEST(FailureTable, AFieldThatNoRowCanHoldIsAnInvalidEntry)
{
    const std::vector<std::function<void(FailureEntry &)>> damages = {
        [](FailureEntry &e) { e.key.reason = static_cast<FailureReason>(failure_reason_count); },
        [](FailureEntry &e) { e.key.address.length = 5; },
        [](FailureEntry &e) { e.key.address.octets[4] = 1; },
        [](FailureEntry &e) { e.key.user.length = 64; },
        [](FailureEntry &e) { e.key.user.bytes[0] = '\xff'; },
        [](FailureEntry &e) { e.key.database.length = -2; },
        [](FailureEntry &e) { e.key.database.bytes[2] = 'x'; },
        [](FailureEntry &e) { e.last.message.length = 255; },
        [](FailureEntry &e) { e.last.message.bytes[1] = '\0'; },
        [](FailureEntry &e) { e.last.server_name.length = 64; },
        [](FailureEntry &e) { e.last.ja4.length = 37; },
        [](FailureEntry &e) { e.count = -1; },
        [](FailureEntry &e) { e.count = INT64_MAX; },
    };
    const Table from(5);
    for (const char *user : {"a", "b"})
        from.table().record(attempt(user, 1, 1));
    const std::string bytes = from.table().write();
    for (std::size_t i = 0; i < damages.size(); ++i) {
        const std::string damaged = with_last_entry_changed(bytes, damages[i]);
        const Table to(5);
        try {
            to.table().read(damaged);
            ADD_FAILURE() << "damage " << i;
        } catch (const Error &error) {
            EXPECT_STREQ(error.what(), "invalid entry 2") << "damage " << i;
        }
        EXPECT_EQ(to.table().info().entries, 0);
    }
}

TEST(FailureReason, NamesAreDifferent)
{
    std::set<std::string> names;
    for (int i = 0; i < failure_reason_count; ++i)
        names.insert(std::string(failure_stage_name(static_cast<FailureReason>(i))) + "/" +
                     failure_reason_name(static_cast<FailureReason>(i)));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(failure_reason_count));
    EXPECT_EQ(names.count("handshake/other") + names.count("authentication/other") + names.count("login rule/rule"),
              3u);
}

TEST(FailureReason, OfAHandshake)
{
    EXPECT_EQ(reason_of([](H &) {}), FailureReason::other_handshake);
    EXPECT_EQ(reason_of([](H &h) { h.hello_seen = false; }), FailureReason::not_tls);
    EXPECT_EQ(reason_of([](H &h) { h.end_of_file = true; }), FailureReason::closed);
    // The server gave up first, and said so by an alert.
    const auto refused = [](H &h) { h.end_of_file = true, h.alert_sent = SSL_AD_DECODE_ERROR; };
    EXPECT_EQ(reason_of(refused), FailureReason::other_handshake);
    EXPECT_EQ(reason_of([&](H &h) { refused(h), h.hello_seen = false; }), FailureReason::not_tls);
    EXPECT_EQ(reason_of([](H &h) { h.watched = false; }), FailureReason::other_handshake);
    EXPECT_EQ(reason_of([](H &h) { h.alert_received = SSL_AD_UNKNOWN_CA; }), FailureReason::server_certificate_refused);
    EXPECT_EQ(reason_of([](H &h) { h.alert_received = SSL_AD_HANDSHAKE_FAILURE; }), FailureReason::client_alert);
    EXPECT_EQ(reason_of([](H &h) { h.alert_received = SSL_AD_USER_CANCELLED; }), FailureReason::closed);
    EXPECT_EQ(reason_of([](H &h) { h.alert_sent = SSL_AD_PROTOCOL_VERSION; }), FailureReason::protocol_version);
    EXPECT_EQ(reason_of([](H &h) { h.alert_sent = SSL_AD_UNRECOGNIZED_NAME; }), FailureReason::server_name);
    EXPECT_EQ(reason_of([](H &h) { h.alert_sent = SSL_AD_NO_APPLICATION_PROTOCOL; }), FailureReason::alpn);
    EXPECT_EQ(reason_of([](H &h) { h.verify_result = X509_V_ERR_CERT_HAS_EXPIRED; }),
              FailureReason::client_certificate_expired);
    EXPECT_EQ(reason_of([](H &h) { h.verify_result = X509_V_ERR_CERT_SIGNATURE_FAILURE; }),
              FailureReason::client_certificate_invalid);
    EXPECT_EQ(reason_of([](H &h) { h.verify_result = X509_V_ERR_CRL_HAS_EXPIRED; }), FailureReason::crl_expired);
    EXPECT_EQ(with_error(SSL_R_UNSUPPORTED_PROTOCOL), FailureReason::protocol_version);
    EXPECT_EQ(with_error(SSL_R_NO_SHARED_CIPHER), FailureReason::no_shared_cipher);
    EXPECT_EQ(with_error(SSL_R_NO_SUITABLE_KEY_SHARE), FailureReason::no_shared_group);
    EXPECT_EQ(with_error(SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM), FailureReason::no_shared_signature_algorithm);
    EXPECT_EQ(with_error(SSL_R_BAD_SIGNATURE), FailureReason::client_certificate_invalid);
    EXPECT_EQ(with_error(SSL_R_LENGTH_MISMATCH), FailureReason::other_handshake);
}

// Each code that has a reason of its own.
TEST(FailureReason, OfEachVerificationResult)
{
    const std::vector<std::pair<long, FailureReason>> expected = {
        {X509_V_ERR_CERT_HAS_EXPIRED, FailureReason::client_certificate_expired},
        {X509_V_ERR_CERT_NOT_YET_VALID, FailureReason::client_certificate_not_yet_valid},
        {X509_V_ERR_CERT_REVOKED, FailureReason::client_certificate_revoked},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, FailureReason::client_certificate_unknown_ca},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, FailureReason::client_certificate_unknown_ca},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, FailureReason::client_certificate_unknown_ca},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, FailureReason::client_certificate_unknown_ca},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, FailureReason::client_certificate_unknown_ca},
        {X509_V_ERR_CERT_UNTRUSTED, FailureReason::client_certificate_unknown_ca},
        {X509_V_ERR_CRL_HAS_EXPIRED, FailureReason::crl_expired},
        {X509_V_ERR_UNABLE_TO_GET_CRL, FailureReason::crl_unavailable},
        {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, FailureReason::crl_unavailable},
        {X509_V_ERR_CRL_NOT_YET_VALID, FailureReason::crl_unavailable},
        {X509_V_ERR_INVALID_PURPOSE, FailureReason::client_certificate_invalid},
        {X509_V_ERR_EE_KEY_TOO_SMALL, FailureReason::client_certificate_invalid},
    };
    for (const auto &row : expected)
        EXPECT_EQ(reason_of([&](H &h) { h.verify_result = row.first; }), row.second)
            << X509_verify_cert_error_string(row.first);
}

TEST(FailureReason, OfEachErrorOfOpenSsl)
{
    const std::vector<std::pair<int, FailureReason>> expected = {
        {SSL_R_UNSUPPORTED_PROTOCOL, FailureReason::protocol_version},
        {SSL_R_VERSION_TOO_LOW, FailureReason::protocol_version},
        {SSL_R_VERSION_TOO_HIGH, FailureReason::protocol_version},
        {SSL_R_INAPPROPRIATE_FALLBACK, FailureReason::protocol_version},
        {SSL_R_NO_PROTOCOLS_AVAILABLE, FailureReason::protocol_version},
        {SSL_R_NO_SHARED_CIPHER, FailureReason::no_shared_cipher},
        {SSL_R_NO_CIPHERS_SPECIFIED, FailureReason::no_shared_cipher},
        {SSL_R_NO_SUITABLE_KEY_SHARE, FailureReason::no_shared_group},
        {SSL_R_NO_SUITABLE_GROUPS, FailureReason::no_shared_group},
        {SSL_R_NO_SHARED_GROUPS, FailureReason::no_shared_group},
        {SSL_R_MISSING_SUPPORTED_GROUPS_EXTENSION, FailureReason::no_shared_group},
        {SSL_R_UNSUPPORTED_ELLIPTIC_CURVE, FailureReason::no_shared_group},
        {SSL_R_WRONG_CURVE, FailureReason::no_shared_group},
        {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, FailureReason::no_shared_signature_algorithm},
        {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, FailureReason::no_shared_signature_algorithm},
        {SSL_R_MISSING_SIGALGS_EXTENSION, FailureReason::no_shared_signature_algorithm},
        {SSL_R_BAD_SIGNATURE, FailureReason::client_certificate_invalid},
        {SSL_R_NO_APPLICATION_PROTOCOL, FailureReason::alpn},
    };
    for (const auto &[error, reason] : expected)
        EXPECT_EQ(with_error(error), reason) << error;
    // A number of another library that is one of SSL's too.
    EXPECT_EQ(reason_of([](H &h) { h.error = ERR_PACK(ERR_LIB_X509, 0, SSL_R_NO_SHARED_CIPHER); }),
              FailureReason::other_handshake);
}

TEST(FailureReason, OfEachAlert)
{
    const std::vector<std::pair<int, FailureReason>> sent = {
        {SSL_AD_PROTOCOL_VERSION, FailureReason::protocol_version},
        {SSL_AD_INAPPROPRIATE_FALLBACK, FailureReason::protocol_version},
        {SSL_AD_BAD_CERTIFICATE, FailureReason::client_certificate_invalid},
        {SSL_AD_UNSUPPORTED_CERTIFICATE, FailureReason::client_certificate_invalid},
        {SSL_AD_CERTIFICATE_UNKNOWN, FailureReason::client_certificate_invalid},
        {SSL_AD_UNRECOGNIZED_NAME, FailureReason::server_name},
        {SSL_AD_NO_APPLICATION_PROTOCOL, FailureReason::alpn},
        {SSL_AD_INTERNAL_ERROR, FailureReason::other_handshake},
    };
    for (const auto &row : sent)
        EXPECT_EQ(reason_of([&](H &h) { h.alert_sent = row.first; }), row.second) << row.first;
    const std::vector<std::pair<int, FailureReason>> received = {
        {SSL_AD_BAD_CERTIFICATE, FailureReason::server_certificate_refused},
        {SSL_AD_UNSUPPORTED_CERTIFICATE, FailureReason::server_certificate_refused},
        {SSL_AD_CERTIFICATE_REVOKED, FailureReason::server_certificate_refused},
        {SSL_AD_CERTIFICATE_EXPIRED, FailureReason::server_certificate_refused},
        {SSL_AD_CERTIFICATE_UNKNOWN, FailureReason::server_certificate_refused},
        {SSL_AD_UNKNOWN_CA, FailureReason::server_certificate_refused},
        {SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE, FailureReason::server_certificate_refused},
        {SSL_AD_USER_CANCELLED, FailureReason::closed},
        {SSL_AD_PROTOCOL_VERSION, FailureReason::client_alert},
    };
    for (const auto &row : received)
        EXPECT_EQ(reason_of([&](H &h) { h.alert_received = row.first; }), row.second) << row.first;
}

TEST(FailureReason, OfAMessage)
{
    const AttemptState plain{.network = true, .encrypted = false, .startup_read = true};
    AttemptState tls = plain;
    tls.encrypted = true;
    AttemptState local = plain;
    local.network = false;
    const auto no_entry = fatal("no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s");
    EXPECT_EQ(failure_reason(no_entry, plain), FailureReason::no_encryption);
    EXPECT_EQ(failure_reason(no_entry, tls), FailureReason::no_entry);
    EXPECT_EQ(failure_reason(no_entry, local), FailureReason::no_entry);
    EXPECT_EQ(failure_reason(fatal("password authentication failed for user \"%s\"", "28P01"), tls),
              FailureReason::password);
    EXPECT_EQ(failure_reason(fatal("Peer authentication failed for user \"%s\""), local),
              FailureReason::other_authentication);
    EXPECT_EQ(failure_reason(fatal("certificate authentication failed for user \"%s\""), tls),
              FailureReason::certificate_identity);
    AttemptState mismatch = tls;
    mismatch.identity_mismatch = true;
    EXPECT_EQ(failure_reason(fatal("password authentication failed for user \"%s\"", "28P01"), mismatch),
              FailureReason::certificate_identity);
    AttemptState prompted = tls;
    prompted.authenticating = true;
    EXPECT_EQ(failure_reason(fatal("malformed SCRAM message", "08P01"), prompted), FailureReason::other_authentication);
    EXPECT_EQ(failure_reason(fatal("invalid startup packet layout: expected terminator as last byte", "08P01"), tls),
              FailureReason::not_postgresql);
    EXPECT_EQ(failure_reason({"a LOG message", "28000", false}, tls), std::nullopt);
    EXPECT_EQ(failure_reason(fatal("sorry, too many clients already", "53300"), tls), std::nullopt);
    EXPECT_EQ(failure_reason(fatal("the database system is starting up", "57P03"), tls), std::nullopt);
    const AttemptState starting{.network = true};
    EXPECT_EQ(failure_reason({"invalid length of startup packet", "08P01", false}, starting),
              FailureReason::not_postgresql);
    AttemptState in = tls;
    in.authenticated = true;
    EXPECT_EQ(failure_reason(fatal("role \"%s\" does not exist"), in), FailureReason::other_authentication);
    EXPECT_EQ(failure_reason(fatal("login refused: this connection does not satisfy %s"), in), FailureReason::rule);
    EXPECT_EQ(failure_reason(fatal("database \"%s\" does not exist", "3D000"), in), std::nullopt);
    EXPECT_EQ(failure_reason({"role \"%s\" does not exist", "28000", false}, in), std::nullopt);
}
