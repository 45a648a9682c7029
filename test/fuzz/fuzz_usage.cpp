// The file in which the counted logins survive a restart: whatever is in it, the table is whole afterwards.
#include "core/logins/usage_table.hpp"

#include "invariants.hpp"

#include <vector>

using namespace sslinfo::core;
using fuzz::must;

namespace {

struct Table {
    std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(UsageTable::size(8) / 8 + 1);
    UsageTable table = UsageTable::create(memory.data(), 8, Instant{std::chrono::microseconds{1}});
};

std::string facts_of(std::string_view input)
{
    Table read;
    try {
        read_usage(input, read.table);
    } catch (const Error &) {
        Table untouched;
        must(write_usage(read.table) == write_usage(untouched.table),
             "a file that makes no sense leaves the table alone");
        return "refused";
    }
    must(read.table.consistent() && read.table.count() <= 8, "the table is whole");
    std::int64_t entries = 0;
    read.table.each([&](const UsageEntry &entry) {
        fuzz::check(entry);
        ++entries;
    });
    must(entries == read.table.info().entries && entries <= 8, "as many entries as it says");
    const std::string written = write_usage(read.table);
    Table again;
    read_usage(written, again.table);
    must(write_usage(again.table) == written, "what is written reads back");
    return written;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    fuzz::run(input, [&] { return facts_of(input); });
    return 0;
}
