// The check builds a real SSL_CTX by the calls that PostgreSQL makes, and does not reason about files: OpenSSL's own
// rules (security level, openssl.cnf) then apply as they would in the server. Errors stay on OpenSSL's queue until the
// end, so that the guard finds a lack of memory among them. PostgreSQL's calls take file names; here
// they read memory, because the files were opened once, safely, and a FIFO must not stop anybody.
#include "core/tls/config_check.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/pem_file.hpp"

#include <new>

namespace sslinfo::core {

namespace {

// Result of one step: a problem that the server refuses, or one that it does not notice.
struct Finding {
    std::optional<bool> ok = true;
    std::optional<std::string> problem;
};

Finding refused(const std::string &problem) { return {false, problem}; }
Finding noted(const std::string &problem) { return {true, problem}; }

ConfigCheck row_for(std::string_view setting, const StoredFile *file, Finding finding)
{
    ConfigCheck row;
    row.setting = setting;
    if (file != nullptr) {
        row.file = printable(file->name);
        if (!file->host.empty())
            row.host = printable(file->host);
    }
    row.ok = finding.ok;
    row.problem = std::move(finding.problem);
    return row;
}

BioHandle bio_of(const StoredFile &file)
{
    BioHandle bio(BIO_new_mem_buf(file.bytes.data(), static_cast<int>(file.bytes.size())));
    if (!bio)
        throw std::bad_alloc();
    return bio;
}

int no_pass_phrase(char *, int, int, void *asked)
{
    if (asked != nullptr)
        *static_cast<bool *>(asked) = true;
    return -1;
}

bool at_end_of_pem()
{
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// As SSL_CTX_use_certificate_chain_file().
bool use_certificate_chain(SSL_CTX *context, const StoredFile &file)
{
    const BioHandle in = bio_of(file);
    const X509Handle leaf(PEM_read_bio_X509_AUX(in.get(), nullptr, no_pass_phrase, nullptr));
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return false;
    SSL_CTX_clear_chain_certs(context);
    while (X509Handle next{PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr)}) {
        if (SSL_CTX_add0_chain_cert(context, next.get()) != 1)
            return false;
        (void)next.release();   // the context owns it
    }
    return at_end_of_pem();
}

std::string joined(const std::vector<std::string> &list)
{
    std::string out;
    for (const std::string &item : list)
        out += (out.empty() ? "" : ", ") + item;
    return out;
}

// Problems of a file that the server loads all the same.
Finding notes_on(const StoredFile &file, Timestamp now)
{
    for (const InventoryRow &row : file_rows(file, now)) {
        if (row.problems.empty())
            continue;
        const bool late_crl = row.source == "crl" && row.problems[0] == "expired";
        const std::string where = row.ordinal ? row.source + " " + std::to_string(*row.ordinal) + ": " : "";
        return noted(where + joined(row.problems) +
                     (late_crl ? " (no client certificate of its issuer would be accepted)" : ""));
    }
    return {};
}

Finding check_certificate(SSL_CTX *context, const StoredFile &file, Timestamp now)
{
    if (!file.problem.empty())
        return refused("unreadable: " + printable(file.problem));
    if (!use_certificate_chain(context, file))
        return refused(last_openssl_reason());
    return notes_on(file, now);
}

Finding check_key(SSL_CTX *context, const StoredFile &file, bool has_certificate, bool pass_phrase_command)
{
    if (!file.problem.empty())
        return refused(printable(file.problem));
    bool asked = false;
    const BioHandle in = bio_of(file);
    const PkeyHandle key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_pass_phrase, &asked));
    if (asked)
        return {pass_phrase_command ? std::nullopt : std::optional<bool>(false),
                "cannot check: the key has a pass phrase"};
    if (!key)
        return refused(last_openssl_reason());
    if (has_certificate && (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1))
        return refused("does not match the certificate: " + last_openssl_reason());
    return {};
}

// As X509_load_cert_crl_file() with SSL_load_client_CA_file(), which wants a certificate.
Finding check_store(SSL_CTX *context, const StoredFile &file, bool wants_certificate, Timestamp now)
{
    if (!file.problem.empty())
        return refused("unreadable: " + printable(file.problem));
    bool has_certificate = false;
    try {
        const InfosHandle infos = read_pem_file(file.bytes);
        X509_STORE *const store = SSL_CTX_get_cert_store(context);
        for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i) {
            const X509_INFO *const info = sk_X509_INFO_value(infos.get(), i);
            has_certificate = has_certificate || info->x509 != nullptr;
            if ((info->x509 != nullptr && X509_STORE_add_cert(store, info->x509) != 1) ||
                (info->crl != nullptr && X509_STORE_add_crl(store, info->crl) != 1))
                return refused(last_openssl_reason());
        }
    } catch (const Error &error) {
        return refused(error.what());
    }
    if (wants_certificate && !has_certificate)
        return refused("no certificate in PEM");
    return notes_on(file, now);
}

