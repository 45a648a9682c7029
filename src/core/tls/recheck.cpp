// A session publishes this evidence instead of its certificates: a chain may take many kB, and a slot in shared memory
// has four. An issuer's name is stored as a 32-bit hash: a collision is harmless, since CRLs must be signed.
#include "core/tls/recheck.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/openssl/failure.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/certificate_extensions.hpp"
#include "core/x509/key.hpp"
#include "core/x509/pem_file.hpp"

#include <algorithm>
#include <cstring>
#include <map>

namespace sslinfo::core {

namespace {

// A certificate of a chain.
struct Link {
    std::string_view serial;   // DER of the INTEGER
    std::uint32_t issuer;      // X509_NAME_hash()
    std::string_view key;   // DER of the SubjectPublicKeyInfo; empty for the leaf, the root and keys that sign no CRLs
};

// The decoded evidence.
struct ChainEvidence {
    std::string_view root_key;    // lower-case hex of SHA-256
    std::int64_t not_after = 0;   // earliest expiry in the chain, without the root
    std::vector<Link> links;      // leaf to root; empty if they were too long
};

template <class Number> void put_number(std::string &out, Number number)
{
    out.append(reinterpret_cast<const char *>(&number), sizeof number);
}
void put_bytes(std::string &out, std::string_view bytes)
{
    put_number(out, static_cast<std::uint16_t>(bytes.size()));
    out += bytes;
}

// Return false at the end of the bytes.
template <class Number> bool take_number(std::string_view &in, Number &number)
{
    if (in.size() < sizeof number)
        return false;
    std::memcpy(&number, in.data(), sizeof number);
    in.remove_prefix(sizeof number);
    return true;
}
bool take_bytes(std::string_view &in, std::string_view &bytes)
{
    std::uint16_t length = 0;
    if (!take_number(in, length) || in.size() < length)
        return false;
    bytes = in.substr(0, length);
    in.remove_prefix(length);
    return true;
}

bool read_evidence(std::string_view in, ChainEvidence &evidence)
{
    if (!take_bytes(in, evidence.root_key) || !take_number(in, evidence.not_after))
        return false;
    while (!in.empty()) {
        Link link{};
        if (!take_bytes(in, link.serial) || !take_number(in, link.issuer) || !take_bytes(in, link.key))
            return false;
        evidence.links.push_back(link);
    }
    return true;
}

bool is_valid(const X509 &certificate, Timestamp now)
{
    const std::optional<Timestamp> first = not_before(certificate);
    const std::optional<Timestamp> last = not_after(certificate);
    return first && last && *first <= now && *last >= now;
}

// True for a CRL that applies to all certificates of its issuer, not to changes or to a distribution point. A CRL with
// another critical extension must not be used (RFC 5280, section 5.2).
bool is_plain(const X509_CRL &crl)
{
    return X509_CRL_get_ext_by_NID(&crl, NID_issuing_distribution_point, -1) < 0 &&
           X509_CRL_get_ext_by_NID(&crl, NID_delta_crl, -1) < 0 && X509_CRL_get_ext_by_critical(&crl, 1, -1) < 0;
}

// Judges sessions by the files on disk.
class ChainChecker {
  public:
    ChainChecker(const std::vector<StoredFile> &files, Timestamp now) : now_(now)
    {
        for (const StoredFile &file : files)
            read(file);
    }

    Recheck judge(const SessionEvidence &session, bool crl_set)
    {
        ChainEvidence evidence;
        if (!read_evidence(session.evidence, evidence))
            return {session.pid, "unknown", "the session published no certificate that can be read"};
        if (evidence.not_after < now_.time_since_epoch().count())
            return {session.pid, "expired", "a certificate of its chain has expired"};
        const auto roots = roots_.find(std::string(evidence.root_key));
        if (roots == roots_.end())
            return ca_problem_ ? Recheck{session.pid, "unknown", "CA file: " + *ca_problem_}
                               : Recheck{session.pid, "untrusted", "its root is not in a CA file"};
        const std::vector<X509 *> &same_key = roots->second;
        if (!std::any_of(same_key.begin(), same_key.end(), [&](X509 *x) { return is_valid(*x, now_); }))
            return {session.pid, "expired", "its root has expired or is not valid yet"};
        if (!crl_set)
            return {session.pid, "ok", {}};
        const bool signs = std::any_of(same_key.begin(), same_key.end(), [](X509 *x) { return may_sign_crls(*x); });
        return judge_by_crls(session.pid, evidence, signs ? spki_der(*same_key.front()) : std::string());
    }

  private:
    void read(const StoredFile &file)
    {
        const bool is_ca = file.setting == "ssl_ca_file";
        try {
            if (!file.problem.empty())
                throw Error(ErrorCode::invalid_text, printable(file.problem));
            files_.push_back(read_pem_file(file.bytes));
        } catch (const Error &error) {
            (is_ca ? ca_problem_ : crl_problem_) = error.what();
            return;
        }
        const STACK_OF(X509_INFO) *const infos = files_.back().get();
        for (int i = 0; i < sk_X509_INFO_num(infos); ++i) {
            const X509_INFO *const info = sk_X509_INFO_value(infos, i);
            if (info->x509 != nullptr)
                roots_[sha256_spki_fingerprint(*info->x509)].push_back(info->x509);
            if (info->crl != nullptr)
                crls_.emplace(name_hash(*X509_CRL_get_issuer(info->crl)), info->crl);
        }
    }

