#pragma once
#include "core/base/text.hpp"
#include "core/logins/bounded_table.hpp"
#include "core/logins/plain_values.hpp"
#include "core/tls/session.hpp"

#include <string>
#include <string_view>
#include <type_traits>

// Counts of logins.
namespace sslinfo::core {

// The pg_hba.conf line that admitted a login: the columns of pg_stat_ssl_plus that ssl_session() lacks.
struct HbaLine {
    const char *file;   // base name; null if unknown
    int number;         // 0 if unknown

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("hba_file", file != nullptr ? std::optional<std::string>(printable(file)) : std::nullopt);
        visit("hba_line", number > 0 ? std::optional<int>(number) : std::nullopt);
    }
};

// Facts of a login, constant in its session: the columns of pg_stat_ssl_plus except pid and visible.
struct LoginFacts {
    Session session;
    HbaLine line;

    static constexpr std::size_t column_count = session_fact_count + 2;
    template <class Visitor> void columns(Visitor &&visit) const
    {
        session.columns(visit);
        line.columns(visit);
    }
};

// Logins with equal keys are counted in one row.
struct UsageKey {
    std::uint64_t hash;   // of the uncut texts, so that equal prefixes stay apart; without ja4
    std::int32_t hba_line;
    std::int8_t post_quantum_offered;   // -1: unknown
    std::uint8_t client_cert;
    ShortName database;
    ShortName user;
    ShortText<6> transport;
    ShortText<15> version;
    ShortName cipher;
    ShortName key_exchange_group;
    ShortText<254> issuer_dn;
    ShortText<30> auth_method;
    ShortName hba_file;
    ShortText<36> ja4;

    // True if all but ja4 is equal.
    bool same_but_ja4(const UsageKey &other) const noexcept;
    friend bool operator==(const UsageKey &a, const UsageKey &b) noexcept { return std::memcmp(&a, &b, sizeof a) == 0; }
};
static_assert(std::has_unique_object_representations_v<UsageKey>, "compared as bytes");
UsageKey usage_key(const std::optional<std::string> &database, const std::optional<std::string> &user,
                   const Session &session, const HbaLine &line);

enum class LoginOutcome {
    connected,
    would_reject,   // connected in spite of the login rules
    rejected,
};

inline constexpr Timestamp no_expiry = Timestamp::max();

struct UsageEvent {
    Instant when;
    LoginOutcome outcome;
    RawAddress client_address;
    Timestamp not_after;                                  // of the client certificate; or no_expiry
    std::optional<std::chrono::microseconds> handshake;   // if it was observed
    bool hello_retry;
    ShortName application_name;
    ShortText<126> reason;   // requirements not met; none if connected
};
// Returns the part of an event that comes from a session's facts.
UsageEvent usage_event(const Session &session, Instant when);

// Sums of logins, for a row or since the reset.
struct UsageTotals {
    std::int64_t connections;   // includes would_reject
    std::int64_t rejected;
    std::int64_t would_reject;
    std::int64_t handshakes;       // observed ones
    std::int64_t handshake_time;   // of observed handshakes, in microseconds
    std::int64_t hello_retries;

    void add(const UsageEvent &event) noexcept;
};

struct UsageEntry {
    UsageKey key;
    UsageTotals totals;
    std::int64_t max_handshake_time;   // microseconds
    Instant first_seen;
    Instant last_seen;
    Timestamp nearest_not_after;   // earliest expiry of certificates seen and still valid; or no_expiry
    Timestamp last_not_after;      // of the last login's certificate
    ShortName last_application_name;
    ShortText<126> last_reason;   // of the last login with a reason
    RawAddress last_client_address;
    std::uint8_t unused[5];

    // Rows with refusals are evicted last, so that new logins cannot push them out.
    bool is_evidence() const noexcept { return totals.rejected != 0 || totals.would_reject != 0; }

