// The file in which the failed attempts survive a restart: whatever is in it, the table is whole afterwards.
#include "core/logins/failure_table.hpp"

#include "invariants.hpp"

#include <vector>

using namespace sslinfo::core;
using fuzz::must;

namespace {

constexpr int capacity = 8;

struct Table {
    std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(FailureTable::size(capacity) / 8 + 1);
    FailureTable table = FailureTable::create(memory.data(), capacity, Instant{std::chrono::microseconds{1}});
};

std::string facts_of(std::string_view input)
{
    Table read;
    try {
        read.table.read(input);
    } catch (const Error &) {
        must(read.table.info().entries == 0, "malformed bytes leave the table alone");
        return "refused";
    }
    must(read.table.info().entries <= capacity, "no more entries than it has room for");
    std::string all;
    for (int i = 0; i < read.table.info().entries; ++i) {
        fuzz::check(read.table.entry(i));
        all += to_cells(read.table.entry(i));
    }
    return all;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    fuzz::run(input, [&] { return facts_of(input); });
    return 0;
}
