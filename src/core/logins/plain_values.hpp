#pragma once
#include "core/base/types.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Values in plain memory, for shared memory and files. Unused bytes are zero, so that equal values have equal bytes.
namespace sslinfo::core {

// At most N bytes of UTF-8, or none. Longer text is cut with core::shortened().
template <std::size_t N> struct ShortText {
    std::int16_t length;     // -1: none
    char bytes[N + N % 2];   // even, to avoid padding after it

    static ShortText of(std::string_view text)
    {
        ShortText result{};
        if (text.size() <= N)
            result.set(text);
        else
            result.set(shortened_to(text));
        return result;
    }
    static ShortText of(const std::string &text) { return of(std::string_view(text)); }
    static ShortText of(const std::optional<std::string> &text) { return text ? of(std::string_view(*text)) : none(); }
    static ShortText of(const char *text) { return text != nullptr ? of(std::string_view(text)) : none(); }
    static ShortText none()
    {
        ShortText result{};
        result.length = -1;
        return result;
    }
    std::optional<std::string> text() const
    {
        return length < 0 ? std::nullopt
                          : std::optional<std::string>(std::string(bytes, static_cast<std::size_t>(length)));
    }
    // Not defaulted: GCC 10 would compare addresses of arrays (PR 93480, fixed in 11).
    friend bool operator==(const ShortText &a, const ShortText &b)
    {
        return a.length == b.length && std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
    }

  private:
    static std::string shortened_to(std::string_view text);
    void set(std::string_view text)
    {
        length = static_cast<std::int16_t>(text.size());
        text.copy(bytes, N);
    }
};

using ShortName = ShortText<63>;

// An IP address in network order, or none.
struct RawAddress {
    std::uint8_t length;   // 4 or 16; 0 for none
    std::uint8_t octets[16];
    friend bool operator==(const RawAddress &a, const RawAddress &b)
    {
        return a.length == b.length && std::memcmp(a.octets, b.octets, sizeof a.octets) == 0;
    }
    std::optional<Address> shown() const;
};

// Check values read from a file. True if a table can contain them.
bool is_valid_text(std::int16_t length, std::string_view bytes, std::size_t length_max) noexcept;
template <std::size_t N> bool is_valid(const ShortText<N> &text) noexcept
{
    return is_valid_text(text.length, {text.bytes, sizeof text.bytes}, N);
}
bool is_valid(const RawAddress &address) noexcept;
// For a count or a sum of microseconds. The limit is far below overflow.
bool is_valid(std::int64_t count) noexcept;

}   // namespace sslinfo::core
