#include "core/base/cells.hpp"
#include "core/base/error.hpp"
#include "core/logins/usage_table.hpp"

#include <gtest/gtest.h>

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

UsageKey key_of(const std::string &user, const Session &session = {}) { return usage_key("db", user, session); }

UsageEvent event_at(std::int64_t seconds, LoginOutcome outcome = LoginOutcome::connected,
                    std::int64_t not_after = MaybeExpiry::none)
{
    return {.when = Instant{std::chrono::seconds{seconds}},
            .outcome = outcome,
            .client_address = {ShortText<45>::of("127.0.0.1")},
            .not_after = {not_after}};
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
    EXPECT_EQ(entry.connections, 2);
    EXPECT_EQ(entry.would_reject, 1);
    EXPECT_EQ(entry.rejected, 1);
    EXPECT_EQ(entry.first_seen, Instant{std::chrono::microseconds{1000000}});
    EXPECT_EQ(entry.last_seen, Instant{std::chrono::microseconds{3000000}});
    EXPECT_EQ(entry.last_client_address.text.text(), "127.0.0.1");
    EXPECT_TRUE(t.table().consistent());
}

TEST(Usage, KeepsApartWhatDiffersInOneFact)
{
    Table t(100);
    Session session;
    t.table().record(usage_key("db", "u", session), event_at(1));
    t.table().record(usage_key("dbu", "", session), event_at(1));
    t.table().record(usage_key({}, "u", session), event_at(1));
    session.version = "TLSv1.3";
    t.table().record(usage_key("db", "u", session), event_at(1));
    session.post_quantum_offered = false;
    t.table().record(usage_key("db", "u", session), event_at(1));
    session.post_quantum_offered = true;
    t.table().record(usage_key("db", "u", session), event_at(1));
    session.client_cert_present = true;
    t.table().record(usage_key("db", "u", session), event_at(1));
    session.issuer_dn = std::string(300, 'x') + "1";
    t.table().record(usage_key("db", "u", session), event_at(1));
    session.issuer_dn = std::string(300, 'x') + "2";
    t.table().record(usage_key("db", "u", session), event_at(1));
    EXPECT_EQ(t.entries().size(), 9u);
    EXPECT_EQ(t.entries()[8].key.issuer_dn.text(), std::string(251, 'x') + "…");
}

