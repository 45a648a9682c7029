// The certificates and CRLs of the server: which there are, and what a reload would do with them. All for pg_monitor.
#include "core/base/cells.hpp"
#include "core/base/text.hpp"
#include "core/tls/certificate_inventory.hpp"
#include "core/tls/config_check.hpp"
#include "core/tls/recheck.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/guard.hpp"
#include "backend/wall/time.hpp"
#include "backend/server/server_files.hpp"
#include "backend/server/session_slots.hpp"
#include "backend/server/shared_memory.hpp"
#include "backend/server/tls_observer.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

core::Timestamp current_second() { return std::chrono::floor<std::chrono::seconds>(instant_of(GetCurrentTimestamp())); }

// The contexts that new sessions use, of which this session has a copy unless a reload came after its start. `known`
// is false if this session cannot know.
struct LoadedContexts {
    SSL_CTX *const *list;
    int count;
    bool known;
    const SSL *own;   // this session's connection, if there are no contexts
};
LoadedContexts loaded_contexts()
{
    LoadedContexts contexts{};
    contexts.count = server_contexts(&contexts.list);
    if (contexts.count == 0 && MyProcPort != nullptr && MyProcPort->ssl_in_use && MyProcPort->ssl != nullptr) {
        // One connection does not show what the other lines of pg_hosts.conf have loaded.
        TlsHost *hosts = nullptr;
        const char *problem = nullptr;
        if (tls_hosts(&hosts, &problem) == 0)
            contexts.own = MyProcPort->ssl;
    }
    contexts.known = (contexts.count > 0 || contexts.own != nullptr) && PgReloadTime <= MyStartTimestamp;
    return contexts;
}
std::vector<core::InventoryRow> loaded_rows(const LoadedContexts &contexts, core::Timestamp now)
{
    return contexts.own != nullptr
               ? core::loaded_rows(*contexts.own, now)
               : core::loaded_rows(std::vector<SSL_CTX *>(contexts.list, contexts.list + contexts.count), now);
}

// Calls visit(setting, host, name) for each file of certificates and CRLs that a reload would read.
template <class Visit> void each_certificate_file(Visit visit)
{
    TlsHost *hosts = nullptr;
    const char *problem = nullptr;
    const int count = tls_hosts(&hosts, &problem);
    for (int i = 0; i < count; ++i) {
        visit("ssl_cert_file", hosts[i].names, hosts[i].certificate);
        visit("ssl_ca_file", hosts[i].names, hosts[i].ca);
    }
    if (count == 0) {
        visit("ssl_cert_file", "", ssl_cert_file);
        visit("ssl_ca_file", "", ssl_ca_file);
    }
    visit("ssl_crl_file", "", ssl_crl_file);
    if (ssl_crl_dir == nullptr || ssl_crl_dir[0] == '\0')
        return;
    const char *names[crl_dir_files_max];
    const int files = list_crl_dir(ssl_crl_dir, names);
    if (files < 0)
        visit("ssl_crl_dir", "", ssl_crl_dir);
    for (int i = 0; i < files; ++i)
        visit("ssl_crl_dir", "", names[i]);
}

// Fingerprints of rows, one after the other.
std::string fingerprints(const std::vector<core::InventoryRow> &rows)
{
    std::string out;
    for (const core::InventoryRow &row : rows)
        out += row.source + row.fingerprint.value_or("") + " ";
    return out;
}

// The rows of one file as cells, and their fingerprints.
struct FileResult {
    std::string_view rows;
    std::string_view seen;
};
FileResult read_rows(const core::StoredFile &file, const LoadedContexts &contexts, core::Timestamp now)
{
    return guarded([&] {
        std::vector<core::InventoryRow> rows = core::file_rows(file, now);
        // OpenSSL reads ssl_crl_dir at each login.
        if (contexts.known && file.setting != "ssl_crl_dir")
            core::compare_with_loaded(rows, loaded_rows(contexts, now));
        return FileResult{copy_to(CurrentMemoryContext, core::to_cells(rows)),
                          copy_to(CurrentMemoryContext, fingerprints(rows))};
    });
}

