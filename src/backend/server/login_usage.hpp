#pragma once
#include "core/logins/usage_table.hpp"
#include "backend/wall/pg.hpp"

// The table of usage in shared memory, under one lock.
namespace sslinfo::backend {

std::size_t usage_size();
int usage_capacity();
void attach_usage(void *memory, bool found, LWLock *lock);

void count_login(const core::UsageKey &key, const core::UsageEvent &event);
void reset_usage();
core::UsageInfo usage_info();
// Copies up to `most` entries, from number `first` on, and returns how many there were: 0 at the end. The lock is held
// for that copy alone, so that logins do not wait for whoever reads the whole table.
int copy_usage(int first, core::UsageEntry *entries, int most);

// In the postmaster: reads the file that the last shutdown left, and has the next one leave one.
void keep_usage_in_file();

}   // namespace sslinfo::backend
