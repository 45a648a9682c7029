#pragma once
#include "backend/wall/pg.hpp"

// A file in pg_stat/ for counts that survive a restart, with a header and a checksum.
namespace sslinfo::backend {

struct StatFile {
    const char *path;
    const char *new_path;       // temporary name during writing
    const char *damaged_path;   // new name of an unreadable file
    uint32 version;
};

// Returns the contents, in the current memory context, or an empty view. Renames a damaged file, with a LOG message.
std::string_view read_stat_file(const StatFile &file);
// Call it after read_stat_file(). Removes the file if `problem` is null; otherwise renames it, with a LOG message.
void finish_stat_file(const StatFile &file, const char *problem);

// Replaces the file. Errors are LOG messages.
void write_stat_file(const StatFile &file, std::string_view contents);

}   // namespace sslinfo::backend
