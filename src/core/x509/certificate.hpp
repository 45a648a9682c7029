#pragma once
#include "core/openssl/openssl.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// X.509 certificates (RFC 5280).
namespace sslinfo::core {

// All fields of a certificate: the columns of the SQL type ssl_certificate. certificate_facts.def is their only list.
struct Certificate {
#define FACT(type, name, value) type name{};
#include "core/x509/certificate_facts.def"
#undef FACT

    template <class Visitor> void columns(Visitor &&visit) const
    {
#define FACT(type, name, value) visit(#name, name);
#include "core/x509/certificate_facts.def"
#undef FACT
    }
};
Certificate read_certificate(const X509 &certificate);

// One certificate of a verified chain; depth 0 is the leaf.
struct ChainCertificate {
    int depth;
    Certificate certificate;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("depth", depth);
        visit("certificate", certificate);
    }
};

// The chain that PostgreSQL verified the client's certificate with, leaf to root; empty where there is none.
std::vector<ChainCertificate> verified_chain(const SSL &ssl);

// The first CERTIFICATE block of a PEM text (RFC 7468); what stands before and after it is ignored, as OpenSSL does.
// Throws Error(invalid_text).
X509Handle parse_pem(std::string_view pem);
// One certificate in DER and nothing after it. Throws Error(invalid_binary).
X509Handle parse_der(std::string_view der);

std::string der(const X509 &certificate);
std::string subject_slash_name(const X509 &certificate);
std::string issuer_slash_name(const X509 &certificate);
Number serial(const X509 &certificate);
Time not_before(const X509 &certificate);
Time not_after(const X509 &certificate);
// Lower-case hex of a digest over the DER. Throws Error(invalid_argument) for an unknown algorithm.
std::string fingerprint(const X509 &certificate, const std::string &algorithm);
// The same over the SubjectPublicKeyInfo.
std::string spki_fingerprint(const X509 &certificate, const std::string &algorithm);
std::string sha256_fingerprint(const X509 &certificate);
Text certificate_spiffe_id(const X509 &certificate);

}   // namespace sslinfo::core
