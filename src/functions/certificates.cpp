// The type ssl_certificate and functions that return it.
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

// Returns the bytes of a text (PEM, so ASCII) or bytea argument. Checks the limit before detoasting. Outside the guard.
std::string_view bounded_argument(Datum argument, std::size_t limit, core::ErrorCode code)
{
    const std::size_t size = toast_raw_datum_size(argument) - VARHDRSZ;
    guarded([&] { core::check_size(size, limit, code); });
    const bytea *bytes = DatumGetByteaPP(argument);
    return {VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)};
}

// Returns the column `der` of an ssl_certificate argument; NULL if either is NULL. Checks the column's type, so that a
// function declared for another type cannot crash the server. Outside the guard.
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

// Returns the rows of read(certificate) for an ssl_certificate argument; no rows if its `der` is NULL.
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

// ssl_client_certificate() ssl_certificate: the client's verified certificate. NULL if there is none.
SSLINFO_PLUS_FUNCTION(ssl_client_certificate)
{
    return return_row(fcinfo, cached_rows(CachedRows::client_certificate), Unmappable::error);
}

// ssl_server_certificate() ssl_certificate: the certificate sent by the server in this handshake, from memory
// (SSL_get_certificate). NULL without TLS, and after an anonymous or pre-shared-key exchange or a resumption.
SSLINFO_PLUS_FUNCTION(ssl_server_certificate)
{
    return return_row(fcinfo, cached_rows(CachedRows::server_certificate), Unmappable::error);
}

// ssl_server_not_after() timestamptz: end of its validity. NULL also for a malformed date.
SSLINFO_PLUS_FUNCTION(ssl_server_not_after) { return return_fact(fcinfo, core::SessionFact::server_not_after); }

// ssl_client_chain() setof record: the client's chain, leaf to root (SSL_get0_verified_chain). No rows without one.
SSLINFO_PLUS_FUNCTION(ssl_client_chain)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_chain), Unmappable::error);
}

// ssl_server_chain() setof record: certificates sent by the server after its leaf, from depth 1. May be empty.
SSLINFO_PLUS_FUNCTION(ssl_server_chain)
{
    return return_rows(fcinfo, cached_rows(CachedRows::server_chain), Unmappable::error);
}

// ssl_parse_certificate(pem text) ssl_certificate: the first certificate of a PEM text. 22P02 if it is missing,
// malformed or larger than core::certificate_size_max.
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

// ssl_parse_certificate(der bytea) ssl_certificate: a certificate in DER. 22P03 if it is malformed, followed by other
// bytes or larger than core::certificate_size_max.
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

// ssl_certificate_pem(der bytea) text: a PEM block of the certificate (RFC 7468, PEM_write_bio_X509). 22P03 as above.
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

// ssl_parse_certificates(pem text) setof record: all certificates of a PEM text, with ordinals from 1. 22P02 if one is
// malformed or larger than core::certificate_size_max, or the text is larger than core::bundle_size_max.
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

// ssl_certificate_san(certificate ssl_certificate) setof record: like ssl_client_san(). Reads only the column `der`. No
// rows if it is NULL or has no readable names. 22P03 if it is malformed or larger than core::certificate_size_max.
SSLINFO_PLUS_FUNCTION(ssl_certificate_san)
{
    return rows_of_certificate(fcinfo, [](const X509 &certificate) {
        return core::alternative_names(certificate).value_or(std::vector<core::AlternativeName>());
    });
}

// ssl_certificate_extensions(certificate ssl_certificate) setof record: like ssl_client_extensions(); errors as above.
SSLINFO_PLUS_FUNCTION(ssl_certificate_extensions) { return rows_of_certificate(fcinfo, core::extensions); }

}   // extern "C"
