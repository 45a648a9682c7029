#include "failing.hpp"

#include <openssl/crypto.h>

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

void *openssl_malloc(std::size_t size, const char *, int) { return fails() ? nullptr : std::malloc(size); }
void *openssl_realloc(void *memory, std::size_t size, const char *, int)
{
    if (size == 0) {
        std::free(memory);
        return nullptr;
    }
    return fails() ? nullptr : std::realloc(memory, size);
}
void openssl_free(void *memory, const char *, int) { std::free(memory); }

} // namespace

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

} // namespace failing
