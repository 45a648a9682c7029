#include "core/logins/usage_table.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <bit>

namespace sslinfo::core {

namespace {

// FNV-1a, 64 bits. The same in every run: it is kept in the file.
class Hash {
  public:
    void add(const Text &text)
    {
        add_byte(text ? 1 : 0);
        for (const char c : text.value_or(std::string()))
            add_byte(static_cast<unsigned char>(c));
        add_byte(0);
    }
    void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
    std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

}   // namespace

template <std::size_t N> std::string ShortText<N>::shortened_to(const std::string &text) { return shortened(text, N); }
template struct ShortText<6>;
template struct ShortText<15>;
template struct ShortText<45>;
template struct ShortText<63>;
template struct ShortText<254>;

UsageKey usage_key(const Text &database, const Text &user, const Session &session)
{
    Hash hash;
    for (const Text &text : {database, user, Text(session.transport), session.version, session.cipher,
                             session.key_exchange_group, session.issuer_dn})
        hash.add(text);
    const auto offered = static_cast<std::int8_t>(session.post_quantum_offered ? *session.post_quantum_offered : -1);
    hash.add_byte(static_cast<unsigned char>(offered));
    hash.add_byte(session.client_cert_present);

    UsageKey key{};
    key.hash = hash.value();
    key.database = key.database.of(database);
    key.user = key.user.of(user);
    key.transport = key.transport.of(session.transport);
    key.version = key.version.of(session.version);
    key.cipher = key.cipher.of(session.cipher);
    key.key_exchange_group = key.key_exchange_group.of(session.key_exchange_group);
    key.issuer_dn = key.issuer_dn.of(session.issuer_dn);
    key.post_quantum_offered.value = offered;
    key.client_cert = session.client_cert_present;
    return key;
}

// Says in the memory itself that somebody is at it. No destructor runs in a process that is killed.
struct UsageTable::Writing {
    explicit Writing(Header *h) noexcept : header(h) { header->writing = true; }
    ~Writing() { header->writing = false; }
    Writing(const Writing &) = delete;
    Writing &operator=(const Writing &) = delete;
    Header *header;
};

std::size_t UsageTable::size(int capacity) noexcept
{
    const auto n = static_cast<std::size_t>(capacity);
    return sizeof(Header) + std::bit_ceil(n) * sizeof(std::int32_t) + n * sizeof(Node) + alignof(Node);
}

UsageTable UsageTable::create(void *memory, int capacity, Instant now) noexcept
{
    UsageTable table(memory);
    *table.header_ = Header{};
    table.header_->capacity = capacity;
    // At least 2, so that the nodes that follow are aligned.
    table.header_->buckets = std::max<std::int32_t>(2, static_cast<std::int32_t>(std::bit_ceil(unsigned(capacity))));
    static_assert(sizeof(Header) % alignof(Node) == 0 && alignof(Node) <= 2 * sizeof(std::int32_t));
    table.reset(now);
    return table;
}

void UsageTable::reset(Instant now) noexcept
{
    const Writing writing(header_);
    std::fill_n(buckets(), header_->buckets, none);
    header_->used = 0;
    header_->oldest = header_->newest = none;
    header_->evictions = 0;
    header_->stats_reset = now;
}

UsageInfo UsageTable::info() const noexcept { return {header_->used, header_->evictions, header_->stats_reset}; }

std::size_t UsageTable::used_size() const noexcept
{
    const char *const begin = reinterpret_cast<const char *>(header_);
    return static_cast<std::size_t>(reinterpret_cast<const char *>(nodes() + header_->used) - begin);
}

std::int32_t &UsageTable::bucket_of(const UsageKey &key) const noexcept
{
    return buckets()[key.hash & static_cast<std::uint64_t>(header_->buckets - 1)];
}

std::int32_t UsageTable::find(const UsageKey &key) const noexcept
{
    std::int32_t at = bucket_of(key);
    while (at != none && !(nodes()[at].entry.key == key))
        at = nodes()[at].next;
    return at;
}

void UsageTable::unlink_age(std::int32_t at) noexcept
{
    const Node &node = nodes()[at];
    (node.older != none ? nodes()[node.older].newer : header_->oldest) = node.newer;
    (node.newer != none ? nodes()[node.newer].older : header_->newest) = node.older;
}

void UsageTable::link_newest(std::int32_t at) noexcept
{
    nodes()[at].older = header_->newest;
    nodes()[at].newer = none;
    (header_->newest != none ? nodes()[header_->newest].newer : header_->oldest) = at;
    header_->newest = at;
}

// Leaves the oldest out of its bucket and out of the ages; its node is free.
void UsageTable::evict_oldest() noexcept
{
    const std::int32_t at = header_->oldest;
    std::int32_t *link = &bucket_of(nodes()[at].entry.key);
    while (*link != at)
        link = &nodes()[*link].next;
    *link = nodes()[at].next;
    unlink_age(at);
    ++header_->evictions;
}

// A node for a key that is not there, the newest.
std::int32_t UsageTable::add(const UsageKey &key) noexcept
{
    std::int32_t at = header_->oldest;
    if (header_->used < header_->capacity)
        at = header_->used++;
    else
        evict_oldest();
    std::int32_t &bucket = bucket_of(key);
    nodes()[at].next = bucket;
    bucket = at;
    link_newest(at);
    return at;
}

void UsageTable::record(const UsageKey &key, const UsageEvent &event) noexcept
{
    const Writing writing(header_);
    std::int32_t at = find(key);
    if (at == none) {
        at = add(key);
        nodes()[at].entry = UsageEntry{};
        nodes()[at].entry.key = key;
        nodes()[at].entry.first_seen = event.when;
        nodes()[at].entry.nearest_not_after.seconds = MaybeExpiry::none;
    } else if (at != header_->newest) {
        unlink_age(at);
        link_newest(at);
    }
    UsageEntry &entry = nodes()[at].entry;
    entry.connections += event.outcome != LoginOutcome::rejected;
    entry.rejected += event.outcome == LoginOutcome::rejected;
    entry.would_reject += event.outcome == LoginOutcome::would_reject;
    entry.last_seen = event.when;
    entry.last_client_address = event.client_address;
    // A certificate that has run out since cannot log in again: it gives way to those that can.
    if (entry.nearest_not_after.seconds < event.when.microseconds / 1000000 ||
        event.not_after.seconds < entry.nearest_not_after.seconds)
        entry.nearest_not_after = event.not_after;
}

void UsageTable::restore(const UsageEntry &entry) noexcept
{
    const Writing writing(header_);
    if (find(entry.key) == none)
        nodes()[add(entry.key)].entry = entry;
}

void UsageTable::restore_info(const UsageInfo &info) noexcept
{
    const Writing writing(header_);
    header_->evictions = info.evictions;
    header_->stats_reset = info.stats_reset;
}

}   // namespace sslinfo::core
