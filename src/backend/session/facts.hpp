#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// Facts of this backend's client, computed once. The figures are from PostgreSQL 15 with OpenSSL 3.0.
namespace sslinfo::backend {

// Facts of ssl_session() as datums in the database encoding, in the order of core::SessionFact. They live as long as
// the backend. The first call takes 5,700 instructions, later ones 18.
struct SessionFacts {
    enum class State : char { unread, null, value };
    State states[core::session_fact_count];
    Datum values[core::session_fact_count];
};
extern SessionFacts known_facts __attribute__((visibility("hidden")));   // facts read so far

// Sets facts read by the login hook, so that the functions below do not read them again: a first ssl_session() takes
// 21,000 instructions instead of 134,000. The cells must live as long as the process.
void set_login_facts(std::string_view cells) noexcept;

// Read one fact, or all facts. May raise; facts not yet read then stay unread.
void read_fact(core::SessionFact fact);
const SessionFacts &session_facts();

// Returns the number of a fact by its name, trying `expected` first; -1 if there is none.
int session_fact_named(std::string_view name, int expected) noexcept;
// Returns the SQL type of a fact.
Oid session_fact_type(int fact) noexcept;

// Returns a fact as a function's result, and reads it at the first call in a backend.
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

// Certificates (one row each) and sets of rows, as cells (core/base/cells.hpp) in UTF-8. Empty if the connection has
// none. The first call for each may raise. Later queries need 5 % (ssl_client_san()) to 79 % (ssl_server_chain()) less.
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
std::string_view cached_rows(CachedRows kind);

}   // namespace sslinfo::backend
