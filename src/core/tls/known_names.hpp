#pragma once
#include "core/base/no_postgres.hpp"

#include <string>
#include <string_view>
#include <vector>

// Valid names of groups, cipher suites and signature algorithms: IANA's, and those of this OpenSSL and its providers.
// Case is ignored. Used to reject misspelt names in a policy, which would match no session.
namespace sslinfo::core {

bool known_group(const std::string &name);
bool known_cipher(const std::string &name);
bool known_signature(const std::string &name);

// Names in this library's tables, for suggestions.
std::vector<std::string_view> group_names();
std::vector<std::string_view> cipher_names();
std::vector<std::string_view> signature_names();

}   // namespace sslinfo::core
