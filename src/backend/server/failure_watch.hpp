#pragma once
#include "backend/wall/pg.hpp"

// Notices the attempts of clients that do not become a session, and counts each once.
namespace sslinfo::backend {

// Called by _PG_init while shared_preload_libraries are loaded.
void watch_failures();

// To be called when the client of this process has authenticated itself.
void note_authenticated() noexcept;

}   // namespace sslinfo::backend
