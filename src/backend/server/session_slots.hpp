#pragma once
#include "backend/wall/pg.hpp"

// A slot of shared memory for each session, with its facts as unnamed cells (core/base/cells.hpp) in the order of
// core::LoginFacts. The owner writes it once after its authentication and clears it at its exit; everybody reads it
// without a lock.
namespace sslinfo::backend {

// The size of a slot. Facts that do not fit are cut (core::shrink_to_fit).
inline constexpr std::size_t session_slot_size = 4096;
inline constexpr std::size_t session_cells_max = session_slot_size - 16;

std::size_t session_slots_size();
void attach_session_slots(void *memory, bool found);

// The most of these bytes that the evidence about the client's certificate takes (core/tls/recheck.hpp).
inline constexpr std::size_t session_evidence_max = 1536;

// Puts the facts of this session and the evidence about its client's certificate, together at most session_cells_max
// bytes, into its slot until its process ends.
void publish_session(std::string_view cells, std::string_view evidence);

// A copy of one slot.
struct PublishedSession {
    int pid;
    Oid role;   // who logged in; InvalidOid while that is not known yet
    uint32 length;
    uint32 evidence_length;   // the evidence comes after the cells
    char cells[session_cells_max];
};
// False where slot number `number` is empty. Numbers go from 0 to session_slot_count() - 1.
bool read_session_slot(int number, PublishedSession &copy);
int session_slot_count();

}   // namespace sslinfo::backend
