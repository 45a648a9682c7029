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

// One certificate of a chain; depth 0 is the leaf. The columns are the certificate as a whole and each of its columns.
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

// One certificate of a bundle of PEM blocks, with columns as those of a chain.
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

// The chain that PostgreSQL verified the client's certificate with, leaf to root; empty where there is none.
std::vector<ChainCertificate> verified_chain(const SSL &ssl);

// The longest certificate, in PEM or DER, that is read, and the longest bundle: what a caller passes costs a bounded
// time.
inline constexpr std::size_t certificate_size_max = 1 << 20;
inline constexpr std::size_t bundle_size_max = 16 << 20;
// Throws Error(code) beyond the limit, with the limit in the message.
void check_size(std::size_t size, std::size_t limit, ErrorCode code);

// The next CERTIFICATE block of a PEM text (RFC 7468), which is cut off the text with everything before it; null if
// there is none. Text around the blocks, blocks of other types and blanks at the start of lines are skipped. Throws
// Error(invalid_text) for a block that is malformed or longer than certificate_size_max.
X509Handle next_pem_certificate(std::string_view &pem);
// The first CERTIFICATE block of a PEM text of at most certificate_size_max bytes. Throws Error(invalid_text), also if
// there is none.
X509Handle parse_pem(std::string_view pem);
// One certificate in DER and nothing after it. Throws Error(invalid_binary).
X509Handle parse_der(std::string_view der);

std::string der(const X509 &certificate);
// The certificate as a PEM block, with a line feed at its end.
std::string pem(const X509 &certificate);
// As slash_name() (core/x509/name.hpp).
std::optional<std::string> subject_slash_name(const X509 &certificate);
std::optional<std::string> issuer_slash_name(const X509 &certificate);
std::optional<Decimal> serial(const X509 &certificate);
// The same in lower-case hex of whole bytes.
std::string serial_hex(const X509 &certificate);
std::optional<Timestamp> not_before(const X509 &certificate);
std::optional<Timestamp> not_after(const X509 &certificate);
// Lower-case hex of a digest over the DER. Throws Error(invalid_argument) for an unknown algorithm.
std::string fingerprint(const X509 &certificate, const std::string &algorithm);
// The same over the SubjectPublicKeyInfo.
std::string spki_fingerprint(const X509 &certificate, const std::string &algorithm);
std::string sha256_fingerprint(const X509 &certificate);
std::string sha256_spki_fingerprint(const X509 &certificate);
// OpenSSL's 32-bit hash of a name's canonical form (X509_NAME_hash): equal for names that X509_NAME_cmp() takes for
// equal.
std::uint32_t name_hash(const X509_NAME &name);
std::uint32_t subject_name_hash(const X509 &certificate);
// Computes both SHA-256 digests and the hash of the subject, and attaches them to the object (X509_set_ex_data), which
// then answers without computing. For the certificates that the postmaster loads and every backend inherits. Leaves the
// object as it is on lack of memory.
void attach_digests(X509 &certificate) noexcept;
// The SPIFFE ID of a workload's certificate (X509-SVID, sections 2, 3.2 and 5.2); nothing for any other certificate,
// also for one that may sign certificates or whose basicConstraints or keyUsage are unreadable.
std::optional<std::string> certificate_spiffe_id(const X509 &certificate);

}   // namespace sslinfo::core