// Adds the rows that are loaded and whose fingerprint is not among `seen`.
std::string_view rows_only_loaded(const LoadedContexts &contexts, std::string_view seen, core::Timestamp now)
{
    return guarded([&] {
        std::vector<core::InventoryRow> rows;
        for (core::InventoryRow &row : loaded_rows(contexts, now)) {
            if (seen.find(row.source + *row.fingerprint + " ") != seen.npos)
                continue;
            row.problems.emplace_back("pending reload");
            rows.push_back(std::move(row));
        }
        return copy_to(CurrentMemoryContext, core::to_cells(rows));
    });
}

void add_rows(RowSet &set, std::string_view rows)
{
    core::CellReader reader(rows);
    core::Cell row;
    while (reader.next(row))
        set.add(row.data, Unmappable::escape);
}

const char *setting(const char *name)
{
    const char *const value = GetConfigOption(name, true, false);
    return value != nullptr ? value : "";
}

core::TlsSettings tls_settings()
{
    const bool has_groups = GetConfigOption("ssl_tls13_ciphers", true, false) != nullptr;   // both since 18
    const char *const groups = has_groups ? "ssl_groups" : "ssl_ecdh_curve";
    return {.ciphers = setting("ssl_ciphers"),
            .ciphersuites = has_groups ? setting("ssl_tls13_ciphers") : nullptr,
            .groups = setting(groups),
            .groups_setting = groups,
            .min_version = setting("ssl_min_protocol_version"),
            .max_version = setting("ssl_max_protocol_version"),
            .pass_phrase_command =
                setting("ssl_passphrase_command")[0] != '\0' && ssl_passphrase_command_supports_reload};
}

// Checks the files of one host, "" for the settings.
std::string_view check_files(const core::TlsSettings &settings, const TlsHost &host)
{
    core::TlsFiles files{};
    files.certificate = read_server_file("ssl_cert_file", host.names, host.certificate);
    files.ca = read_server_file("ssl_ca_file", host.names, host.ca);
    files.crl = read_server_file("ssl_crl_file", host.names, ssl_crl_file);
    if (host.names[0] == '\0')
        files.dh_parameters = read_server_file("ssl_dh_params_file", "", ssl_dh_params_file);
    const core::Timestamp now = current_second();
    // Nothing may raise while the key is in memory.
    files.key = read_key_file("ssl_key_file", host.names, host.key);
    std::string_view rows;
    Failure failure;
    const bool done = attempted(
        [&] { rows = copy_to(CurrentMemoryContext, core::to_cells(core::check_config(settings, files, now))); },
        failure);
    wipe_file(files.key);
    if (!done)
        raise(failure);
    return rows;
}

// A row for what is no file of certificates.
void add_finding(RowSet &set, const char *name, const char *file, bool ok, const char *problem)
{
    add_rows(set, guarded([&] {
                 core::ConfigCheck row;
                 row.setting = name;
                 row.file = core::printable(file);
                 row.ok = ok;
                 row.problem = core::printable(problem);
                 return copy_to(CurrentMemoryContext, core::to_cells(std::vector{row}));
             }));
}

// ssl_crl_dir: the server does not read it before a login, so that a reload always succeeds.
void check_crl_dir(RowSet &set)
{
    if (ssl_crl_dir == nullptr || ssl_crl_dir[0] == '\0')
        return;
    const char *names[crl_dir_files_max];
    const int count = list_crl_dir(ssl_crl_dir, names);
    const char *const problem = count < 0    ? "unreadable (no client certificate would be accepted)"
                                : count == 0 ? "no CRL (no client certificate would be accepted)"
                                             : nullptr;
    if (problem != nullptr)
        add_finding(set, "ssl_crl_dir", ssl_crl_dir, true, problem);
}

