#include "core/logins/usage_table.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sslinfo::core {

namespace {

// Start of a usage file. The rows follow, in the order of eviction.
struct FileHeader {
    std::int64_t evictions;
    Instant stats_reset;
    UsageTotals totals;
};
static_assert(std::has_unique_object_representations_v<FileHeader>, "written to a file as bytes");

// The hash is stored in files: a change here splits rows after a restart.
void add_text(Fnv1a &hash, const std::optional<std::string> &text)
{
    hash.add_byte(text ? 1 : 0);
    if (text)
        hash.add(text->data(), text->size());
    hash.add_byte(0);
}

std::int64_t microseconds_of(const UsageEvent &event) { return event.handshake ? event.handshake->count() : 0; }

bool is_valid(const UsageTotals &totals)
{
    return core::is_valid(totals.connections) && core::is_valid(totals.rejected) &&
           core::is_valid(totals.would_reject) && core::is_valid(totals.handshakes) &&
           core::is_valid(totals.handshake_time) && core::is_valid(totals.hello_retries);
}

template <std::size_t N> bool all_zero(const std::uint8_t (&bytes)[N])
{
    return std::all_of(bytes, bytes + N, [](std::uint8_t byte) { return byte == 0; });
}

bool is_valid(const UsageKey &key)
{
    return key.hba_line >= 0 && key.post_quantum_offered >= -1 && key.post_quantum_offered <= 1 &&
           key.client_cert <= 1 && core::is_valid(key.database) && core::is_valid(key.user) &&
           core::is_valid(key.transport) && core::is_valid(key.version) && core::is_valid(key.cipher) &&
           core::is_valid(key.key_exchange_group) && core::is_valid(key.issuer_dn) && core::is_valid(key.auth_method) &&
           core::is_valid(key.hba_file) && core::is_valid(key.ja4);
}

// Times are not checked: views show infinity for those outside PostgreSQL's range.
bool is_valid(const UsageEntry &entry)
{
    return is_valid(entry.key) && is_valid(entry.totals) && core::is_valid(entry.max_handshake_time) &&
           core::is_valid(entry.last_application_name) && core::is_valid(entry.last_reason) &&
           core::is_valid(entry.last_client_address) && all_zero(entry.unused);
}

}   // namespace

bool UsageKey::same_but_ja4(const UsageKey &other) const noexcept
{
    return std::memcmp(this, &other, offsetof(UsageKey, ja4)) == 0;
}

UsageKey usage_key(const std::optional<std::string> &database, const std::optional<std::string> &user,
                   const Session &session, const HbaLine &line)
{
    UsageKey key{};
    key.hba_line = line.number;
    key.post_quantum_offered = static_cast<std::int8_t>(session.post_quantum_offered.value_or(false));
    if (!session.post_quantum_offered)
        key.post_quantum_offered = -1;
    key.client_cert = session.client_cert_present;
    key.database = ShortName::of(database);
    key.user = ShortName::of(user);
    key.transport = ShortText<6>::of(transport_name(session.transport));
    key.version = ShortText<15>::of(session.version);
    key.cipher = ShortName::of(session.cipher);
    key.key_exchange_group = ShortName::of(session.key_exchange_group);
    key.issuer_dn = ShortText<254>::of(session.issuer_dn);
    key.auth_method = ShortText<30>::of(session.auth_method);
    key.hba_file = ShortName::of(line.file);
    key.ja4 = ShortText<36>::of(session.ja4);

    Fnv1a hash;
    add_text(hash, database);
    add_text(hash, user);
    add_text(hash, session.issuer_dn);
    key.hash = hash.value();
    return key;
}

UsageEvent usage_event(const Session &session, Instant when)
{
    UsageEvent event{};
    event.when = when;
    event.not_after = session.client_not_after.value_or(no_expiry);
    if (session.handshake_time)
        event.handshake = std::chrono::microseconds{static_cast<std::int64_t>(*session.handshake_time * 1000 + 0.5)};
    event.hello_retry = session.hello_retry.value_or(false);
    event.application_name = ShortName::none();
    event.reason = ShortText<126>::none();
    return event;
}

