#pragma once
#include "core/logins/bounded_table.hpp"
#include "core/logins/failure_reason.hpp"
#include "core/logins/plain_values.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// The counts of attempts that did not become a session: a bounded table that lives in any block of
// memory, so also in shared memory.
namespace sslinfo::core {

// Attempts with an equal key are counted in one entry.
struct FailureKey {
    FailureReason reason;
    RawAddress address;
    ShortName user;
    ShortName database;
    friend bool operator==(const FailureKey &, const FailureKey &) = default;
};

// The last attempt of an entry. Codes are -1 if not known.
struct FailureDetails {
    ShortText<254> message;
    ShortText<63> server_name;
    ShortText<36> ja4;
    std::int32_t alert;
    std::uint8_t alert_from_client;   // not a bool, since the file may hold any byte
    std::int32_t offered_version;
};

struct FailureEntry {
    FailureKey key;
    FailureDetails last;
    std::int64_t count;
    Instant first_seen;
    Instant last_seen;

    // The columns of pg_stat_ssl_failures.
    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("stage", std::string(failure_stage_name(key.reason)));
        visit("reason", std::string(failure_reason_name(key.reason)));
        visit("client_addr", key.address.shown());
        visit("usename", key.user.text());
        visit("datname", key.database.text());
        visit("count", count);
        visit("first_seen", first_seen);
        visit("last_seen", last_seen);
        visit("message", last.message.text());
        visit("alert", shown_alert());
        visit("alert_from", last.alert < 0
                                ? std::nullopt
                                : std::optional<std::string>(last.alert_from_client != 0 ? "client" : "server"));
        visit("offered_version", shown_version());
        visit("server_name", last.server_name.text());
        visit("ja4", last.ja4.text());
    }

  private:
    std::optional<std::string> shown_alert() const;
    std::optional<std::string> shown_version() const;
};

// One attempt, as an entry of one. The times are both `when`.
FailureEntry failed_attempt(const FailureKey &key, const FailureDetails &details, Instant when);

// A counter that nothing evicts: the columns of pg_stat_ssl_failure_totals.
struct FailureTotal {
    FailureReason reason;
    std::int64_t count;
    std::optional<Instant> last_seen;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("stage", std::string(failure_stage_name(reason)));
        visit("reason", std::string(failure_reason_name(reason)));
        visit("count", count);
        visit("last_seen", last_seen);
    }
};

// The table is flat: an array of tags that is searched from its start, and an array of entries. There are no links
// between entries, so that an update which was cut off at any point leaves every other entry as it was. 10,000 tags are
// 240 kB, read in some microseconds. The object is a view of the memory and does no locking.
//
// Not BoundedTable: that one finds an entry by its whole key and evicts the oldest of all. This table also counts the
// rows of one address, evicts the oldest of these, and takes the names off a row where it is, so that a flood from one
// address leaves the rows of the others. BoundedTable would need a second index and three operations for it alone, and
// its links would be followed by processes without a PGPROC, with all signals blocked.
class FailureTable {
  public:
    static constexpr int rows_per_address_max = 32;

    static std::size_t size(int capacity) noexcept;
    // Lays an empty table into size(capacity) bytes, aligned to 8.
    static FailureTable create(void *memory, int capacity, Instant now) noexcept;
    // A table that is there.
    explicit FailureTable(void *memory) noexcept : header_(static_cast<Header *>(memory)) {}

    // Counts an attempt. An address has at most rows_per_address_max rows. Its further attempts are counted in rows
    // without names, one for each reason. To make room for such a row, the least recently seen row of the address loses
    // its names if it has the same reason, and is evicted if not. A full table evicts the least recently seen row.
    void record(const FailureEntry &attempt) noexcept;
    void reset(Instant now) noexcept;

    TableInfo info() const noexcept;
    FailureTotal total(FailureReason reason) const noexcept;
    // Entries are numbered from 0 to info().entries - 1.
    const FailureEntry &entry(int number) const noexcept { return entries()[number]; }

    // All of it as bytes for a file, and back. read() throws Error if the bytes are malformed, and then has not touched
    // the table; if they hold more than the table takes, the least recently seen are left out.
    std::string write() const;
    void read(std::string_view bytes);

  private:
    static constexpr std::int32_t none = -1;
    struct Total {
        std::int64_t count;
        Instant last_seen;
    };
    struct Header {
        std::int32_t capacity;
        std::int32_t used;
        std::int64_t evictions;
        Instant stats_reset;
        Total totals[failure_reason_count];
    };
    // The part of an entry that searches read.
    struct Tag {
        std::uint64_t key;   // hashes
        std::uint64_t address;
        Instant last_seen;
    };

    Tag *tags() const noexcept { return reinterpret_cast<Tag *>(header_ + 1); }
    FailureEntry *entries() const noexcept { return reinterpret_cast<FailureEntry *>(tags() + header_->capacity); }
    std::int32_t find(const FailureKey &key, std::uint64_t hash) const noexcept;
    std::int32_t rows_of(std::uint64_t address) const noexcept;
    // The least recently seen entry; with an address hash, of that address.
    std::int32_t oldest(const std::uint64_t *address) const noexcept;
    std::int32_t place_for(std::uint64_t address) noexcept;
    void put(std::int32_t at, const FailureEntry &entry) noexcept;
    void add(const FailureEntry &entry) noexcept;
    void fold_oldest(const FailureEntry &folded) noexcept;

    Header *header_;
};

}   // namespace sslinfo::core
