#include "core/base/cells.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/extension.hpp"
#include "core/x509/name.hpp"
#include "core/tls/offer.hpp"
#include "core/x509/san.hpp"
#include "core/tls/server_chain.hpp"
#include "core/tls/session.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/datum.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"

namespace sslinfo::backend {

SessionFacts known_facts;

namespace {

std::string_view login_facts;   // cells in the order of core::SessionFact; empty unless set by the login hook
std::string_view cached[cached_count];
bool is_cached[cached_count];

std::string build_rows(CachedRows kind, const core::Connection &client)
{
    const X509 *const certificate = client.client;
    const X509 *const server = client.ssl != nullptr ? core::sent_certificate(*client.ssl) : nullptr;
    switch (kind) {
    case CachedRows::client_certificate:
        return certificate == nullptr ? "" : core::to_cells(core::read_certificate(*certificate));
    case CachedRows::server_certificate:
        return server == nullptr ? "" : core::to_cells(core::read_certificate(*server));
    case CachedRows::client_chain:
        return certificate == nullptr ? "" : core::to_cells(core::verified_chain(*client.ssl));
    case CachedRows::server_chain:
        return server == nullptr ? "" : core::to_cells(core::server_chain(*client.ssl));
    case CachedRows::client_names:
        return certificate == nullptr
                   ? ""
                   : core::to_cells(
                         core::alternative_names(*certificate).value_or(std::vector<core::AlternativeName>()));
    case CachedRows::client_subject:
        return certificate == nullptr ? "" : core::to_cells(core::name_attributes(*X509_get_subject_name(certificate)));
    case CachedRows::client_issuer:
        return certificate == nullptr ? "" : core::to_cells(core::name_attributes(*X509_get_issuer_name(certificate)));
    case CachedRows::client_extensions:
        return certificate == nullptr ? "" : core::to_cells(core::extensions(*certificate));
    case CachedRows::printed_extensions:
        return certificate == nullptr ? "" : core::to_cells(core::printed_extensions(*certificate));
    case CachedRows::client_offer:
        return client.ssl == nullptr ? "" : core::to_cells(core::client_offer(*client.ssl, client.handshake));
    }
    return "";
}

// CellKind for a fact's C++ type. An optional maps to the kind of its value type.
template <class T> constexpr core::CellKind kind_of = kind_of<typename T::value_type>;
template <> constexpr core::CellKind kind_of<std::string> = core::CellKind::text;
template <> constexpr core::CellKind kind_of<core::Transport> = core::CellKind::text;
template <> constexpr core::CellKind kind_of<bool> = core::CellKind::boolean;
template <> constexpr core::CellKind kind_of<int> = core::CellKind::integer;
template <> constexpr core::CellKind kind_of<double> = core::CellKind::real;
template <> constexpr core::CellKind kind_of<core::Timestamp> = core::CellKind::timestamp;
template <> constexpr core::CellKind kind_of<core::Decimal> = core::CellKind::numeric;

// Stores a fact, unless it is already stored: a query may use the stored datum.
void cache_fact(int fact, const core::Cell &cell)
{
    static MemoryContext context = nullptr;
    if (known_facts.states[fact] != SessionFacts::State::unread)
        return;
    if (cell.kind == core::CellKind::null) {
        known_facts.states[fact] = SessionFacts::State::null;
        return;
    }
    if (context == nullptr)
        context = AllocSetContextCreate(TopMemoryContext, "sslinfo_plus session facts", ALLOCSET_SMALL_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    known_facts.values[fact] = cell_datum(cell, natural_type(cell.kind), Unmappable::escape);
    MemoryContextSwitchTo(caller);
    known_facts.states[fact] = SessionFacts::State::value;
}

}   // namespace

void set_login_facts(std::string_view cells) noexcept { login_facts = cells; }

void read_fact(core::SessionFact fact)
{
    std::string_view cells = login_facts;
    int before = static_cast<int>(fact);   // number of preceding cells
    if (cells.empty()) {
        cells = guarded([&] { return copy_to(CurrentMemoryContext, core::read_fact(connection(), fact)); });
        before = 0;
    }
    core::CellReader reader(cells);
    core::Cell cell;
    do
        reader.next(cell);
    while (before-- > 0);
    cache_fact(static_cast<int>(fact), cell);
}

const SessionFacts &session_facts()
{
    static bool complete = false;
    if (unlikely(!complete)) {
        std::string_view cells = login_facts;
        if (cells.empty())
            cells = guarded(
                [&] { return copy_to(CurrentMemoryContext, core::to_cells(core::read_session(connection()))); });
        core::CellReader reader(cells);
        core::Cell cell;
        for (int i = 0; i < core::session_fact_count && reader.next(cell); ++i)
            cache_fact(i, cell);
        complete = true;
    }
    return known_facts;
}

int session_fact_named(std::string_view name, int expected) noexcept
{
    static constexpr std::string_view names[] = {
#define FACT(type, name, value) #name,
#include "core/tls/session_facts.def"
#undef FACT
    };
    if (expected >= 0 && expected < core::session_fact_count && names[expected] == name)
        return expected;
    for (int i = 0; i < core::session_fact_count; ++i)
        if (names[i] == name)
            return i;
    return -1;
}

Oid session_fact_type(int fact) noexcept
{
    static constexpr core::CellKind kinds[] = {
#define FACT(type, name, value) kind_of<decltype(core::Session::name)>,
#include "core/tls/session_facts.def"
#undef FACT
    };
    return natural_type(kinds[fact]);
}

std::string_view cached_rows(CachedRows kind)
{
    const auto i = static_cast<int>(kind);
    if (!is_cached[i]) {
        cached[i] = guarded([&] { return copy_to(TopMemoryContext, build_rows(kind, connection())); });
        is_cached[i] = true;
    }
    return cached[i];
}

}   // namespace sslinfo::backend
