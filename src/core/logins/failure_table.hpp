#pragma once
#include "core/logins/bounded_table.hpp"
#include "core/logins/failure_reason.hpp"
#include "core/logins/plain_values.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// Counts of failed connection attempts, in any block of memory, such as shared memory.
namespace sslinfo::core {

// Attempts with equal keys share an entry.
struct FailureKey {
    FailureReason reason;
    RawAddress address;
    ShortName user;
    ShortName database;
    friend bool operator==(const FailureKey &, const FailureKey &) = default;
};

// Details of an entry's last attempt. Codes are -1 if unknown.
struct FailureDetails {
    ShortText<254> message;
    ShortText<63> server_name;
    ShortText<36> ja4;
    std::int32_t alert;
    std::uint8_t alert_from_client;   // not a bool, since a file may contain any byte
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

// Returns the entry of a single attempt, with both times `when`.
FailureEntry failed_attempt(const FailureKey &key, const FailureDetails &details, Instant when);

// A counter that is never evicted: the columns of pg_stat_ssl_failure_totals.
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

// An array of tags, searched from the start, and an array of entries. Without links between entries, an interrupted
// update damages no other entry. 10,000 tags have 240 kB, which are read in some microseconds. The object is a view of
// the memory and does no locking.
//
// BoundedTable is not used, because this table also limits the rows of each address, so that a flood from one address
// cannot evict others. BoundedTable would need a second index, and its links would be followed with signals blocked.
class FailureTable {
  public:
    static constexpr int rows_per_address_max = 32;

    static std::size_t size(int capacity) noexcept;
    // Makes an empty table in size(capacity) bytes, aligned to 8.
    static FailureTable create(void *memory, int capacity, Instant now) noexcept;
    // Opens a table made by create().
    explicit FailureTable(void *memory) noexcept : header_(static_cast<Header *>(memory)) {}

    // Counts an attempt. An address has at most rows_per_address_max rows. After that, attempts are counted in one row
    // per reason, without names. To make room for it, the oldest row of the address loses its names if it has this
    // reason, or else is evicted. A full table evicts its oldest row.
    void record(const FailureEntry &attempt) noexcept;
    void reset(Instant now) noexcept;

    TableInfo info() const noexcept;
    FailureTotal total(FailureReason reason) const noexcept;
    // Entries have the numbers 0 to info().entries - 1.
    const FailureEntry &entry(int number) const noexcept { return entries()[number]; }

    // Convert to and from the contents of a file. read() throws Error for malformed bytes, and then leaves the table
    // unchanged. If the file has more entries than fit, the oldest are left out.
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
    // The part of an entry that is read by searches.
    struct Tag {
        std::uint64_t key;   // hash
        std::uint64_t address;
        Instant last_seen;
    };

    Tag *tags() const noexcept { return reinterpret_cast<Tag *>(header_ + 1); }
    FailureEntry *entries() const noexcept { return reinterpret_cast<FailureEntry *>(tags() + header_->capacity); }
    std::int32_t find(const FailureKey &key, std::uint64_t hash) const noexcept;
    std::int32_t rows_of(std::uint64_t address) const noexcept;
    // Returns the least recently seen entry, of this address if not null.
    std::int32_t oldest(const std::uint64_t *address) const noexcept;
    std::int32_t place_for(std::uint64_t address) noexcept;
    void put(std::int32_t at, const FailureEntry &entry) noexcept;
    void add(const FailureEntry &entry) noexcept;
    void fold_oldest(const FailureEntry &folded) noexcept;

    Header *header_;
};

}   // namespace sslinfo::core
