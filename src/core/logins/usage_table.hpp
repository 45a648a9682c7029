#pragma once
#include "core/logins/bounded_table.hpp"
#include "core/tls/session.hpp"

#include <cstring>
#include <string>
#include <string_view>

// The logins that a server counts.
namespace sslinfo::core {

// UTF-8 of at most N bytes, or none, in plain memory. What is longer is cut at a character and marked
// (core::shortened).
template <std::size_t N> struct ShortText {
    std::int16_t length;   // -1: none
    char bytes[N];

    static ShortText of(const std::optional<std::string> &text)
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
    std::optional<std::string> text() const
    {
        return length < 0 ? std::nullopt
                          : std::optional<std::string>(std::string(bytes, static_cast<std::size_t>(length)));
    }
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
UsageKey usage_key(const std::optional<std::string> &database, const std::optional<std::string> &user,
                   const Session &session);

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
    MaybeExpiry last_not_after;      // of the certificate of the last login

    // A full table gives up other rows first: whoever can log in must not push out what somebody else was refused.
    bool is_evidence() const noexcept { return rejected != 0 || would_reject != 0; }

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
        visit("last_not_after", self.last_not_after);
        visit("hash", self.key.hash);
    }
    template <class Visitor> void columns(Visitor &&visit) const
    {
        fields(*this, [&](std::string_view name, const auto &field) { visit(name, shown(field)); });
    }

  private:
    template <std::size_t N> static std::optional<std::string> shown(const ShortText<N> &field) { return field.text(); }
    static std::int64_t shown(std::int64_t field) { return field; }
    static std::int64_t shown(std::uint64_t field) { return static_cast<std::int64_t>(field); }
    static bool shown(bool field) { return field; }
    static Instant shown(Instant field) { return field; }
    static std::optional<bool> shown(MaybeFlag field)
    {
        return field.value < 0 ? std::nullopt : std::optional<bool>(field.value != 0);
    }
    static std::optional<Address> shown(const ShortAddress &field)
    {
        return field.text.length < 0 ? std::nullopt : std::optional(Address{*field.text.text()});
    }
    static std::optional<Timestamp> shown(MaybeExpiry field)
    {
        return field.seconds == MaybeExpiry::none
                   ? std::nullopt
                   : std::optional<Timestamp>(Timestamp{std::chrono::seconds{field.seconds}});
    }
};

// The logins of a server by what they have in common.
class UsageTable : public BoundedTable<UsageEntry> {
  public:
    using BoundedTable::BoundedTable;
    UsageTable(BoundedTable table) noexcept : BoundedTable(table) {}
    void record(const UsageKey &key, const UsageEvent &event) noexcept;
};

// The whole table as bytes for a file, and back. read_usage() throws Error where the bytes make no sense, and then has
// not touched the table; where they hold more than the table takes, the least recently seen are evicted.
std::string write_usage(const UsageTable &table);
void read_usage(std::string_view bytes, UsageTable &table);

}   // namespace sslinfo::core
