#pragma once
#include "core/session.hpp"
#include "backend/pg.hpp"

// What this backend knows of its client, computed once: nothing of it changes after the handshake, for PostgreSQL has no
// renegotiation.
namespace sslinfo::backend {

// The facts of ssl_session() as datums in the database encoding, in the order of core::SessionFact. They live as long as
// the backend.
struct SessionFacts {
    Datum values[core::session_fact_count];
    bool nulls[core::session_fact_count];
};
extern const SessionFacts *cached_session_facts;   // null until the first call
const SessionFacts *build_session_facts();

// May raise on the first call in a backend; afterwards it costs a load and a test.
inline const SessionFacts &session_facts()
{
    return *(likely(cached_session_facts != nullptr) ? cached_session_facts : build_session_facts());
}

// The number of the fact of this name, looking first where `expected` says; -1 where there is no such fact.
int session_fact_named(std::string_view name, int expected) noexcept;

// Result of a function whose answer is one fact.
inline Datum return_fact(FunctionCallInfo fcinfo, core::SessionFact fact)
{
    const SessionFacts &facts = session_facts();
    const auto i = static_cast<int>(fact);
    fcinfo->isnull = facts.nulls[i];
    return facts.values[i];
}

// What else is kept, as cells (core/cells.hpp) in UTF-8: certificates are one row, the others sets of rows. Empty where
// there is nothing to tell. May raise on the first call for each.
enum class Kept {
    client_certificate,
    server_certificate,
    client_chain,
    client_names,
    client_subject,
    client_issuer,
    client_extensions,
    printed_extensions,
    client_offer,
};
inline constexpr int kept_count = static_cast<int>(Kept::client_offer) + 1;
std::string_view kept_cells(Kept what);

} // namespace sslinfo::backend
