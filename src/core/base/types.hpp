#pragma once
#include "core/base/no_postgres.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The values that facts are made of. Every text is valid UTF-8 without a NUL byte.
namespace sslinfo::core {

// A time as certificates hold it: whole seconds. system_clock counts from 1970-01-01 00:00:00 UTC, without leap
// seconds. (Its own time_point counts nanoseconds, which end in 2262: from_time_t() and to_time_t() are not for
// certificates.)
using Timestamp = std::chrono::sys_seconds;

// A time as PostgreSQL's clock returns it: microseconds.
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
