#pragma once
#include "core/base/cells.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/database_text.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/guard.hpp"

// The last result of a call site, for functions of one text argument whose result does not change within a session. A
// call for each row of a table then costs a comparison of the argument: ssl_client_dn_field('CN') takes 166
// instructions, and contrib/sslinfo's, which reads the name each time, 5,300.
namespace sslinfo::backend {

struct Answer {
    Datum value = 0;
    bool isnull = true;
};

// What fn_extra holds: plain memory of the call site's own context.
struct Memo {
    text *argument;
    Answer answer;
};

// A copy in the current context, as short as the original. (DatumGetTextPCopy() would give it a header of four bytes.)
inline text *copy_text(const text *original)
{
    return reinterpret_cast<text *>(DatumGetPointer(datumCopy(PointerGetDatum(original), false, -1)));
}

inline bool same_bytes(const text *a, const text *b)
{
    return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
           memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

// The first argument of a function, which is a name. 22023 beyond this length, before it is detoasted or converted.
inline constexpr Size name_argument_max = 256;
inline text *name_argument(FunctionCallInfo fcinfo)
{
    // Most names are short and not toasted.
    auto *const argument = reinterpret_cast<varlena *>(DatumGetPointer(PG_GETARG_DATUM(0)));
    if (VARATT_IS_SHORT(argument) && !VARATT_IS_EXTERNAL(argument))
        return argument;
    const Size length = toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ;
    if (length > name_argument_max)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("name is too long: %zu bytes", length),
                        errdetail("A name has at most %zu bytes.", name_argument_max)));
    return PG_GETARG_TEXT_PP(0);
}

// Returns compute(argument as UTF-8), from memory where the call site asked the same before. The first argument of the
// function is the text; the function is STRICT. `compute` returns an Answer in the current context, of the type that
// the function is declared with; it may raise.
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

// Returns compute(client certificate, argument), a value of the core that is computed inside the guard. NULL without a
// verified client certificate.
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
