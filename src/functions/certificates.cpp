// Certificates as a whole: the type ssl_certificate and its sources.
#include "core/base/cells.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/extension.hpp"
#include "core/x509/san.hpp"
#include "backend/wall/datum.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

// The bytes of a text or bytea argument, detoasted only if it is no longer than `limit`. PEM is ASCII, so that text
// needs no conversion, which has limits of its own. Outside the guard.
std::string_view bounded_argument(Datum argument, std::size_t limit, core::ErrorCode code)
{
    const std::size_t size = toast_raw_datum_size(argument) - VARHDRSZ;
    guarded([&] { core::check_size(size, limit, code); });
    const bytea *bytes = DatumGetByteaPP(argument);
    return {VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)};
}

// The column `der` of an argument of type ssl_certificate; NULL if either is. The type of the column is checked, so
// that a function that somebody declared for another type cannot crash the server. Outside the guard.
NullableDatum der_of_argument(FunctionCallInfo fcinfo)
{
    NullableDatum der = {0, true};
    if (PG_ARGISNULL(0))
        return der;
    HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(0);
    TupleDesc descriptor = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
    const int attribute = SPI_fnumber(descriptor, "der");
    const Oid type = attribute > 0 ? SPI_gettypeid(descriptor, attribute) : InvalidOid;
    ReleaseTupleDesc(descriptor);
    if (type != BYTEAOID)
        report_wrong_type("der");
    der.value = GetAttributeByNum(row, static_cast<AttrNumber>(attribute), &der.isnull);
    return der;
}

// Returns read(certificate), a list of rows, of the ssl_certificate in the first argument; no rows if its `der` is
// NULL.
template <class Read> Datum rows_of_certificate(FunctionCallInfo fcinfo, Read read)
{
    const NullableDatum argument = der_of_argument(fcinfo);
    if (argument.isnull)
        return return_rows(fcinfo, {}, Unmappable::error);
    const std::string_view der =
        bounded_argument(argument.value, core::certificate_size_max, core::ErrorCode::invalid_binary);
    const std::string_view cells =
        guarded([&] { return copy_to(CurrentMemoryContext, core::to_cells(read(*core::parse_der(der)))); });
    return return_rows(fcinfo, cells, Unmappable::error);
}

}   // namespace

extern "C" {

// ssl_client_certificate() ssl_certificate: the client's verified certificate. NULL where there is none.
SSLINFO_PLUS_FUNCTION(ssl_client_certificate)
{
    return return_row(fcinfo, cached_rows(CachedRows::client_certificate), Unmappable::error);
}

// ssl_server_certificate() ssl_certificate: the certificate that the server sent in this handshake, from memory
// (SSL_get_certificate). NULL without TLS and if the key exchange was anonymous or by a pre-shared key.
SSLINFO_PLUS_FUNCTION(ssl_server_certificate)
{
    return return_row(fcinfo, cached_rows(CachedRows::server_certificate), Unmappable::error);
}

// ssl_server_not_after() timestamptz: the end of that certificate's validity. NULL also for a malformed date.
SSLINFO_PLUS_FUNCTION(ssl_server_not_after) { return return_fact(fcinfo, core::SessionFact::server_not_after); }

// ssl_client_chain() setof record: the chain that the client's certificate was verified with, leaf to root
// (SSL_get0_verified_chain). No rows where there is no certificate.
SSLINFO_PLUS_FUNCTION(ssl_client_chain)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_chain), Unmappable::error);
}

// ssl_server_chain() setof record: the certificates that the server sent after its leaf, from depth 1. No rows if it
// sent none.
SSLINFO_PLUS_FUNCTION(ssl_server_chain)
{
    return return_rows(fcinfo, cached_rows(CachedRows::server_chain), Unmappable::error);
}

// ssl_parse_certificate(pem text) ssl_certificate: the first certificate of a PEM text. 22P02 if there is none, if it
// cannot be parsed, or beyond core::certificate_size_max.
SSLINFO_PLUS_FUNCTION(ssl_parse_certificate_pem)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    const std::string_view pem =
        bounded_argument(PG_GETARG_DATUM(0), core::certificate_size_max, core::ErrorCode::invalid_text);
    const std::string_view cells = guarded(
        [&] { return copy_to(CurrentMemoryContext, core::to_cells(core::read_certificate(*core::parse_pem(pem)))); });
    return return_row(fcinfo, cells, Unmappable::error);
}

// ssl_parse_certificate(der bytea) ssl_certificate: a certificate in DER. 22P03 if it cannot be parsed, if bytes follow
// it, or beyond core::certificate_size_max.
SSLINFO_PLUS_FUNCTION(ssl_parse_certificate_der)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    const std::string_view der =
        bounded_argument(PG_GETARG_DATUM(0), core::certificate_size_max, core::ErrorCode::invalid_binary);
    const std::string_view cells = guarded(
        [&] { return copy_to(CurrentMemoryContext, core::to_cells(core::read_certificate(*core::parse_der(der)))); });
    return return_row(fcinfo, cells, Unmappable::error);
}

// ssl_certificate_pem(der bytea) text: the certificate as a PEM block (RFC 7468, PEM_write_bio_X509). 22P03 as above.
SSLINFO_PLUS_FUNCTION(ssl_certificate_pem)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    const std::string_view der =
        bounded_argument(PG_GETARG_DATUM(0), core::certificate_size_max, core::ErrorCode::invalid_binary);
    const std::string_view block =
        guarded([&] { return copy_to(CurrentMemoryContext, core::pem(*core::parse_der(der))); });
    PG_RETURN_DATUM(text_datum(block, Unmappable::error));
}

// ssl_parse_certificates(pem text) setof record: every certificate of a PEM text, with its ordinal from 1. No rows if
// there is none; 22P02 for one that cannot be parsed, beyond core::bundle_size_max, or if one is beyond
// core::certificate_size_max.
SSLINFO_PLUS_FUNCTION(ssl_parse_certificates)
{
    RowSet rows(fcinfo);
    if (PG_ARGISNULL(0))
        return Datum(0);
    std::string_view rest = bounded_argument(PG_GETARG_DATUM(0), core::bundle_size_max, core::ErrorCode::invalid_text);
    for (int ordinal = 1;; ++ordinal) {
        const std::string_view cells = guarded([&]() -> std::string_view {
            const core::X509Handle certificate = core::next_pem_certificate(rest);
            if (!certificate)
                return {};
            return copy_to(rows.row_context(),
                           core::to_cells(core::BundleCertificate{ordinal, core::read_certificate(*certificate)}));
        });
        if (cells.empty())
            return Datum(0);
        rows.add(cells, Unmappable::error);
    }
}

// ssl_certificate_san(certificate ssl_certificate) setof record: every subject alternative name of a certificate, as
// ssl_client_san(). Only the column `der` is read. No rows if that is NULL or the certificate has no readable names;
// 22P03 if it is no certificate or beyond core::certificate_size_max.
SSLINFO_PLUS_FUNCTION(ssl_certificate_san)
{
    return rows_of_certificate(fcinfo, [](const X509 &certificate) {
        return core::alternative_names(certificate).value_or(std::vector<core::AlternativeName>());
    });
}

// ssl_certificate_extensions(certificate ssl_certificate) setof record: every extension of a certificate, as
// ssl_client_extensions(); otherwise as ssl_certificate_san().
SSLINFO_PLUS_FUNCTION(ssl_certificate_extensions) { return rows_of_certificate(fcinfo, core::extensions); }

}   // extern "C"
