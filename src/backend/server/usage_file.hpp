#pragma once
#include "core/logins/usage_table.hpp"
#include "backend/wall/pg.hpp"

// pg_stat/sslinfo_plus.stat, which stores the usage from shutdown to start. Both functions run in the postmaster and do
// not raise: errors are LOG messages.
namespace sslinfo::backend {

// Fills the table from the file and removes it, so that neither a base backup nor a crash restores old counts. Renames
// a file that is damaged or of another version.
void load_usage(core::UsageTable &table);

void save_usage(const core::UsageTable &table);

}   // namespace sslinfo::backend
