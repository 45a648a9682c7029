#pragma once
#include "core/tls/certificate_inventory.hpp"
#include "backend/wall/pg.hpp"

// The files that the server's own TLS settings name. No file name ever comes from a caller.
namespace sslinfo::backend {

// The longest file that is read.
inline constexpr std::size_t server_file_max = 64 << 20;

// Reads a file into the current memory context, which wipes the bytes before it frees them. Never blocks: only a
// regular file is read. A file that cannot be read has a problem. Interruptible. A name that is null or empty gives a
// file without a name.
core::StoredFile read_server_file(const char *setting, const char *host, const char *name);

// A private key, refused as check_ssl_key_file_permissions() of PostgreSQL refuses it.
core::StoredFile read_key_file(const char *setting, const char *host, const char *name);

// A file that is not read, for this reason.
core::StoredFile unread_file(const char *setting, const char *host, const char *name, const char *problem);

// The names of the files in ssl_crl_dir that OpenSSL may read, in the current memory context. Returns their number.
// Sets `problem` if the directory cannot be read, or has more than the array has room for.
inline constexpr int crl_dir_files_max = 1000;
int list_crl_dir(const char *directory, const char *names[crl_dir_files_max], const char **problem);

}   // namespace sslinfo::backend
