#include "core/logins/usage_table.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/stat_file.hpp"
#include "backend/server/usage_file.hpp"

namespace sslinfo::backend {

namespace {

constexpr StatFile file = {
    .path = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus.stat",
    .new_path = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus.stat.tmp",
    .damaged_path = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus.stat.damaged",
    // Rows are written as in memory, so another layout needs another version.
    .version = 0x20000 + sizeof(core::UsageEntry),
};

}   // namespace

void load_usage(core::UsageTable &table)
{
    const std::string_view contents = read_stat_file(file);
    if (contents.data() == nullptr)
        return;
    Failure failure;
    const bool ok = attempted([&] { table.read(contents); }, failure);
    finish_stat_file(file, ok ? nullptr : failure.message);
    pfree(const_cast<char *>(contents.data()));
}

void save_usage(const core::UsageTable &table)
{
    std::string_view contents;
    Failure failure;
    if (attempted([&] { contents = copy_to(TopMemoryContext, table.write()); }, failure))
        write_stat_file(file, contents);
    else
        ereport(LOG,
                (errcode(failure.sqlstate), errmsg("could not save the usage of sslinfo_plus: %s", failure.message)));
}

}   // namespace sslinfo::backend
