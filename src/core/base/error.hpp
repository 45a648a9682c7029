#pragma once
#include "core/base/no_postgres.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

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

// A mistake at one place of a text that somebody wrote: invalid_argument, with the text and the place in it.
class SyntaxError : public Error {
  public:
    SyntaxError(std::string_view text, std::size_t position, const std::string &message, const std::string &hint = {})
        : Error(ErrorCode::invalid_argument, message), text_(text), position_(position), hint_(hint)
    {}
    const std::string &text() const noexcept { return text_; }
    std::size_t position() const noexcept { return position_; }   // bytes before the place, at most text().size()
    const std::string &hint() const noexcept { return hint_; }    // empty where there is none

  private:
    std::string text_;
    std::size_t position_;
    std::string hint_;
};

}   // namespace sslinfo::core
