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
// A copy of the table, in the current memory context.
core::UsageTable copy_usage();

// In the postmaster: reads the file that the last shutdown left, and has the next one leave one.
void keep_usage_in_file();

}   // namespace sslinfo::backend
