#include "core/logins/failure_table.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/tls/client_hello.hpp"
#include "core/tls/tls_names.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

namespace sslinfo::core {

namespace {

void add_address(Fnv1a &hash, const RawAddress &address) noexcept
{
    hash.add(&address.length, 1).add(address.octets, sizeof address.octets);
}

void add_name(Fnv1a &hash, const ShortName &name) noexcept
{
    hash.add(&name.length, sizeof name.length)
        .add(name.bytes, name.length > 0 ? static_cast<std::size_t>(name.length) : 0);
}

std::uint64_t hash_of(const RawAddress &address) noexcept
{
    Fnv1a hash;
    add_address(hash, address);
    return hash.value();
}

std::uint64_t hash_of(const FailureKey &key) noexcept
{
    Fnv1a hash;
    hash.add(&key.reason, sizeof key.reason);
    add_address(hash, key.address);
    add_name(hash, key.user);
    add_name(hash, key.database);
    return hash.value();
}

FailureKey without_names(const FailureKey &key) noexcept
{
    FailureKey result = key;
    result.user = result.database = ShortName::none();
    return result;
}

static_assert(std::is_trivially_copyable_v<FailureEntry>);

bool is_valid_entry(const FailureEntry &entry)
{
    const FailureKey &key = entry.key;
    const FailureDetails &last = entry.last;
    return static_cast<int>(key.reason) < failure_reason_count && is_valid(key.address) && is_valid(key.user) &&
           is_valid(key.database) && is_valid(last.message) && is_valid(last.server_name) && is_valid(last.ja4) &&
           is_valid(entry.count);
}

}   // namespace

std::optional<std::string> FailureEntry::shown_alert() const
{
    return last.alert < 0 ? std::nullopt
                          : std::optional<std::string>(alert_name(last.alert).value_or(std::to_string(last.alert)));
}

std::optional<std::string> FailureEntry::shown_version() const
{
    return last.offered_version < 0 ? std::nullopt : std::optional<std::string>(version_name(last.offered_version));
}

FailureEntry failed_attempt(const FailureKey &key, const FailureDetails &details, Instant when)
{
    FailureEntry entry{};
    entry.key = key;
    entry.last = details;
    entry.count = 1;
    entry.first_seen = entry.last_seen = when;
    return entry;
}

std::size_t FailureTable::size(int capacity) noexcept
{
    static_assert(sizeof(Header) % alignof(Tag) == 0 && alignof(FailureEntry) <= alignof(Tag));
    return sizeof(Header) + static_cast<std::size_t>(capacity) * (sizeof(Tag) + sizeof(FailureEntry));
}

FailureTable FailureTable::create(void *memory, int capacity, Instant now) noexcept
{
    FailureTable table(memory);
    *table.header_ = Header{};
    table.header_->capacity = capacity;
    table.reset(now);
    return table;
}

void FailureTable::reset(Instant now) noexcept
{
    header_->used = 0;
    header_->evictions = 0;
    header_->stats_reset = now;
    std::fill_n(header_->totals, failure_reason_count, Total{});
}

TableInfo FailureTable::info() const noexcept { return {header_->used, header_->evictions, header_->stats_reset}; }

FailureTotal FailureTable::total(FailureReason reason) const noexcept
{
    const Total &total = header_->totals[static_cast<std::size_t>(reason)];
    return {reason, total.count, total.count != 0 ? std::optional(total.last_seen) : std::nullopt};
}

std::int32_t FailureTable::find(const FailureKey &key, std::uint64_t hash) const noexcept
{
    for (std::int32_t i = 0; i < header_->used; ++i)
        if (tags()[i].key == hash && entries()[i].key == key)
            return i;
    return none;
}

std::int32_t FailureTable::rows_of(std::uint64_t address) const noexcept
{
    return static_cast<std::int32_t>(
        std::count_if(tags(), tags() + header_->used, [=](const Tag &tag) { return tag.address == address; }));
}

std::int32_t FailureTable::oldest(const std::uint64_t *address) const noexcept
{
    std::int32_t found = none;
    for (std::int32_t i = 0; i < header_->used; ++i)
        if ((address == nullptr || tags()[i].address == *address) &&
            (found == none || tags()[i].last_seen < tags()[found].last_seen))
            found = i;
    return found;
}

// Returns an unused entry, or the one to be replaced, for this address.
std::int32_t FailureTable::place_for(std::uint64_t address) noexcept
{
    const bool address_full = rows_of(address) >= rows_per_address_max;
    if (!address_full && header_->used < header_->capacity)
        return header_->used++;
    ++header_->evictions;
    return oldest(address_full ? &address : nullptr);
}

void FailureTable::put(std::int32_t at, const FailureEntry &entry) noexcept
{
    entries()[at] = entry;
    tags()[at] = {hash_of(entry.key), hash_of(entry.key.address), entry.last_seen};
}

void FailureTable::add(const FailureEntry &attempt) noexcept
{
    const std::int32_t at = find(attempt.key, hash_of(attempt.key));
    if (at == none) {
        put(place_for(hash_of(attempt.key.address)), attempt);
        return;
    }
    FailureEntry &entry = entries()[at];
    entry.count += attempt.count;
    entry.last = attempt.last;
    entry.last_seen = tags()[at].last_seen = attempt.last_seen;
}

// Removes the names from the oldest row of the address, if it has the reason of `folded` and no such row exists.
void FailureTable::fold_oldest(const FailureEntry &folded) noexcept
{
    const std::uint64_t address = hash_of(folded.key.address);
    const std::int32_t at = oldest(&address);
    if (find(folded.key, hash_of(folded.key)) != none || entries()[at].key.reason != folded.key.reason)
        return;
    FailureEntry entry = entries()[at];
    entry.key = folded.key;
    put(at, entry);
}

void FailureTable::record(const FailureEntry &attempt) noexcept
{
    Total &total = header_->totals[static_cast<std::size_t>(attempt.key.reason)];
    total.count += attempt.count;
    total.last_seen = attempt.last_seen;
    if (find(attempt.key, hash_of(attempt.key)) != none ||
        rows_of(hash_of(attempt.key.address)) < rows_per_address_max) {
        add(attempt);
        return;
    }
    FailureEntry folded = attempt;
    folded.key = without_names(attempt.key);
    fold_oldest(folded);
    add(folded);
}

std::string FailureTable::write() const
{
    std::string bytes(reinterpret_cast<const char *>(header_), sizeof *header_);
    bytes.append(reinterpret_cast<const char *>(entries()),
                 static_cast<std::size_t>(header_->used) * sizeof(FailureEntry));
    return bytes;
}

void FailureTable::read(std::string_view bytes)
{
    Header header;
    if (bytes.size() < sizeof header || (bytes.size() - sizeof header) % sizeof(FailureEntry) != 0)
        throw Error(ErrorCode::invalid_binary, "wrong length");
    std::memcpy(&header, bytes.data(), sizeof header);
    std::vector<FailureEntry> found((bytes.size() - sizeof header) / sizeof(FailureEntry));
    bytes.copy(reinterpret_cast<char *>(found.data()), bytes.size() - sizeof header, sizeof header);
    for (const FailureEntry &entry : found)
        if (!is_valid_entry(entry))
            throw Error(ErrorCode::invalid_binary, "invalid entry " + std::to_string(&entry - found.data() + 1));
    const auto is_valid_total = [](const Total &total) { return is_valid(total.count); };
    if (!is_valid(header.evictions) || !std::all_of(std::begin(header.totals), std::end(header.totals), is_valid_total))
        throw Error(ErrorCode::invalid_binary, "invalid totals");

    std::sort(found.begin(), found.end(),
              [](const FailureEntry &a, const FailureEntry &b) { return a.last_seen < b.last_seen; });
    reset(header.stats_reset);
    for (const FailureEntry &entry : found)
        if (find(entry.key, hash_of(entry.key)) == none)
            put(place_for(hash_of(entry.key.address)), entry);
    header_->evictions += header.evictions;
    std::copy(std::begin(header.totals), std::end(header.totals), header_->totals);
}

}   // namespace sslinfo::core
