#pragma once
#include "core/base/no_postgres.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The values that facts are made of. Every text is valid UTF-8 without a NUL byte.
namespace sslinfo::core {

// Seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
struct Timestamp {
    std::int64_t seconds = 0;
    friend bool operator==(const Timestamp &, const Timestamp &) = default;
};

// A moment of the clock: microseconds since 1970-01-01 00:00:00 UTC.
struct Instant {
    std::int64_t microseconds = 0;
    friend bool operator==(const Instant &, const Instant &) = default;
};

// An integer of any size, in decimal digits.
struct Decimal {
    std::string digits;
    friend bool operator==(const Decimal &, const Decimal &) = default;
};

struct Bytes {
    std::string octets;
    friend bool operator==(const Bytes &, const Bytes &) = default;
};

// An IPv4 or IPv6 address as inet_ntop(3) writes it.
struct Address {
    std::string text;
    friend bool operator==(const Address &, const Address &) = default;
};

// IPv4 and IPv6 addresses as inet_ntop(3) writes them.
struct Addresses {
    std::vector<std::string> list;
    friend bool operator==(const Addresses &, const Addresses &) = default;
};

}   // namespace sslinfo::core
