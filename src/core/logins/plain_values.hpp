#pragma once
#include "core/base/types.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Values in plain memory, for tables in shared memory and the files that keep them. Bytes that nothing uses are zero,
// so that equal values have equal bytes.
namespace sslinfo::core {

// UTF-8 of at most N bytes, or none. Longer text is cut at a character and marked (core::shortened).
template <std::size_t N> struct ShortText {
    std::int16_t length;     // -1: none
    char bytes[N + N % 2];   // even, so that there is no padding after it

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
    // Not defaulted: GCC 10 would compare the addresses of the arrays (fixed in 11, PR 93480).
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

// An IP address in network order, or none. Every value of it can be shown.
struct RawAddress {
    std::uint8_t length;   // 4, 16, or 0 for none
    std::uint8_t octets[16];
    friend bool operator==(const RawAddress &a, const RawAddress &b)
    {
        return a.length == b.length && std::memcmp(a.octets, b.octets, sizeof a.octets) == 0;
    }
    std::optional<Address> shown() const;
};

// Checks of values that a file held. True for any value that a table of ours may hold.
bool sound_text(std::int16_t length, std::string_view bytes, std::size_t most) noexcept;
template <std::size_t N> bool sound(const ShortText<N> &text) noexcept
{
    return sound_text(text.length, {text.bytes, sizeof text.bytes}, N);
}
bool sound(const RawAddress &address) noexcept;
// A count, or a sum of microseconds: far from where adding to it overflows.
bool sound(std::int64_t count) noexcept;

}   // namespace sslinfo::core
