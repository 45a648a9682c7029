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
        read.table.read(input);
    } catch (const Error &) {
        Table untouched;
        must(read.table.write() == untouched.table.write(), "a file that is refused leaves the table alone");
        return "refused";
    }
    must(read.table.consistent() && read.table.count() <= 8, "the table is whole");
    std::int64_t entries = 0;
    read.table.each([&](const UsageEntry &entry) {
        fuzz::check(entry);
        ++entries;
    });
    must(entries == read.table.info().table.entries && entries <= 8, "info() has the number of entries");
    const std::string written = read.table.write();
    Table again;
    again.table.read(written);
    must(again.table.write() == written, "reading what was written gives the same table");
    return written;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    fuzz::run(input, [&] { return facts_of(input); });
    return 0;
}
