#include "core/base/text.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <cstdio>

namespace sslinfo::core {

namespace {

constexpr char upper_digits[] = "0123456789ABCDEF";

void append_hex(std::string &out, unsigned char octet, const char *digits)
{
    out += digits[octet >> 4];
    out += digits[octet & 0x0f];
}

void append_escaped(std::string &out, unsigned char octet)
{
    out += '\\';
    append_hex(out, octet, upper_digits);
}

// Returns the code point of one valid UTF-8 sequence.
char32_t decode_utf8(std::string_view sequence) noexcept
{
    static constexpr unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t code_point = static_cast<unsigned char>(sequence.front()) & lead_bits[sequence.size()];
    for (const char c : sequence.substr(1))
        code_point = code_point << 6 | (static_cast<unsigned char>(c) & 0x3f);
    return code_point;
}

// C0, DEL and C1; the separators U+2028 and U+2029; the bidirectional controls of UAX #9.
bool is_control(char32_t c) noexcept
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

}   // namespace

std::string hex(std::string_view octets)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out(2 * octets.size(), '\0');
    char *at = out.data();
    for (unsigned char octet : octets) {
        *at++ = digits[octet >> 4];
        *at++ = digits[octet & 0x0f];
    }
    return out;
}

int hex_digit(char c) noexcept
{
    if (is_ascii_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::string hexstring(std::string_view octets)
{
    std::string out = "#";
    for (unsigned char octet : octets)
        append_hex(out, octet, upper_digits);
    return out;
}

std::size_t utf8_sequence_length(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto continuation = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const unsigned first = byte(0);
    if (text.empty())
        return 0;
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return continuation(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (!continuation(1) || !continuation(2))
            return 0;
        const bool overlong = first == 0xe0 && byte(1) < 0xa0;
        const bool surrogate = first == 0xed && byte(1) > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!continuation(1) || !continuation(2) || !continuation(3))
            return 0;
        const bool overlong = first == 0xf0 && byte(1) < 0x90;
        const bool too_large = first == 0xf4 && byte(1) > 0x8f;
        return overlong || too_large ? 0 : 4;
    }
    return 0;
}

bool valid_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string printable(std::string_view octets)
{
    if (std::all_of(octets.begin(), octets.end(),
                    [](char c) { return static_cast<signed char>(c) > 0; }))   // fast path for ASCII
        return std::string(octets);
    std::string out;
    out.reserve(octets.size());
    while (!octets.empty()) {
        const std::size_t length = utf8_sequence_length(octets);
        if (length == 0 || octets.front() == '\0') {
            append_escaped(out, static_cast<unsigned char>(octets.front()));
            octets.remove_prefix(1);
        } else {
            out += octets.substr(0, length);
            octets.remove_prefix(length);
        }
    }
    return out;
}

std::string shortened(std::string_view utf8, std::size_t limit)
{
    constexpr std::string_view mark = "\u2026";
    if (utf8.size() <= limit)
        return std::string(utf8);
    std::size_t length = limit - mark.size();
    while (length > 0 && (static_cast<unsigned char>(utf8[length]) & 0xc0) == 0x80)
        --length;
    return std::string(utf8.substr(0, length)).append(mark);
}

std::string_view escape_first(std::string_view &utf8, char (&buffer)[8]) noexcept
{
    const std::size_t length = utf8_sequence_length(utf8);
    const std::string_view sequence = utf8.substr(0, std::max<std::size_t>(length, 1));
    utf8.remove_prefix(sequence.size());
    const char32_t code_point = length == 0 ? static_cast<unsigned char>(sequence.front()) : decode_utf8(sequence);
    if (length != 0 && !is_control(code_point))
        return sequence;
    const int written = std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(code_point & 0xffff));
    return {buffer, static_cast<std::size_t>(written)};
}

std::string escape_controls(std::string_view utf8, std::string_view quotes)
{
    std::string out;
    char buffer[8];
    while (!utf8.empty()) {
        if (quotes.find(utf8.front()) != quotes.npos)
            out += '\\';
        out += escape_first(utf8, buffer);
    }
    return out;
}

std::string joined(const std::vector<std::string> &items, std::size_t enough)
{
    std::string out;
    for (const std::string &item : items) {
        if (out.size() > enough)
            break;
        out += (out.empty() ? "" : ", ") + item;
    }
    return out;
}

std::string printable_ia5(std::string_view octets)
{
    std::string out;
    out.reserve(octets.size());
    for (unsigned char octet : octets) {
        if (octet < 0x20 || octet >= 0x7f || octet == '\\')
            append_escaped(out, octet);
        else
            out += static_cast<char>(octet);
    }
    return out;
}

std::string rfc4514_escape(std::string_view utf8)
{
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const char c = utf8[i];
        const bool first = i == 0;
        const bool last = i + 1 == utf8.size();
        if (is_ascii_control(c)) {
            append_escaped(out, static_cast<unsigned char>(c));
            continue;
        }
        if (std::string_view(",+\"\\<>;").find(c) != std::string_view::npos || (c == ' ' && (first || last)) ||
            (c == '#' && first))
            out += '\\';
        out += c;
    }
    return out;
}

}   // namespace sslinfo::core
