#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// What this backend knows of its client, computed once: nothing of it changes after the handshake, for PostgreSQL has
// no renegotiation.
namespace sslinfo::backend {

// The facts of ssl_session() as datums in the database encoding, in the order of core::SessionFact. They live as long
// as the backend.
struct SessionFacts {
    enum class State : char { unread, null, value };
    State states[core::session_fact_count];
    Datum values[core::session_fact_count];
};
extern SessionFacts known_facts __attribute__((visibility("hidden")));   // those asked for so far

// Has the functions below take the facts from these cells, which the login hook has read and which live as long as the
// process, instead of reading them from the connection anew.
void set_login_facts(std::string_view cells) noexcept;

// Each may raise, and leaves what it did not read unread: one fact, and all of them.
void read_fact(core::SessionFact fact);
const SessionFacts &session_facts();

// The number of the fact of this name, looking first where `expected` says; -1 where there is no such fact.
int session_fact_named(std::string_view name, int expected) noexcept;
// Its SQL type.
Oid session_fact_type(int fact) noexcept;

// Result of a function whose answer is one fact: read at the first call in a backend, afterwards at hand.
inline Datum return_fact(FunctionCallInfo fcinfo, core::SessionFact fact)
{
    const auto i = static_cast<int>(fact);
    if (likely(known_facts.states[i] == SessionFacts::State::value))
        return known_facts.values[i];
    if (known_facts.states[i] == SessionFacts::State::unread)
        read_fact(fact);
    fcinfo->isnull = known_facts.states[i] == SessionFacts::State::null;
    return known_facts.values[i];
}

// What else is kept, as cells (core/base/cells.hpp) in UTF-8: certificates are one row, the others sets of rows. Empty
// where there is nothing to tell. May raise on the first call for each.
enum class CachedRows {
    client_certificate,
    server_certificate,
    client_chain,
    server_chain,
    client_names,
    client_subject,
    client_issuer,
    client_extensions,
    printed_extensions,
    client_offer,
};
inline constexpr int cached_count = static_cast<int>(CachedRows::client_offer) + 1;
std::string_view cached_rows(CachedRows what);

}   // namespace sslinfo::backend
