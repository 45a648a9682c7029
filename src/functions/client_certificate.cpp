// Functions about the client's verified certificate. Without one they return NULL or no rows.
#include "core/x509/certificate.hpp"
#include "core/x509/name.hpp"
#include "core/x509/san.hpp"
#include "core/tls/session.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/datum.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"
#include "backend/session/memo.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

extern "C" {

// ssl_client_not_before() timestamptz: start of the validity (X509_get0_notBefore). NULL also for a malformed date.
SSLINFO_PLUS_FUNCTION(ssl_client_not_before) { return return_fact(fcinfo, core::SessionFact::client_not_before); }

// ssl_client_not_after() timestamptz: end of the validity (X509_get0_notAfter). NULL also for a malformed date.
SSLINFO_PLUS_FUNCTION(ssl_client_not_after) { return return_fact(fcinfo, core::SessionFact::client_not_after); }

// ssl_client_spiffe_id() text: the SPIFFE ID. NULL unless there is exactly one URI and it is a SPIFFE ID.
SSLINFO_PLUS_FUNCTION(ssl_client_spiffe_id) { return return_fact(fcinfo, core::SessionFact::client_spiffe_id); }

// ssl_client_fingerprint(algorithm text) text: hex of a digest of the DER. 22023 for an unknown algorithm.
SSLINFO_PLUS_FUNCTION(ssl_client_fingerprint) { return return_of_client(fcinfo, Unmappable::error, core::fingerprint); }

// ssl_client_spki_fingerprint(algorithm text) text: the same for the SubjectPublicKeyInfo, as in HPKP (RFC 7469).
SSLINFO_PLUS_FUNCTION(ssl_client_spki_fingerprint)
{
    return return_of_client(fcinfo, Unmappable::error, core::spki_fingerprint);
}

// ssl_client_auth_dn() text: the name compared by clientname=DN in pg_hba.conf and by pg_ident.conf (Port.peer_dn). RFC
// 2253, most specific first, non-ASCII characters as hex pairs.
SSLINFO_PLUS_FUNCTION(ssl_client_auth_dn)
{
    if (client_certificate() == nullptr || MyProcPort->peer_dn == nullptr)
        PG_RETURN_NULL();
    // Cached for the call site, since the conversion checks the whole text.
    if (fcinfo->flinfo->fn_extra == nullptr) {
        MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
        fcinfo->flinfo->fn_extra = DatumGetPointer(text_datum(MyProcPort->peer_dn, Unmappable::error));
        MemoryContextSwitchTo(caller);
    }
    return PointerGetDatum(fcinfo->flinfo->fn_extra);
}

// ssl_client_dn_values(field text) text[]: all raw values of a subject attribute. 22023 for an unknown attribute.
SSLINFO_PLUS_FUNCTION(ssl_client_dn_values)
{
    return return_of_client(fcinfo, Unmappable::error, [](const X509 &certificate, const std::string &field) {
        return core::name_values(*X509_get_subject_name(&certificate), field);
    });
}

// ssl_issuer_dn_values(field text) text[]: the same for the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn_values)
{
    return return_of_client(fcinfo, Unmappable::error, [](const X509 &certificate, const std::string &field) {
        return core::name_values(*X509_get_issuer_name(&certificate), field);
    });
}

// ssl_client_dn_fields() setof record: all attributes of the subject.
SSLINFO_PLUS_FUNCTION(ssl_client_dn_fields)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_subject), Unmappable::error);
}

// ssl_issuer_dn_fields() setof record: all attributes of the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn_fields)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_issuer), Unmappable::error);
}

// ssl_client_san() setof record: all subject alternative names.
SSLINFO_PLUS_FUNCTION(ssl_client_san)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_names), Unmappable::error);
}

// ssl_client_san_values(type text) text[]: names of one type. NULL without the extension; 22023 for an unknown type.
SSLINFO_PLUS_FUNCTION(ssl_client_san_values)
{
    return return_of_client(fcinfo, Unmappable::error, [](const X509 &certificate, const std::string &type) {
        return core::values_of_type(core::alternative_names(certificate), core::name_type(type));
    });
}

// ssl_client_extensions() setof record: all extensions, with their DER.
SSLINFO_PLUS_FUNCTION(ssl_client_extensions)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_extensions), Unmappable::error);
}

}   // extern "C"
