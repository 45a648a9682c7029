#include "backend/server/server_files.hpp"

namespace sslinfo::backend {

namespace {

constexpr std::size_t piece = 1 << 20;
constexpr std::size_t key_file_max = 1 << 20;

// Returns PostgreSQL's reason to refuse a private key with this owner and mode, or null.
const char *key_problem(const struct stat &status)
{
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return "must be owned by the database user or root";
    if ((status.st_uid == geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) ||
        (status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0))
        return "has group or world access";
    return nullptr;
}

// Returns the reason not to read a file of this type, or null.
const char *kind_problem(const struct stat &status)
{
    if (S_ISDIR(status.st_mode))
        return "is a directory";
    return S_ISREG(status.st_mode) ? nullptr : "is not a regular file";
}

// A file's bytes. Any file may contain a private key, for example one with a certificate and its key.
struct Contents {
    MemoryContextCallback callback;
    char *bytes;
    std::size_t size;
};
void wipe_contents(void *argument)
{
    const auto *const contents = static_cast<const Contents *>(argument);
    OPENSSL_cleanse(contents->bytes, contents->size);
}

// Allocates memory that is wiped before it is freed, also after an error.
char *allocate_wiped(std::size_t size)
{
    auto *const contents = static_cast<Contents *>(palloc0(sizeof(Contents)));
    contents->bytes = static_cast<char *>(palloc_extended(size, MCXT_ALLOC_HUGE));
    contents->size = size;
    contents->callback.func = wipe_contents;
    contents->callback.arg = contents;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &contents->callback);
    return contents->bytes;
}

// Reads an open file, which may shrink in the meantime.
std::string_view read_all(int fd, std::size_t size, const char **problem)
{
    char *const bytes = allocate_wiped(size + 1);
    std::size_t length = 0;
    while (length < size) {
        CHECK_FOR_INTERRUPTS();
        const ssize_t count = read(fd, bytes + length, std::min(piece, size - length));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            *problem = pstrdup(strerror(errno));
        if (count <= 0)
            break;
        length += static_cast<std::size_t>(count);
    }
    return {bytes, length};
}

core::StoredFile read_file(const char *setting, const char *host, const char *name, bool is_key)
{
    core::StoredFile file = unread_file(setting, host, name, "");
    if (file.name.empty())
        return file;
    const std::size_t limit = is_key ? key_file_max : server_file_max;
    const int fd = OpenTransientFile(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        file.problem = pstrdup(strerror(errno));
        return file;
    }
    struct stat status {};
    const char *problem = fstat(fd, &status) != 0 ? pstrdup(strerror(errno)) : kind_problem(status);
    if (problem == nullptr && is_key)
        problem = key_problem(status);
    file.too_large = problem == nullptr && status.st_size > static_cast<off_t>(limit);
    if (file.too_large)
        problem = psprintf("larger than %zu MB", limit >> 20);
    if (problem == nullptr)
        file.bytes = read_all(fd, static_cast<std::size_t>(status.st_size), &problem);
    CloseTransientFile(fd);
    if (problem != nullptr)
        file.problem = problem;
    return file;
}

// True for a CRL's name by X509_LOOKUP_hash_dir(): eight hex digits, ".r" and a number.
bool is_crl_name(std::string_view name)
{
    constexpr std::string_view hex_digits = "0123456789abcdef";
    return name.size() > 10 && name.find_first_not_of(hex_digits) == 8 && name.substr(8, 2) == ".r" &&
           name.find_first_not_of("0123456789", 10) == name.npos;
}

}   // namespace

core::StoredFile unread_file(const char *setting, const char *host, const char *name, const char *problem)
{
    return {.setting = setting,
            .host = host,
            .name = name != nullptr ? name : "",
            .bytes = {},
            .problem = problem,
            .too_large = false};
}

core::StoredFile read_server_file(const char *setting, const char *host, const char *name)
{
    return read_file(setting, host, name, false);
}

core::StoredFile read_key_file(const char *setting, const char *host, const char *name)
{
    return read_file(setting, host, name, true);
}

int list_crl_dir(const char *directory, const char *names[crl_dir_files_max], const char **problem)
{
    *problem = nullptr;
    DIR *const dir = AllocateDir(directory);
    if (dir == nullptr) {
        *problem = pstrdup(strerror(errno));
        return 0;
    }
    int count = 0;
    while (const dirent *entry = ReadDirExtended(dir, directory, LOG)) {
        CHECK_FOR_INTERRUPTS();
        if (!is_crl_name(entry->d_name))
            continue;
        if (count == crl_dir_files_max) {
            *problem = psprintf("more than %d CRLs", crl_dir_files_max);
            break;
        }
        names[count++] = psprintf("%s/%s", directory, entry->d_name);
    }
    FreeDir(dir);
    return count;
}

}   // namespace sslinfo::backend
