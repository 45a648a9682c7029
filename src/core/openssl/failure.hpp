#pragma once
#include "core/openssl/openssl.hpp"

#include <new>
#include <type_traits>
#include <utility>

// Handling of failed OpenSSL calls. OpenSSL may report an allocation failure only on its error queue, or not at all,
// and return as if a value were absent. Memory shortage must always become std::bad_alloc, never a wrong fact.
namespace sslinfo::core {

namespace failure {

// Empties the error queue. Throws std::bad_alloc if the queue had an allocation failure. Does not stop at error code 0:
// if memory runs out while OpenSSL 3.2 or later records an error, a 0 precedes the real errors.
inline void check_queue()
{
    bool out_of_memory = false;
    while (ERR_peek_last_error() != 0)
        out_of_memory = ERR_GET_REASON(ERR_get_error()) == ERR_R_MALLOC_FAILURE || out_of_memory;
    if (out_of_memory)
        throw std::bad_alloc();
}

// Throws std::bad_alloc if memory is short now.
inline void check_memory()
{
    void *const probe = OPENSSL_malloc(65536);
    if (probe == nullptr)
        throw std::bad_alloc();
    OPENSSL_free(probe);
}

}   // namespace failure

// Calls `body` with an empty error queue and returns its result. Throws std::bad_alloc if `body` leaves an allocation
// failure on the queue, also if it threw something else. Empties the queue instead of restoring it: PostgreSQL calls
// ERR_clear_error() before each SSL_read() and SSL_write(). Only the guard needs this function.
template <class Body> std::invoke_result_t<Body &> with_openssl(Body &&body)
{
    ERR_clear_error();
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Body &>>) {
            body();
            failure::check_queue();
        } else {
            auto result = body();
            failure::check_queue();
            return result;
        }
    } catch (const std::bad_alloc &) {
        ERR_clear_error();
        throw;
    } catch (...) {
        failure::check_queue();
        throw;
    }
}

// Calls `attempt`, and retries once if it returns false: OpenSSL may report an allocation failure as any error or none.
// Throws std::bad_alloc if memory was or is short. Errors of the last attempt stay on the queue.
template <class Attempt> bool retried(Attempt attempt)
{
    if (attempt())
        return true;
    failure::check_queue();
    failure::check_memory();
    return attempt();
}

}   // namespace sslinfo::core
