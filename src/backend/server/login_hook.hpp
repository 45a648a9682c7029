#pragma once

// After authentication: publishes the session's facts, and counts, logs and judges the login.
namespace sslinfo::backend {

// Called by _PG_init() at preload.
void watch_logins();

}   // namespace sslinfo::backend
