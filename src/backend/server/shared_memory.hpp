#pragma once
#include "backend/wall/pg.hpp"

// The shared memory of the library: the slots of the sessions and the table of usage.
namespace sslinfo::backend {

// Called by _PG_init while shared_preload_libraries are loaded.
void request_shared_memory();

// 55000 with a hint unless the library was preloaded.
void require_shared_memory();

}   // namespace sslinfo::backend