void UsageTotals::add(const UsageEvent &event) noexcept
{
    connections += event.outcome != LoginOutcome::rejected;
    rejected += event.outcome == LoginOutcome::rejected;
    would_reject += event.outcome == LoginOutcome::would_reject;
    handshakes += event.handshake.has_value();
    handshake_time += microseconds_of(event);
    hello_retries += event.hello_retry;
}

std::optional<bool> UsageEntry::shown_offer() const
{
    return key.post_quantum_offered < 0 ? std::nullopt : std::optional<bool>(key.post_quantum_offered != 0);
}

std::optional<double> UsageEntry::shown_time(std::int64_t microseconds) const
{
    return totals.handshakes == 0 ? std::nullopt : std::optional<double>(static_cast<double>(microseconds) / 1000);
}

std::optional<Timestamp> UsageEntry::shown_expiry(Timestamp not_after)
{
    return not_after == no_expiry ? std::nullopt : std::optional<Timestamp>(not_after);
}

UsageTable UsageTable::create(void *memory, int capacity, Instant now) noexcept
{
    UsageTable table(memory);
    *table.totals_ = {};
    Rows::create(table.totals_ + 1, capacity, now);
    return table;
}

void UsageTable::reset(Instant now) noexcept
{
    *totals_ = {};
    rows_.reset(now);
}

void UsageTable::record(const UsageKey &login, const UsageEvent &event) noexcept
{
    UsageKey key = login;
    // This must read before it writes: at the first access Linux maps 16 pages for a read, but only one for a write.
    const bool known = rows_.contains(key);
    const auto differs_in_ja4 = [&](const UsageKey &other) { return other.ja4.length >= 0 && key.same_but_ja4(other); };
    if (key.ja4.length >= 0 && !known && rows_.count_same_hash(key, differs_in_ja4) >= ja4_max)
        key.ja4 = ShortText<36>::none();
    rows_.record(key, [&](UsageEntry &entry, bool is_new) {
        if (is_new) {
            entry.first_seen = event.when;
            entry.nearest_not_after = no_expiry;
            entry.last_reason = ShortText<126>::none();
        }
        entry.totals.add(event);
        entry.max_handshake_time = std::max(entry.max_handshake_time, microseconds_of(event));
        entry.last_seen = event.when;
        entry.last_client_address = event.client_address;
        entry.last_application_name = event.application_name;
        if (event.reason.length >= 0)
            entry.last_reason = event.reason;
        entry.last_not_after = event.not_after;
        // An expired certificate cannot log in again, so it is replaced.
        if (entry.nearest_not_after < std::chrono::floor<std::chrono::seconds>(event.when) ||
            event.not_after < entry.nearest_not_after)
            entry.nearest_not_after = event.not_after;
    });
    totals_->add(event);
}

std::string UsageTable::write() const
{
    const TableInfo info = rows_.info();
    const FileHeader header = {info.evictions, info.stats_reset, *totals_};
    std::string bytes(reinterpret_cast<const char *>(&header), sizeof header);
    bytes.reserve(sizeof header + static_cast<std::size_t>(rows_.count()) * sizeof(UsageEntry));
    each([&](const UsageEntry &entry) { bytes.append(reinterpret_cast<const char *>(&entry), sizeof entry); });
    return bytes;
}

void UsageTable::read(std::string_view bytes)
{
    FileHeader header;
    if (bytes.size() < sizeof header || (bytes.size() - sizeof header) % sizeof(UsageEntry) != 0)
        throw Error(ErrorCode::invalid_binary, "wrong length");
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes.remove_prefix(sizeof header);
    if (!core::is_valid(header.evictions) || !is_valid(header.totals))
        throw Error(ErrorCode::invalid_binary, "invalid totals");
    std::vector<UsageEntry> entries(bytes.size() / sizeof(UsageEntry));
    bytes.copy(reinterpret_cast<char *>(entries.data()), bytes.size());
    const auto bad = std::find_if(entries.begin(), entries.end(), [](const auto &entry) { return !is_valid(entry); });
    if (bad != entries.end())
        throw Error(ErrorCode::invalid_binary, "invalid entry " + std::to_string(bad - entries.begin() + 1));
    *totals_ = header.totals;
    rows_.restore_info({0, header.evictions, header.stats_reset});
    for (const UsageEntry &entry : entries)
        rows_.restore(entry);
}

}   // namespace sslinfo::core
