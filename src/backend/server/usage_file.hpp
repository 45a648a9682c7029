#pragma once
#include "core/logins/usage_table.hpp"
#include "backend/wall/pg.hpp"

// pg_stat/sslinfo_plus.stat stores usage over restarts. For the postmaster: errors are LOG messages.
namespace sslinfo::backend {

// Fills the table and removes the file, so that no base backup or crash restores old counts. Renames a damaged file.
void load_usage(core::UsageTable &table);

void save_usage(const core::UsageTable &table);

}   // namespace sslinfo::backend
