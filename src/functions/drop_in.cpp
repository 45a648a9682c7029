// contrib/sslinfo's ten functions: same names, arguments and values. Without TLS, and where they speak of the client's
// certificate without a verified one, all of them answer false, NULL or no rows.
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

// The first value of an attribute of the name that `name_of` gets from a certificate, escaped as in RFC 4514.
template <class GetName> Datum return_name_field(FunctionCallInfo fcinfo, GetName name_of)
{
    return return_of_client(fcinfo, Unmappable::escape, [=](const X509 &certificate, const std::string &field) {
        return core::name_field(*name_of(&certificate), field);
    });
}

}   // namespace

extern "C" {

// ssl_is_used() boolean: does this session use TLS? Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_is_used) { PG_RETURN_BOOL(uses_tls()); }

// ssl_version() text: 'TLSv1.3' (SSL_get_version). NULL without TLS.
SSLINFO_PLUS_FUNCTION(ssl_version) { return return_fact(fcinfo, core::SessionFact::version); }

// ssl_cipher() text: OpenSSL's name of the cipher suite (SSL_CIPHER_get_name). NULL without TLS.
SSLINFO_PLUS_FUNCTION(ssl_cipher) { return return_fact(fcinfo, core::SessionFact::cipher); }

// ssl_client_cert_present() boolean: is there a verified client certificate? Never NULL.
SSLINFO_PLUS_FUNCTION(ssl_client_cert_present) { return return_fact(fcinfo, core::SessionFact::client_cert_present); }

// ssl_client_serial() numeric: the serial number of the client certificate, whole. NULL without a certificate.
SSLINFO_PLUS_FUNCTION(ssl_client_serial) { return return_fact(fcinfo, core::SessionFact::client_serial); }

// ssl_client_dn() text: the subject as '/C=DE/O=Acme/CN=app', whole. NULL without a certificate.
SSLINFO_PLUS_FUNCTION(ssl_client_dn) { return return_fact(fcinfo, core::SessionFact::client_dn); }

// ssl_issuer_dn() text: the issuer likewise.
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn) { return return_fact(fcinfo, core::SessionFact::issuer_dn); }

// ssl_client_dn_field(field text) text: the first value of an attribute of the subject, named by OpenSSL's short or
// long name or by a dotted OID. NULL without a certificate or such an attribute; 22023 for a name that is neither.
SSLINFO_PLUS_FUNCTION(ssl_client_dn_field)
{
    return return_name_field(fcinfo, [](const X509 *certificate) { return X509_get_subject_name(certificate); });
}

// ssl_issuer_field(field text) text: the same of the issuer.
SSLINFO_PLUS_FUNCTION(ssl_issuer_field)
{
    return return_name_field(fcinfo, [](const X509 *certificate) { return X509_get_issuer_name(certificate); });
}

// ssl_refuse_beside_sslinfo() void: for the extension's script, which calls it first and drops it. 42723 if
// contrib/sslinfo is installed in the schema of this function; PostgreSQL's own error would name a function and no way
// out.
SSLINFO_PLUS_FUNCTION(ssl_refuse_beside_sslinfo)
{
    char *const schema = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
    const Oid no_arguments[] = {InvalidOid};
    const Oid present =
        LookupFuncName(list_make2(makeString(schema), makeString(pstrdup("ssl_is_used"))), 0, no_arguments, true);
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

// ssl_extension_info(OUT name text, OUT value text, OUT critical boolean) setof record: the extensions of the client
// certificate as OpenSSL prints them (X509V3_EXT_print); hex of the DER where it cannot. No rows without a certificate.
SSLINFO_PLUS_FUNCTION(ssl_extension_info)
{
    return return_rows(fcinfo, cached_rows(CachedRows::printed_extensions), Unmappable::escape);
}

}   // extern "C"
