#pragma once
#include "core/base/no_postgres.hpp"

#include <cstddef>
#include <cstdint>

namespace sslinfo::core {

// 64-bit FNV-1a, the same on every machine, so files may contain it. Do not use it for a table whose speed depends on
// untrusted keys: collisions are easy to make.
class Fnv1a {
  public:
    Fnv1a &add_byte(unsigned char byte) noexcept
    {
        value_ = (value_ ^ byte) * 0x100000001b3;
        return *this;
    }
    Fnv1a &add(const void *bytes, std::size_t length) noexcept
    {
        for (std::size_t i = 0; i < length; ++i)
            add_byte(static_cast<const unsigned char *>(bytes)[i]);
        return *this;
    }
    std::uint64_t value() const noexcept { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

}   // namespace sslinfo::core
