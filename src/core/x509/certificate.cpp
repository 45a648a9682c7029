#include "core/x509/certificate.hpp"

#include "core/x509/asn1.hpp"
#include "core/x509/certificate_extensions.hpp"
#include "core/base/error.hpp"
#include "core/x509/key.hpp"
#include "core/x509/name.hpp"
#include "core/x509/san.hpp"

#include <limits>
#include <new>

namespace sslinfo::core {

namespace {

std::string signature_algorithm_name(const X509 &certificate)
{
    const X509_ALGOR *algorithm = nullptr;
    const ASN1_OBJECT *type = nullptr;
    X509_get0_signature(nullptr, &algorithm, &certificate);
    X509_ALGOR_get0(&type, nullptr, nullptr, algorithm);
    return long_name(*type);
}

X509Handle parse(std::string_view der, ErrorCode code)
{
    if (der.empty())
        throw Error(code, "invalid X.509 certificate: no data");
    if (der.size() > static_cast<std::size_t>(std::numeric_limits<long>::max()))
        throw Error(code, "invalid X.509 certificate: too long");
    const auto *const begin = reinterpret_cast<const unsigned char *>(der.data());
    const unsigned char *next = nullptr;
    X509Handle certificate;
    if (!succeeds([&] {
            next = begin;
            certificate.reset(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
            return certificate != nullptr;
        }))
        throw Error(code, "invalid X.509 certificate: " + last_openssl_reason());
    const std::size_t trailing = der.size() - static_cast<std::size_t>(next - begin);
    if (trailing != 0)
        throw Error(code, "invalid X.509 certificate: " + std::to_string(trailing) + " trailing bytes");
    return certificate;
}

// A block of PEM (RFC 7468; its headers are RFC 1421's).
struct PemBlock {
    OpensslMemory<char> type;
    OpensslMemory<char> header;
    OpensslMemory<unsigned char> data;
    long length = 0;
};

// Reads the first block of `pem` and takes it off, with what stands before it.
bool read_block(std::string_view &pem, PemBlock &block)
{
    const BioHandle in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!in)
        throw std::bad_alloc();
    char *type = nullptr;
    char *header = nullptr;
    unsigned char *data = nullptr;
    // Not PEM_read_bio_X509(): for an encrypted block that one asks for a pass phrase on the terminal.
    if (PEM_read_bio(in.get(), &type, &header, &data, &block.length) != 1)
        return false;
    block.type.reset(type);
    block.header.reset(header);
    block.data.reset(data);
    pem.remove_prefix(pem.size() - static_cast<std::size_t>(BIO_pending(in.get())));
    return true;
}

// OpenSSL's reason, in words that fit where it gives none (3.0, for malformed base64) or a puzzling one.
std::string pem_reason()
{
    const unsigned long error = ERR_peek_last_error();
    if (error == 0)
        return "malformed PEM block";
    return ERR_GET_REASON(error) == PEM_R_NO_START_LINE ? "no PEM block of type CERTIFICATE" : last_openssl_reason();
}

}   // namespace

Certificate read_certificate(const X509 &x)
{
    const auto san = alternative_names(x);
    const PublicKey key = public_key(x);
    const BasicConstraints constraints = read_basic_constraints(x);
    return {
#define FACT(type, name, value) .name = value,
#include "core/x509/certificate_facts.def"
#undef FACT
    };
}

std::vector<ChainCertificate> verified_chain(const SSL &ssl)
{
    std::vector<ChainCertificate> out;
    STACK_OF(X509) *const chain = SSL_get0_verified_chain(&ssl);
    for (int depth = 0; chain != nullptr && depth < sk_X509_num(chain); ++depth)
        out.push_back({depth, read_certificate(*sk_X509_value(chain, depth))});
    return out;
}

X509Handle parse_der(std::string_view der) { return parse(der, ErrorCode::invalid_binary); }

X509Handle parse_pem(std::string_view pem)
{
    if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw Error(ErrorCode::invalid_text, "invalid X.509 certificate: too long");
    for (;;) {
        PemBlock block;
        if (!succeeds([&] { return read_block(pem, block); }))
            throw Error(ErrorCode::invalid_text, "invalid X.509 certificate: " + pem_reason());
        const std::string_view type = block.type.get();
        if (type != PEM_STRING_X509 && type != PEM_STRING_X509_OLD)
            continue;
        if (*block.header != '\0')
            throw Error(ErrorCode::invalid_text, "invalid X.509 certificate: a PEM block with headers");
        return parse({reinterpret_cast<const char *>(block.data.get()), static_cast<std::size_t>(block.length)},
                     ErrorCode::invalid_text);
    }
}

std::string der(const X509 &certificate) { return der_of(i2d_X509, certificate); }
std::string subject_slash_name(const X509 &certificate) { return slash_name(*X509_get_subject_name(&certificate)); }
std::string issuer_slash_name(const X509 &certificate) { return slash_name(*X509_get_issuer_name(&certificate)); }
Number serial(const X509 &certificate) { return decimal(*X509_get0_serialNumber(&certificate)); }
Time not_before(const X509 &certificate) { return time(X509_get0_notBefore(&certificate)); }
Time not_after(const X509 &certificate) { return time(X509_get0_notAfter(&certificate)); }

std::string fingerprint(const X509 &certificate, const std::string &algorithm)
{
    return digest_hex(algorithm, der(certificate));
}

std::string spki_fingerprint(const X509 &certificate, const std::string &algorithm)
{
    return digest_hex(algorithm, spki_der(certificate));
}

std::string sha256_fingerprint(const X509 &certificate) { return fingerprint(certificate, "sha256"); }
Text certificate_spiffe_id(const X509 &certificate) { return spiffe_id(alternative_names(certificate)); }

}   // namespace sslinfo::core