// ssl_dh_params_file: a reload takes the built-in parameters instead, a restart fails if the file cannot be opened.
Finding check_dh_parameters(const StoredFile &file)
{
    if (!file.problem.empty())
        return refused("unreadable: " + printable(file.problem));
    const BioHandle in = bio_of(file);
    const PkeyHandle parameters(read_parameters(in.get()));
    if (!parameters)
        return refused(last_openssl_reason());
    return {};
}

int version_number(std::string_view name)
{
    if (name == "TLSv1")
        return TLS1_VERSION;
    if (name == "TLSv1.1")
        return TLS1_1_VERSION;
    if (name == "TLSv1.2")
        return TLS1_2_VERSION;
    return name == "TLSv1.3" ? TLS1_3_VERSION : 0;
}

Finding check_versions(SSL_CTX *context, const TlsSettings &settings)
{
    const int lowest = version_number(settings.min_version);
    const int highest = version_number(settings.max_version);
    if (lowest != 0 && highest != 0 && lowest > highest)
        return refused("ssl_min_protocol_version is higher than ssl_max_protocol_version");
    if (SSL_CTX_set_min_proto_version(context, lowest) != 1 || SSL_CTX_set_max_proto_version(context, highest) != 1)
        return refused(last_openssl_reason());
    return {};
}

Finding check_groups(SSL_CTX *context, const TlsSettings &settings)
{
    if (std::string_view(settings.groups_setting) == "ssl_ecdh_curve") {
        // As OBJ_sn2nid() and EC_KEY_new_by_curve_name().
        const GroupHandle group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(settings.groups)));
        return group ? Finding() : refused("unknown curve");
    }
    if (SSL_CTX_set1_groups_list(context, settings.groups) != 1) {
        return refused("unknown group");
    }
    return {};
}

Finding check_ciphers(SSL_CTX *context, const char *ciphers)
{
    if (SSL_CTX_set_cipher_list(context, ciphers) == 1)
        return {};
    return refused("selects no cipher");
}

Finding check_ciphersuites(SSL_CTX *context, const char *suites)
{
    if (SSL_CTX_set_ciphersuites(context, suites) == 1)
        return {};
    return refused("unknown cipher suite");
}

void check_settings(SSL_CTX *context, const TlsSettings &settings, std::vector<ConfigCheck> &rows)
{
    rows.push_back(row_for("ssl_min_protocol_version", nullptr, check_versions(context, settings)));
    rows.push_back(row_for(settings.groups_setting, nullptr, check_groups(context, settings)));
    rows.push_back(row_for("ssl_ciphers", nullptr, check_ciphers(context, settings.ciphers)));
    if (settings.ciphersuites != nullptr && settings.ciphersuites[0] != '\0')
        rows.push_back(row_for("ssl_tls13_ciphers", nullptr, check_ciphersuites(context, settings.ciphersuites)));
}

}   // namespace

std::vector<ConfigCheck> check_config(const TlsSettings &settings, const TlsFiles &files, Timestamp now)
{
    const ContextHandle context(SSL_CTX_new(TLS_method()));
    if (!context)
        throw std::bad_alloc();
    std::vector<ConfigCheck> rows;
    const StoredFile &certificate = files.certificate;
    rows.push_back(row_for(certificate.setting, &certificate, check_certificate(context.get(), certificate, now)));
    const bool has_certificate = rows.back().ok == true;
    rows.push_back(row_for(files.key.setting, &files.key,
                           check_key(context.get(), files.key, has_certificate, settings.pass_phrase_command)));
    if (files.certificate.host.empty())
        check_settings(context.get(), settings, rows);
    if (!files.dh_parameters.name.empty())
        rows.push_back(
            row_for(files.dh_parameters.setting, &files.dh_parameters, check_dh_parameters(files.dh_parameters)));
    for (const StoredFile *file : {&files.ca, &files.crl})
        if (!file->name.empty())
            rows.push_back(row_for(file->setting, file, check_store(context.get(), *file, file == &files.ca, now)));
    return rows;
}

}   // namespace sslinfo::core
