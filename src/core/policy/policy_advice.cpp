#include "core/policy/policy_advice.hpp"

namespace sslinfo::core {

const char *transport_advice(RequirementKind kind, const Session &session) noexcept
{
    if (session.transport == "none")
        return "Nothing connects to this process: ask in a client's session.";
    if (kind == RequirementKind::local)
        return "Client: connect by the server's Unix-domain socket.";
    if (session.transport == "socket")
        return "Client: connect over TCP (host=…, sslmode=verify-full); or add \"local\" to the policy.";
    if (session.transport == "gss")
        return "Client: connect with gssencmode=disable and sslmode=verify-full.";
    return "Client: connect with sslmode=verify-full. Server: ssl = on, and hostssl lines in pg_hba.conf.";
}

const char *no_certificate_advice() noexcept
{
    return "Client: set sslcert and sslkey. Server: set ssl_ca_file to the CA that issued the certificate.";
}

const char *advice(RequirementKind kind, const Session &session) noexcept
{
    switch (kind) {
    case RequirementKind::tls:
        return "Client: use a TLS library with that version, and no lower ssl_max_protocol_version. "
               "Server: raise ssl_min_protocol_version, and check ssl_max_protocol_version.";
    case RequirementKind::encrypted:
    case RequirementKind::local:
        return transport_advice(kind, session);
    case RequirementKind::forward_secrecy:
    case RequirementKind::aead:
    case RequirementKind::bits:
    case RequirementKind::cipher:
        return "Server: set ssl_ciphers (and, from PostgreSQL 18 on, ssl_tls13_ciphers) to cipher suites that meet the "
               "policy. "
               "Client: ssl_client_offer() shows what it offered.";
    case RequirementKind::post_quantum:
        return session.post_quantum_offered.value_or(false)
                   ? "Server: use OpenSSL 3.5 or newer, and put X25519MLKEM768 first in ssl_groups (PostgreSQL 18 or "
                     "newer)."
                   : "Client: use a TLS library that offers X25519MLKEM768, such as OpenSSL 3.5 or newer.";
    case RequirementKind::group:
        return "Server: set ssl_groups (before PostgreSQL 18: ssl_ecdh_curve) to groups that meet the policy. "
               "Client: ssl_client_offer() shows what it offered.";
    case RequirementKind::alpn:
        return "Client and server: ALPN needs PostgreSQL 17 or newer on both sides.";
    case RequirementKind::server_name:
        return "Client: connect to the server by that name (host=…), with sslsni=1.";
    case RequirementKind::client_cert:
        return no_certificate_advice();
    case RequirementKind::client_key_strength:
        return "Client: use a certificate with a stronger key.";
    case RequirementKind::client_valid:
        return "Client: renew the certificate, and connect again.";
    case RequirementKind::subject:
    case RequirementKind::issuer:
    case RequirementKind::cn:
    case RequirementKind::san:
    case RequirementKind::eku:
    case RequirementKind::fingerprint:
    case RequirementKind::spki:
        return "Client: use a certificate that meets the policy (sslcert, sslkey); "
               "ssl_client_certificate() shows this one.";
    }
    return "";
}

}   // namespace sslinfo::core
