#include "core/x509/certificate.hpp"

#include "core/x509/asn1.hpp"
#include "core/x509/certificate_extensions.hpp"
#include "core/base/error.hpp"
#include "core/x509/key.hpp"
#include "core/x509/name.hpp"
#include "core/x509/pem_file.hpp"
#include "core/x509/san.hpp"
#include "core/x509/signature.hpp"
#include "core/openssl/failure.hpp"

#include <algorithm>
#include <new>

namespace sslinfo::core {

namespace {

std::optional<std::string> slash_name_unless_empty(const X509_NAME &name)
{
    return X509_NAME_entry_count(&name) == 0 ? std::nullopt : std::optional<std::string>(slash_name(name));
}

struct AttachedDigests {
    std::string fingerprint;
    std::string spki_fingerprint;
    std::uint32_t subject_hash;
};
constinit int digests_index = -1;   // index in OpenSSL's ex_data; -1 until the first use

void free_digests(void *, void *digests, CRYPTO_EX_DATA *, int, long, void *)
{
    delete static_cast<AttachedDigests *>(digests);
}

const AttachedDigests *attached_digests(const X509 &certificate) noexcept
{
    if (digests_index < 0)
        return nullptr;
    return static_cast<const AttachedDigests *>(X509_get_ex_data(mutable_pointer(&certificate), digests_index));
}

X509Handle parse(std::string_view der, ErrorCode code)
{
    if (der.empty())
        throw Error(code, "invalid X.509 certificate: no data");
    check_size(der.size(), certificate_size_max, code);
    const auto *const begin = reinterpret_cast<const unsigned char *>(der.data());
    const unsigned char *next = nullptr;
    X509Handle certificate;
    if (!retried([&] {
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

// A PEM block (RFC 7468; headers are those of RFC 1421).
struct PemBlock {
    OpensslMemory<char> type;
    OpensslMemory<char> header;
    OpensslMemory<unsigned char> data;
    long length = 0;
};

constexpr std::string_view blanks = " \t";

// Removes blanks at the start of lines. OpenSSL does not accept them, and nginx's $ssl_client_cert has them.
std::string without_leading_blanks(std::string_view block)
{
    std::string out;
    while (!block.empty()) {
        block.remove_prefix(std::min(block.find_first_not_of(blanks), block.size()));
        const std::string_view line =
            block.substr(0, block.find('\n') == block.npos ? block.npos : block.find('\n') + 1);
        out += line;
        block.remove_prefix(line.size());
    }
    return out;
}

bool read_block(const std::string &pem, PemBlock &block)
{
    const BioHandle in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!in)
        throw std::bad_alloc();
    char *type = nullptr;
    char *header = nullptr;
    unsigned char *data = nullptr;
    // Not PEM_read_bio_X509(), which prompts on the terminal for the pass phrase of an encrypted block.
    if (PEM_read_bio(in.get(), &type, &header, &data, &block.length) != 1)
        return false;
    block.type.reset(type);
    block.header.reset(header);
    block.data.reset(data);
    return true;
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

std::string pem(const X509 &certificate)
{
    const BioHandle out(BIO_new(BIO_s_mem()));
    if (!out || !retried([&] {
            (void)BIO_reset(out.get());
            return PEM_write_bio_X509(out.get(), mutable_pointer(&certificate)) == 1;
        }))
        throw std::bad_alloc();
    return std::string(bio_contents(*out));
}

void check_size(std::size_t size, std::size_t limit, ErrorCode code)
{
    if (size > limit)
        throw Error(code, "invalid X.509 certificate: length exceeds " + std::to_string(limit) + " bytes");
}

X509Handle next_pem_certificate(std::string_view &pem)
{
    for (std::string_view block; !(block = cut_pem_block(pem, blanks)).empty();) {
        check_size(block.size(), certificate_size_max, ErrorCode::invalid_text);
        const std::string text = without_leading_blanks(block);
        PemBlock decoded;
        if (!retried([&] { return read_block(text, decoded); }))
            throw Error(ErrorCode::invalid_text, "invalid X.509 certificate: " + pem_reason());
        const std::string_view type = decoded.type.get();
        if (type != PEM_STRING_X509 && type != PEM_STRING_X509_OLD)
            continue;
        if (*decoded.header != '\0')
            throw Error(ErrorCode::invalid_text, "invalid X.509 certificate: PEM block has headers");
        return parse({reinterpret_cast<const char *>(decoded.data.get()), static_cast<std::size_t>(decoded.length)},
                     ErrorCode::invalid_text);
    }
    return nullptr;
}

X509Handle parse_pem(std::string_view pem)
{
    check_size(pem.size(), certificate_size_max, ErrorCode::invalid_text);
    X509Handle certificate = next_pem_certificate(pem);
    if (!certificate)
        throw Error(ErrorCode::invalid_text, "invalid X.509 certificate: no PEM block of type CERTIFICATE");
    return certificate;
}

std::string der(const X509 &certificate) { return der_of(i2d_X509, certificate); }
std::optional<std::string> subject_slash_name(const X509 &certificate)
{
    return slash_name_unless_empty(*X509_get_subject_name(&certificate));
}
std::optional<std::string> issuer_slash_name(const X509 &certificate)
{
    return slash_name_unless_empty(*X509_get_issuer_name(&certificate));
}
std::optional<Decimal> serial(const X509 &certificate) { return decimal(*X509_get0_serialNumber(&certificate)); }

std::string serial_hex(const X509 &certificate) { return integer_hex(*X509_get0_serialNumber(&certificate)); }
std::optional<Timestamp> not_before(const X509 &certificate) { return time(X509_get0_notBefore(&certificate)); }
std::optional<Timestamp> not_after(const X509 &certificate) { return time(X509_get0_notAfter(&certificate)); }

std::string fingerprint(const X509 &certificate, const std::string &algorithm)
{
    return digest_hex(algorithm, der(certificate));
}

std::string spki_fingerprint(const X509 &certificate, const std::string &algorithm)
{
    return digest_hex(algorithm, spki_der(certificate));
}

std::string sha256_fingerprint(const X509 &certificate)
{
    const AttachedDigests *const attached = attached_digests(certificate);
    return attached != nullptr ? attached->fingerprint : fingerprint(certificate, "sha256");
}

std::string sha256_spki_fingerprint(const X509 &certificate)
{
    const AttachedDigests *const attached = attached_digests(certificate);
    return attached != nullptr ? attached->spki_fingerprint : spki_fingerprint(certificate, "sha256");
}

std::uint32_t name_hash(const X509_NAME &name)
{
    unsigned long hash = 0;   // 0 also if X509_NAME_hash() fails
    retried([&] {
        hash = X509_NAME_hash(mutable_pointer(&name));
        return hash != 0;
    });
    return static_cast<std::uint32_t>(hash);
}

std::uint32_t subject_name_hash(const X509 &certificate)
{
    const AttachedDigests *const attached = attached_digests(certificate);
    return attached != nullptr ? attached->subject_hash : name_hash(*X509_get_subject_name(&certificate));
}

void attach_digests(X509 &certificate) noexcept
try {
    if (digests_index < 0)
        digests_index = X509_get_ex_new_index(0, nullptr, nullptr, nullptr, free_digests);
    if (digests_index < 0 || attached_digests(certificate) != nullptr)
        return;
    auto digests = std::make_unique<AttachedDigests>(AttachedDigests{fingerprint(certificate, "sha256"),
                                                                     spki_fingerprint(certificate, "sha256"),
                                                                     name_hash(*X509_get_subject_name(&certificate))});
    if (X509_set_ex_data(&certificate, digests_index, digests.get()) == 1)
        digests.release();
} catch (const std::exception &) {
    ERR_clear_error();
}

std::optional<std::string> certificate_spiffe_id(const X509 &certificate)
{
    return may_sign_certificates(certificate) ? std::nullopt : spiffe_id(alternative_names(certificate));
}

}   // namespace sslinfo::core
