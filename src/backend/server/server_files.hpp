#pragma once
#include "core/tls/certificate_inventory.hpp"
#include "backend/wall/pg.hpp"

// Files named by the server's TLS settings. File names never come from a caller.
namespace sslinfo::backend {

// Larger files are not read.
inline constexpr std::size_t server_file_max = 64 << 20;

// Reads a regular file into the current memory context, which wipes the bytes before freeing them. Never blocks. Sets
// the file's problem on failure. Interruptible. A null or empty name gives a file without a name.
core::StoredFile read_server_file(const char *setting, const char *host, const char *name);

// Reads a private key, with the checks of PostgreSQL's check_ssl_key_file_permissions().
core::StoredFile read_key_file(const char *setting, const char *host, const char *name);

// Returns a file that was not read, for this reason.
core::StoredFile unread_file(const char *setting, const char *host, const char *name, const char *problem);

// Lists the CRL files of ssl_crl_dir, in the current memory context, and returns their number. May set `problem`.
inline constexpr int crl_dir_files_max = 1000;
int list_crl_dir(const char *directory, const char *names[crl_dir_files_max], const char **problem);

}   // namespace sslinfo::backend
