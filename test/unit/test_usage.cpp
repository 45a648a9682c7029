#include "core/base/cells.hpp"
#include "core/base/error.hpp"
#include "core/logins/usage_table.hpp"

#include "entries.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>

using namespace sslinfo::core;

namespace {

class Table {
  public:
    explicit Table(int capacity) : memory(new char[UsageTable::size(capacity)])
    {
        UsageTable::create(memory.get(), capacity, Instant{std::chrono::microseconds{1}});
    }
    UsageTable table() const { return UsageTable(memory.get()); }
    std::vector<UsageEntry> entries() const
    {
        std::vector<UsageEntry> all;
        table().each([&](const UsageEntry &entry) { all.push_back(entry); });
        return all;
    }
    std::string users() const
    {
        std::string all;
        for (const UsageEntry &entry : entries())
            all += *entry.key.user.text() + " ";
        return all;
    }

  private:
    std::unique_ptr<char[]> memory;
};

UsageKey key_of(const std::string &user, const Session &session = {})
{
    return usage_key("db", user, session, {"pg_hba.conf", 1});
}

Timestamp at(std::int64_t seconds) { return Timestamp{std::chrono::seconds{seconds}}; }

UsageEvent event_at(std::int64_t seconds, LoginOutcome outcome = LoginOutcome::connected,
                    Timestamp not_after = no_expiry)
{
    UsageEvent event = usage_event({}, Instant{std::chrono::seconds{seconds}});
    event.outcome = outcome;
    event.client_address = {4, {127, 0, 0, 1}};
    event.not_after = not_after;
    return event;
}

}   // namespace

TEST(Usage, CountsEachOutcome)
{
    Table t(10);
    t.table().record(key_of("a"), event_at(1));
    t.table().record(key_of("a"), event_at(2, LoginOutcome::would_reject));
    t.table().record(key_of("a"), event_at(3, LoginOutcome::rejected));
    ASSERT_EQ(t.entries().size(), 1u);
    const UsageEntry entry = t.entries()[0];
    EXPECT_EQ(entry.totals.connections, 2);
    EXPECT_EQ(entry.totals.would_reject, 1);
    EXPECT_EQ(entry.totals.rejected, 1);
    EXPECT_EQ(entry.first_seen, Instant{std::chrono::microseconds{1000000}});
    EXPECT_EQ(entry.last_seen, Instant{std::chrono::microseconds{3000000}});
    EXPECT_EQ(entry.last_client_address.shown(), Address{"127.0.0.1"});
    EXPECT_TRUE(t.table().consistent());
}

TEST(Usage, KeepsApartWhatDiffersInOneFact)
{
    Table t(100);
    Session session;
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    t.table().record(usage_key("dbu", "", session, {}), event_at(1));
    t.table().record(usage_key({}, "u", session, {}), event_at(1));
    session.version = "TLSv1.3";
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    session.post_quantum_offered = false;
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    session.post_quantum_offered = true;
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    session.client_cert_present = true;
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    session.issuer_dn = std::string(300, 'x') + "1";
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    session.issuer_dn = std::string(300, 'x') + "2";
    t.table().record(usage_key("db", "u", session, {}), event_at(1));
    EXPECT_EQ(t.entries().size(), 9u);
    EXPECT_EQ(t.entries()[8].key.issuer_dn.text(), std::string(251, 'x') + "…");
}

TEST(Usage, EvictsTheLeastRecentlySeen)
{
    Table t(3);
    for (const char *user : {"a", "b", "c", "a", "d"})
        t.table().record(key_of(user), event_at(1));
    EXPECT_EQ(t.users(), "c a d ");
    EXPECT_EQ(t.table().info().table.evictions, 1);
    EXPECT_EQ(t.table().info().table.entries, 3);
    t.table().record(key_of("b"), event_at(1));
    EXPECT_EQ(t.users(), "a d b ");
    t.table().reset(Instant{std::chrono::microseconds{7}});
    EXPECT_EQ(t.users(), "");
    EXPECT_EQ(t.table().info().table.evictions, 0);
    EXPECT_EQ(t.table().info().table.stats_reset, Instant{std::chrono::microseconds{7}});
    t.table().record(key_of("e"), event_at(1));
    EXPECT_EQ(t.users(), "e ");
}

