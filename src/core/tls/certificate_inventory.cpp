// The same code makes rows from files and from memory. They are compared by source and fingerprint, so that a file
// rewritten with the same contents is not pending.
#include "core/tls/certificate_inventory.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/openssl/failure.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/key.hpp"
#include "core/x509/name.hpp"
#include "core/x509/pem_file.hpp"
#include "core/x509/san.hpp"
#include "core/x509/signature.hpp"

#include <algorithm>
#include <set>

namespace sslinfo::core {

namespace {

std::optional<std::string> name_unless_empty(const X509_NAME &name)
{
    return X509_NAME_entry_count(&name) == 0 ? std::nullopt : std::optional<std::string>(rfc4514_name(name));
}

void add_validity_problems(InventoryRow &row, Timestamp now)
{
    if (row.not_after && *row.not_after < now)
        row.problems.emplace_back("expired");
    if (row.not_before && *row.not_before > now)
        row.problems.emplace_back("not yet valid");
}

bool has_host_name(const X509 &certificate)
{
    const auto names = alternative_names(certificate);
    const auto dns = values_of_type(names, NameType::dns);
    return (dns && !dns->empty()) || (addresses(names) && !addresses(names)->list.empty());
}

// Returns a copy without values cached by OpenSSL, which may be wrong if memory was short when they were computed.
X509Handle fresh_copy(const X509 &certificate) { return X509Handle(X509_dup(mutable_pointer(&certificate))); }

// True for a CA certificate by X509_check_ca().
bool is_ca(const X509 &certificate)
{
    return retried([&] {
        const X509Handle copy = fresh_copy(certificate);
        return copy && X509_check_ca(copy.get()) != 0;
    });
}

void add_problems(InventoryRow &row, const X509 &certificate, Timestamp now)
{
    add_validity_problems(row, now);
    if (row.key_strength && *row.key_strength < 112)
        row.problems.emplace_back("weak key");
    // The signature of a self-signed certificate is not relied on.
    X509 *const x = mutable_pointer(&certificate);
    const bool self_issued = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
    if (!self_issued && has_weak_digest(signature_identifier(certificate)))
        row.problems.emplace_back("weak signature");
    if (row.source == "server" && !has_host_name(certificate))
        row.problems.emplace_back("no alternative name");
    if (row.source != "server" && !is_ca(certificate))
        row.problems.emplace_back("not a CA");
}

InventoryRow certificate_row(std::string source, const X509 &certificate, Timestamp now)
{
    const PublicKey key = public_key(certificate);
    InventoryRow row;
    row.source = std::move(source);
    row.subject = name_unless_empty(*X509_get_subject_name(&certificate));
    row.issuer = name_unless_empty(*X509_get_issuer_name(&certificate));
    row.serial = serial(certificate);
    row.not_before = not_before(certificate);
    row.not_after = not_after(certificate);
    row.fingerprint = sha256_fingerprint(certificate);
    row.spki_fingerprint = sha256_spki_fingerprint(certificate);
    row.key_algorithm = key.algorithm;
    row.key_bits = key.bits;
    row.key_strength = key.strength;
    row.signature_algorithm = signature_algorithm(signature_identifier(certificate));
    add_problems(row, certificate, now);
    return row;
}

InventoryRow crl_row(const X509_CRL &crl, Timestamp now)
{
    InventoryRow row;
    row.source = "crl";
    row.issuer = name_unless_empty(*X509_CRL_get_issuer(&crl));
    row.not_before = time(X509_CRL_get0_lastUpdate(&crl));
    row.not_after = time(X509_CRL_get0_nextUpdate(&crl));
    row.fingerprint = crl_fingerprint(crl);
    row.signature_algorithm = signature_algorithm(signature_identifier(crl));
    row.entries = crl_entries(crl);
    add_validity_problems(row, now);
    if (has_weak_digest(signature_identifier(crl)))
        row.problems.emplace_back("weak signature");
    return row;
}

bool is_server_file(const StoredFile &file) { return file.setting == "ssl_cert_file"; }

const char *source_of(const StoredFile &file)
{
    if (is_server_file(file))
        return "server";
    return file.setting == "ssl_ca_file" ? "client_ca" : "crl";
}

InventoryRow unreadable_row(const StoredFile &file, const std::string &reason)
{
    InventoryRow row;
    row.source = source_of(file);
    row.problems.push_back("unreadable: " + reason);
    return row;
}

// True if `issuer` is the issuer by X509_check_issued() and its key verifies the signature.
bool signed_by(const X509 &certificate, const X509 &issuer)
{
    const std::string spki = spki_der(issuer);
    return retried([&] {
        const X509Handle subject = fresh_copy(certificate);
        const X509Handle signer = fresh_copy(issuer);
        const PkeyHandle key = decode_public_key(spki);
        return subject && signer && key && X509_check_issued(signer.get(), subject.get()) == X509_V_OK &&
               X509_verify(subject.get(), key.get()) == 1;
    });
}

std::vector<InventoryRow> parsed_rows(const StoredFile &file, Timestamp now)
{
    const InfosHandle infos = read_pem_file(file.bytes);
    std::vector<InventoryRow> rows;
    const X509 *previous = nullptr;
    for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i) {
        const X509_INFO *const info = sk_X509_INFO_value(infos.get(), i);
        if (info->x509 != nullptr) {
            const bool chain = is_server_file(file) && previous != nullptr;
            const char *const source = chain ? "server_chain" : is_server_file(file) ? "server" : "client_ca";
            rows.push_back(certificate_row(source, *info->x509, now));
            if (chain && !signed_by(*previous, *info->x509))
                rows.back().problems.emplace_back("broken chain");
            previous = info->x509;
        } else if (info->crl != nullptr && !is_server_file(file)) {
            rows.push_back(crl_row(*info->crl, now));
        }
        if (!rows.empty())
            rows.back().ordinal = static_cast<int>(rows.size());
    }
    return rows;
}

constexpr std::size_t source_length = 12;   // the longest: server_chain
constexpr std::size_t mark_length = source_length + 64;

std::string mark(std::string source, const std::string &fingerprint)
{
    source.resize(source_length, ' ');
    return source + fingerprint;
}

// Collects rows of contexts. Skips objects already seen, since a thousand hosts may share a CA file.
class LoadedRows {
  public:
    explicit LoadedRows(Timestamp now) : now_(now) {}

