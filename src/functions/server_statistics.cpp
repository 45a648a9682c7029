// Statistics of all sessions and logins. These functions raise 55000 without shared_preload_libraries.
#include "core/base/cells.hpp"
#include "core/logins/failure_table.hpp"
#include "core/logins/usage_table.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/failure_counts.hpp"
#include "backend/server/session_slots.hpp"
#include "backend/server/shared_memory.hpp"
#include "backend/server/login_usage.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

// Checks permissions like pg_stat_activity: sessions of own roles, or all for members of pg_read_all_stats.
class SessionPermissions {
  public:
    SessionPermissions() : reads_all_(has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS)) {}
    bool reads_all() const { return reads_all_; }
    bool may_read(Oid role)
    {
        if (reads_all_)
            return true;
        if (role != last_role_) {
            last_role_ = role;
            last_answer_ = OidIsValid(role) && has_privs_of_role(GetUserId(), role);
        }
        return last_answer_;
    }

  private:
    bool reads_all_;
    Oid last_role_ = InvalidOid;
    bool last_answer_ = false;
};

// Positions of the pg_hba.conf columns, which only members of pg_read_all_stats may see.
struct HbaColumns {
    explicit HbaColumns(TupleDesc descriptor)
        : numbers{SPI_fnumber(descriptor, "hba_file"), SPI_fnumber(descriptor, "hba_line")}
    {}
    void hide(bool *nulls) const
    {
        for (const int number : numbers)
            if (number > 0)
                nulls[number - 1] = true;
    }
    int numbers[2];
};

}   // namespace

extern "C" {

// pg_stat_ssl_plus() setof record: pid, visible, and the facts of each session, or NULLs if not visible.
SSLINFO_PLUS_FUNCTION(ssl_stat_sessions)
{
    require_shared_memory();
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    TupleDesc descriptor = result->setDesc;
    if (descriptor->natts < 2 || TupleDescAttr(descriptor, 0)->atttypid != INT4OID ||
        TupleDescAttr(descriptor, 1)->atttypid != BOOLOID)
        elog(ERROR, "return type must start with pid and visible");
    auto *values = static_cast<Datum *>(palloc0(sizeof(Datum) * static_cast<Size>(descriptor->natts)));
    auto *nulls = static_cast<bool *>(palloc(sizeof(bool) * static_cast<Size>(descriptor->natts)));
    auto *session = static_cast<PublishedSession *>(palloc(sizeof(PublishedSession)));
    MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "sslinfo_plus session", ALLOCSET_DEFAULT_SIZES);
    const auto names = guarded([] { return core::column_names(core::LoginFacts{}); });
    SessionPermissions permissions;
    const HbaColumns hba(descriptor);
    for (int i = 0; i < session_slot_count(); ++i) {
        CHECK_FOR_INTERRUPTS();
        if (!read_session_slot(i, *session))
            continue;
        const bool visible = permissions.may_read(session->role);
        MemoryContext caller = MemoryContextSwitchTo(row);
        fill_attributes(visible ? std::string_view(session->cells, session->length) : std::string_view(), descriptor,
                        Unmappable::escape, values, nulls, names);
        MemoryContextSwitchTo(caller);
        values[0] = Int32GetDatum(session->pid);
        values[1] = BoolGetDatum(visible);
        nulls[0] = nulls[1] = false;
        if (!permissions.reads_all())
            hba.hide(nulls);
        tuplestore_putvalues(result->setResult, descriptor, values, nulls);
        MemoryContextReset(row);
    }
    return Datum(0);
}

// pg_stat_ssl_usage() setof record: rows in no order. Logins during the scan may be missing.
SSLINFO_PLUS_FUNCTION(ssl_stat_usage)
{
    require_shared_memory();
    RowSet rows(fcinfo);
    constexpr int batch_max = 64;   // about 64 kB under the lock at a time
    auto *const entries = static_cast<core::UsageEntry *>(palloc(sizeof(core::UsageEntry) * batch_max));
    int count = 0;
    for (int first = 0; (count = copy_usage(first, entries, batch_max)) > 0; first += count) {
        for (int i = 0; i < count; ++i) {
            const std::string_view cells =
                guarded([&] { return copy_to(rows.row_context(), core::to_cells(entries[i])); });
            rows.add(cells, Unmappable::escape);
        }
    }
    return Datum(0);
}

// pg_stat_ssl_usage_info() record: entries, evictions, reset time, and totals of all logins.
SSLINFO_PLUS_FUNCTION(ssl_stat_usage_info)
{
    require_shared_memory();
    const core::UsageInfo info = usage_info();
    const std::string_view cells = guarded([&] { return copy_to(CurrentMemoryContext, core::to_cells(info)); });
    return return_row(fcinfo, cells, Unmappable::error);
}

// pg_stat_ssl_usage_reset() void: clears rows and totals.
SSLINFO_PLUS_FUNCTION(ssl_stat_usage_reset)
{
    require_shared_memory();
    reset_usage();
    PG_RETURN_VOID();
}

// pg_stat_ssl_failures() setof record: failed attempts in no order. A row replaced during the scan may be missing.
SSLINFO_PLUS_FUNCTION(ssl_stat_failures)
{
    require_shared_memory();
    RowSet rows(fcinfo);
    core::FailureEntry entry;
    for (int i = 0; read_failure(i, entry); ++i) {
        const std::string_view cells = guarded([&] { return copy_to(rows.row_context(), core::to_cells(entry)); });
        rows.add(cells, Unmappable::escape);
    }
    return Datum(0);
}

// pg_stat_ssl_failure_totals() setof record: a row for each reason, even if zero.
SSLINFO_PLUS_FUNCTION(ssl_stat_failure_totals)
{
    require_shared_memory();
    core::FailureTotal totals[core::failure_reason_count];
    for (int i = 0; i < core::failure_reason_count; ++i)
        totals[i] = failure_total(static_cast<core::FailureReason>(i));
    const std::string_view rows = guarded([&] {
        core::CellWriter writer;
        for (const core::FailureTotal &total : totals)
            writer({}, total);
        return copy_to(CurrentMemoryContext, writer.bytes());
    });
    return return_rows(fcinfo, rows, Unmappable::error);
}

// pg_stat_ssl_failures_info() record: entries, evictions, reset time.
SSLINFO_PLUS_FUNCTION(ssl_stat_failures_info)
{
    require_shared_memory();
    const core::TableInfo info = failures_info();
    const std::string_view cells = guarded([&] { return copy_to(CurrentMemoryContext, core::to_cells(info)); });
    return return_row(fcinfo, cells, Unmappable::error);
}

// pg_stat_ssl_failures_reset() void: clears rows and totals.
SSLINFO_PLUS_FUNCTION(ssl_stat_failures_reset)
{
    require_shared_memory();
    reset_failures();
    PG_RETURN_VOID();
}

}   // extern "C"
