#include "backend/server/tls_observer.hpp"
#include "backend/server/failure_watch.hpp"
#include "backend/server/login_hook.hpp"
#include "backend/server/settings.hpp"
#include "backend/server/shared_memory.hpp"

extern "C" {

SSLINFO_PLUS_MODULE_MAGIC("sslinfo_plus");

extern PGDLLEXPORT void _PG_init(void);

// Hooks, shared memory and settings need shared_preload_libraries. The per-session functions work without it.
void _PG_init(void)
{
    using namespace sslinfo::backend;
    if (!process_shared_preload_libraries_in_progress)
        return;
    define_settings();
    request_shared_memory();
    watch_logins();
    watch_handshakes();
    watch_failures();
}

}   // extern "C"
