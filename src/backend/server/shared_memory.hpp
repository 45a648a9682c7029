#pragma once
#include "backend/wall/pg.hpp"

// Shared memory: session slots, usage, certificate warnings, failures.
namespace sslinfo::backend {

// Called by _PG_init() at preload.
void request_shared_memory();

// Raises 55000 with a hint unless the library was preloaded.
void require_shared_memory();

}   // namespace sslinfo::backend