    void add(const X509 *leaf, const STACK_OF(X509) * chain, X509_STORE *store)
    {
        if (leaf != nullptr)
            add_certificate("server", *leaf);
        for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i)
            add_certificate("server_chain", *sk_X509_value(chain, i));
        each_object(store, [&](X509 *certificate, X509_CRL *crl) {
            if (certificate != nullptr)
                add_certificate("client_ca", *certificate);
            else if (crl != nullptr && seen_.insert(mark("crl", crl_fingerprint(*crl))).second)
                add_row(crl_row(*crl, now_));
        });
    }

    std::vector<InventoryRow> take() { return std::move(rows_); }

  private:
    void add_certificate(const std::string &source, const X509 &certificate)
    {
        if (seen_.insert(mark(source, fingerprint(certificate, "sha256"))).second)
            add_row(certificate_row(source, certificate, now_));
    }
    void add_row(InventoryRow row)
    {
        row.loaded = true;
        rows_.push_back(std::move(row));
    }

    Timestamp now_;
    std::vector<InventoryRow> rows_;
    std::set<std::string> seen_;
};

}   // namespace

std::vector<InventoryRow> loaded_rows(const std::vector<SSL_CTX *> &contexts, Timestamp now)
{
    LoadedRows rows(now);
    for (SSL_CTX *context : contexts) {
        STACK_OF(X509) *chain = nullptr;
        SSL_CTX_get0_chain_certs(context, &chain);
        rows.add(SSL_CTX_get0_certificate(context), chain, SSL_CTX_get_cert_store(context));
    }
    return rows.take();
}

std::vector<InventoryRow> loaded_rows(const SSL &ssl, Timestamp now)
{
    LoadedRows rows(now);
    STACK_OF(X509) *chain = nullptr;
    SSL_get0_chain_certs(mutable_pointer(&ssl), &chain);
    rows.add(SSL_get_certificate(&ssl), chain, verify_store(ssl));
    return rows.take();
}

std::vector<InventoryRow> file_rows(const StoredFile &file, Timestamp now)
{
    std::vector<InventoryRow> rows;
    if (!file.problem.empty()) {
        rows.push_back(unreadable_row(file, printable(file.problem)));
    } else {
        try {
            rows = parsed_rows(file, now);
        } catch (const Error &error) {
            rows.assign(1, unreadable_row(file, error.what()));
        }
    }
    for (InventoryRow &row : rows) {
        row.on_disk = row.fingerprint.has_value();
        row.file = printable(file.name);
        if (!file.host.empty())
            row.host = printable(file.host);
    }
    return rows;
}

std::string marks(const std::vector<InventoryRow> &rows)
{
    std::string out;
    for (const InventoryRow &row : rows)
        if (row.fingerprint)
            out += mark(row.source, *row.fingerprint);
    return out;
}

std::string sorted_marks(std::string_view marks)
{
    std::vector<std::string_view> list;
    for (std::size_t i = 0; i + mark_length <= marks.size(); i += mark_length)
        list.push_back(marks.substr(i, mark_length));
    std::sort(list.begin(), list.end());
    std::string out;
    for (const std::string_view mark : list)
        out += mark;
    return out;
}

bool is_marked(std::string_view sorted, const InventoryRow &row)
{
    if (!row.fingerprint)
        return false;
    const std::string wanted = mark(row.source, *row.fingerprint);
    std::size_t first = 0;
    for (std::size_t last = sorted.size() / mark_length; first < last;) {
        const std::size_t middle = (first + last) / 2;
        if (sorted.substr(middle * mark_length, mark_length) < wanted)
            first = middle + 1;
        else
            last = middle;
    }
    return sorted.substr(first * mark_length, mark_length) == wanted;
}

void compare_with_loaded(std::vector<InventoryRow> &on_disk, std::string_view loaded)
{
    for (InventoryRow &row : on_disk) {
        if (!row.fingerprint)
            continue;
        row.loaded = is_marked(loaded, row);
        if (!*row.loaded)
            row.problems.emplace_back("pending reload");
    }
}

}   // namespace sslinfo::core