TEST(Usage, EvictsTheLeastRecentlySeen)
{
    Table t(3);
    for (const char *user : {"a", "b", "c", "a", "d"})
        t.table().record(key_of(user), event_at(1));
    EXPECT_EQ(t.users(), "c a d ");
    EXPECT_EQ(t.table().info().evictions, 1);
    EXPECT_EQ(t.table().info().entries, 3);
    t.table().record(key_of("b"), event_at(1));
    EXPECT_EQ(t.users(), "a d b ");
    t.table().reset(Instant{std::chrono::microseconds{7}});
    EXPECT_EQ(t.users(), "");
    EXPECT_EQ(t.table().info().evictions, 0);
    EXPECT_EQ(t.table().info().stats_reset, Instant{std::chrono::microseconds{7}});
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
        ASSERT_EQ(t.table().info().evictions, evictions);
        const std::vector<UsageEntry> entries = t.entries();
        ASSERT_EQ(entries.size(), order.size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            EXPECT_EQ(entries[i].key.user.text(), order[i]);
            EXPECT_EQ(entries[i].connections, counts[order[i]]);
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
    EXPECT_EQ(t.table().info().evictions, 98);
    // A row becomes evidence when its first login is refused.
    t.table().record(key_of("user98"), event_at(200, LoginOutcome::rejected));
    t.table().record(key_of("user100"), event_at(201));
    EXPECT_EQ(t.users(), "user100 refused would user98 ");
    // Among rows with refusals the least recently seen goes first.
    for (const char *user : {"a", "b"})
        t.table().record(key_of(user), event_at(300, LoginOutcome::rejected));
    EXPECT_EQ(t.users(), "would user98 a b ");
}

TEST(Usage, LastExpiryFollowsARenewedCertificate)
{
    Table t(3);
    t.table().record(key_of("a"), event_at(100, LoginOutcome::connected, 500));
    t.table().record(key_of("a"), event_at(110, LoginOutcome::connected, 900));
    EXPECT_EQ(t.entries()[0].nearest_not_after.seconds, 500);
    EXPECT_EQ(t.entries()[0].last_not_after.seconds, 900);
    t.table().record(key_of("a"), event_at(120, LoginOutcome::connected, MaybeExpiry::none));
    EXPECT_EQ(t.entries()[0].last_not_after.seconds, MaybeExpiry::none);
}

TEST(Usage, NearestExpiryIsOfACertificateStillValid)
{
    Table t(3);
    const auto nearest = [&] { return t.entries()[0].nearest_not_after.seconds; };
    t.table().record(key_of("a"), event_at(100, LoginOutcome::connected, 500));
    EXPECT_EQ(nearest(), 500);
    t.table().record(key_of("a"), event_at(110, LoginOutcome::connected, 900));
    EXPECT_EQ(nearest(), 500);
    t.table().record(key_of("a"), event_at(120, LoginOutcome::connected, 300));
    EXPECT_EQ(nearest(), 300);
    EXPECT_EQ(t.entries()[0].last_not_after.seconds, 300);
    t.table().record(key_of("a"), event_at(301, LoginOutcome::connected, 900));
    EXPECT_EQ(nearest(), 900);
}

TEST(UsageBytes, RoundTrip)
{
    Table from(50);
    Session session;
    session.transport = "tls";
    session.version = "TLSv1.3";
    session.issuer_dn = "/CN=Zürich CA";
    session.post_quantum_offered = false;
    session.client_cert_present = true;
    for (int i = 0; i < 60; ++i)
        from.table().record(
            key_of("user" + std::to_string(i), session),
            event_at(i, i % 2 ? LoginOutcome::connected : LoginOutcome::rejected, i % 3 ? 1000 : MaybeExpiry::none));
    const std::string bytes = write_usage(from.table());

    Table same(50);
    UsageTable same_table = same.table();
    read_usage(bytes, same_table);
    EXPECT_EQ(write_usage(same_table), bytes);
    EXPECT_EQ(same_table.info().evictions, 10);

    Table smaller(20);
    UsageTable smaller_table = smaller.table();
    read_usage(bytes, smaller_table);
    EXPECT_EQ(smaller_table.info().entries, 20);
    EXPECT_EQ(smaller_table.info().evictions, 40);
    EXPECT_EQ(smaller.entries().back().key.user.text(), "user58") << "the refusals are kept";

    // Counting goes on where it stopped.
    same_table.record(key_of("user58", session), event_at(100));
    EXPECT_EQ(same_table.info().entries, 50);
    EXPECT_EQ(same.entries().back().rejected, 1);
    EXPECT_EQ(same.entries().back().connections, 1);
}

TEST(UsageBytes, AnAddressThatIsNoneIsAnInvalidEntry)
{
    for (const char *address : {"no address", "127.0.0", "::g", "", "127.0.0.1/8"}) {
        Table from(5);
        from.table().record(key_of("a"), event_at(1));
        UsageEvent event = event_at(2);
        event.client_address.text = ShortText<45>::of(address);
        from.table().record(key_of("b"), event);
        Table to(5);
        UsageTable table = to.table();
        try {
            read_usage(write_usage(from.table()), table);
            ADD_FAILURE() << address;
        } catch (const Error &error) {
            EXPECT_STREQ(error.what(), "invalid entry 2");
            EXPECT_EQ(table.info().entries, 0);
        }
    }
}

// Whatever the bytes are: an error and an untouched table, or a table that can be written again.
TEST(UsageBytes, DamageIsAnErrorOrHarmless)
{
    Table from(5);
    for (const char *user : {"a", "b"})
        from.table().record(key_of(user), event_at(1, LoginOutcome::connected, 5));
    const std::string bytes = write_usage(from.table());
    int refused = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const int bit : {0, 3, 7}) {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
            Table to(5);
            UsageTable table = to.table();
            try {
                read_usage(damaged, table);
                EXPECT_LE(table.info().entries, 2);
                EXPECT_FALSE(write_usage(table).empty());
            } catch (const Error &) {
                EXPECT_EQ(table.info().entries, 0);
                ++refused;
            }
        }
    EXPECT_GT(refused, 100);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        Table to(5);
        UsageTable table = to.table();
        try {
            read_usage(bytes.substr(0, length), table);
            EXPECT_LT(table.info().entries, 2) << length;
        } catch (const Error &) {
            EXPECT_EQ(table.info().entries, 0);
        }
    }
}

TEST(Fitted, CutsTheLongestTextsAndKeepsTheRest)
{
    Session session;
    session.transport = "tls";
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
    EXPECT_TRUE(reader.sound());
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
