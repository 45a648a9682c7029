#pragma once
#include "core/base/no_postgres.hpp"

#include <algorithm>
#include <string>
#include <string_view>

// Character classes and case of ASCII, independent of the locale. No byte of a multibyte character is in any class.
namespace sslinfo::core {

// White space of PostgreSQL and of this library.
inline constexpr std::string_view ascii_spaces = " \t\n\r\f\v";

constexpr bool is_ascii_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_letter(char c) noexcept { return is_ascii_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_ascii_alphanumeric(char c) noexcept { return is_ascii_letter(c) || is_ascii_digit(c); }
constexpr bool is_ascii_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

constexpr char ascii_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
constexpr char ascii_lower(char c) noexcept { return is_ascii_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// Returns a copy with ASCII letters in lower case.
inline std::string ascii_lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return ascii_lower(c); });
    return out;
}

}   // namespace sslinfo::core
