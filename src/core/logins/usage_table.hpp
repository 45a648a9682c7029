#pragma once
#include "core/tls/session.hpp"

#include <cstring>
#include <string>
#include <string_view>

// What a server counts of its logins: a bounded table that lives in any block of memory, so also in shared memory.
namespace sslinfo::core {

// UTF-8 of at most N bytes, or none, in plain memory. What is longer is cut at a character and marked
// (core::shortened).
template <std::size_t N> struct ShortText {
    std::int16_t length;   // -1: none
    char bytes[N];

    static ShortText of(const Text &text)
    {
        ShortText result{};
        result.length = -1;
        if (text) {
            const std::string value = shortened_to(*text);
            result.length = static_cast<std::int16_t>(value.size());
            value.copy(result.bytes, N);
        }
        return result;
    }
    Text text() const { return length < 0 ? std::nullopt : Text(std::string(bytes, static_cast<std::size_t>(length))); }
    // Not defaulted: GCC 10 would compare the addresses of the arrays (fixed in 11, PR 93480).
    friend bool operator==(const ShortText &a, const ShortText &b)
    {
        return a.length == b.length && std::memcmp(a.bytes, b.bytes, N) == 0;
    }

  private:
    static std::string shortened_to(const std::string &text);
};

using ShortName = ShortText<63>;

// An IP address, or none; yes, no or unknown; the end of a validity, or none. All as plain memory.
struct ShortAddress {
    ShortText<45> text;
};
struct MaybeFlag {
    std::int8_t value;   // -1: unknown
    friend bool operator==(const MaybeFlag &, const MaybeFlag &) = default;
};
struct MaybeExpiry {
    static constexpr std::int64_t none = INT64_MAX;
    std::int64_t seconds;   // Unix time; `none` sorts last
};

// What logins have in common that are counted together.
struct UsageKey {
    std::uint64_t hash;   // of the whole texts, so that two which are cut to the same stay apart
    ShortName database;
    ShortName user;
    ShortText<6> transport;
    ShortText<15> version;
    ShortName cipher;
    ShortName key_exchange_group;
    ShortText<254> issuer_dn;
    MaybeFlag post_quantum_offered;
    bool client_cert;
    friend bool operator==(const UsageKey &, const UsageKey &) = default;
};
UsageKey usage_key(const Text &database, const Text &user, const Session &session);

enum class LoginOutcome {
    connected,
    would_reject,   // connected, though the login rules say no
    rejected,
};

// One login.
struct UsageEvent {
    Instant when;
    LoginOutcome outcome;
    ShortAddress client_address;
    MaybeExpiry not_after;   // of the client certificate
};

struct UsageEntry {
    UsageKey key;
    std::int64_t connections;   // would_reject included
    std::int64_t rejected;
    std::int64_t would_reject;
    Instant first_seen;
    Instant last_seen;
    ShortAddress last_client_address;
    MaybeExpiry nearest_not_after;   // of the certificates seen, the first to run out of those still valid

    // Calls visit(column, field) for each column of pg_stat_ssl_usage and for the hash, which only the file keeps.
    template <class Self, class Visitor> static void fields(Self &self, Visitor &&visit)
    {
        visit("datname", self.key.database);
        visit("usename", self.key.user);
        visit("transport", self.key.transport);
        visit("version", self.key.version);
        visit("cipher", self.key.cipher);
        visit("key_exchange_group", self.key.key_exchange_group);
        visit("post_quantum_offered", self.key.post_quantum_offered);
        visit("client_cert", self.key.client_cert);
        visit("issuer_dn", self.key.issuer_dn);
        visit("connections", self.connections);
        visit("rejected", self.rejected);
        visit("would_reject", self.would_reject);
        visit("first_seen", self.first_seen);
        visit("last_seen", self.last_seen);
        visit("last_client_addr", self.last_client_address);
        visit("nearest_not_after", self.nearest_not_after);
        visit("hash", self.key.hash);
    }
    template <class Visitor> void columns(Visitor &&visit) const
    {
        fields(*this, [&](std::string_view name, const auto &field) { visit(name, shown(field)); });
    }

