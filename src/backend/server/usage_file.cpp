#include "core/logins/usage_table.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/usage_file.hpp"

namespace sslinfo::backend {

namespace {

constexpr char path[] = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus.stat";
constexpr char new_path[] = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus.stat.tmp";
constexpr char damaged_path[] = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus.stat.damaged";

// Numbers are in the machine's own order, as in PostgreSQL's files: the magic number tells.
struct Header {
    uint64 magic;
    uint32 version;
    pg_crc32c checksum;   // CRC-32C of what follows the header
    uint64 length;        // of that
};
constexpr uint64 magic = 0x5353'4c49'4e46'4f2b;   // "SSLINFO+"
constexpr uint32 version = 1;
constexpr uint64 length_max = MaxAllocSize / 2;

pg_crc32c checksum_of(const char *bytes, std::size_t length)
{
    pg_crc32c checksum;
    INIT_CRC32C(checksum);
    COMP_CRC32C(checksum, bytes, length);
    FIN_CRC32C(checksum);
    return checksum;
}

void log_file_error(const char *what, const char *file)
{
    const char *const reason = strerror(errno);
    ereport(LOG, (errcode_for_file_access(), errmsg("could not %s file \"%s\": %s", what, file, reason)));
}

// Reads the file into *contents. Returns null, or a description of what is wrong with the file.
const char *read_contents(FILE *file, std::string_view *contents)
{
    Header header;
    if (fread(&header, sizeof header, 1, file) != 1)
        return "truncated header";
    if (header.magic != magic)
        return "unrecognized file format";
    if (header.version != version)
        return "unsupported file version";
    if (header.length > length_max)
        return "too long";
    char *const bytes =
        static_cast<char *>(palloc_extended(static_cast<Size>(header.length) + 1, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE));
    if (bytes == nullptr)
        return "out of memory";
    // One byte more must not be there.
    if (fread(bytes, 1, header.length + 1, file) != header.length)
        return "wrong length";
    if (checksum_of(bytes, header.length) != header.checksum)
        return "wrong checksum";
    *contents = {bytes, header.length};
    return nullptr;
}

}   // namespace

void load_usage(core::UsageTable &table)
{
    FILE *const file = AllocateFile(path, PG_BINARY_R);
    if (file == nullptr) {
        if (errno != ENOENT)
            log_file_error("read", path);
        return;
    }
    std::string_view contents;
    const char *wrong = read_contents(file, &contents);
    FreeFile(file);
    Failure failure;
    if (wrong == nullptr && !attempted([&] { core::read_usage(contents, table); }, failure))
        wrong = failure.message;
    if (contents.data() != nullptr)
        pfree(const_cast<char *>(contents.data()));
    if (wrong == nullptr) {
        // Durably: after a power failure the old counts must not come back.
        (void)durable_unlink(path, LOG);
        return;
    }
    ereport(LOG, (errcode(ERRCODE_DATA_CORRUPTED),
                  errmsg("sslinfo_plus starts without the usage in file \"%s\": %s", path, wrong),
                  errdetail("The file is renamed to \"%s\".", damaged_path)));
    (void)durable_rename(path, damaged_path, LOG);
}

void save_usage(const core::UsageTable &table)
{
    std::string_view contents;
    Failure failure;
    if (!attempted([&] { contents = keep(TopMemoryContext, core::write_usage(table)); }, failure)) {
        ereport(LOG,
                (errcode(failure.sqlstate), errmsg("could not save the usage of sslinfo_plus: %s", failure.message)));
        return;
    }
    const Header header = {magic, version, checksum_of(contents.data(), contents.size()), contents.size()};
    FILE *const file = AllocateFile(new_path, PG_BINARY_W);
    bool written = file != nullptr && fwrite(&header, sizeof header, 1, file) == 1 &&
                   fwrite(contents.data(), 1, contents.size(), file) == contents.size();
    if (file != nullptr && FreeFile(file) != 0)
        written = false;
    if (written) {
        (void)durable_rename(new_path, path, LOG);
        return;
    }
    log_file_error("write", new_path);
    unlink(new_path);
}

}   // namespace sslinfo::backend
