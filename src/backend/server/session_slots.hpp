#pragma once
#include "backend/wall/pg.hpp"

// A slot in shared memory for each session's facts: unnamed cells (core/base/cells.hpp) in the order of
// core::LoginFacts. The owner writes it after authentication and clears it at exit. Readers take no lock.
namespace sslinfo::backend {

// Facts that exceed a slot are cut (core::shrink_to_fit).
inline constexpr std::size_t session_slot_size = 4096;
inline constexpr std::size_t session_cells_max = session_slot_size - 16;

std::size_t session_slots_size();
void attach_session_slots(void *memory, bool found);

// Part of these bytes for evidence about the client's certificate (core/tls/recheck.hpp).
inline constexpr std::size_t session_evidence_max = 1536;

// Publishes this session's facts and evidence, together at most session_cells_max bytes, until the process ends.
void publish_session(std::string_view cells, std::string_view evidence);

struct PublishedSession {
    int pid;
    Oid role;   // InvalidOid before the login is complete
    uint32 length;
    uint32 evidence_length;   // after the cells
    char cells[session_cells_max];
};
// Copies a slot, from 0 to session_slot_count() - 1. False if it is empty.
bool read_session_slot(int number, PublishedSession &copy);
int session_slot_count();

}   // namespace sslinfo::backend
