#include "failing.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace {

long countdown = 0;   // 0: not armed
bool all_after = false;
bool failed = false;

bool fails()
{
    if (countdown == 0 || (--countdown > 0))
        return false;
    countdown = all_after ? 1 : 0;
    failed = true;
    return true;
}

// From 3.2 on it is OpenSSL's allocator that reports a lack of memory, and no longer whoever asked it: so must one that
// takes its place.
void *lack_of_memory()
{
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    static bool reporting = false;   // the report allocates, too
    if (!reporting) {
        reporting = true;
        ERR_raise(ERR_LIB_CRYPTO, ERR_R_MALLOC_FAILURE);
        reporting = false;
    }
#endif
    return nullptr;
}

void *openssl_malloc(std::size_t size, const char *, int) { return fails() ? lack_of_memory() : std::malloc(size); }
void *openssl_realloc(void *memory, std::size_t size, const char *, int)
{
    if (size == 0) {
        std::free(memory);
        return nullptr;
    }
    return fails() ? lack_of_memory() : std::realloc(memory, size);
}
void openssl_free(void *memory, const char *, int) { std::free(memory); }

}   // namespace

void *operator new(std::size_t size)
{
    void *memory = fails() ? nullptr : std::malloc(size != 0 ? size : 1);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

namespace failing {

void install()
{
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
        throw std::runtime_error("OpenSSL has allocated already");
}

void arm(long n, bool and_all_after)
{
    countdown = n;
    all_after = and_all_after;
    failed = false;
}

bool disarm()
{
    countdown = 0;
    return failed;
}

}   // namespace failing
