#pragma once
#include "backend/wall/pg.hpp"

// Settings sslinfo_plus.*, defined only in a preloaded library.
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

// Called by _PG_init() at preload. FATAL for an invalid rule setting or unknown name, since rules would be missing.
void define_settings();

}   // namespace sslinfo::backend
