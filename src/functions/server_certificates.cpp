// Certificates and CRLs of the server, and the effect of a reload. Granted to pg_monitor.
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

bool is_set(const char *text) { return text != nullptr && text[0] != '\0'; }

// Contexts of new sessions. A session has copies of them unless a reload came after its start: `known` is then false.
struct LoadedContexts {
    SSL_CTX *const *list;
    int count;
    bool known;
    const SSL *own;   // this session's connection, if `list` is empty
};
LoadedContexts loaded_contexts()
{
    LoadedContexts contexts{};
    contexts.count = server_contexts(&contexts.list);
    if (contexts.count == 0 && MyProcPort != nullptr && MyProcPort->ssl_in_use && MyProcPort->ssl != nullptr) {
        // One connection does not show other lines of pg_hosts.conf.
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

// Calls visit(setting, host, name, problem) for each certificate and CRL file of a reload. `problem` is usually null.
template <class Visit> void each_certificate_file(Visit visit)
{
    TlsHost *hosts = nullptr;
    const char *problem = nullptr;
    const int count = tls_hosts(&hosts, &problem);
    for (int i = 0; i < count; ++i) {
        visit("ssl_cert_file", hosts[i].names, hosts[i].certificate, nullptr);
        visit("ssl_ca_file", hosts[i].names, hosts[i].ca, nullptr);
    }
    if (count == 0) {
        visit("ssl_cert_file", "", ssl_cert_file, nullptr);
        visit("ssl_ca_file", "", ssl_ca_file, nullptr);
    }
    visit("ssl_crl_file", "", ssl_crl_file, nullptr);
    if (!is_set(ssl_crl_dir))
        return;
    const char *names[crl_dir_files_max];
    const int files = list_crl_dir(ssl_crl_dir, names, &problem);
    if (problem != nullptr)
        visit("ssl_crl_dir", "", ssl_crl_dir, problem);
    for (int i = 0; i < files; ++i)
        visit("ssl_crl_dir", "", names[i], nullptr);
}

core::StoredFile read_or_refuse(const char *setting, const char *host, const char *name, const char *problem)
{
    return problem == nullptr ? read_server_file(setting, host, name) : unread_file(setting, host, name, problem);
}

// Calls body() in a temporary memory context, so that file contents are wiped and freed afterwards.
template <class Body> void with_files(Body body)
{
    MemoryContext caller = CurrentMemoryContext;
    MemoryContext context = AllocSetContextCreate(caller, "sslinfo_plus files", ALLOCSET_DEFAULT_SIZES);
    MemoryContextSwitchTo(context);
    body();
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
}

std::string_view loaded_marks(const LoadedContexts &contexts, core::Timestamp now)
{
    if (!contexts.known)
        return {};
    return guarded(
        [&] { return copy_to(CurrentMemoryContext, core::sorted_marks(core::marks(loaded_rows(contexts, now)))); });
}

// Rows of one file as cells, and their marks.
struct FileResult {
    std::string_view rows;
    std::string_view marks;
};
FileResult read_rows(const core::StoredFile &file, bool compare, std::string_view loaded, core::Timestamp now)
{
    return guarded([&] {
        std::vector<core::InventoryRow> rows = core::file_rows(file, now);
        if (compare)
            core::compare_with_loaded(rows, loaded);
        return FileResult{copy_to(CurrentMemoryContext, core::to_cells(rows)),
                          copy_to(CurrentMemoryContext, core::marks(rows))};
    });
}

// Returns rows of loaded objects without a mark in `on_disk`.
std::string_view rows_only_loaded(const LoadedContexts &contexts, std::string_view on_disk, core::Timestamp now)
{
    return guarded([&] {
        const std::string sorted = core::sorted_marks(on_disk);
        std::vector<core::InventoryRow> rows;
        for (core::InventoryRow &row : loaded_rows(contexts, now)) {
            if (core::is_marked(sorted, row))
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
    const bool has_groups =
        GetConfigOption("ssl_tls13_ciphers", true, false) != nullptr;   // both settings exist since 18
    const char *const groups = has_groups ? "ssl_groups" : "ssl_ecdh_curve";
    return {.ciphers = setting("ssl_ciphers"),
            .ciphersuites = has_groups ? setting("ssl_tls13_ciphers") : nullptr,
            .groups = setting(groups),
            .groups_setting = groups,
            .min_version = setting("ssl_min_protocol_version"),
            .max_version = setting("ssl_max_protocol_version")};
}

TlsHost own_files()
{
    return {.names = "",
            .certificate = ssl_cert_file,
            .key = ssl_key_file,
            .ca = ssl_ca_file,
            .pass_phrase_command = is_set(setting("ssl_passphrase_command")) && ssl_passphrase_command_supports_reload};
}

// Returns rows of ssl_config_check(). With ssl = off no file is read, so nothing fails.
std::string_view to_cells(std::vector<core::ConfigCheck> &&rows, bool ssl_on)
{
    for (core::ConfigCheck &row : rows)
        if (!ssl_on)
            row.ok = true;
    return copy_to(CurrentMemoryContext, core::to_cells(rows));
}

// Checks the files of one host; "" means the settings.
void add_host_checks(RowSet &set, const TlsHost &host, bool ssl_on)
{
    with_files([&] {
        core::TlsFiles files{};
        files.certificate = read_server_file("ssl_cert_file", host.names, host.certificate);
        files.key = read_key_file("ssl_key_file", host.names, host.key);
        files.ca = read_server_file("ssl_ca_file", host.names, host.ca);
        files.crl = read_server_file("ssl_crl_file", host.names, ssl_crl_file);
        const core::Timestamp now = current_second();
        add_rows(set,
                 guarded([&] { return to_cells(core::check_files(files, host.pass_phrase_command, now), ssl_on); }));
    });
}

void add_setting_checks(RowSet &set, bool ssl_on)
{
    with_files([&] {
        const core::TlsSettings settings = tls_settings();
        const core::StoredFile dh_parameters = read_server_file("ssl_dh_params_file", "", ssl_dh_params_file);
        add_rows(set, guarded([&] { return to_cells(core::check_settings(settings, dh_parameters), ssl_on); }));
    });
}

// Adds a row for another file. `problem` may be null.
void add_finding(RowSet &set, const char *name, const char *file, bool ok, const char *problem)
{
    add_rows(set, guarded([&] {
                 core::ConfigCheck row;
                 row.setting = name;
                 row.file = core::printable(file);
                 row.ok = ok;
                 if (problem != nullptr)
                     row.problem = core::printable(problem);
                 return copy_to(CurrentMemoryContext, core::to_cells(std::vector{row}));
             }));
}

// Never fails a reload, since the server reads ssl_crl_dir at each login.
void add_crl_directory_checks(RowSet &set)
{
    if (!is_set(ssl_crl_dir))
        return;
    const char *names[crl_dir_files_max];
    const char *problem = nullptr;
    const int count = list_crl_dir(ssl_crl_dir, names, &problem);
    if (problem != nullptr)
        problem = psprintf("unreadable: %s", problem);
    else if (count == 0)
        problem = "no CRL (no client certificate would be accepted)";
    add_finding(set, "ssl_crl_dir", ssl_crl_dir, true, problem);
    const core::Timestamp now = current_second();
    for (int i = 0; i < count; ++i)
        with_files([&] {
            const core::StoredFile file = read_server_file("ssl_crl_dir", "", names[i]);
            add_rows(set, guarded([&] { return to_cells(core::check_crl_in_directory(file, now), true); }));
        });
}

// Lists sessions with a client certificate, in the current memory context.
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

// CA and CRL files for pg_ssl_recheck(). Contains each file once, since hosts may share files.
struct FileList {
    static constexpr int max = crl_dir_files_max + 2048;
    core::StoredFile *files;
    int count;
    std::size_t size;

    void add(const char *name, const char *host, const char *path, const char *problem)
    {
        if (!is_set(path) || has(path))
            return;
        if (files == nullptr)
            files = static_cast<core::StoredFile *>(palloc(sizeof(core::StoredFile) * max));
        if (count == max)
            return;
        const bool last = count == max - 1 || size > 2 * server_file_max;
        files[count] = read_or_refuse(name, host, path, last ? "too many files" : problem);
        size += files[count++].bytes.size();
    }

    bool has(const char *path) const
    {
        return std::any_of(files, files + count, [&](const core::StoredFile &file) { return file.name == path; });
    }
};

}   // namespace

extern "C" {

// pg_ssl_certificates() setof record: all certificates and CRLs of the server, on disk and loaded.
SSLINFO_PLUS_FUNCTION(ssl_server_certificates)
{
    RowSet set(fcinfo);
    const LoadedContexts contexts = loaded_contexts();
    const core::Timestamp now = current_second();
    const std::string_view loaded = loaded_marks(contexts, now);
    StringInfoData on_disk;
    initStringInfo(&on_disk);
    each_certificate_file([&](const char *name, const char *host, const char *path, const char *problem) {
        if (!is_set(path))
            return;
        with_files([&] {
            const core::StoredFile file = read_or_refuse(name, host, path, problem);
            // Files of ssl_crl_dir are never loaded: OpenSSL reads them at each login.
            const bool compare = contexts.known && strcmp(name, "ssl_crl_dir") != 0;
            const FileResult result = read_rows(file, compare, loaded, now);
            add_rows(set, result.rows);
            appendBinaryStringInfo(&on_disk, result.marks.data(), static_cast<int>(result.marks.size()));
        });
    });
    if (contexts.known)
        add_rows(set, rows_only_loaded(contexts, {on_disk.data, static_cast<std::size_t>(on_disk.len)}, now));
    return Datum(0);
}

// ssl_config_check() setof record: results of a reload or restart with the current files.
SSLINFO_PLUS_FUNCTION(ssl_config_check)
{
    RowSet set(fcinfo);
    const bool ssl_on = strcmp(setting("ssl"), "on") == 0;
    TlsHost *hosts = nullptr;
    const char *problem = nullptr;
    const int count = tls_hosts(&hosts, &problem);
    if (problem != nullptr)
        add_finding(set, "hosts_file", setting("hosts_file"), !ssl_on, problem);
    if (count == 0)
        add_host_checks(set, own_files(), ssl_on);
    for (int i = 0; i < count; ++i)
        add_host_checks(set, hosts[i], ssl_on);
    add_setting_checks(set, ssl_on);
    add_crl_directory_checks(set);
    return Datum(0);
}

// pg_ssl_recheck() setof record: client certificates of sessions, judged by the files on disk. 55000 if not preloaded.
SSLINFO_PLUS_FUNCTION(ssl_recheck)
{
    require_shared_memory();
    RowSet set(fcinfo);
    core::SessionEvidence *sessions = nullptr;
    const int session_count = sessions_with_certificate(&sessions);
    with_files([&] {
        FileList list{};
        each_certificate_file([&](const char *name, const char *host, const char *path, const char *problem) {
            if (strcmp(name, "ssl_cert_file") != 0)
                list.add(name, host, path, problem);
        });
        const core::Timestamp now = current_second();
        const bool crl_set = is_set(ssl_crl_file) || is_set(ssl_crl_dir);
        add_rows(set, guarded([&] {
                     return copy_to(CurrentMemoryContext,
                                    core::to_cells(core::recheck({sessions, sessions + session_count},
                                                                 {list.files, list.files + list.count}, crl_set, now)));
                 }));
    });
    return Datum(0);
}

}   // extern "C"
