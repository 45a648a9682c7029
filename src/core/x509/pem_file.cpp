#include "core/x509/pem_file.hpp"

#include "core/base/error.hpp"
#include "core/openssl/failure.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/key.hpp"

#include <new>

namespace sslinfo::core {

namespace {

int no_pass_phrase(char *, int, int, void *) { return -1; }

}   // namespace

InfosHandle read_pem_file(std::string_view pem)
{
    // Text before the first block is skipped here: OpenSSL reads it line by line, which takes seconds for 64 MB.
    const std::size_t begin = pem.find("-----BEGIN ");
    if (begin == pem.npos)
        throw Error(ErrorCode::invalid_text, "no certificate or CRL in PEM");
    pem.remove_prefix(begin);
    InfosHandle infos;
    if (!retried([&] {
            const BioHandle in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
            if (!in)
                throw std::bad_alloc();
            infos.reset(PEM_X509_INFO_read_bio(in.get(), nullptr, no_pass_phrase, nullptr));
            return infos != nullptr;
        }))
        throw Error(ErrorCode::invalid_text, last_openssl_reason());
    for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i) {
        const X509_INFO *const info = sk_X509_INFO_value(infos.get(), i);
        if (info->x509 != nullptr || info->crl != nullptr)
            return infos;
    }
    throw Error(ErrorCode::invalid_text, "no certificate or CRL in PEM");
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

bool has_weak_digest(int signature_nid)
{
    int digest = NID_undef;
    if (OBJ_find_sigid_algs(signature_nid, &digest, nullptr) != 1)
        return false;
    return digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 || digest == NID_md2;
}

}   // namespace sslinfo::core