    Recheck judge_by_crls(int pid, const ChainEvidence &evidence, std::string_view root_key)
    {
        bool unknown = evidence.links.empty();
        for (std::size_t i = 0; i < evidence.links.size(); ++i) {
            const std::string_view key = i + 2 >= evidence.links.size() ? root_key : evidence.links[i + 1].key;
            bool found = false;
            const auto [first, last] = crls_.equal_range(evidence.links[i].issuer);
            for (auto crl = first; crl != last; ++crl) {
                if (!is_valid_crl(crl->second, key))
                    continue;
                found = true;
                if (is_revoked(crl->second, evidence.links[i].serial))
                    return {pid, "revoked", i == 0 ? "its certificate is in a CRL" : "a CA of its chain is in a CRL"};
            }
            unknown = unknown || !found;
        }
        if (!unknown)
            return {pid, "ok", {}};
        return {pid, "unknown",
                crl_problem_ ? "CRL: " + *crl_problem_
                             : std::optional<std::string>("no current CRL signed by an issuer of its chain")};
    }

    // True for a current CRL signed by this key. Cached, since verifying a large CRL is slow.
    bool is_valid_crl(X509_CRL *crl, std::string_view spki)
    {
        const auto [place, is_new] = valid_crls_.try_emplace({crl, std::string(spki)}, false);
        if (is_new)
            place->second = !spki.empty() && is_current(*crl, now_) && is_plain(*crl) && retried([&] {
                const PkeyHandle key = decode_public_key(spki);
                return key && X509_CRL_verify(crl, key.get()) == 1;
            });
        return place->second;
    }

    static bool is_revoked(X509_CRL *crl, std::string_view der)
    {
        IntegerHandle serial;
        retried([&] {
            const auto *next = reinterpret_cast<const unsigned char *>(der.data());
            serial.reset(d2i_ASN1_INTEGER(nullptr, &next, static_cast<long>(der.size())));
            return serial != nullptr;
        });
        X509_REVOKED *entry = nullptr;
        // A result of 2 (removeFromCRL) means not revoked.
        return serial && X509_CRL_get0_by_serial(crl, &entry, serial.get()) == 1;
    }

    Timestamp now_;
    std::vector<InfosHandle> files_;
    std::map<std::string, std::vector<X509 *>> roots_;   // by SHA-256 of the key
    std::multimap<std::uint32_t, X509_CRL *> crls_;      // by hash of the issuer's name
    std::map<std::pair<X509_CRL *, std::string>, bool> valid_crls_;
    std::optional<std::string> ca_problem_;
    std::optional<std::string> crl_problem_;
};

// Returns the hash of the issuer's name. Uses the hash attached to `issuer` if that has this name.
std::uint32_t issuer_hash(const X509 &certificate, const X509 &issuer)
{
    const X509_NAME *const name = X509_get_issuer_name(&certificate);
    return X509_NAME_cmp(name, X509_get_subject_name(&issuer)) == 0 ? subject_name_hash(issuer) : name_hash(*name);
}

}   // namespace

std::string chain_evidence(const SSL &ssl, std::size_t limit)
{
    STACK_OF(X509) *const chain = SSL_get0_verified_chain(&ssl);
    const int length = chain != nullptr ? sk_X509_num(chain) : 0;
    if (length == 0)
        return {};
    std::string links;
    std::int64_t end = INT64_MAX;
    for (int i = 0; i < length; ++i) {
        const X509 &x = *sk_X509_value(chain, i);
        const bool is_root = i == length - 1;
        const std::optional<Timestamp> last = not_after(x);
        if (!is_root || length == 1)
            end = std::min(end, last ? last->time_since_epoch().count() : 0);
        put_bytes(links, der_of(i2d_ASN1_INTEGER, *X509_get0_serialNumber(&x)));
        put_number(links, issuer_hash(x, *sk_X509_value(chain, std::min(i + 1, length - 1))));
        put_bytes(links, i == 0 || is_root || !may_sign_crls(x) ? std::string() : spki_der(x));
    }
    std::string out;
    put_bytes(out, sha256_spki_fingerprint(*sk_X509_value(chain, length - 1)));
    put_number(out, end);
    return out.size() + links.size() <= limit ? out + links : out;
}

std::vector<Recheck> recheck(const std::vector<SessionEvidence> &sessions, const std::vector<StoredFile> &files,
                             bool crl_set, Timestamp now)
{
    ChainChecker checker(files, now);
    std::vector<Recheck> rows;
    for (const SessionEvidence &session : sessions)
        rows.push_back(checker.judge(session, crl_set));
    return rows;
}

}   // namespace sslinfo::core
