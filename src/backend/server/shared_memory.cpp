#include "core/logins/usage_table.hpp"
#include "backend/server/certificate_warnings.hpp"
#include "backend/server/failure_counts.hpp"
#include "backend/server/session_slots.hpp"
#include "backend/server/shared_memory.hpp"
#include "backend/server/login_usage.hpp"
#include "backend/server/tls_observer.hpp"

namespace sslinfo::backend {

namespace {

shmem_request_hook_type previous_shmem_request_hook;
shmem_startup_hook_type previous_shmem_startup_hook;
bool attached;

void request()
{
    if (previous_shmem_request_hook != nullptr)
        previous_shmem_request_hook();
    RequestAddinShmemSpace(
        add_size(add_size(session_slots_size(), usage_size()), add_size(certificate_warnings_size(), failures_size())));
    RequestNamedLWLockTranche("sslinfo_plus", 1);
}

// Also runs after a crash, when the postmaster recreates shared memory.
void startup()
{
    if (previous_shmem_startup_hook != nullptr)
        previous_shmem_startup_hook();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    bool found = false;
    void *memory = ShmemInitStruct("sslinfo_plus sessions", session_slots_size(), &found);
    attach_session_slots(memory, found);
    memory = ShmemInitStruct("sslinfo_plus usage", usage_size(), &found);
    attach_usage(memory, found, &GetNamedLWLockTranche("sslinfo_plus")->lock);
    memory = ShmemInitStruct("sslinfo_plus certificate warnings", certificate_warnings_size(), &found);
    attach_certificate_warnings(memory, found);
    memory = ShmemInitStruct("sslinfo_plus failures", failures_size(), &found);
    attach_failures(memory, found);
    LWLockRelease(AddinShmemInitLock);
    attached = true;
    if (!IsUnderPostmaster) {
        prepare_server_certificates();
        persist_usage();
        persist_failures();
    }
    ereport(DEBUG1, (errmsg_internal(
                        "sslinfo_plus: %zu bytes of shared memory, %zu for %d sessions and %zu for %d rows of usage",
                        session_slots_size() + usage_size() + certificate_warnings_size() + failures_size(),
                        session_slots_size(), MaxBackends, usage_size(), usage_capacity())));
}

}   // namespace

void request_shared_memory()
{
    previous_shmem_request_hook = shmem_request_hook;
    shmem_request_hook = request;
    previous_shmem_startup_hook = shmem_startup_hook;
    shmem_startup_hook = startup;
}

void require_shared_memory()
{
    if (!attached)
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 errmsg("sslinfo_plus must be loaded when the server starts"),
                 errhint("Set shared_preload_libraries = 'sslinfo_plus' in postgresql.conf and restart the server.")));
}

}   // namespace sslinfo::backend