// Beside a plain model of the same: a map of counts and a list in the order of the last login.
TEST(Usage, AgreesWithAModel)
{
    for (const int capacity : {1, 2, 7, 64}) {
        Table t(capacity);
        std::map<std::string, std::int64_t> counts;
        std::vector<std::string> order;
        std::mt19937 random(static_cast<unsigned>(capacity));
        std::int64_t evictions = 0;
        for (int i = 0; i < 20000; ++i) {
            const std::string user = std::to_string(random() % 100);
            t.table().record(key_of(user), event_at(i));
            std::erase(order, user);
            if (counts[user]++ == 0 && order.size() == static_cast<std::size_t>(capacity)) {
                counts.erase(order.front());
                order.erase(order.begin());
                ++evictions;
            }
            order.push_back(user);
        }
        ASSERT_EQ(t.table().info().table.evictions, evictions);
        const std::vector<UsageEntry> entries = t.entries();
        ASSERT_EQ(entries.size(), order.size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            EXPECT_EQ(entries[i].key.user.text(), order[i]);
            EXPECT_EQ(entries[i].totals.connections, counts[order[i]]);
        }
    }
}

// Whoever can log in makes ordinary rows at will: they must not push out a row with a refusal.
TEST(Usage, RowsWithARefusalAreEvictedLast)
{
    Table t(4);
    t.table().record(key_of("refused"), event_at(1, LoginOutcome::rejected));
    t.table().record(key_of("would"), event_at(2, LoginOutcome::would_reject));
    for (int i = 0; i < 100; ++i)
        t.table().record(key_of("user" + std::to_string(i)), event_at(i));
    EXPECT_EQ(t.users(), "user98 user99 refused would ");
    EXPECT_EQ(t.table().info().table.evictions, 98);
    // A row becomes evidence when its first login is refused.
    t.table().record(key_of("user98"), event_at(200, LoginOutcome::rejected));
    t.table().record(key_of("user100"), event_at(201));
    EXPECT_EQ(t.users(), "user100 refused would user98 ");
    // Among rows with refusals the least recently seen goes first.
    for (const char *user : {"a", "b"})
        t.table().record(key_of(user), event_at(300, LoginOutcome::rejected));
    EXPECT_EQ(t.users(), "would user98 a b ");
}

// A client chooses its ja4: in one place it gets only so many rows.
TEST(Usage, ManyJa4sOfOneLoginBecomeOneRow)
{
    Table t(100);
    Session session;
    const auto log_in = [&](const std::string &user, int number) {
        session.ja4 = "t13d" + std::to_string(number);
        t.table().record(key_of(user, session), event_at(number));
    };
    for (int i = 0; i < 1000; ++i)
        log_in("many", i);
    for (int i = 0; i < 3; ++i)
        log_in("few", i);
    log_in("many", 7);   // one of those that have a row
    std::map<std::string, std::int64_t> connections;
    for (const UsageEntry &entry : t.entries())
        connections[*entry.key.user.text() + " " + entry.key.ja4.text().value_or("none")] = entry.totals.connections;
    EXPECT_EQ(connections.size(), static_cast<std::size_t>(UsageTable::ja4_max + 1 + 3));
    EXPECT_EQ(connections["many none"], 1000 - UsageTable::ja4_max);
    EXPECT_EQ(connections["many t13d7"], 2);
    EXPECT_EQ(connections["few t13d2"], 1);
    // Another line of pg_hba.conf is another row.
    session.ja4 = "t13d0";
    t.table().record(usage_key("db", "many", session, {"pg_hba.conf", 2}), event_at(1));
    EXPECT_EQ(t.entries().size(), connections.size() + 1);
    EXPECT_EQ(t.table().info().totals.connections, 1005);
    EXPECT_EQ(t.table().info().table.evictions, 0);
}

TEST(Usage, AddsUpHandshakes)
{
    Table t(2);
    Session session;
    session.handshake_time = 1.5;
    session.hello_retry = true;
    const Instant now{std::chrono::seconds{1}};
    t.table().record(key_of("a"), usage_event(session, now));
    session.handshake_time = 2.25;
    session.hello_retry = false;
    t.table().record(key_of("a"), usage_event(session, now));
    t.table().record(key_of("b"), usage_event({}, now));   // nobody watched it
    t.table().record(key_of("c"), usage_event({}, now));   // takes the place of a
    t.table().record(key_of("c"), event_at(2, LoginOutcome::rejected));
    const UsageTotals totals = t.table().info().totals;
    EXPECT_EQ(totals.connections, 4);
    EXPECT_EQ(totals.rejected, 1);
    EXPECT_EQ(totals.handshakes, 2);
    EXPECT_EQ(totals.handshake_time, 3750);
    EXPECT_EQ(totals.hello_retries, 1);
    EXPECT_EQ(t.entries()[0].totals.handshakes, 0);
    Table same(2);
    UsageTable same_table = same.table();
    same_table.read(t.table().write());
    EXPECT_EQ(same_table.info().totals.handshake_time, 3750);
    t.table().reset(now);
    EXPECT_EQ(t.table().info().totals.connections, 0);
}

