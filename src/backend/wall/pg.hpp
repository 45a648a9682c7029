#pragma once
// The only file that includes PostgreSQL's headers. Whatever the standard library and OpenSSL bring comes before them,
// since PostgreSQL turns snprintf and others into macros.
#include "core/openssl/openssl.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <arpa/inet.h>

extern "C" {
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/auth.h"
#include "libpq/libpq-be.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "pgstat.h"
#include "port/pg_crc32c.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"
#if PG_VERSION_NUM >= 160000   // d952373a987: varatt.h split off postgres.h
#include "varatt.h"
#endif
}

// Before 16 PGDLLEXPORT is empty on Unix (089480c0770 made it set the visibility); this module hides all but what it
// marks.
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

// Before 17 a PGPROC knew its own number (28f3915b73f).
#if PG_VERSION_NUM < 170000
#define GetNumberFromPGProc(proc) ((proc)->pgprocno)
#endif

// Every setting of the server; 16 returns their number with them (3057465acfb).
inline config_generic **guc_variables(int *count)
{
#if PG_VERSION_NUM >= 160000
    return get_guc_variables(count);
#else
    *count = GetNumConfigOptions();
    return get_guc_variables();
#endif
}

// 18 has the module say its name and version (9324c8c5806).
#ifdef PG_MODULE_MAGIC_EXT
#define SSLINFO_PLUS_MODULE_MAGIC(module) PG_MODULE_MAGIC_EXT(.name = module, .version = SSLINFO_PLUS_VERSION)
#else
#define SSLINFO_PLUS_MODULE_MAGIC(module) PG_MODULE_MAGIC
#endif

// PG_FUNCTION_INFO_V1, which before 16 does not mark the function itself.
#define SSLINFO_PLUS_FUNCTION(name)                                                                                    \
    extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                                   \
    PG_FUNCTION_INFO_V1(name)
