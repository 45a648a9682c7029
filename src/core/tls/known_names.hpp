#pragma once
#include "core/base/no_postgres.hpp"

#include <string>
#include <string_view>
#include <vector>

// The names of groups, cipher suites and signature algorithms that exist: IANA's, and those of this OpenSSL, whose
// providers may add some. Letters match in either case. A misspelt name in a policy would match no session.
namespace sslinfo::core {

bool known_group(const std::string &name);
bool known_cipher(const std::string &name);
bool known_signature(const std::string &name);

// The names in the tables of this library, to suggest one of them.
std::vector<std::string_view> group_names();
std::vector<std::string_view> cipher_names();
std::vector<std::string_view> signature_names();

}   // namespace sslinfo::core
