#pragma once
#include "core/base/no_postgres.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace sslinfo::core {

// Kinds of errors. The backend maps each to its SQLSTATE.
enum class ErrorCode {
    invalid_argument,   // an argument has an invalid value (22023)
    invalid_text,       // malformed text, such as PEM (22P02)
    invalid_binary,     // malformed bytes, such as DER (22P03)
    not_available,      // not available in this session (55000)
    not_supported,      // not supported by this OpenSSL version (0A000)
    limit_exceeded,     // more than this library reads (54000)
    internal,           // OpenSSL failed unexpectedly (XX000)
};

// Exception of the core, besides those of the standard library. Message and hint are UTF-8.
class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string &message, const std::string &hint = {})
        : std::runtime_error(message), code_(code), hint_(hint)
    {}
    ErrorCode code() const noexcept { return code_; }
    const std::string &hint() const noexcept { return hint_; }   // empty if there is none

  private:
    ErrorCode code_;
    std::string hint_;
};

// A syntax error in a policy, login rule or distinguished name. Its code is invalid_argument.
class SyntaxError : public Error {
  public:
    SyntaxError(std::string_view text, std::size_t position, const std::string &message, const std::string &hint = {})
        : Error(ErrorCode::invalid_argument, message, hint), text_(text), position_(position)
    {}
    const std::string &text() const noexcept { return text_; }
    std::size_t position() const noexcept { return position_; }   // bytes before the error, at most text().size()

  private:
    std::string text_;
    std::size_t position_;
};

}   // namespace sslinfo::core
