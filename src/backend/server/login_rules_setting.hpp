#pragma once
#include "core/policy/login_rules.hpp"
#include "backend/wall/pg.hpp"

// The setting sslinfo_plus.login_rules, parsed.
namespace sslinfo::backend {

bool check_login_rules(char **value, void **extra, GucSource source);
void assign_login_rules(const char *value, void *extra);

// What the last check found wrong; null where it found nothing.
const char *login_rules_detail();

// The rules in force. Throws where they could not be parsed for lack of memory: then nobody knows what they say.
const core::LoginRules &login_rules();

}   // namespace sslinfo::backend
