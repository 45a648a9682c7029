#pragma once
#include "core/openssl/openssl.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/error.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// X.509 certificates (RFC 5280).
namespace sslinfo::core {

// All fields of a certificate, which are the columns of the SQL type ssl_certificate. Listed in certificate_facts.def.
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

// A certificate of a chain; depth 0 is the leaf. Columns: depth, the certificate as one value, and each of its fields.
struct ChainCertificate {
    int depth;
    Certificate certificate;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("depth", depth);
        visit("certificate", certificate);
        certificate.columns(visit);
    }
};

// A certificate of a PEM bundle, with the same columns but `ordinal` for `depth`.
struct BundleCertificate {
    int ordinal;   // from 1
    Certificate certificate;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("ordinal", ordinal);
        visit("certificate", certificate);
        certificate.columns(visit);
    }
};

// Returns the chain with which PostgreSQL verified the client's certificate, leaf to root; empty if there is none.
std::vector<ChainCertificate> verified_chain(const SSL &ssl);

// Size limits of a certificate (PEM or DER) and of a bundle, so that untrusted input costs a bounded time.
inline constexpr std::size_t certificate_size_max = 1 << 20;
inline constexpr std::size_t bundle_size_max = 16 << 20;
// Throws Error(code) if `size` exceeds `limit`.
void check_size(std::size_t size, std::size_t limit, ErrorCode code);

// Removes the next CERTIFICATE block (RFC 7468) and all text before it from `pem`, and returns the certificate; null if
// there is none. Skips text around the blocks, blocks of other types and blanks at the start of lines. Throws
// Error(invalid_text) for a block that is malformed or longer than certificate_size_max.
X509Handle next_pem_certificate(std::string_view &pem);
// Returns the first certificate in at most certificate_size_max bytes of PEM. Throws Error(invalid_text).
X509Handle parse_pem(std::string_view pem);
// Parses one certificate without trailing bytes. Throws Error(invalid_binary).
X509Handle parse_der(std::string_view der);

std::string der(const X509 &certificate);
// Returns a PEM block, with a line feed at its end.
std::string pem(const X509 &certificate);
// In the form of slash_name() (core/x509/name.hpp); std::nullopt for an empty name.
std::optional<std::string> subject_slash_name(const X509 &certificate);
std::optional<std::string> issuer_slash_name(const X509 &certificate);
std::optional<Decimal> serial(const X509 &certificate);
// Returns the serial number in lower-case hex of whole bytes.
std::string serial_hex(const X509 &certificate);
std::optional<Timestamp> not_before(const X509 &certificate);
std::optional<Timestamp> not_after(const X509 &certificate);
// Return lower-case hex of a digest of the DER of the certificate or its SubjectPublicKeyInfo. Throw
// Error(invalid_argument) for an unknown algorithm.
std::string fingerprint(const X509 &certificate, const std::string &algorithm);
std::string spki_fingerprint(const X509 &certificate, const std::string &algorithm);
std::string sha256_fingerprint(const X509 &certificate);
std::string sha256_spki_fingerprint(const X509 &certificate);
// Returns OpenSSL's 32-bit hash of the canonical name (X509_NAME_hash), equal for names equal by X509_NAME_cmp().
std::uint32_t name_hash(const X509_NAME &name);
std::uint32_t subject_name_hash(const X509 &certificate);
// Computes both SHA-256 fingerprints and the subject hash, and attaches them to the object (X509_set_ex_data) for the
// functions above. Used for certificates that backends inherit from the postmaster. Does nothing if memory is short.
void attach_digests(X509 &certificate) noexcept;
// Returns the SPIFFE ID of a workload's certificate (X509-SVID, sections 2, 3.2 and 5.2). std::nullopt for any other
// certificate, and if it may sign certificates or its basicConstraints or keyUsage is unreadable.
std::optional<std::string> certificate_spiffe_id(const X509 &certificate);

}   // namespace sslinfo::core
