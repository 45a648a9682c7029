#pragma once
#include "core/logins/failure_table.hpp"
#include "backend/wall/pg.hpp"

// The table of failed attempts in shared memory.
namespace sslinfo::backend {

std::size_t failures_size();
void attach_failures(void *memory, bool found);

// Counts an attempt. Neither allocates nor raises, and works without a PGPROC.
void count_failure(const core::FailureEntry &attempt) noexcept;

void reset_failures();
core::TableInfo failures_info();
core::FailureTotal failure_total(core::FailureReason reason);
// Copies an entry; false if there is none with this number.
bool read_failure(int number, core::FailureEntry &copy);

// Reads the file of the last shutdown, and makes the next shutdown write one. Called in the postmaster.
void persist_failures();

}   // namespace sslinfo::backend
