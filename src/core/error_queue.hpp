#pragma once
#include "core/openssl.hpp"

namespace sslinfo::core {

// Leaves OpenSSL's error queue as it was found: what is put on it while an object of this class lives goes off again.
// PostgreSQL reads the queue to word its own TLS errors and must not meet ours there.
class ErrorQueueMark {
  public:
    ErrorQueueMark() noexcept { ERR_set_mark(); }
    ~ErrorQueueMark() { ERR_pop_to_mark(); }
    ErrorQueueMark(const ErrorQueueMark &) = delete;
    ErrorQueueMark &operator=(const ErrorQueueMark &) = delete;
};

} // namespace sslinfo::core
