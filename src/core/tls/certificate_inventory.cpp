// Rows on disk and rows in memory are made by the same code from X509 and X509_CRL objects, and compared by fingerprint
// alone: a file that was written again with the same contents is not pending.
#include "core/tls/certificate_inventory.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/key.hpp"
#include "core/x509/name.hpp"
#include "core/x509/pem_file.hpp"
#include "core/x509/san.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

std::optional<std::string> name_unless_empty(const X509_NAME &name)
{
    return X509_NAME_entry_count(&name) == 0 ? std::nullopt : std::optional<std::string>(rfc4514_name(name));
}

std::string signature_name(int nid)
{
    const char *const name = OBJ_nid2ln(nid);
    return name != nullptr ? name : "";
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
    const auto dns = values_of_type(names, "dns");
    return (dns && !dns->empty()) || (addresses(names) && !addresses(names)->list.empty());
}

void add_problems(InventoryRow &row, const X509 &certificate, Timestamp now)
{
    add_validity_problems(row, now);
    if (row.key_strength && *row.key_strength < 112)
        row.problems.emplace_back("weak key");
    // Nobody relies on the signature of a self-signed certificate.
    X509 *const x = mutable_pointer(&certificate);
    const bool self_issued = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
    if (!self_issued && has_weak_digest(X509_get_signature_nid(x)))
        row.problems.emplace_back("weak signature");
    if (row.source == "server" && !has_host_name(certificate))
        row.problems.emplace_back("no alternative name");
    if (row.source != "server" && X509_check_ca(x) == 0)
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
    row.fingerprint = fingerprint(certificate, "sha256");
    row.spki_fingerprint = spki_fingerprint(certificate, "sha256");
    row.key_algorithm = key.algorithm;
    row.key_bits = key.bits;
    row.key_strength = key.strength;
    row.signature_algorithm = signature_name(X509_get_signature_nid(&certificate));
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
    row.signature_algorithm = signature_name(X509_CRL_get_signature_nid(&crl));
    row.entries = crl_entries(crl);
    add_validity_problems(row, now);
    if (has_weak_digest(X509_CRL_get_signature_nid(&crl)))
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

// Is each certificate after the leaf the issuer of the one before it?
bool signed_by(const X509 &certificate, const X509 &issuer)
{
    X509 *const subject = mutable_pointer(&certificate);
    X509 *const ca = mutable_pointer(&issuer);
    return X509_check_issued(ca, subject) == X509_V_OK && X509_verify(subject, X509_get0_pubkey(ca)) == 1;
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

void add_loaded(std::vector<InventoryRow> &rows, const X509 *leaf, const STACK_OF(X509) * chain, X509_STORE *store,
                Timestamp now)
{
    const std::size_t first = rows.size();
    if (leaf != nullptr)
        rows.push_back(certificate_row("server", *leaf, now));
    for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i)
        rows.push_back(certificate_row("server_chain", *sk_X509_value(chain, i), now));
    each_object(store, [&](X509 *certificate, X509_CRL *crl) {
        if (certificate != nullptr)
            rows.push_back(certificate_row("client_ca", *certificate, now));
        else if (crl != nullptr)
            rows.push_back(crl_row(*crl, now));
    });
    for (std::size_t i = first; i < rows.size(); ++i)
        rows[i].loaded = true;
}

}   // namespace

std::vector<InventoryRow> loaded_rows(const std::vector<SSL_CTX *> &contexts, Timestamp now)
{
    std::vector<InventoryRow> rows;
    for (SSL_CTX *context : contexts) {
        STACK_OF(X509) *chain = nullptr;
        SSL_CTX_get0_chain_certs(context, &chain);
        add_loaded(rows, SSL_CTX_get0_certificate(context), chain, SSL_CTX_get_cert_store(context), now);
    }
    return rows;
}

std::vector<InventoryRow> loaded_rows(const SSL &ssl, Timestamp now)
{
    std::vector<InventoryRow> rows;
    STACK_OF(X509) *chain = nullptr;
    SSL_get0_chain_certs(mutable_pointer(&ssl), &chain);
    add_loaded(rows, SSL_get_certificate(&ssl), chain, verify_store(ssl), now);
    return rows;
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

void compare_with_loaded(std::vector<InventoryRow> &on_disk, const std::vector<InventoryRow> &loaded)
{
    for (InventoryRow &row : on_disk) {
        if (!row.fingerprint)
            continue;
        row.loaded = std::any_of(loaded.begin(), loaded.end(), [&](const InventoryRow &other) {
            return other.source == row.source && other.fingerprint == row.fingerprint;
        });
        if (!*row.loaded)
            row.problems.emplace_back("pending reload");
    }
}

}   // namespace sslinfo::core