// The sessions with a client certificate, as an array in the current memory context.
int sessions_with_certificate(core::SessionEvidence **list)
{
    auto *const copy = static_cast<PublishedSession *>(palloc(sizeof(PublishedSession)));
    *list = static_cast<core::SessionEvidence *>(
        palloc(sizeof(core::SessionEvidence) * static_cast<Size>(session_slot_count() + 1)));
    int count = 0;
    for (int i = 0; i < session_slot_count(); ++i) {
        CHECK_FOR_INTERRUPTS();
        if (!read_session_slot(i, *copy) || copy->evidence_length == 0)
            continue;
        auto *const bytes = static_cast<char *>(palloc(copy->evidence_length));
        memcpy(bytes, copy->cells + copy->length, copy->evidence_length);
        (*list)[count++] = {copy->pid, {bytes, copy->evidence_length}};
    }
    return count;
}

bool is_set(const char *text) { return text != nullptr && text[0] != '\0'; }

}   // namespace

extern "C" {

// pg_ssl_certificates() setof record: every certificate and CRL of the server, on disk and loaded.
SSLINFO_PLUS_FUNCTION(ssl_server_certificates)
{
    RowSet set(fcinfo);
    const LoadedContexts contexts = loaded_contexts();
    const core::Timestamp now = current_second();
    StringInfoData seen;
    initStringInfo(&seen);
    MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sslinfo_plus file", ALLOCSET_DEFAULT_SIZES);
    each_certificate_file([&](const char *name, const char *host, const char *path) {
        MemoryContext caller = MemoryContextSwitchTo(context);
        const core::StoredFile file = read_server_file(name, host, path);
        if (!file.name.empty()) {
            const FileResult result = read_rows(file, contexts, now);
            add_rows(set, result.rows);
            appendBinaryStringInfo(&seen, result.seen.data(), static_cast<int>(result.seen.size()));
        }
        MemoryContextSwitchTo(caller);
        MemoryContextReset(context);
    });
    if (contexts.known)
        add_rows(set, rows_only_loaded(contexts, {seen.data, static_cast<std::size_t>(seen.len)}, now));
    return Datum(0);
}

// ssl_config_check() setof record: what a reload or a restart would do with the files as they are now.
SSLINFO_PLUS_FUNCTION(ssl_config_check)
{
    RowSet set(fcinfo);
    const core::TlsSettings settings = tls_settings();
    TlsHost *hosts = nullptr;
    const char *problem = nullptr;
    const int count = tls_hosts(&hosts, &problem);
    if (problem != nullptr)
        add_finding(set, "hosts_file", setting("hosts_file"), false, problem);
    const TlsHost own{.names = "", .certificate = ssl_cert_file, .key = ssl_key_file, .ca = ssl_ca_file};
    if (count == 0)
        add_rows(set, check_files(settings, own));
    for (int i = 0; i < count; ++i)
        add_rows(set, check_files(settings, hosts[i]));
    check_crl_dir(set);
    return Datum(0);
}

// pg_ssl_recheck() setof record: the sessions with a client certificate, judged by the files on disk. 55000 without the
// preload.
SSLINFO_PLUS_FUNCTION(ssl_recheck)
{
    require_shared_memory();
    RowSet set(fcinfo);
    core::SessionEvidence *sessions = nullptr;
    const int session_count = sessions_with_certificate(&sessions);
    auto *const files = static_cast<core::StoredFile *>(palloc(sizeof(core::StoredFile) * (crl_dir_files_max + 2048)));
    int file_count = 0;
    std::size_t size = 0;
    each_certificate_file([&](const char *name, const char *host, const char *path) {
        if (strcmp(name, "ssl_cert_file") == 0 || file_count >= crl_dir_files_max + 2048)
            return;
        core::StoredFile file = read_server_file(name, host, path);
        size += file.bytes.size();
        if (size > 2 * server_file_max)
            file = {file.setting, file.host, file.name, {}, "too many files"};
        if (!file.name.empty())
            files[file_count++] = file;
    });
    const core::Timestamp now = current_second();
    const bool crl_set = is_set(ssl_crl_file) || is_set(ssl_crl_dir);
    add_rows(set, guarded([&] {
                 return copy_to(CurrentMemoryContext,
                                core::to_cells(core::recheck({sessions, sessions + session_count},
                                                             {files, files + file_count}, crl_set, now)));
             }));
    return Datum(0);
}

}   // extern "C"
