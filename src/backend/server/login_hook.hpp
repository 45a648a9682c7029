#pragma once

// What happens when a client has authenticated itself: its facts go into its slot, the login is counted, logged and
// judged.
namespace sslinfo::backend {

// Called by _PG_init while shared_preload_libraries are loaded.
void watch_logins();

}   // namespace sslinfo::backend
