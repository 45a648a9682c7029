#pragma once
#include "core/base/ascii.hpp"

#include <string>
#include <string_view>

// Comparison of names with the patterns of a policy. '*' matches any characters, or none, within a label or segment.
namespace sslinfo::core {

// Matches label by label, ignoring case. `name` must be printable ASCII without backslash and without empty labels.
bool matches_dns(std::string_view pattern, std::string_view name);

// Matches byte by byte between '/', '?' and '#'. An empty segment matches only an empty one.
bool matches_uri(std::string_view pattern, std::string_view uri) noexcept;

// Compares the part after the last '@' ignoring case, the part before it byte by byte.
bool matches_email(std::string_view wanted, std::string_view email);

}   // namespace sslinfo::core
