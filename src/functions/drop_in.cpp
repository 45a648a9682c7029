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

// The first value of an attribute of a distinguished name, escaped as in RFC 4514.
template <class GetName> Datum name_field(FunctionCallInfo fcinfo, GetName get_name)
{
    return memoized(fcinfo, [=](std::string_view field) -> Answer {
        const std::string_view value = guarded([&]() -> std::string_view {
            const std::optional<std::string> first =
                core::name_field(*get_name(client_certificate()), std::string(field));
            return first ? copy_to(CurrentMemoryContext, "=" + *first) : std::string_view();
        });
        if (value.empty())
            return {};
        return {text_datum(value.substr(1), Unmappable::escape), false};
    });
}

}   // namespace

extern "C" {

SSLINFO_PLUS_FUNCTION(ssl_is_used);
SSLINFO_PLUS_FUNCTION(ssl_version);
SSLINFO_PLUS_FUNCTION(ssl_cipher);
SSLINFO_PLUS_FUNCTION(ssl_client_cert_present);
SSLINFO_PLUS_FUNCTION(ssl_client_serial);
SSLINFO_PLUS_FUNCTION(ssl_client_dn);
SSLINFO_PLUS_FUNCTION(ssl_issuer_dn);
SSLINFO_PLUS_FUNCTION(ssl_client_dn_field);
SSLINFO_PLUS_FUNCTION(ssl_issuer_field);
SSLINFO_PLUS_FUNCTION(ssl_extension_info);

// ssl_is_used() boolean: does this session use TLS? Never NULL.
Datum ssl_is_used([[maybe_unused]] PG_FUNCTION_ARGS)
{
    static const bool used = uses_tls();
    PG_RETURN_BOOL(used);
}

// ssl_version() text: 'TLSv1.3' (SSL_get_version). NULL without TLS.
Datum ssl_version(PG_FUNCTION_ARGS) { return return_fact(fcinfo, core::SessionFact::version); }

// ssl_cipher() text: OpenSSL's name of the cipher suite (SSL_CIPHER_get_name). NULL without TLS.
Datum ssl_cipher(PG_FUNCTION_ARGS) { return return_fact(fcinfo, core::SessionFact::cipher); }

// ssl_client_cert_present() boolean: is there a verified client certificate? Never NULL.
Datum ssl_client_cert_present(PG_FUNCTION_ARGS) { return return_fact(fcinfo, core::SessionFact::client_cert_present); }

// ssl_client_serial() numeric: the serial number of the client certificate, whole. NULL without a certificate.
Datum ssl_client_serial(PG_FUNCTION_ARGS) { return return_fact(fcinfo, core::SessionFact::client_serial); }

// ssl_client_dn() text: the subject as '/C=DE/O=Acme/CN=app', whole. NULL without a certificate.
Datum ssl_client_dn(PG_FUNCTION_ARGS) { return return_fact(fcinfo, core::SessionFact::client_dn); }

// ssl_issuer_dn() text: the issuer likewise.
Datum ssl_issuer_dn(PG_FUNCTION_ARGS) { return return_fact(fcinfo, core::SessionFact::issuer_dn); }

// ssl_client_dn_field(field text) text: the first value of an attribute of the subject, named by OpenSSL's short or
// long name or by a dotted OID. NULL without a certificate or such an attribute; 22023 for a name that is neither.
Datum ssl_client_dn_field(PG_FUNCTION_ARGS)
{
    if (client_certificate() == nullptr)
        PG_RETURN_NULL();
    return name_field(fcinfo, [](const X509 *certificate) { return X509_get_subject_name(certificate); });
}

// ssl_issuer_field(field text) text: the same of the issuer.
Datum ssl_issuer_field(PG_FUNCTION_ARGS)
{
    if (client_certificate() == nullptr)
        PG_RETURN_NULL();
    return name_field(fcinfo, [](const X509 *certificate) { return X509_get_issuer_name(certificate); });
}

// ssl_extension_info(OUT name text, OUT value text, OUT critical boolean) setof record: the extensions of the client
// certificate as OpenSSL prints them (X509V3_EXT_print); hex of the DER where it cannot. No rows without a certificate.
Datum ssl_extension_info(PG_FUNCTION_ARGS)
{
    return return_rows(fcinfo, cached_rows(CachedRows::printed_extensions), Unmappable::escape);
}

}   // extern "C"
