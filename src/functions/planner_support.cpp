// Support function for scalar functions. In a plan of this session, it replaces a call by its value. A plan never
// leaves its session (workers receive the value), and the facts of a session are constant.
#include "core/x509/key.hpp"
#include "core/x509/name.hpp"
#include "backend/wall/guard.hpp"
#include "backend/session/memo.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

extern "C" {

extern PGDLLEXPORT Datum ssl_client_dn_field(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum ssl_issuer_field(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum ssl_client_fingerprint(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum ssl_client_spki_fingerprint(PG_FUNCTION_ARGS);

SSLINFO_PLUS_FUNCTION(ssl_support);

}   // extern "C"

namespace {

void check_attribute(const std::string &name) { (void)core::attribute_oid(name); }
void check_digest(const std::string &name) { (void)core::digest_hex(name, {}); }

// Functions with one argument, and a check that throws for an invalid argument.
struct OneArgument {
    PGFunction function;
    void (*check)(const std::string &argument);
};
constexpr OneArgument one_argument[] = {
    {ssl_client_dn_field, check_attribute},
    {ssl_issuer_field, check_attribute},
    {ssl_client_fingerprint, check_digest},
    {ssl_client_spki_fingerprint, check_digest},
};

// True for an expression of the query. Not for CHECK constraints, which the planner simplifies later, after filling
// simple_rel_array, to skip tables (get_relation_constraints()): with this session's value a constraint would hide rows
// of other sessions. Not for expression_planner_with_deps(), whose plans may outlive a query: it has no query.
bool plans_query(const PlannerInfo *root)
{
    return root != nullptr && root->parse != nullptr && root->simple_rel_array == nullptr;
}

enum class Granted { no, to_role, to_public };

// Reads the grantees of EXECUTE from the function's own row, on which a cached plan depends. Ignores role membership
// and superusers, since cached plans do not notice when those are revoked.
Granted granted(HeapTuple function)
{
    bool isnull = false;
    const Datum stored = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proacl, &isnull);
    if (isnull)
        return Granted::to_public;   // the default of acldefault()
    const Acl *const acl = DatumGetAclP(stored);
    Granted result = Granted::no;
    for (int i = 0; i < ACL_NUM(acl); ++i) {
        const AclItem &item = ACL_DAT(acl)[i];
        if ((ACLITEM_GET_PRIVS(item) & ACL_EXECUTE) == 0)
            continue;
        if (item.ai_grantee == ACL_ID_PUBLIC)
            return Granted::to_public;
        if (item.ai_grantee == GetUserId())
            result = Granted::to_role;
    }
    return result;
}

// True if the plan may contain the function's value. Makes the plan depend on the role if necessary.
bool may_execute(PlannerInfo *root, Oid function)
{
    if (FmgrHookIsNeeded(function))
        return false;
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple))
        return false;
    const bool constant = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->provolatile != PROVOLATILE_VOLATILE;
    const Granted to = granted(tuple);
    ReleaseSysCache(tuple);
    if (to == Granted::to_role)
        root->glob->dependsOnRole = true;
    return constant && to != Granted::no;
}

// True for no argument, or a valid constant. An invalid one must raise its error at execution, which may never happen.
bool can_evaluate(PGFunction function, const List *arguments)
{
    if (arguments == NIL)
        return true;
    if (list_length(arguments) != 1 || !IsA(linitial(arguments), Const))
        return false;
    const auto *const constant = static_cast<const Const *>(linitial(arguments));
    if (constant->constisnull || constant->consttype != TEXTOID ||
        toast_raw_datum_size(constant->constvalue) - VARHDRSZ > name_argument_max)
        return false;
    const text *const argument = DatumGetTextPP(constant->constvalue);
    const std::string_view name(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
    for (const OneArgument &known : one_argument) {
        Failure failure;
        if (known.function == function)
            return attempted([&] { known.check(std::string(name)); }, failure);
    }
    return false;
}

// Returns the constant to replace a call; null if it must stay.
Const *constant_of(PlannerInfo *root, const FuncExpr *call)
{
    FmgrInfo function;
    LOCAL_FCINFO(fcinfo, 1);
    fmgr_info(call->funcid, &function);
    if (!can_evaluate(function.fn_addr, call->args) || !may_execute(root, call->funcid))
        return nullptr;
    InitFunctionCallInfoData(*fcinfo, &function, static_cast<short>(list_length(call->args)), call->inputcollid,
                             nullptr, nullptr);
    if (call->args != NIL)
        fcinfo->args[0] = {static_cast<const Const *>(linitial(call->args))->constvalue, false};
    int16 length;
    bool by_value;
    get_typlenbyval(call->funcresulttype, &length, &by_value);
    Datum value = FunctionCallInvoke(fcinfo);
    if (!fcinfo->isnull)
        value = datumCopy(value, by_value, length);
    // The plan no longer contains the call, so the dependency on the function must be added.
    record_plan_function_dependency(root, call->funcid);
    return makeConst(call->funcresulttype, -1, call->funccollid, length, fcinfo->isnull ? Datum(0) : value,
                     fcinfo->isnull, by_value);
}

}   // namespace

extern "C" {

// ssl_support(internal) internal: handles SupportRequestSimplify for a function without arguments or with a constant.
Datum ssl_support(PG_FUNCTION_ARGS)
{
    auto *const request = static_cast<Node *>(static_cast<void *>(PG_GETARG_POINTER(0)));
    Const *value = nullptr;
    if (IsA(request, SupportRequestSimplify)) {
        const auto *const simplify = reinterpret_cast<const SupportRequestSimplify *>(request);
        if (plans_query(simplify->root))
            value = constant_of(simplify->root, simplify->fcall);
    }
    PG_RETURN_POINTER(value);
}

}   // extern "C"
