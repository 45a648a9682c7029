// Scalars, lists and sets about the client's certificate. All of them are NULL, or no rows, without a verified one.
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

// ssl_client_spiffe_id() text: the SPIFFE ID. NULL unless there is exactly one URI name, a valid SPIFFE ID.
SSLINFO_PLUS_FUNCTION(ssl_client_spiffe_id) { return return_fact(fcinfo, core::SessionFact::client_spiffe_id); }

// ssl_client_fingerprint(algorithm text) text: hex of a digest of the DER. 22023 for an unknown algorithm.
SSLINFO_PLUS_FUNCTION(ssl_client_fingerprint) { return return_of_client(fcinfo, Unmappable::error, core::fingerprint); }

// ssl_client_spki_fingerprint(algorithm text) text: the same of the SubjectPublicKeyInfo, as HPKP pins it (RFC 7469).
SSLINFO_PLUS_FUNCTION(ssl_client_spki_fingerprint)
{
    return return_of_client(fcinfo, Unmappable::error, core::spki_fingerprint);
}

// ssl_client_auth_dn() text: the string that pg_hba.conf's clientname=DN and pg_ident.conf compare (Port.peer_dn): RFC
// 2253, most specific first, non-ASCII characters as hex pairs.
SSLINFO_PLUS_FUNCTION(ssl_client_auth_dn)
{
    if (client_certificate() == nullptr || MyProcPort->peer_dn == nullptr)
        PG_RETURN_NULL();
    // Kept for the call site, since each conversion checks the whole text.
    if (fcinfo->flinfo->fn_extra == nullptr) {
        MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
        fcinfo->flinfo->fn_extra = DatumGetPointer(text_datum(MyProcPort->peer_dn, Unmappable::error));
        MemoryContextSwitchTo(caller);
    }
    return PointerGetDatum(fcinfo->flinfo->fn_extra);
}

// ssl_client_dn_values(field text) text[]: all raw values of an attribute of the subject, in the order of the
// certificate; empty where it has none. 22023 for an unknown attribute name.
SSLINFO_PLUS_FUNCTION(ssl_client_dn_values)
{
    return return_of_client(fcinfo, Unmappable::error, [](const X509 &certificate, const std::string &field) {
        return core::name_values(*X509_get_subject_name(&certificate), field);
    });
}

// ssl_issuer_dn_values(field text) text[]: the same of the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn_values)
{
    return return_of_client(fcinfo, Unmappable::error, [](const X509 &certificate, const std::string &field) {
        return core::name_values(*X509_get_issuer_name(&certificate), field);
    });
}

// ssl_client_dn_fields() setof record: every attribute of the subject.
SSLINFO_PLUS_FUNCTION(ssl_client_dn_fields)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_subject), Unmappable::error);
}

// ssl_issuer_dn_fields() setof record: every attribute of the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn_fields)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_issuer), Unmappable::error);
}

// ssl_client_san() setof record: every subject alternative name.
SSLINFO_PLUS_FUNCTION(ssl_client_san)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_names), Unmappable::error);
}

// ssl_client_san_values(type text) text[]: the subject alternative names of one type. NULL where the certificate has no
// such extension, empty where it has none of the type; 22023 for an unknown type.
SSLINFO_PLUS_FUNCTION(ssl_client_san_values)
{
    return return_of_client(fcinfo, Unmappable::error, [](const X509 &certificate, const std::string &type) {
        return core::values_of_type(core::alternative_names(certificate), core::name_type(type));
    });
}

// ssl_client_extensions() setof record: every extension, with its DER.
SSLINFO_PLUS_FUNCTION(ssl_client_extensions)
{
    return return_rows(fcinfo, cached_rows(CachedRows::client_extensions), Unmappable::error);
}

}   // extern "C"
