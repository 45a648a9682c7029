#include "core/x509/pem_file.hpp"

#include "core/base/error.hpp"
#include "core/openssl/failure.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/key.hpp"

#include <algorithm>
#include <new>

namespace sslinfo::core {

namespace {

// Splits a file into blocks. Throws Error(limit_exceeded) after pem_lines_max lines of blocks.
class PemBlocks {
  public:
    explicit PemBlocks(std::string_view file) : rest_(file) {}

    // Returns an empty view after the last block.
    std::string_view next()
    {
        const std::string_view block = cut_pem_block(rest_, {});
        lines_ += static_cast<std::size_t>(std::count(block.begin(), block.end(), '\n'));
        if (lines_ > pem_lines_max)
            throw Error(ErrorCode::limit_exceeded, "more than " + std::to_string(pem_lines_max) + " lines");
        return block;
    }

  private:
    std::string_view rest_;
    std::size_t lines_ = 0;
};

// True if each certificate has its key. OpenSSL reports no error if memory is too short to decode the key.
bool have_keys(const STACK_OF(X509_INFO) * infos)
{
    for (int i = 0; i < sk_X509_INFO_num(infos); ++i) {
        const X509 *const certificate = sk_X509_INFO_value(infos, i)->x509;
        const EVP_PKEY *const key = certificate != nullptr ? X509_get0_pubkey(certificate) : nullptr;
        if (certificate != nullptr && (key == nullptr || EVP_PKEY_bits(mutable_pointer(key)) <= 0))
            return false;
    }
    return true;
}

InfosHandle read_block_infos(std::string_view block)
{
    InfosHandle infos;
    retried([&] {
        const BioHandle in(BIO_new_mem_buf(block.data(), static_cast<int>(block.size())));
        if (!in)
            throw std::bad_alloc();
        infos.reset(PEM_X509_INFO_read_bio(in.get(), nullptr, no_pass_phrase, nullptr));
        return infos != nullptr && have_keys(infos.get());   // no key either if OpenSSL does not support its algorithm
    });
    if (!infos)
        throw Error(ErrorCode::invalid_text, pem_reason());
    return infos;
}

// Moves certificates and CRLs, and frees everything else.
void move_infos(STACK_OF(X509_INFO) * from, STACK_OF(X509_INFO) * to)
{
    while (X509_INFO *const info = sk_X509_INFO_pop(from)) {
        const bool wanted = info->x509 != nullptr || info->crl != nullptr;
        if (wanted && sk_X509_INFO_push(to, info) > 0)
            continue;
        X509_INFO_free(info);
        if (wanted)
            throw std::bad_alloc();
    }
}

}   // namespace

std::string_view cut_pem_block(std::string_view &pem, std::string_view blanks)
{
    std::size_t begin = pem.find("-----BEGIN ");
    for (; begin != pem.npos; begin = pem.find("-----BEGIN ", begin + 1)) {
        const std::size_t before = pem.substr(0, begin).find_last_not_of(blanks);
        if (before == pem.npos || pem[before] == '\n')
            break;
    }
    if (begin == pem.npos) {
        pem = {};
        return {};
    }
    const std::size_t end = pem.find("-----END ", begin);
    const std::size_t line_end = pem.find('\n', end == pem.npos ? pem.size() : end);
    const std::string_view block = pem.substr(begin, line_end == pem.npos ? pem.npos : line_end + 1 - begin);
    pem.remove_prefix(begin + block.size());
    return block;
}

BioHandle pem_blocks(std::string_view file)
{
    BioHandle out(BIO_new(BIO_s_mem()));
    if (!out)
        throw std::bad_alloc();
    PemBlocks blocks(file);
    for (std::string_view block; !(block = blocks.next()).empty();)
        if (BIO_write(out.get(), block.data(), static_cast<int>(block.size())) != static_cast<int>(block.size()))
            throw std::bad_alloc();
    return out;
}

InfosHandle read_pem_file(std::string_view file)
{
    InfosHandle infos(sk_X509_INFO_new_null());
    if (!infos)
        throw std::bad_alloc();
    PemBlocks blocks(file);
    for (std::string_view block; !(block = blocks.next()).empty();) {
        const InfosHandle of_block = read_block_infos(block);
        move_infos(of_block.get(), infos.get());
        if (sk_X509_INFO_num(infos.get()) > pem_objects_max)
            throw Error(ErrorCode::limit_exceeded,
                        "more than " + std::to_string(pem_objects_max) + " certificates and CRLs");
    }
    if (sk_X509_INFO_num(infos.get()) == 0)
        throw Error(ErrorCode::invalid_text, "no certificate or CRL in PEM");
    return infos;
}

std::string pem_reason() { return ERR_peek_last_error() == 0 ? "malformed PEM block" : last_openssl_reason(); }

int no_pass_phrase(char *, int, int, void *prompted)
{
    if (prompted != nullptr)
        *static_cast<bool *>(prompted) = true;
    return -1;
}

std::string crl_fingerprint(const X509_CRL &crl) { return digest_hex("sha256", der_of(i2d_X509_CRL, crl)); }

int crl_entries(const X509_CRL &crl)
{
    const auto *const revoked = X509_CRL_get_REVOKED(mutable_pointer(&crl));
    return revoked != nullptr ? sk_X509_REVOKED_num(revoked) : 0;
}

bool is_current(const X509_CRL &crl, Timestamp now)
{
    const std::optional<Timestamp> last = time(X509_CRL_get0_lastUpdate(&crl));
    const ASN1_TIME *const next_update = X509_CRL_get0_nextUpdate(&crl);
    const std::optional<Timestamp> next = time(next_update);
    return last && *last <= now && (next_update == nullptr || (next && *next > now));
}

}   // namespace sslinfo::core
