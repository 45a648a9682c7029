// Certificates as a whole: the type ssl_certificate and its sources.
#include "core/base/cells.hpp"
#include "core/x509/certificate.hpp"
#include "backend/wall/datum.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

extern "C" {

SSLINFO_PLUS_FUNCTION(ssl_client_certificate);
SSLINFO_PLUS_FUNCTION(ssl_server_certificate);
SSLINFO_PLUS_FUNCTION(ssl_client_chain);
SSLINFO_PLUS_FUNCTION(ssl_parse_certificate_pem);
SSLINFO_PLUS_FUNCTION(ssl_parse_certificate_der);

// ssl_client_certificate() ssl_certificate: the client's verified certificate. NULL where there is none.
Datum ssl_client_certificate(PG_FUNCTION_ARGS)
{
    return return_row(fcinfo, kept_cells(Kept::client_certificate), Unmappable::error);
}

// ssl_server_certificate() ssl_certificate: the certificate that the server used in this handshake, from memory
// (SSL_get_certificate). NULL without TLS.
Datum ssl_server_certificate(PG_FUNCTION_ARGS)
{
    return return_row(fcinfo, kept_cells(Kept::server_certificate), Unmappable::error);
}

// ssl_client_chain() setof record: the chain that the client's certificate was verified with, leaf to root
// (SSL_get0_verified_chain). No rows where there is no certificate.
Datum ssl_client_chain(PG_FUNCTION_ARGS)
{
    return return_rows(fcinfo, kept_cells(Kept::client_chain), Unmappable::error);
}

// ssl_parse_certificate(pem text) ssl_certificate: the first certificate of a PEM text. 22P02 where there is none or it
// cannot be parsed.
Datum ssl_parse_certificate_pem(PG_FUNCTION_ARGS)
{
    // PEM is ASCII: no conversion, and so no limit of a conversion's on the length of what stands around it.
    const text *argument = PG_GETARG_TEXT_PP(0);
    const std::string_view pem(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
    const std::string_view cells =
        guarded([&] { return keep(CurrentMemoryContext, core::flat(core::read_certificate(*core::parse_pem(pem)))); });
    return return_row(fcinfo, cells, Unmappable::error);
}

// ssl_parse_certificate(der bytea) ssl_certificate: a certificate in DER. 22P03 where it cannot be parsed or bytes
// follow.
Datum ssl_parse_certificate_der(PG_FUNCTION_ARGS)
{
    const bytea *argument = PG_GETARG_BYTEA_PP(0);
    const std::string_view der(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
    const std::string_view cells =
        guarded([&] { return keep(CurrentMemoryContext, core::flat(core::read_certificate(*core::parse_der(der)))); });
    return return_row(fcinfo, cells, Unmappable::error);
}

}   // extern "C"
