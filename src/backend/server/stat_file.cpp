#include "backend/server/stat_file.hpp"

namespace sslinfo::backend {

namespace {

// Numbers are in the machine's byte order. A file from a machine with another order has a different magic number.
struct Header {
    uint64 magic;
    uint32 version;
    pg_crc32c checksum;   // CRC-32C of the contents
    uint64 length;        // of the contents
};
constexpr uint64 magic = 0x5353'4c49'4e46'4f2b;   // "SSLINFO+"
constexpr uint64 length_max = MaxAllocSize / 2;

pg_crc32c checksum_of(const char *bytes, std::size_t length)
{
    pg_crc32c checksum;
    INIT_CRC32C(checksum);
    COMP_CRC32C(checksum, bytes, length);
    FIN_CRC32C(checksum);
    return checksum;
}

// Reads the file into *contents. Returns null, or a description of the problem.
const char *read_contents(FILE *file, uint32 version, std::string_view *contents)
{
    Header header;
    if (fread(&header, sizeof header, 1, file) != 1)
        return "truncated header";
    if (header.magic != magic)
        return "unrecognized file format";
    if (header.version != version)
        return "written by another version of sslinfo_plus";
    if (header.length > length_max)
        return "too long";
    char *const bytes =
        static_cast<char *>(palloc_extended(static_cast<Size>(header.length) + 1, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE));
    if (bytes == nullptr)
        return "out of memory";
    // Reads one byte more, to detect a longer file.
    if (fread(bytes, 1, header.length + 1, file) != header.length)
        return "wrong length";
    if (checksum_of(bytes, header.length) != header.checksum)
        return "wrong checksum";
    *contents = {bytes, header.length};
    return nullptr;
}

}   // namespace

std::string_view read_stat_file(const StatFile &file)
{
    FILE *const handle = AllocateFile(file.path, PG_BINARY_R);
    if (handle == nullptr) {
        const int error = errno;
        if (error != ENOENT)
            ereport(LOG,
                    (errcode_for_file_access(), errmsg("could not open file \"%s\": %s", file.path, strerror(error))));
        return {};
    }
    std::string_view contents;
    const char *const problem = read_contents(handle, file.version, &contents);
    FreeFile(handle);
    if (problem != nullptr)
        finish_stat_file(file, problem);
    return contents;
}

void finish_stat_file(const StatFile &file, const char *problem)
{
    if (problem == nullptr) {
        // Durable, so that old counts do not return after a power failure.
        (void)durable_unlink(file.path, LOG);
        return;
    }
    ereport(LOG,
            (errcode(ERRCODE_DATA_CORRUPTED), errmsg("could not load statistics file \"%s\": %s", file.path, problem),
             errdetail("Its counts are discarded, and the file is renamed to \"%s\".", file.damaged_path)));
    (void)durable_rename(file.path, file.damaged_path, LOG);
}

void write_stat_file(const StatFile &file, std::string_view contents)
{
    const Header header = {magic, file.version, checksum_of(contents.data(), contents.size()), contents.size()};
    FILE *const handle = AllocateFile(file.new_path, PG_BINARY_W);
    bool written = handle != nullptr && fwrite(&header, sizeof header, 1, handle) == 1 &&
                   fwrite(contents.data(), 1, contents.size(), handle) == contents.size();
    if (handle != nullptr && FreeFile(handle) != 0)
        written = false;
    if (written) {
        (void)durable_rename(file.new_path, file.path, LOG);
        return;
    }
    const int error = errno;
    ereport(LOG,
            (errcode_for_file_access(), errmsg("could not write file \"%s\": %s", file.new_path, strerror(error))));
    unlink(file.new_path);
}

}   // namespace sslinfo::backend