  private:
    template <std::size_t N> static Text shown(const ShortText<N> &field) { return field.text(); }
    static std::int64_t shown(std::int64_t field) { return field; }
    static std::int64_t shown(std::uint64_t field) { return static_cast<std::int64_t>(field); }
    static bool shown(bool field) { return field; }
    static Instant shown(Instant field) { return field; }
    static Flag shown(MaybeFlag field) { return field.value < 0 ? Flag() : Flag(field.value != 0); }
    static std::optional<Address> shown(const ShortAddress &field)
    {
        return field.text.length < 0 ? std::nullopt : std::optional(Address{*field.text.text()});
    }
    static Time shown(MaybeExpiry field)
    {
        return field.seconds == MaybeExpiry::none ? Time() : Time(Timestamp{field.seconds});
    }
};

// What the table says of itself: the columns of pg_stat_ssl_usage_info.
struct UsageInfo {
    std::int64_t entries;
    std::int64_t evictions;
    Instant stats_reset;

    template <class Self, class Visitor> static void fields(Self &self, Visitor &&visit)
    {
        visit("entries", self.entries);
        visit("evictions", self.evictions);
        visit("stats_reset", self.stats_reset);
    }
    template <class Visitor> void columns(Visitor &&visit) const { fields(*this, visit); }
};

// The table. A full one gives up what was least recently seen. The object is a view of the memory, which holds no
// pointers and may be copied as a whole. It does no locking.
class UsageTable {
  public:
    static std::size_t size(int capacity) noexcept;
    // Lays an empty table into size(capacity) bytes, aligned to 8.
    static UsageTable create(void *memory, int capacity, Instant now) noexcept;
    // A table that is there.
    explicit UsageTable(void *memory) noexcept : header_(static_cast<Header *>(memory)) {}

    void record(const UsageKey &key, const UsageEvent &event) noexcept;
    // Puts in an entry that another table had, the most recently seen last.
    void restore(const UsageEntry &entry) noexcept;
    void restore_info(const UsageInfo &info) noexcept;
    void reset(Instant now) noexcept;

    UsageInfo info() const noexcept;
    // How many of its bytes are in use now: a copy of them is a whole table to read.
    std::size_t used_size() const noexcept;
    // False where a writer did not finish, which can only be one that was killed.
    bool consistent() const noexcept { return !header_->writing; }

    // Calls visit(entry) for each, the least recently seen first.
    template <class Visitor> void each(Visitor &&visit) const
    {
        std::int32_t at = header_->oldest;
        for (std::int32_t n = 0; n < header_->used && at != none; ++n, at = nodes()[at].newer)
            visit(static_cast<const UsageEntry &>(nodes()[at].entry));
    }

  private:
    static constexpr std::int32_t none = -1;
    struct Header {
        std::int32_t capacity;
        std::int32_t buckets;   // a power of two
        std::int32_t used;
        std::int32_t oldest;
        std::int32_t newest;
        bool writing;
        std::int64_t evictions;
        Instant stats_reset;
    };
    struct Node {
        std::int32_t next;   // in its bucket
        std::int32_t older;
        std::int32_t newer;
        UsageEntry entry;
    };
    struct Writing;

    std::int32_t *buckets() const noexcept { return reinterpret_cast<std::int32_t *>(header_ + 1); }
    Node *nodes() const noexcept { return reinterpret_cast<Node *>(buckets() + header_->buckets); }
    std::int32_t &bucket_of(const UsageKey &key) const noexcept;
    std::int32_t find(const UsageKey &key) const noexcept;
    std::int32_t add(const UsageKey &key) noexcept;
    void evict_oldest() noexcept;
    void unlink_age(std::int32_t at) noexcept;
    void link_newest(std::int32_t at) noexcept;

    Header *header_;
};

// The whole table as bytes for a file, and back. read_usage() throws Error where the bytes make no sense, and then has
// not touched the table; where they hold more than the table takes, the least recently seen are evicted.
std::string write_usage(const UsageTable &table);
void read_usage(std::string_view bytes, UsageTable &table);

}   // namespace sslinfo::core
