#pragma once
#include "backend/wall/pg.hpp"

// A file in pg_stat/ in which counts survive a restart, with a header and a checksum.
namespace sslinfo::backend {

struct StatFile {
    const char *what;   // "usage", for messages
    const char *path;
    const char *new_path;       // written first
    const char *damaged_path;   // a file that cannot be read is renamed to this
    uint32 version;
};

// In the postmaster at start: the contents of the file, in the current memory context, or an empty view if there is
// none. A file that is not whole is set aside with a LOG message.
std::string_view read_stat_file(const StatFile &file);
// After read_stat_file(): removes the file if `problem` is null. Else sets it aside, with a LOG message.
void finish_stat_file(const StatFile &file, const char *problem);

// Replaces the file. Failures are a LOG message.
void write_stat_file(const StatFile &file, std::string_view contents);

}   // namespace sslinfo::backend
