// The check builds a real SSL_CTX with the same calls as PostgreSQL, so that OpenSSL's own rules (security level,
// openssl.cnf) apply. These calls read memory instead of files, since the files were opened once, safely: a FIFO must
// not block the check. Errors stay on OpenSSL's queue, so that the guard finds an allocation failure.
#include "core/tls/config_check.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/openssl/failure.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/asn1.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/pem_file.hpp"

#include <new>

namespace sslinfo::core {

namespace {

// Result of one step. If ok is true, the server accepts the file in spite of `problem`.
struct CheckResult {
    std::optional<bool> ok = true;
    std::optional<std::string> problem;
};

CheckResult refuse(const std::string &problem) { return {false, problem}; }
CheckResult accept_with(const std::string &problem) { return {true, problem}; }
CheckResult leave_open(const std::string &reason) { return {std::nullopt, "cannot check: " + reason}; }

// The server may load a file that is too long for this library.
CheckResult refuse_unless_too_long(const Error &error)
{
    return error.code() == ErrorCode::limit_exceeded ? leave_open(error.what()) : refuse(error.what());
}

ConfigCheck row_for(std::string_view setting, const StoredFile *file, CheckResult result)
{
    ConfigCheck row;
    row.setting = setting;
    if (file != nullptr) {
        row.file = printable(file->name);
        if (!file->host.empty())
            row.host = printable(file->host);
    }
    row.ok = result.ok;
    row.problem = std::move(result.problem);
    return row;
}

// Returns OpenSSL's reason if `attempt` fails; std::nullopt if it succeeds.
template <class Attempt> std::optional<std::string> failure_of(Attempt attempt)
{
    return retried(attempt) ? std::nullopt : std::optional<std::string>(pem_reason());
}

bool at_end_of_pem()
{
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// Like SSL_CTX_use_certificate_chain_file().
bool use_certificate_chain(SSL_CTX *context, std::string_view bytes)
{
    const BioHandle in = pem_blocks(bytes);
    const X509Handle leaf(PEM_read_bio_X509_AUX(in.get(), nullptr, no_pass_phrase, nullptr));
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return false;
    SSL_CTX_clear_chain_certs(context);
    ERR_set_mark();
    for (int count = 0;; ++count) {
        X509Handle next(PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr));
        if (!next)
            break;
        if (count == pem_objects_max)
            throw Error(ErrorCode::limit_exceeded, "more than " + std::to_string(count) + " certificates");
        if (SSL_CTX_add0_chain_cert(context, next.get()) != 1)
            return false;
        (void)next.release();   // owned by the context
    }
    if (!at_end_of_pem())
        return false;
    ERR_pop_to_mark();
    return true;
}

// Returns problems of a file that the server accepts.
CheckResult check_accepted_file(const StoredFile &file, Timestamp now)
{
    for (const InventoryRow &row : file_rows(file, now)) {
        if (row.problems.empty())
            continue;
        const bool late_crl = row.source == "crl" && row.problems[0] == "expired";
        const std::string where = row.ordinal ? row.source + " " + std::to_string(*row.ordinal) + ": " : "";
        return accept_with(where + joined(row.problems) +
                           (late_crl ? " (no client certificate of its issuer would be accepted)" : ""));
    }
    return {};
}

// Returns the problem of a file that was not read; std::nullopt if it was.
std::optional<CheckResult> check_readable(const StoredFile &file, const std::string &prefix = "unreadable: ")
{
    if (file.problem.empty())
        return std::nullopt;
    if (file.too_large)
        return leave_open(printable(file.problem));
    return refuse(prefix + printable(file.problem));
}

CheckResult check_certificate(SSL_CTX *context, const StoredFile &file, Timestamp now)
{
    if (const auto result = check_readable(file))
        return *result;
    try {
        if (const auto reason = failure_of([&] { return use_certificate_chain(context, file.bytes); }))
            return refuse(*reason);
    } catch (const Error &error) {
        return refuse_unless_too_long(error);
    }
    return check_accepted_file(file, now);
}

// Like SSL_CTX_use_PrivateKey_file(). Sets `prompted` if the key has a pass phrase.
PkeyHandle read_key(std::string_view bytes, bool &prompted)
{
    const BioHandle in(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    if (!in)
        throw std::bad_alloc();
    return PkeyHandle(PEM_read_bio_PrivateKey(in.get(), nullptr, no_pass_phrase, &prompted));
}

CheckResult check_key(SSL_CTX *context, const StoredFile &file, bool has_certificate, bool pass_phrase_command)
{
    if (const auto result = check_readable(file, {}))
        return *result;
    bool prompted = false;
    PkeyHandle key;
    const auto reason = failure_of([&] {
        key = read_key(file.bytes, prompted);
        return key || prompted;
    });
    if (prompted)
        return {pass_phrase_command ? std::nullopt : std::optional<bool>(false),
                "cannot check: the key has a pass phrase"};
    if (reason)
        return refuse(*reason);
    if (!has_certificate)
        return {};
    if (const auto mismatch = failure_of(
            [&] { return SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1; }))
        return refuse("does not match the certificate: " + *mismatch);
    return {};
}

// Like X509_load_cert_crl_file() and, for `wants_certificate`, SSL_load_client_CA_file().
CheckResult check_store(SSL_CTX *context, const StoredFile &file, bool wants_certificate, Timestamp now)
{
    if (const auto result = check_readable(file))
        return *result;
    bool has_certificate = false;
    try {
        const InfosHandle infos = read_pem_file(file.bytes);
        X509_STORE *const store = SSL_CTX_get_cert_store(context);
        for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i) {
            const X509_INFO *const info = sk_X509_INFO_value(infos.get(), i);
            has_certificate = has_certificate || info->x509 != nullptr;
            if (const auto reason = failure_of([&] {
                    return (info->x509 == nullptr || X509_STORE_add_cert(store, info->x509) == 1) &&
                           (info->crl == nullptr || X509_STORE_add_crl(store, info->crl) == 1);
                }))
                return refuse(*reason);
        }
    } catch (const Error &error) {
        return refuse_unless_too_long(error);
    }
    if (wants_certificate && !has_certificate)
        return refuse("no certificate in PEM");
    return check_accepted_file(file, now);
}

// Returns PostgreSQL's reason to refuse the parameters (load_dh_file()). OpenSSL would need seconds for longer ones.
constexpr int dh_test_max = 2048;
const char *dh_number_problem(const DH &parameters)
{
    if (dh_bits(&parameters) > dh_test_max)
        return nullptr;
    const int problems = dh_problems(&parameters);
    if (problems == -1)
        return "invalid parameters";
    if ((problems & DH_CHECK_P_NOT_PRIME) != 0)
        return "p is not prime";
    if ((problems & DH_NOT_SUITABLE_GENERATOR) != 0 && (problems & DH_CHECK_P_NOT_SAFE_PRIME) != 0)
        return "no suitable generator and no safe prime";
    return nullptr;
}

// For malformed parameters, which a reload ignores in favor of built-in ones, while a restart fails.
CheckResult refuse_at_restart(const std::string &problem)
{
    return refuse(problem + " (a reload would use built-in parameters, a restart would fail)");
}

CheckResult check_dh_parameters(SSL_CTX *context, const StoredFile &file)
{
    if (const auto result = check_readable(file))
        return result->ok == false ? refuse_at_restart(result->problem.value_or("")) : *result;
    try {
        DhHandle parameters;
        if (const auto reason = failure_of([&] {
                parameters.reset(read_dh_parameters(pem_blocks(file.bytes).get()));
                return parameters != nullptr;
            }))
            return refuse_at_restart(*reason);
        if (const char *const problem = dh_number_problem(*parameters))
            return refuse_at_restart(problem);
        if (const auto reason = failure_of([&] { return SSL_CTX_set_tmp_dh(context, parameters.get()) == 1; }))
            return refuse(*reason);
    } catch (const Error &error) {
        return error.code() == ErrorCode::limit_exceeded ? leave_open(error.what()) : refuse_at_restart(error.what());
    }
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

// An empty setting leaves the limit of openssl.cnf, as in PostgreSQL.
CheckResult check_versions(SSL_CTX *context, const TlsSettings &settings)
{
    const int lowest = version_number(settings.min_version);
    const int highest = version_number(settings.max_version);
    if (const auto reason = failure_of([&] {
            return (lowest == 0 || SSL_CTX_set_min_proto_version(context, lowest) == 1) &&
                   (highest == 0 || SSL_CTX_set_max_proto_version(context, highest) == 1);
        }))
        return refuse(*reason);
    if (lowest != 0 && highest != 0 && lowest > highest)
        return refuse("ssl_min_protocol_version is higher than ssl_max_protocol_version");
    const auto limit = static_cast<int>(SSL_CTX_get_max_proto_version(context));
    if (limit != 0 && limit < static_cast<int>(SSL_CTX_get_min_proto_version(context)))
        return accept_with("no version is left by openssl.cnf (no client would be accepted)");
    return {};
}

CheckResult check_groups(SSL_CTX *context, const TlsSettings &settings)
{
    if (std::string_view(settings.groups_setting) == "ssl_ecdh_curve") {
        // Like OBJ_sn2nid() and EC_KEY_new_by_curve_name() in PostgreSQL.
        const int curve = OBJ_sn2nid(settings.groups);
        const bool known = retried([&] { return GroupHandle(EC_GROUP_new_by_curve_name(curve)) != nullptr; });
        return known ? CheckResult() : refuse("unknown curve");
    }
    const bool known = retried([&] { return SSL_CTX_set1_groups_list(context, settings.groups) == 1; });
    return known ? CheckResult() : refuse("unknown group");
}

CheckResult check_ciphers(SSL_CTX *context, const char *ciphers)
{
    const bool any = retried([&] { return SSL_CTX_set_cipher_list(context, ciphers) == 1; });
    return any ? CheckResult() : refuse("selects no cipher");
}

CheckResult check_ciphersuites(SSL_CTX *context, const char *suites)
{
    const bool known = retried([&] { return SSL_CTX_set_ciphersuites(context, suites) == 1; });
    return known ? CheckResult() : refuse("unknown cipher suite");
}

ContextHandle new_context()
{
    ContextHandle context(SSL_CTX_new(TLS_method()));
    if (!context)
        throw std::bad_alloc();
    return context;
}

}   // namespace

std::vector<ConfigCheck> check_files(const TlsFiles &files, bool pass_phrase_command, Timestamp now)
{
    const ContextHandle context = new_context();
    std::vector<ConfigCheck> rows;
    rows.push_back(row_for(files.certificate.setting, &files.certificate,
                           check_certificate(context.get(), files.certificate, now)));
    const bool has_certificate = rows.back().ok == true;
    rows.push_back(row_for(files.key.setting, &files.key,
                           check_key(context.get(), files.key, has_certificate, pass_phrase_command)));
    for (const StoredFile *file : {&files.ca, &files.crl})
        if (!file->name.empty())
            rows.push_back(row_for(file->setting, file, check_store(context.get(), *file, file == &files.ca, now)));
    return rows;
}

std::vector<ConfigCheck> check_settings(const TlsSettings &settings, const StoredFile &dh_parameters)
{
    const ContextHandle context = new_context();
    std::vector<ConfigCheck> rows;
    rows.push_back(row_for("ssl_min_protocol_version", nullptr, check_versions(context.get(), settings)));
    if (!dh_parameters.name.empty())
        rows.push_back(
            row_for(dh_parameters.setting, &dh_parameters, check_dh_parameters(context.get(), dh_parameters)));
    rows.push_back(row_for(settings.groups_setting, nullptr, check_groups(context.get(), settings)));
    rows.push_back(row_for("ssl_ciphers", nullptr, check_ciphers(context.get(), settings.ciphers)));
    if (settings.ciphersuites != nullptr && settings.ciphersuites[0] != '\0')
        rows.push_back(row_for("ssl_tls13_ciphers", nullptr, check_ciphersuites(context.get(), settings.ciphersuites)));
    return rows;
}

std::vector<ConfigCheck> check_crl_in_directory(const StoredFile &file, Timestamp now)
{
    const CheckResult result =
        file.problem.empty() ? check_accepted_file(file, now) : accept_with("unreadable: " + printable(file.problem));
    if (!result.problem)
        return {};
    return {row_for(file.setting, &file, result)};
}

}   // namespace sslinfo::core
