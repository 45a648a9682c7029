#pragma once
#include "core/policy/login_rules.hpp"
#include "backend/wall/pg.hpp"

// The parsed setting sslinfo_plus.login_rules.
namespace sslinfo::backend {

bool check_login_rules(char **value, void **extra, GucSource source);
void assign_login_rules(const char *value, void *extra);

// Returns the error found by the last check, or null.
const char *login_rules_detail();

// Returns the current rules. Throws if memory is too short to parse them.
const core::LoginRules &login_rules();

}   // namespace sslinfo::backend
