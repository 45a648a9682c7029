#pragma once
#include "core/base/cells.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/database_text.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/guard.hpp"

// Caches the last result of a call site, for functions of one text argument with a constant result in a session. Calls
// for many rows then only compare the argument: ssl_client_dn_field('CN') takes 166 instructions instead of 5,300.
namespace sslinfo::backend {

struct Answer {
    Datum value = 0;
    bool isnull = true;
};

// The content of fn_extra, in the memory context of the call site.
struct Memo {
    text *argument;
    Answer answer;
};

// Returns a copy in the current context. Keeps a short header, unlike DatumGetTextPCopy().
inline text *copy_text(const text *original)
{
    return reinterpret_cast<text *>(DatumGetPointer(datumCopy(PointerGetDatum(original), false, -1)));
}

inline bool same_bytes(const text *a, const text *b)
{
    return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
           memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

// Returns the first argument of a function, a name. 22023 beyond this length, before detoasting.
inline constexpr Size name_argument_max = 256;
inline text *name_argument(FunctionCallInfo fcinfo)
{
    // The usual case: short and not toasted.
    auto *const argument = reinterpret_cast<varlena *>(DatumGetPointer(PG_GETARG_DATUM(0)));
    if (VARATT_IS_SHORT(argument) && !VARATT_IS_EXTERNAL(argument))
        return argument;
    const Size length = toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ;
    if (length > name_argument_max)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("name is too long: %zu bytes", length),
                        errdetail("A name has at most %zu bytes.", name_argument_max)));
    return PG_GETARG_TEXT_PP(0);
}

// Returns compute(argument as UTF-8), or the cached result of the same argument. The function must be STRICT with one
// text argument. `compute` returns an Answer of the declared type in the current context, and may raise.
template <class Compute> Datum memoized(FunctionCallInfo fcinfo, Compute compute)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text *argument = name_argument(fcinfo);
    auto *memo = static_cast<Memo *>(fcinfo->flinfo->fn_extra);
    if (memo == nullptr || !same_bytes(memo->argument, argument)) {
        const Answer fresh = compute(utf8_argument(argument));
        if (memo != nullptr) {
            fcinfo->flinfo->fn_extra = nullptr;
            if (!memo->answer.isnull)
                pfree(DatumGetPointer(memo->answer.value));
            pfree(memo->argument);
            pfree(memo);
        }
        MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
        memo = static_cast<Memo *>(palloc(sizeof(Memo)));
        memo->argument = copy_text(argument);
        memo->answer = {fresh.isnull ? Datum(0) : datumCopy(fresh.value, false, -1), fresh.isnull};
        MemoryContextSwitchTo(caller);
        fcinfo->flinfo->fn_extra = memo;
    }
    fcinfo->isnull = memo->answer.isnull;
    return memo->answer.value;
}

// Returns compute(client certificate, argument), called inside the guard; NULL without a verified client certificate.
template <class Compute> Datum return_of_client(FunctionCallInfo fcinfo, Unmappable unmappable, Compute compute)
{
    if (client_certificate() == nullptr)
        PG_RETURN_NULL();
    return memoized(fcinfo, [=](std::string_view argument) -> Answer {
        const std::string_view bytes = guarded([&] {
            core::CellWriter cell;
            cell({}, compute(*client_certificate(), std::string(argument)));
            return copy_to(CurrentMemoryContext, cell.bytes());
        });
        core::Cell cell;
        core::CellReader(bytes).next(cell);
        if (cell.kind == core::CellKind::null)
            return {};
        return {cell_datum(cell, natural_type(cell.kind), unmappable), false};
    });
}

}   // namespace sslinfo::backend
