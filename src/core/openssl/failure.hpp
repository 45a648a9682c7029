#pragma once
#include "core/openssl/openssl.hpp"

#include <new>
#include <type_traits>
#include <utility>

// The door for OpenSSL calls that fail. OpenSSL may record a lack of memory only on its error queue, or not at all, and
// then answer as if something were not there. A lack of memory must be std::bad_alloc and never a fact.
namespace sslinfo::core {

namespace failure {

// Empties the error queue. Throws std::bad_alloc if one of the errors on it was a lack of memory. An error 0 does not
// end the queue: from 3.2 on, OpenSSL leaves one if memory runs out while it records an error, and puts both errors
// after it.
inline void check_queue()
{
    bool out_of_memory = false;
    while (ERR_peek_last_error() != 0)
        out_of_memory = ERR_GET_REASON(ERR_get_error()) == ERR_R_MALLOC_FAILURE || out_of_memory;
    if (out_of_memory)
        throw std::bad_alloc();
}

// Throws std::bad_alloc if there is no memory now.
inline void check_memory()
{
    void *const probe = OPENSSL_malloc(65536);
    if (probe == nullptr)
        throw std::bad_alloc();
    OPENSSL_free(probe);
}

}   // namespace failure

// Calls `body` with an empty error queue and returns its result. Throws std::bad_alloc, whatever the body returns or
// throws, if a lack of memory is on the queue then. The queue is empty afterwards. The guard calls it, so nobody else
// needs to. (It does not restore what was there: PostgreSQL calls ERR_clear_error() before each SSL_read() and
// SSL_write() itself.)
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

// Calls `attempt`, which returns true if it succeeded, and once more if it failed: OpenSSL may report an allocation
// failure as any error or none. Throws std::bad_alloc if memory was or is short. The errors of the last attempt are on
// the queue.
template <class Attempt> bool retried(Attempt attempt)
{
    if (attempt())
        return true;
    failure::check_queue();
    failure::check_memory();
    return attempt();
}

}   // namespace sslinfo::core