    // The columns of pg_stat_ssl_usage.
    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("datname", key.database.text());
        visit("usename", key.user.text());
        visit("transport", key.transport.text());
        visit("version", key.version.text());
        visit("cipher", key.cipher.text());
        visit("key_exchange_group", key.key_exchange_group.text());
        visit("post_quantum_offered", shown_offer());
        visit("client_cert", key.client_cert != 0);
        visit("issuer_dn", key.issuer_dn.text());
        visit("auth_method", key.auth_method.text());
        visit("hba_file", key.hba_file.text());
        visit("hba_line", key.hba_line > 0 ? std::optional<int>(key.hba_line) : std::nullopt);
        visit("ja4", key.ja4.text());
        visit("connections", totals.connections);
        visit("rejected", totals.rejected);
        visit("would_reject", totals.would_reject);
        visit("first_seen", first_seen);
        visit("last_seen", last_seen);
        visit("last_client_addr", last_client_address.shown());
        visit("last_application_name", last_application_name.text());
        visit("total_handshake_time", shown_time(totals.handshake_time));
        visit("max_handshake_time", shown_time(max_handshake_time));
        visit("nearest_not_after", shown_expiry(nearest_not_after));
        visit("last_not_after", shown_expiry(last_not_after));
        visit("last_reason", last_reason.text());
    }

  private:
    std::optional<bool> shown_offer() const;
    std::optional<double> shown_time(std::int64_t microseconds) const;   // milliseconds; none without handshakes
    static std::optional<Timestamp> shown_expiry(Timestamp not_after);
};
static_assert(std::has_unique_object_representations_v<UsageEntry>, "written to a file as bytes");

// The columns of pg_stat_ssl_usage_info.
struct UsageInfo {
    TableInfo table;
    UsageTotals totals;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        table.columns(visit);
        visit("connections", totals.connections);
        visit("rejected", totals.rejected);
        visit("would_reject", totals.would_reject);
        visit("total_handshake_time", static_cast<double>(totals.handshake_time) / 1000);
        visit("handshakes", totals.handshakes);
        visit("hello_retries", totals.hello_retries);
    }
};

// Counts of logins with equal keys, and totals, which outlive the rows. A view of memory, without locking.
class UsageTable {
  public:
    // Clients choose their ja4: after this many values with an otherwise equal key, logins are counted without ja4.
    static constexpr int ja4_max = 16;

    static std::size_t size(int capacity) noexcept { return sizeof(UsageTotals) + Rows::size(capacity); }
    // Makes an empty table in size(capacity) bytes, aligned to 8.
    static UsageTable create(void *memory, int capacity, Instant now) noexcept;
    // Opens a table made by create().
    explicit UsageTable(void *memory) noexcept
        : totals_(static_cast<UsageTotals *>(memory)), rows_(static_cast<UsageTotals *>(memory) + 1)
    {}

    void record(const UsageKey &key, const UsageEvent &event) noexcept;
    void reset(Instant now) noexcept;
    UsageInfo info() const noexcept { return {rows_.info(), *totals_}; }
    // False if a process was killed during record() or reset().
    bool consistent() const noexcept { return rows_.consistent(); }
    // Rows have the numbers 0 to count() - 1, in no order.
    std::int32_t count() const noexcept { return rows_.count(); }
    const UsageEntry &at(std::int32_t number) const noexcept { return rows_.at(number); }
    // Calls visit(entry) for each row, in the order of eviction.
    template <class Visitor> void each(Visitor &&visit) const { rows_.each(visit); }

    // Convert to and from the contents of a file. read() throws Error for malformed bytes, and then leaves the table
    // unchanged. If the file has more rows than fit, the least recently seen are evicted.
    std::string write() const;
    void read(std::string_view bytes);

  private:
    using Rows = BoundedTable<UsageEntry>;
    UsageTotals *totals_;
    Rows rows_;
};

}   // namespace sslinfo::core
