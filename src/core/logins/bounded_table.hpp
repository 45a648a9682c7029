#pragma once
#include "core/base/types.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// A hash table with a fixed number of entries in any block of memory, such as shared memory. Unlike ShmemInitHash(), it
// evicts exactly the least recently seen entry in constant time, and views can copy a few entries at a time.
namespace sslinfo::core {

// State of a table: the columns of pg_stat_ssl_failures_info and the first ones of pg_stat_ssl_usage_info.
struct TableInfo {
    std::int64_t entries;
    std::int64_t evictions;
    Instant stats_reset;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("entries", entries);
        visit("evictions", evictions);
        visit("stats_reset", stats_reset);
    }
};

// A view of memory without pointers. It does no locking. Entry is plain memory with a member `key`, which has a 64-bit
// `hash` and operator==, and a member function is_evidence(). An entry is evicted only if it is no evidence or there is
// no other, so that a flood of ordinary entries cannot remove evidence.
template <class Entry> class BoundedTable {
    static_assert(std::is_trivially_copyable_v<Entry> && alignof(Entry) <= 8);

  public:
    using Key = decltype(Entry::key);

    static std::size_t size(int capacity) noexcept
    {
        const auto n = static_cast<std::size_t>(capacity);
        return sizeof(Header) + static_cast<std::size_t>(buckets_for(capacity)) * sizeof(std::int32_t) +
               n * sizeof(Node);
    }
    // Makes an empty table in size(capacity) bytes, aligned to 8.
    static BoundedTable create(void *memory, int capacity, Instant now) noexcept
    {
        BoundedTable table(memory);
        *table.header_ = Header{};
        table.header_->capacity = capacity;
        table.header_->buckets = buckets_for(capacity);
        table.reset(now);
        return table;
    }
    // Opens a table made by create().
    explicit BoundedTable(void *memory) noexcept : header_(static_cast<Header *>(memory)) {}

    // Calls update(entry, is_new) for the entry of `key`, and marks it as most recently seen. A new entry is zero
    // except for its key. A full table evicts another entry.
    template <class Update> void record(const Key &key, Update update) noexcept
    {
        const Writing writing(header_);
        std::int32_t at = find(key);
        const bool is_new = at == none;
        if (is_new) {
            at = take_node();
            nodes()[at].entry = Entry{};
            nodes()[at].entry.key = key;
            link_bucket(at);
        } else {
            unlink_age(at);
        }
        update(nodes()[at].entry, is_new);
        link_newest(at);
    }
    bool contains(const Key &key) const noexcept { return find(key) != none; }
    // Returns the number of keys with the same `hash` for which matches(key) is true.
    template <class Matches> int count_same_hash(const Key &key, Matches matches) const noexcept
    {
        int found = 0;
        for (std::int32_t at = bucket_of(key); at != none; at = nodes()[at].next)
            found += nodes()[at].entry.key.hash == key.hash && matches(nodes()[at].entry.key);
        return found;
    }
    // Adds an entry of another table as most recently seen, unless its key exists.
    void restore(const Entry &entry) noexcept
    {
        if (find(entry.key) == none)
            record(entry.key, [&](Entry &copy, bool) { copy = entry; });
    }
    void restore_info(const TableInfo &info) noexcept
    {
        header_->evictions = info.evictions;
        header_->stats_reset = info.stats_reset;
    }
    void reset(Instant now) noexcept
    {
        const Writing writing(header_);
        std::fill_n(buckets(), header_->buckets, none);
        header_->used = 0;
        header_->ages[0] = header_->ages[1] = Ages{none, none};
        header_->evictions = 0;
        header_->stats_reset = now;
    }

    TableInfo info() const noexcept { return {header_->used, header_->evictions, header_->stats_reset}; }
    // False if a process was killed during an update.
    bool consistent() const noexcept { return !header_->writing; }

    // Entries have the numbers 0 to count() - 1, in no order.
    std::int32_t count() const noexcept { return std::clamp(header_->used, 0, header_->capacity); }
    const Entry &at(std::int32_t number) const noexcept { return nodes()[number].entry; }

    // Calls visit(entry) for each entry, in the order of eviction.
    template <class Visitor> void each(Visitor &&visit) const
    {
        std::int32_t left = header_->used;
        for (const Ages &ages : header_->ages)
            for (std::int32_t at = ages.oldest; at != none && left > 0; at = nodes()[at].newer, --left)
                visit(static_cast<const Entry &>(nodes()[at].entry));
    }

  private:
    static constexpr std::int32_t none = -1;
    struct Ages {
        std::int32_t oldest;
        std::int32_t newest;
    };
    struct Header {
        std::int32_t capacity;
        std::int32_t buckets;   // power of two
        std::int32_t used;
        bool writing;
        Ages ages[2];   // ordinary entries, evidence
        std::int64_t evictions;
        Instant stats_reset;
    };
    struct alignas(8) Node {
        std::int32_t next;   // in its bucket
        std::int32_t older;
        std::int32_t newer;
        std::int32_t list;   // index into Header::ages
        Entry entry;
    };
    static_assert(sizeof(Header) % 8 == 0);

    // Sets header->writing during an update, so that a process killed midway leaves the table marked inconsistent.
    struct Writing {
        explicit Writing(Header *h) noexcept : header(h) { header->writing = true; }
        ~Writing() { header->writing = false; }
        Writing(const Writing &) = delete;
        Writing &operator=(const Writing &) = delete;
        Header *header;
    };

    // At least 2, so that the nodes are aligned to 8.
    static std::int32_t buckets_for(int capacity) noexcept
    {
        return std::max<std::int32_t>(2, static_cast<std::int32_t>(std::bit_ceil(static_cast<unsigned>(capacity))));
    }
    std::int32_t *buckets() const noexcept { return reinterpret_cast<std::int32_t *>(header_ + 1); }
    Node *nodes() const noexcept { return reinterpret_cast<Node *>(buckets() + header_->buckets); }
    std::int32_t &bucket_of(const Key &key) const noexcept
    {
        return buckets()[key.hash & static_cast<std::uint64_t>(header_->buckets - 1)];
    }
    std::int32_t find(const Key &key) const noexcept
    {
        std::int32_t at = bucket_of(key);
        while (at != none && !(nodes()[at].entry.key == key))
            at = nodes()[at].next;
        return at;
    }

    // Returns an unlinked node: an unused one, or that of an evicted entry.
    std::int32_t take_node() noexcept
    {
        if (header_->used < header_->capacity)
            return header_->used++;
        const std::int32_t at = header_->ages[0].oldest != none ? header_->ages[0].oldest : header_->ages[1].oldest;
        std::int32_t *link = &bucket_of(nodes()[at].entry.key);
        while (*link != at)
            link = &nodes()[*link].next;
        *link = nodes()[at].next;
        unlink_age(at);
        ++header_->evictions;
        return at;
    }
    void link_bucket(std::int32_t at) noexcept
    {
        std::int32_t &bucket = bucket_of(nodes()[at].entry.key);
        nodes()[at].next = bucket;
        bucket = at;
    }
    void unlink_age(std::int32_t at) noexcept
    {
        const Node &node = nodes()[at];
        Ages &ages = header_->ages[node.list];
        (node.older != none ? nodes()[node.older].newer : ages.oldest) = node.newer;
        (node.newer != none ? nodes()[node.newer].older : ages.newest) = node.older;
    }
    void link_newest(std::int32_t at) noexcept
    {
        Node &node = nodes()[at];
        node.list = node.entry.is_evidence() ? 1 : 0;
        Ages &ages = header_->ages[node.list];
        node.older = ages.newest;
        node.newer = none;
        (ages.newest != none ? nodes()[ages.newest].newer : ages.oldest) = at;
        ages.newest = at;
    }

    Header *header_;
};

}   // namespace sslinfo::core