TEST(Usage, KeepsTheLastReason)
{
    Table t(2);
    UsageEvent event = event_at(1, LoginOutcome::rejected);
    event.reason = ShortText<126>::of("tls>=1.3");
    t.table().record(key_of("a"), event);
    t.table().record(key_of("a"), event_at(2));
    EXPECT_EQ(t.entries()[0].last_reason.text(), "tls>=1.3");
}

TEST(Usage, LastExpiryFollowsARenewedCertificate)
{
    Table t(3);
    t.table().record(key_of("a"), event_at(100, LoginOutcome::connected, at(500)));
    t.table().record(key_of("a"), event_at(110, LoginOutcome::connected, at(900)));
    EXPECT_EQ(t.entries()[0].nearest_not_after, at(500));
    EXPECT_EQ(t.entries()[0].last_not_after, at(900));
    t.table().record(key_of("a"), event_at(120, LoginOutcome::connected, no_expiry));
    EXPECT_EQ(t.entries()[0].last_not_after, no_expiry);
}

TEST(Usage, NearestExpiryIsOfACertificateStillValid)
{
    Table t(3);
    const auto nearest = [&] { return t.entries()[0].nearest_not_after; };
    t.table().record(key_of("a"), event_at(100, LoginOutcome::connected, at(500)));
    EXPECT_EQ(nearest(), at(500));
    t.table().record(key_of("a"), event_at(110, LoginOutcome::connected, at(900)));
    EXPECT_EQ(nearest(), at(500));
    t.table().record(key_of("a"), event_at(120, LoginOutcome::connected, at(300)));
    EXPECT_EQ(nearest(), at(300));
    EXPECT_EQ(t.entries()[0].last_not_after, at(300));
    t.table().record(key_of("a"), event_at(301, LoginOutcome::connected, at(900)));
    EXPECT_EQ(nearest(), at(900));
}

TEST(UsageBytes, RoundTrip)
{
    Table from(50);
    Session session;
    session.transport = Transport::tls;
    session.version = "TLSv1.3";
    session.issuer_dn = "/CN=Zürich CA";
    session.post_quantum_offered = false;
    session.client_cert_present = true;
    for (int i = 0; i < 60; ++i)
        from.table().record(
            key_of("user" + std::to_string(i), session),
            event_at(i, i % 2 ? LoginOutcome::connected : LoginOutcome::rejected, i % 3 ? at(1000) : no_expiry));
    const std::string bytes = from.table().write();

    Table same(50);
    UsageTable same_table = same.table();
    same_table.read(bytes);
    EXPECT_EQ(same_table.write(), bytes);
    EXPECT_EQ(same_table.info().table.evictions, 10);

    Table smaller(20);
    UsageTable smaller_table = smaller.table();
    smaller_table.read(bytes);
    EXPECT_EQ(smaller_table.info().table.entries, 20);
    EXPECT_EQ(smaller_table.info().table.evictions, 40);
    EXPECT_EQ(smaller.entries().back().key.user.text(), "user58") << "the refusals are kept";

    // Counting goes on where it stopped.
    same_table.record(key_of("user58", session), event_at(100));
    EXPECT_EQ(same_table.info().table.entries, 50);
    EXPECT_EQ(same.entries().back().totals.rejected, 1);
    EXPECT_EQ(same.entries().back().totals.connections, 1);
}

// Each field of a row is checked.
TEST(UsageBytes, AFieldThatNoRowCanHoldIsAnInvalidEntry)
{
    const std::vector<std::function<void(UsageEntry &)>> damages = {
        [](UsageEntry &e) { e.key.hba_line = -1; },
        [](UsageEntry &e) { e.key.post_quantum_offered = 2; },
        [](UsageEntry &e) { e.key.client_cert = 2; },
        [](UsageEntry &e) { e.key.database.length = 64; },
        [](UsageEntry &e) { e.key.user.length = -2; },
        [](UsageEntry &e) { e.key.transport.bytes[0] = '\xff', e.key.transport.length = 1; },
        [](UsageEntry &e) { e.key.version.bytes[0] = 'x'; },
        [](UsageEntry &e) { e.key.cipher.bytes[63] = 'x'; },
        [](UsageEntry &e) { e.key.key_exchange_group.length = 1; },
        [](UsageEntry &e) { e.key.issuer_dn.length = 255; },
        [](UsageEntry &e) { e.key.auth_method.length = 31; },
        [](UsageEntry &e) { e.key.hba_file.length = 64; },
        [](UsageEntry &e) { e.key.ja4.length = 37; },
        [](UsageEntry &e) { e.totals.connections = -1; },
        [](UsageEntry &e) { e.totals.rejected = INT64_MAX; },
        [](UsageEntry &e) { e.totals.would_reject = -1; },
        [](UsageEntry &e) { e.totals.handshakes = -1; },
        [](UsageEntry &e) { e.totals.handshake_time = -1; },
        [](UsageEntry &e) { e.totals.hello_retries = -1; },
        [](UsageEntry &e) { e.max_handshake_time = INT64_MAX; },
        [](UsageEntry &e) { e.last_application_name.length = 1; },
        [](UsageEntry &e) { e.last_reason.length = 127; },
        [](UsageEntry &e) { e.last_client_address.length = 5; },
        [](UsageEntry &e) { e.last_client_address.octets[4] = 1; },
        [](UsageEntry &e) { e.unused[4] = 1; },
    };
    Table from(5);
    for (const char *user : {"a", "b"})
        from.table().record(key_of(user), event_at(1));
    const std::string bytes = from.table().write();
    for (std::size_t i = 0; i < damages.size(); ++i) {
        const std::string damaged = with_last_entry_changed(bytes, damages[i]);
        Table to(5);
        UsageTable table = to.table();
        try {
            table.read(damaged);
            ADD_FAILURE() << "damage " << i;
        } catch (const Error &error) {
            EXPECT_STREQ(error.what(), "invalid entry 2") << "damage " << i;
            EXPECT_EQ(table.info().table.entries, 0) << "damage " << i;
        }
    }
}

