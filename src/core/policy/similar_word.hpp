#pragma once
#include "core/base/no_postgres.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sslinfo::core {

// Returns a hint for a misspelt word: 'Did you mean "client-cert"?'. Finds a known word with one character added,
// missing, wrong or exchanged with the next, or with other separators ("-", "_", "."). Ignores case. May be empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view> &known);

}   // namespace sslinfo::core
