#include "core/logins/plain_values.hpp"

#include "core/base/text.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace sslinfo::core {

template <std::size_t N> std::string ShortText<N>::shortened_to(std::string_view text) { return shortened(text, N); }
template struct ShortText<6>;
template struct ShortText<15>;
template struct ShortText<30>;
template struct ShortText<36>;
template struct ShortText<63>;
template struct ShortText<126>;
template struct ShortText<254>;

std::optional<Address> RawAddress::shown() const
{
    char text[INET6_ADDRSTRLEN];
    if (length == 0 || inet_ntop(length == 4 ? AF_INET : AF_INET6, octets, text, sizeof text) == nullptr)
        return std::nullopt;
    return Address{text};
}

bool is_valid_text(std::int16_t length, std::string_view bytes, std::size_t length_max) noexcept
{
    if (length < -1 || length > static_cast<int>(length_max))
        return false;
    const auto used = static_cast<std::size_t>(std::max<int>(length, 0));
    const std::string_view text = bytes.substr(0, used);
    return valid_utf8(text) && text.find('\0') == text.npos && bytes.find_first_not_of('\0', used) == bytes.npos;
}

bool is_valid(const RawAddress &address) noexcept
{
    const auto unused = [](std::uint8_t octet) { return octet == 0; };
    return (address.length == 0 || address.length == 4 || address.length == 16) &&
           std::all_of(address.octets + address.length, std::end(address.octets), unused);
}

bool is_valid(std::int64_t count) noexcept { return count >= 0 && count <= 1'000'000'000'000'000; }

}   // namespace sslinfo::core
