#pragma once
#include "backend/wall/pg.hpp"

// The settings sslinfo_plus.*, which exist where the library is preloaded.
namespace sslinfo::backend {

enum LoginAction : int { login_action_off, login_action_log, login_action_reject };

struct Settings {
    bool track;
    int usage_max;
    char *login_rules;
    int login_action;
    bool log_connections;
    bool read_client_hello;
    bool track_failures;
    int failures_max;
    int client_cert_warning;   // seconds; 0: off
};
extern Settings settings;

// Called by _PG_init while shared_preload_libraries are loaded. FATAL where login_rules or login_action is set to what
// it cannot be, since the server would go on without them.
void define_settings();

}   // namespace sslinfo::backend
