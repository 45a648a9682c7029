#pragma once
#include "core/base/no_postgres.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sslinfo::core {

// A hint for a misspelt word, such as 'Did you mean "client-cert"?'. Suggests the known word that differs by one
// mistake: one character too many, missing, wrong or exchanged with the next one, or only other separators ("-", "_",
// "."). Letters match in either case. Empty if no word is so similar.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view> &known);

}   // namespace sslinfo::core
