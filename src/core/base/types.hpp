#pragma once
#include "core/base/no_postgres.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Value types of facts. Every text is valid UTF-8 without NUL.
namespace sslinfo::core {

// Time in a certificate: seconds since 1970-01-01 00:00:00 UTC, without leap seconds. Do not use from_time_t() and
// to_time_t(): system_clock::time_point counts nanoseconds, which overflow in 2262.
using Timestamp = std::chrono::sys_seconds;

// PostgreSQL's clock: microseconds.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// An integer of any size, in decimal digits.
struct Decimal {
    std::string digits;
    friend bool operator==(const Decimal &, const Decimal &) = default;
};

struct Bytes {
    std::string octets;
    friend bool operator==(const Bytes &, const Bytes &) = default;
};

// An IPv4 or IPv6 address in the form of inet_ntop(3).
struct Address {
    std::string text;
    friend bool operator==(const Address &, const Address &) = default;
};

// IPv4 and IPv6 addresses in the form of inet_ntop(3).
struct Addresses {
    std::vector<std::string> list;
    friend bool operator==(const Addresses &, const Addresses &) = default;
};

}   // namespace sslinfo::core
