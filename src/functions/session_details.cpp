// Functions about TLS of this session.
#include "core/tls/channel_binding.hpp"
#include "core/base/cells.hpp"
#include "core/tls/library.hpp"
#include "core/tls/session.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/datum.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"
#include "backend/session/memo.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

// Returns the row type expected by the caller, or else the declared one.
TupleDesc expected_descriptor(FunctionCallInfo fcinfo)
{
    const auto *const result = reinterpret_cast<const ReturnSetInfo *>(fcinfo->resultinfo);
    if (result != nullptr && IsA(result, ReturnSetInfo) && result->expectedDesc != nullptr)
        return result->expectedDesc;
    TupleDesc descriptor;
    if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    return descriptor;
}

// The row of ssl_session() without byte counters.
struct SessionRow {
    TupleDesc descriptor;
    Datum *values;
    bool *nulls;
    int bytes_received;   // attribute number; -1 if there is none
    int bytes_sent;
};

// Builds the row with the attributes of `expected`, matched by name.
SessionRow session_row_of(TupleDesc expected)
{
    const auto natts = static_cast<Size>(expected->natts);
    SessionRow row{BlessTupleDesc(CreateTupleDescCopy(expected)), static_cast<Datum *>(palloc0(sizeof(Datum) * natts)),
                   static_cast<bool *>(palloc(sizeof(bool) * natts)), -1, -1};
    const SessionFacts &facts = session_facts();
    for (int i = 0, next = 0; i < expected->natts; ++i) {
        const FormData_pg_attribute &attribute = *TupleDescAttr(row.descriptor, i);
        const std::string_view name = NameStr(attribute.attname);
        const int fact = session_fact_named(name, next);
        row.nulls[i] = fact < 0 || facts.states[fact] == SessionFacts::State::null;
        if (name == "bytes_received")
            row.bytes_received = i;
        else if (name == "bytes_sent")
            row.bytes_sent = i;
        else if (fact >= 0)
            row.values[i] = facts.values[fact];
        else
            continue;   // attributes unknown to this library are NULL
        if (attribute.atttypid != (fact >= 0 ? session_fact_type(fact) : INT8OID))
            report_wrong_type(name);
        next = fact + 1;
    }
    return row;
}

// Returns the row for this declaration, cached since looking up the type and 37 names is the largest cost of a call. A
// recreated extension has another function OID.
SessionRow &session_row(FunctionCallInfo fcinfo)
{
    static Oid function = InvalidOid;
    static SessionRow kept{};
    if (unlikely(function != fcinfo->flinfo->fn_oid)) {
        MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
        const SessionRow row = session_row_of(expected_descriptor(fcinfo));
        MemoryContextSwitchTo(caller);
        if (kept.descriptor != nullptr) {
            FreeTupleDesc(kept.descriptor);
            pfree(kept.values);
            pfree(kept.nulls);
        }
        kept = row;
        function = fcinfo->flinfo->fn_oid;
    }
    return kept;
}

void set_counter(SessionRow &row, int attribute, std::int64_t bytes)
{
    if (attribute < 0)
        return;
    row.values[attribute] = Int64GetDatum(bytes);
    row.nulls[attribute] = false;
}

}   // namespace

extern "C" {

// ssl_session() record: one row of all facts. Byte counters (NULL without TLS) are current, the other columns cached.
SSLINFO_PLUS_FUNCTION(ssl_session)
{
    SessionRow &row = session_row(fcinfo);
    if (const SSL *ssl = connection().ssl) {
        const core::WireBytes bytes = core::wire_bytes(*ssl);
        set_counter(row, row.bytes_received, bytes.received);
        set_counter(row, row.bytes_sent, bytes.sent);
    }
    return HeapTupleGetDatum(heap_form_tuple(row.descriptor, row.values, row.nulls));
}

// ssl_transport() text: 'tls', 'gss', 'socket', 'plain' or 'none'. Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_transport) { return return_fact(fcinfo, core::SessionFact::transport); }

// ssl_bits() integer: secret bits of the cipher (SSL_CIPHER_get_bits). NULL without TLS.
SSLINFO_PLUS_FUNCTION(ssl_bits) { return return_fact(fcinfo, core::SessionFact::bits); }

// ssl_compression() boolean: true if TLS compresses (SSL_get_current_compression). Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_compression) { return return_fact(fcinfo, core::SessionFact::compression); }

// ssl_group() text: IANA's name (SSL_get_negotiated_group). NULL without a group, and in TLS 1.2 before OpenSSL 3.0.
SSLINFO_PLUS_FUNCTION(ssl_group) { return return_fact(fcinfo, core::SessionFact::key_exchange_group); }

// ssl_group_kind() text: 'classical', 'hybrid' (classical and ML-KEM) or 'post-quantum' (ML-KEM). NULL without a group.
SSLINFO_PLUS_FUNCTION(ssl_group_kind) { return return_fact(fcinfo, core::SessionFact::group_kind); }

// ssl_ja4() text: JA4 of the first ClientHello. NULL without TLS or preloading, or with read_client_hello = off.
SSLINFO_PLUS_FUNCTION(ssl_ja4) { return return_fact(fcinfo, core::SessionFact::ja4); }

// ssl_auth_method() text: method of the pg_hba.conf line for this session, as in pg_hba_file_rules. NULL without a
// client, and on PostgreSQL 15 without preloading unless it is 'trust'.
SSLINFO_PLUS_FUNCTION(ssl_auth_method) { return return_fact(fcinfo, core::SessionFact::auth_method); }

// ssl_post_quantum() boolean: true if the key exchange used ML-KEM, alone or in a hybrid. Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_post_quantum) { return return_fact(fcinfo, core::SessionFact::post_quantum); }

// ssl_server_name() text: name requested by the client (SNI, SSL_get_servername). NULL if it sent none.
SSLINFO_PLUS_FUNCTION(ssl_server_name) { return return_fact(fcinfo, core::SessionFact::server_name); }

// ssl_alpn() text: application protocol (ALPN, SSL_get0_alpn_selected). NULL if none was negotiated.
SSLINFO_PLUS_FUNCTION(ssl_alpn) { return return_fact(fcinfo, core::SessionFact::alpn); }

// ssl_client_offer() setof record: the offer in the ClientHello. No rows without TLS.
SSLINFO_PLUS_FUNCTION(ssl_client_offer)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_offer), Unmappable::error);
}

// ssl_channel_binding(type text) bytea: channel binding data (RFC 9266, RFC 5929). NULL without TLS; 22023 for an
// unknown type, 55000 if the connection does not support the type.
SSLINFO_PLUS_FUNCTION(ssl_channel_binding)
{
    if (PG_ARGISNULL(0) || connection().ssl == nullptr)
        PG_RETURN_NULL();
    const std::string_view type = utf8_argument(name_argument(fcinfo));
    const std::string_view data = guarded(
        [&] { return copy_to(CurrentMemoryContext, core::channel_binding(*connection().ssl, std::string(type))); });
    return cell_datum({.name = "ssl_channel_binding", .kind = core::CellKind::bytes, .data = data}, BYTEAOID,
                      Unmappable::error);
}

// ssl_library() record: the loaded TLS library.
SSLINFO_PLUS_FUNCTION(ssl_library)
{
    const std::string_view cells =
        guarded([&] { return copy_to(CurrentMemoryContext, core::to_cells(core::library())); });
    return return_row(fcinfo, cells, Unmappable::error);
}

}   // extern "C"
