#pragma once
// The only file that includes PostgreSQL's headers. They come last, since they redefine snprintf and other names.
#include "core/openssl/openssl.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/auth.h"
#include "libpq/hba.h"
#include "libpq/hba.h"
#include "lib/stringinfo.h"
#include "libpq/libpq-be.h"
#define ssl_library server_ssl_library   // a setting, also the name of a function here
#include "libpq/libpq.h"
#undef ssl_library
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/primnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/planmain.h"
#include "parser/parse_func.h"
#include "pgstat.h"
#include "port/atomics.h"
#include "port/pg_crc32c.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/pg_shmem.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"
#if PG_VERSION_NUM >= 160000   // d952373a987: varatt.h split off postgres.h
#include "varatt.h"
#endif
}

// Before 16 PGDLLEXPORT is empty on Unix (089480c0770). This module hides all other symbols.
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

// Before 17 PGPROC has its own number (28f3915b73f).
#if PG_VERSION_NUM < 170000
#define GetNumberFromPGProc(proc) ((proc)->pgprocno)
#endif

// Return the authenticated identity and the method, a keyword of pg_hba.conf. Both are null for `trust`. The method is
// also null before 16, where it is only in the pg_hba.conf line, freed after the login (d951052a9e0).
inline const char *proven_identity([[maybe_unused]] const Port &port)
{
#if PG_VERSION_NUM >= 160000
    return MyClientConnectionInfo.authn_id;
#else
    return port.authn_id;
#endif
}
inline const char *proving_method()
{
#if PG_VERSION_NUM >= 160000
    return MyClientConnectionInfo.authn_id != nullptr ? hba_authname(MyClientConnectionInfo.auth_method) : nullptr;
#else
    return nullptr;
#endif
}

// Returns the file of a pg_hba.conf line. Before 16 there are no included files (a54b658ce77).
inline const char *hba_file([[maybe_unused]] const HbaLine &line)
{
#if PG_VERSION_NUM >= 160000
    return line.sourcefile;
#else
    return HbaFileName;
#endif
}

// Returns all settings of the server. 16 returns their number too (3057465acfb).
inline config_generic **guc_variables(int *count)
{
#if PG_VERSION_NUM >= 160000
    return get_guc_variables(count);
#else
    *count = GetNumConfigOptions();
    return get_guc_variables();
#endif
}

// 18 adds name and version of the module (9324c8c5806).
#ifdef PG_MODULE_MAGIC_EXT
#define SSLINFO_PLUS_MODULE_MAGIC(module) PG_MODULE_MAGIC_EXT(.name = module, .version = SSLINFO_PLUS_VERSION)
#else
#define SSLINFO_PLUS_MODULE_MAGIC(module) PG_MODULE_MAGIC
#endif

// From 19 on, sends a WARNING to the client after the login. Both texts must live in TopMemoryContext.
inline void store_connection_warning([[maybe_unused]] char *message, [[maybe_unused]] char *detail)
{
#if PG_VERSION_NUM >= 190000
    StoreConnectionWarning(message, detail, nullptr);
#endif
}

// A line of pg_hosts.conf. File names are as written there; `ca` may be null.
struct TlsHost {
    const char *names;   // comma-separated
    const char *certificate;
    const char *key;
    const char *ca;
    bool pass_phrase_command;   // a reload calls a command for the key's pass phrase
};

#if PG_VERSION_NUM >= 190000
// Returns the error of be_tls_init() if a name occurs twice in `lines`, or null.
inline const char *duplicate_host(const List *lines)
{
    List *names = NIL;
    ListCell *line;
    foreach (line, lines) {
        ListCell *name;
        foreach (name, static_cast<const HostsLine *>(lfirst(line))->hostnames)
            names = lappend(names, lfirst(name));
    }
    list_sort(names, [](const ListCell *a, const ListCell *b) {
        return pg_strcasecmp(static_cast<const char *>(lfirst(a)), static_cast<const char *>(lfirst(b)));
    });
    for (int i = 1; i < list_length(names); ++i) {
        const auto *const name = static_cast<const char *>(list_nth(names, i));
        if (pg_strcasecmp(static_cast<const char *>(list_nth(names, i - 1)), name) == 0)
            return psprintf("multiple entries for host \"%s\"", name);
    }
    return nullptr;
}
#endif

// Returns the lines of pg_hosts.conf for a reload, in the current memory context. None before 19 (4f433025f66), without
// ssl_sni, or if the file is missing or empty. Sets `problem` if the server would refuse the file. May raise.
inline int tls_hosts([[maybe_unused]] TlsHost **hosts, const char **problem)
{
    *problem = nullptr;
    int count = 0;
#if PG_VERSION_NUM >= 190000
    List *lines = NIL;
    char *message = nullptr;
    if (!ssl_sni)
        return 0;
    if (load_hosts(&lines, &message) == HOSTSFILE_LOAD_FAILED)
        *problem = message != nullptr ? message : "cannot be parsed";
    else
        *problem = duplicate_host(lines);
    *hosts = static_cast<TlsHost *>(palloc0(sizeof(TlsHost) * static_cast<Size>(list_length(lines) + 1)));
    ListCell *cell;
    foreach (cell, lines) {
        const auto *const line = static_cast<const HostsLine *>(lfirst(cell));
        StringInfoData names;
        initStringInfo(&names);
        ListCell *name;
        foreach (name, line->hostnames)
            appendStringInfo(&names, "%s%s", names.len > 0 ? "," : "", static_cast<const char *>(lfirst(name)));
        const bool command = line->ssl_passphrase_cmd != nullptr && line->ssl_passphrase_cmd[0] != '\0';
        (*hosts)[count++] = {names.data, line->ssl_cert, line->ssl_key, line->ssl_ca,
                             command && line->ssl_passphrase_reload};
    }
#endif
    return count;
}

// Starts the definition of an SQL function, inside extern "C". (Before 16 PG_FUNCTION_INFO_V1 does not export it.)
#define SSLINFO_PLUS_FUNCTION(name)                                                                                    \
    extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                                   \
    PG_FUNCTION_INFO_V1(name);                                                                                         \
    Datum name([[maybe_unused]] PG_FUNCTION_ARGS)
