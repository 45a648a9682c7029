#pragma once
#include "core/logins/usage_table.hpp"
#include "backend/wall/pg.hpp"

// The table of usage in shared memory, protected by one lock.
namespace sslinfo::backend {

std::size_t usage_size();
int usage_capacity();
void attach_usage(void *memory, bool found, LWLock *lock);

void count_login(const core::UsageKey &key, const core::UsageEvent &event);
void reset_usage();
core::UsageInfo usage_info();
// Copies up to `count_max` entries from number `first` on, and returns their number, 0 at the end. Holds the lock only
// for this copy, so that logins do not wait for a scan of the whole table.
int copy_usage(int first, core::UsageEntry *entries, int count_max);

// Reads the file of the last shutdown, and makes the next shutdown write one. Called in the postmaster.
void persist_usage();

}   // namespace sslinfo::backend
