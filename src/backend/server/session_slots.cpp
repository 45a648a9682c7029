#include "backend/server/session_slots.hpp"

namespace sslinfo::backend {

namespace {

// Works like PgBackendStatus: the count is odd while the owner writes. A reader retries if it was odd or has changed.
struct Slot {
    uint32 changecount;
    int32 pid;   // 0: empty
    uint32 length;
    uint32 evidence_length;
    char cells[session_cells_max];   // followed by the evidence
};
static_assert(sizeof(Slot) == session_slot_size);

Slot *slots;

Slot *own_slot()
{
    const int number = MyProc != nullptr ? static_cast<int>(GetNumberFromPGProc(MyProc)) : -1;
    return slots != nullptr && number >= 0 && number < session_slot_count() ? &slots[number] : nullptr;
}

void write_slot(Slot &slot, int pid, std::string_view cells, std::string_view evidence)
{
    volatile uint32 &changecount = slot.changecount;
    changecount = changecount + 1;
    pg_write_barrier();
    slot.pid = pid;
    slot.length = static_cast<uint32>(cells.size());
    slot.evidence_length = static_cast<uint32>(evidence.size());
    cells.copy(slot.cells, sizeof slot.cells);
    evidence.copy(slot.cells + cells.size(), sizeof slot.cells - cells.size());
    pg_write_barrier();
    changecount = changecount + 1;
}

void clear_own_slot(int, Datum)
{
    if (Slot *slot = own_slot())
        write_slot(*slot, 0, {}, {});
}

}   // namespace

int session_slot_count() { return MaxBackends; }

std::size_t session_slots_size() { return mul_size(sizeof(Slot), static_cast<Size>(session_slot_count())); }

void attach_session_slots(void *memory, bool found)
{
    slots = static_cast<Slot *>(memory);
    if (!found)
        memset(memory, 0, session_slots_size());
}

void publish_session(std::string_view cells, std::string_view evidence)
{
    Slot *const slot = own_slot();
    if (slot == nullptr)
        return;
    // Runs before ProcKill(), registered earlier, so that the slot is empty before its number is reused.
    on_shmem_exit(clear_own_slot, Datum(0));
    write_slot(*slot, MyProcPid, cells, evidence);
}

bool read_session_slot(int number, PublishedSession &copy)
{
    Slot &slot = slots[number];
    const volatile uint32 &changecount = slot.changecount;
    const volatile int32 &pid = slot.pid;
    for (;;) {
        const uint32 before = changecount;
        pg_read_barrier();
        copy.pid = pid;
        copy.length = std::min<uint32>(slot.length, session_cells_max);
        copy.evidence_length = std::min<uint32>(slot.evidence_length, session_cells_max - copy.length);
        if (copy.pid != 0)
            memmove(copy.cells, slot.cells,
                    copy.length + copy.evidence_length);   // GCC compiles memcpy() to a slow rep movs
        pg_read_barrier();
        if (before == changecount && before % 2 == 0)
            break;
        CHECK_FOR_INTERRUPTS();
    }
    // The number may already belong to another process.
    const volatile PGPROC *const process = GetPGProcByNumber(number);
    copy.role = process->roleId;
    return copy.pid != 0 && process->pid == copy.pid;
}

}   // namespace sslinfo::backend
