#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// The facts of this backend's client, computed once: none of them changes after the handshake, since PostgreSQL has no
// renegotiation. Each cache below has what it saves beside it, measured on PostgreSQL 15 with OpenSSL 3.0.
namespace sslinfo::backend {

// The facts of ssl_session() as datums in the database encoding, in the order of core::SessionFact. They live as long
// as the backend. A later call costs 18 instructions, the first one 5,700.
struct SessionFacts {
    enum class State : char { unread, null, value };
    State states[core::session_fact_count];
    Datum values[core::session_fact_count];
};
extern SessionFacts known_facts __attribute__((visibility("hidden")));   // those asked for so far

// Makes the functions below take the facts from these cells, which the login hook has read and which live as long as
// the process, instead of reading them from the connection again: a first ssl_session() costs 21,000 instructions
// instead of 134,000.
void set_login_facts(std::string_view cells) noexcept;

// Each may raise, and leaves what it did not read unread: one fact, and all of them.
void read_fact(core::SessionFact fact);
const SessionFacts &session_facts();

// The number of the fact of this name, looking first where `expected` says; -1 where there is no such fact.
int session_fact_named(std::string_view name, int expected) noexcept;
// Its SQL type.
Oid session_fact_type(int fact) noexcept;

// Returns one fact as the result of a function. The first call in a backend reads it.
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

// Certificates (one row each) and sets of rows, as cells (core/base/cells.hpp) in UTF-8. Empty if the connection has no
// such thing. May raise on the first call for each. A later query does not parse and decode again, which saves 79 % of
// the instructions of a query of ssl_server_chain(), 38 % of ssl_client_chain(), 33 % of ssl_client_certificate(), 29 %
// of ssl_client_offer(), 14 % of ssl_client_dn_fields(), 5 % of ssl_client_san().
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
