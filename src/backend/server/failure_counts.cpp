// A spinlock protects the table. LWLocks are impossible, since attempts fail before InitProcess(), without a PGPROC.
// Atomics do not suffice for an entry of some hundred bytes. Under the lock there is only a bounded copy, with all
// signals blocked: the startup timeout and SIGTERM call _exit() in a signal handler, which would leave the lock taken.
// After a SIGKILL the postmaster recreates shared memory with the lock, and does not write the file of counts.
#include "core/logins/failure_table.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/failure_counts.hpp"
#include "backend/server/settings.hpp"
#include "backend/server/stat_file.hpp"
#include "backend/wall/time.hpp"

#include <csignal>

namespace sslinfo::backend {

namespace {

// Followed by the table.
struct alignas(std::max_align_t) Shared {
    slock_t lock;
};

Shared *shared;

constexpr StatFile file = {
    .path = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus_failures.stat",
    .new_path = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus_failures.stat.tmp",
    .damaged_path = PGSTAT_STAT_PERMANENT_DIRECTORY "/sslinfo_plus_failures.stat.damaged",
    // Entries are written as in memory, so another layout needs another version.
    .version = 0x10000 + sizeof(core::FailureEntry),
};

core::FailureTable table() { return core::FailureTable(shared + 1); }

// Holds the lock, with signals blocked. Code under the lock must be short and must not raise.
class Locked {
  public:
    Locked() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, &before_);
        SpinLockAcquire(&shared->lock);
    }
    ~Locked()
    {
        SpinLockRelease(&shared->lock);
        sigprocmask(SIG_SETMASK, &before_, nullptr);
    }
    Locked(const Locked &) = delete;
    Locked &operator=(const Locked &) = delete;

  private:
    sigset_t before_;
};

void save_at_exit(int code, Datum)
{
    // After a crash of another process the table may be damaged. Otherwise no other process is left.
    if (code != 0)
        return;
    std::string_view contents;
    Failure failure;
    if (attempted([&] { contents = copy_to(TopMemoryContext, table().write()); }, failure))
        write_stat_file(file, contents);
    else
        ereport(LOG, (errcode(failure.sqlstate),
                      errmsg("could not save the failures of sslinfo_plus: %s", failure.message)));
}

}   // namespace

std::size_t failures_size() { return sizeof(Shared) + core::FailureTable::size(settings.failures_max); }

void attach_failures(void *memory, bool found)
{
    shared = static_cast<Shared *>(memory);
    if (found)
        return;
    SpinLockInit(&shared->lock);
    core::FailureTable::create(shared + 1, settings.failures_max, instant_of(GetCurrentTimestamp()));
}

void count_failure(const core::FailureEntry &attempt) noexcept
{
    // A process that has detached from shared memory cannot count.
    if (shared == nullptr || UsedShmemSegAddr == nullptr)
        return;
    const Locked locked;
    table().record(attempt);
}

void reset_failures()
{
    const core::Instant now = instant_of(GetCurrentTimestamp());
    const Locked locked;
    table().reset(now);
}

core::TableInfo failures_info()
{
    const Locked locked;
    return table().info();
}

core::FailureTotal failure_total(core::FailureReason reason)
{
    const Locked locked;
    return table().total(reason);
}

bool read_failure(int number, core::FailureEntry &copy)
{
    const Locked locked;
    if (number >= table().info().entries)
        return false;
    copy = table().entry(number);
    return true;
}

void persist_failures()
{
    const std::string_view contents = read_stat_file(file);
    if (contents.data() != nullptr) {
        Failure failure;
        core::FailureTable shared_table = table();
        const bool ok = attempted([&] { shared_table.read(contents); }, failure);
        finish_stat_file(file, ok ? nullptr : failure.message);
        pfree(const_cast<char *>(contents.data()));
    }
    on_shmem_exit(save_at_exit, Datum(0));
}

}   // namespace sslinfo::backend
