#pragma once
#include "core/logins/usage_table.hpp"
#include "backend/wall/pg.hpp"

// The file that keeps the usage from a shutdown to the next start: pg_stat/sslinfo_plus.stat. Both of these run in the
// postmaster and never raise an error; what goes wrong is a LOG line.
namespace sslinfo::backend {

// Fills the table from the file and removes it, so that no base backup of the running server holds it and no crash
// brings old counts back. A file that is damaged, or of another version, is renamed.
void load_usage(core::UsageTable &table);

void save_usage(const core::UsageTable &table);

}   // namespace sslinfo::backend
