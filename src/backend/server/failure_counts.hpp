#pragma once
#include "core/logins/failure_table.hpp"
#include "backend/wall/pg.hpp"

// The table of failed attempts in shared memory.
namespace sslinfo::backend {

std::size_t failures_size();
void attach_failures(void *memory, bool found);

// Counts an attempt. Allocates nothing and raises nothing: it is for processes that have no PGPROC.
void count_failure(const core::FailureEntry &attempt) noexcept;

void reset_failures();
core::TableInfo failures_info();
core::FailureTotal failure_total(core::FailureReason reason);
// A copy of entry number `number`; false if there is none.
bool read_failure(int number, core::FailureEntry &copy);

// In the postmaster: reads the file that the last shutdown wrote, and makes the next shutdown write one.
void keep_failures_in_file();

}   // namespace sslinfo::backend
