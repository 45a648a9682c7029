#pragma once
#include "core/base/ascii.hpp"

#include <string>
#include <string_view>

// Names against the patterns of a policy.
namespace sslinfo::core {

// A '*' stands for any characters, also for none, within one label of the name; an empty label matches nothing. Letters
// match in either case. Only names of printable ASCII without a backslash, which marks what was escaped, match at all.
bool matches_dns(std::string_view pattern, std::string_view name);

// A '*' stands for any characters, also for none, within one segment; '/', '?' and '#' end a segment, and an empty
// segment matches only an empty one. Everything else is compared byte by byte.
bool matches_uri(std::string_view pattern, std::string_view uri) noexcept;

// The part behind the last '@' matches in either case, the part before it byte by byte.
bool matches_email(std::string_view wanted, std::string_view email);

}   // namespace sslinfo::core
