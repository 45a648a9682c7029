#pragma once
#include "backend/wall/pg.hpp"

// Counts failed connection attempts, each once.
namespace sslinfo::backend {

// Called by _PG_init() at preload.
void watch_failures();

// Call it after the client's authentication.
void note_authenticated() noexcept;

}   // namespace sslinfo::backend
