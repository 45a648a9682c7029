// Checks of this session against a policy. ssl_satisfies() and ssl_check() compare certificate validity with
// statement_timestamp(), so that they are stable. ssl_require() uses clock_timestamp(), also in a long DO block.
#include "core/base/cells.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/guard.hpp"
#include "backend/session/judged_policy.hpp"
#include "backend/wall/time.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

const JudgedPolicy &judged_argument(FunctionCallInfo fcinfo)
{
    if (PG_ARGISNULL(0))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("TLS policy must not be NULL")));
    return judged_policy(PG_GETARG_TEXT_PP(0));
}

// Result of a policy that is a constant in the query, cached in fn_extra. Repeated calls then take about as long as
// ssl_is_used(); comparing the policy's text would take several times as long.
struct ConstantPolicy {
    bool holds;
    bool clock;   // `from` and `until` must be compared
    TimestampTz from;
    TimestampTz until;
};

// True if the first argument is a constant in the query. A PL/pgSQL variable is not: it may change between calls.
bool constant_argument(FunctionCallInfo fcinfo)
{
    const Node *const call = fcinfo->flinfo->fn_expr;
    return call != nullptr && IsA(call, FuncExpr) &&
           IsA(linitial(reinterpret_cast<const FuncExpr *>(call)->args), Const);
}

bool satisfies(FunctionCallInfo fcinfo)
{
    const JudgedPolicy &judged = judged_argument(fcinfo);
    if (constant_argument(fcinfo)) {
        auto *const kept =
            static_cast<ConstantPolicy *>(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(ConstantPolicy)));
        *kept = {judged.holds, judged.from != DT_NOBEGIN || judged.until != DT_NOEND, judged.from, judged.until};
        fcinfo->flinfo->fn_extra = kept;
    }
    return judged.satisfied(GetCurrentStatementStartTimestamp());
}

// The columns of ssl_check().
struct CheckRow {
    std::string requirement;
    bool satisfied;
    std::string actual;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("requirement", requirement);
        visit("satisfied", satisfied);
        visit("actual", actual);
    }
};

// Appends a line, unless it is already there.
void append_line(StringInfo text, const char *line)
{
    const std::size_t length = strlen(line);
    for (const char *at = text->data; *at != '\0';) {
        const std::size_t end = strcspn(at, "\n");
        if (end == length && memcmp(at, line, length) == 0)
            return;
        at += end + (at[end] == '\n' ? 1 : 0);
    }
    appendStringInfo(text, "%s%s", text->len > 0 ? "\n" : "", line);
}

// Returns a policy for a message, and cuts a long one.
const char *shown(const text *policy)
{
    constexpr int length_max = 200;
    const char *const text = text_to_cstring(policy);
    const auto length = static_cast<int>(strlen(text));
    return length <= length_max ? text : psprintf("%.*s...", pg_mbcliplen(text, length, length_max), text);
}

}   // namespace

extern "C" {

// ssl_satisfies(policy text) boolean: true if this session meets all requirements. 22023 for an invalid or NULL policy.
SSLINFO_PLUS_FUNCTION(ssl_satisfies)
{
    const auto *const kept = static_cast<const ConstantPolicy *>(fcinfo->flinfo->fn_extra);
    if (unlikely(kept == nullptr))
        PG_RETURN_BOOL(satisfies(fcinfo));
    if (likely(!kept->clock))
        PG_RETURN_BOOL(kept->holds);
    const TimestampTz now = GetCurrentStatementStartTimestamp();
    PG_RETURN_BOOL(kept->holds && kept->from <= now && now <= kept->until);
}

// ssl_check(policy text) setof record: each requirement, whether it is met, and the actual value.
SSLINFO_PLUS_FUNCTION(ssl_check)
{
    const JudgedPolicy &judged = judged_argument(fcinfo);
    const TimestampTz now = GetCurrentStatementStartTimestamp();
    const std::string_view checked = guarded([&] {
        std::vector<CheckRow> out;
        for (const JudgedRequirement *one = judged.requirements; one != judged.requirements + judged.count; ++one)
            out.push_back({std::string(one->requirement), one->satisfied(now), std::string(one->actual)});
        return copy_to(CurrentMemoryContext, core::to_cells(out));
    });
    return return_rows(fcinfo, checked, Unmappable::escape);
}

// ssl_require(policy text) void: 28000 with actual values and advice unless the session meets the policy now.
SSLINFO_PLUS_FUNCTION(ssl_require)
{
    const JudgedPolicy &judged = judged_argument(fcinfo);
    const TimestampTz now = GetCurrentTimestamp();
    if (judged.satisfied(now))
        PG_RETURN_VOID();
    StringInfoData detail;
    StringInfoData hint;
    initStringInfo(&detail);
    initStringInfo(&hint);
    for (const JudgedRequirement *one = judged.requirements; one != judged.requirements + judged.count; ++one) {
        if (one->satisfied(now))
            continue;
        append_line(&detail, psprintf("%s: found %s", server_cstring(one->requirement), server_cstring(one->actual)));
        append_line(&hint, server_cstring(one->advice));
    }
    ereport(ERROR, (errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
                    errmsg("this connection does not satisfy the TLS policy \"%s\"", shown(judged.policy)),
                    errdetail_internal("%s", detail.data), errhint("%s", hint.data)));
    pg_unreachable();
}

}   // extern "C"
