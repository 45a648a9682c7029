#pragma once
#include "core/no_postgres.hpp"

#include <stdexcept>
#include <string>

namespace sslinfo::core {

// What went wrong, in terms that the caller can act on. The backend floor gives each its SQLSTATE.
enum class ErrorCode {
    invalid_argument,   // a value that the caller passed makes no sense (22023)
    invalid_text,       // text that is not what it should be, such as PEM (22P02)
    invalid_binary,     // bytes that are not what they should be, such as DER (22P03)
    not_available,      // the session cannot give this (55000)
    not_supported,      // this OpenSSL cannot give this (0A000)
    internal,           // OpenSSL failed where it should not (XX000)
};

// The only exception that the core throws of its own. The message is UTF-8.
class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string &message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const noexcept { return code_; }

  private:
    ErrorCode code_;
};

} // namespace sslinfo::core
