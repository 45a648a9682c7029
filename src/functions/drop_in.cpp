// The ten functions of contrib/sslinfo, with the same names, arguments and values. Without TLS, or without the client
// certificate that they need, they return false, NULL or no rows.
#include "core/x509/name.hpp"
#include "core/tls/session.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/datum.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"
#include "backend/session/memo.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

// Returns the first value of an attribute of name_of(certificate), escaped as in RFC 4514.
template <class GetName> Datum return_name_field(FunctionCallInfo fcinfo, GetName name_of)
{
    return return_of_client(fcinfo, Unmappable::escape, [=](const X509 &certificate, const std::string &field) {
        return core::name_field(*name_of(&certificate), field);
    });
}

}   // namespace

extern "C" {

// ssl_is_used() boolean: true if this session uses TLS. Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_is_used) { PG_RETURN_BOOL(uses_tls()); }

// ssl_version() text: 'TLSv1.3' (SSL_get_version). NULL without TLS.
SSLINFO_PLUS_FUNCTION(ssl_version) { return return_fact(fcinfo, core::SessionFact::version); }

// ssl_cipher() text: OpenSSL's name of the cipher suite (SSL_CIPHER_get_name). NULL without TLS.
SSLINFO_PLUS_FUNCTION(ssl_cipher) { return return_fact(fcinfo, core::SessionFact::cipher); }

// ssl_client_cert_present() boolean: true if there is a verified client certificate. Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_client_cert_present) { return return_fact(fcinfo, core::SessionFact::client_cert_present); }

// ssl_client_serial() numeric: serial number of the client certificate. NULL without a certificate.
SSLINFO_PLUS_FUNCTION(ssl_client_serial) { return return_fact(fcinfo, core::SessionFact::client_serial); }

// ssl_client_dn() text: subject in the form '/C=DE/O=Acme/CN=app', not cut. NULL without a certificate.
SSLINFO_PLUS_FUNCTION(ssl_client_dn) { return return_fact(fcinfo, core::SessionFact::client_dn); }

// ssl_issuer_dn() text: the same for the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn) { return return_fact(fcinfo, core::SessionFact::issuer_dn); }

// ssl_client_dn_field(field text) text: first value of an attribute of the subject, given by OpenSSL's short or long
// name or a dotted OID. NULL without a certificate or this attribute; 22023 for an unknown name.
SSLINFO_PLUS_FUNCTION(ssl_client_dn_field)
{
    return return_name_field(fcinfo, [](const X509 *certificate) { return X509_get_subject_name(certificate); });
}

// ssl_issuer_field(field text) text: the same for the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_field)
{
    return return_name_field(fcinfo, [](const X509 *certificate) { return X509_get_issuer_name(certificate); });
}

// ssl_refuse_beside_sslinfo() void: called and then dropped by the extension script. 42723, with a hint, if
// contrib/sslinfo is in this function's schema.
SSLINFO_PLUS_FUNCTION(ssl_refuse_beside_sslinfo)
{
    char *const schema = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
    const Oid no_arguments[] = {InvalidOid};
    const Oid present = LookupFuncName(lappend(lappend(NIL, makeString(schema)), makeString(pstrdup("ssl_is_used"))), 0,
                                       no_arguments, true);
    const Oid owner = OidIsValid(present) ? getExtensionOfObject(ProcedureRelationId, present) : InvalidOid;
    if (OidIsValid(owner) && std::string_view(get_extension_name(owner)) == "sslinfo")
        ereport(ERROR, (errcode(ERRCODE_DUPLICATE_FUNCTION),
                        errmsg("extension \"sslinfo\" is installed in schema \"%s\"", schema),
                        errdetail("sslinfo_plus has functions of the same names."),
                        errhint("To replace it: DROP EXTENSION sslinfo first, or if something depends on it, "
                                "scripts/migrate-from-sslinfo instead of CREATE EXTENSION; see docs/migrate.md. "
                                "To have both: CREATE EXTENSION sslinfo_plus SCHEMA, with another schema.")));
    PG_RETURN_VOID();
}

// ssl_extension_info(OUT name text, OUT value text, OUT critical boolean) setof record: extensions of the client
// certificate, printed by OpenSSL (X509V3_EXT_print) or as hex of the DER. No rows without a certificate.
SSLINFO_PLUS_FUNCTION(ssl_extension_info)
{
    return return_rows(fcinfo, cached_rows(CachedRows::printed_extensions), Unmappable::escape);
}

}   // extern "C"
