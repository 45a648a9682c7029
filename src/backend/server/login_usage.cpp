#include "core/logins/usage_table.hpp"
#include "backend/server/settings.hpp"
#include "backend/wall/time.hpp"
#include "backend/server/login_usage.hpp"
#include "backend/server/usage_file.hpp"

namespace sslinfo::backend {

namespace {

void *shared_table;
LWLock *lock;

core::UsageTable table() { return core::UsageTable(shared_table); }

void save_at_exit(int code, Datum)
{
    // The table may be damaged after a crash of another process, and inconsistent if one was killed while counting.
    if (code != 0)
        return;
    if (table().consistent())
        save_usage(table());
    else
        ereport(LOG, (errmsg("could not save the usage of sslinfo_plus"),
                      errdetail("A process was stopped while it counted a login.")));
}

}   // namespace

int usage_capacity() { return settings.usage_max; }

std::size_t usage_size() { return core::UsageTable::size(usage_capacity()); }

void attach_usage(void *memory, bool found, LWLock *usage_lock)
{
    shared_table = memory;
    lock = usage_lock;
    if (!found)
        core::UsageTable::create(memory, usage_capacity(), instant_of(GetCurrentTimestamp()));
}

void count_login(const core::UsageKey &key, const core::UsageEvent &event)
{
    LWLockAcquire(lock, LW_EXCLUSIVE);
    table().record(key, event);
    LWLockRelease(lock);
}

void reset_usage()
{
    LWLockAcquire(lock, LW_EXCLUSIVE);
    table().reset(instant_of(GetCurrentTimestamp()));
    LWLockRelease(lock);
}

core::UsageInfo usage_info()
{
    LWLockAcquire(lock, LW_SHARED);
    const core::UsageInfo info = table().info();
    LWLockRelease(lock);
    return info;
}

int copy_usage(int first, core::UsageEntry *entries, int count_max)
{
    LWLockAcquire(lock, LW_SHARED);
    const int count = std::clamp(table().count() - first, 0, count_max);
    for (int i = 0; i < count; ++i)
        entries[i] = table().at(first + i);
    LWLockRelease(lock);
    return count;
}

void persist_usage()
{
    core::UsageTable shared = table();
    load_usage(shared);
    on_shmem_exit(save_at_exit, Datum(0));
}

}   // namespace sslinfo::backend