// Whatever the bytes are: an error and an untouched table, or a table that can be written again.
TEST(UsageBytes, DamageIsAnErrorOrHarmless)
{
    Table from(5);
    for (const char *user : {"a", "b"})
        from.table().record(key_of(user), event_at(1, LoginOutcome::connected, at(5)));
    const std::string bytes = from.table().write();
    int refused = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const int bit : {0, 3, 7}) {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
            Table to(5);
            UsageTable table = to.table();
            try {
                table.read(damaged);
                EXPECT_LE(table.info().table.entries, 2);
                EXPECT_FALSE(table.write().empty());
            } catch (const Error &) {
                EXPECT_EQ(table.info().table.entries, 0);
                ++refused;
            }
        }
    EXPECT_GT(refused, 100);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        Table to(5);
        UsageTable table = to.table();
        try {
            table.read(bytes.substr(0, length));
            EXPECT_LT(table.info().table.entries, 2) << length;
        } catch (const Error &) {
            EXPECT_EQ(table.info().table.entries, 0);
        }
    }
}

// The slots of pg_stat_ssl_plus have the cells without their names, which come from the type.
TEST(LoginFacts, HaveACellForEachName)
{
    LoginFacts facts{{}, {"pg_hba.conf", 7}};
    facts.session.version = "TLSv1.3";
    const std::string named = to_cells(facts);
    const std::string unnamed = to_unnamed_cells(facts);
    EXPECT_LT(unnamed.size() + 400, named.size());
    CellReader reader(named);
    CellReader without(unnamed);
    Cell cell;
    Cell same;
    for (const std::string_view name : column_names(facts)) {
        ASSERT_TRUE(reader.next(cell) && without.next(same));
        EXPECT_EQ(cell.name, name);
        EXPECT_EQ(same.name, "");
        EXPECT_EQ(same.kind, cell.kind) << name;
        EXPECT_EQ(same.number, cell.number) << name;
        EXPECT_EQ(same.data, cell.data) << name;
    }
    EXPECT_FALSE(reader.next(cell) || without.next(same));
}

TEST(Fitted, CutsTheLongestTextsAndKeepsTheRest)
{
    Session session;
    session.transport = Transport::tls;
    session.version = "TLSv1.3";
    session.client_dn = "/CN=" + std::string(3000, 'a');
    session.issuer_dn = "/CN=";
    for (int i = 0; i < 1000; ++i)
        *session.issuer_dn += "é";
    session.client_serial = Decimal{std::string(2900, '7')};
    session.client_not_after = Timestamp{std::chrono::seconds{12345}};
    const std::string whole = to_cells(session);
    EXPECT_EQ(shrink_to_fit(whole, whole.size()), whole);
    const std::string row = shrink_to_fit(whole, 2000);
    EXPECT_LE(row.size(), 2000u);
    std::map<std::string, Cell> cells;
    CellReader reader(row);
    for (Cell cell; reader.next(cell);)
        cells[std::string(cell.name)] = cell;
    EXPECT_TRUE(reader.valid());
    EXPECT_EQ(cells.size(), static_cast<std::size_t>(session_fact_count));
    EXPECT_EQ(cells["version"].data, "TLSv1.3");
    EXPECT_EQ(cells["client_not_after"].number, 12345);
    EXPECT_EQ(cells["client_serial"].kind, CellKind::null);
    for (const char *name : {"client_dn", "issuer_dn"}) {
        const std::string text(cells[name].data);
        EXPECT_GT(text.size(), 100u);
        EXPECT_EQ(text.substr(text.size() - 3), "…");
        EXPECT_EQ(text.substr(0, 4), "/CN=");
    }
    EXPECT_THROW(shrink_to_fit(whole, 20), Error);
}
