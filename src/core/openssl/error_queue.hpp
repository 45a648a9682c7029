#pragma once
#include "core/openssl/openssl.hpp"

#include <type_traits>
#include <utility>
#include <vector>

namespace sslinfo::core {

// OpenSSL's error queue for as long as an object of this class lives: empty at first, and in the end again as it was
// found. PostgreSQL reads the queue to word its own TLS errors and must not meet ours there, nor we its own.
class ErrorQueue {
  public:
    ErrorQueue() : found_(take_errors()) {}
    ~ErrorQueue()
    {
        ERR_clear_error();
        for (const OpensslError &error : found_)
            put_error(error);
    }
    ErrorQueue(const ErrorQueue &) = delete;
    ErrorQueue &operator=(const ErrorQueue &) = delete;

  private:
    std::vector<OpensslError> found_;
};

// Runs `body` with an error queue of its own, and returns what it returns. OpenSSL tells by the queue alone that memory
// ran out; many of its functions then answer as if something were not there. So whatever the body returns or throws
// after that, this throws std::bad_alloc: a lack of memory must not become a fact.
template <class Body> std::invoke_result_t<Body &> with_openssl(Body &&body)
{
    const ErrorQueue queue;
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Body &>>) {
            body();
            throw_if_out_of_memory();
        } else {
            auto result = body();
            throw_if_out_of_memory();
            return result;
        }
    } catch (const std::bad_alloc &) {
        throw;
    } catch (...) {
        throw_if_out_of_memory();
        throw;
    }
}

}   // namespace sslinfo::core
