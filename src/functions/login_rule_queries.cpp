// The current login rules. These functions raise 55000 without shared_preload_libraries. The extension script grants
// them to pg_read_all_settings, which may also read the setting.
#include "core/base/cells.hpp"
#include "core/policy/login_rules.hpp"
#include "backend/server/login_rules_setting.hpp"
#include "backend/server/shared_memory.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/guard.hpp"

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

// The columns of pg_ssl_login_rules.
struct RuleRow {
    int ordinal;
    std::string role;
    std::string database;
    std::string policy;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("ordinal", ordinal);
        visit("role", role);
        visit("database", database);
        visit("policy", policy);
    }
};

}   // namespace

extern "C" {

// ssl_login_rule(role name, database name) text: the rule of sslinfo_plus.login_rules, as written, for network logins
// of the role to the database; NULL if there is none. Use '' as database for physical replication.
SSLINFO_PLUS_FUNCTION(ssl_login_rule)
{
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    require_shared_memory();
    const char *const role = NameStr(*PG_GETARG_NAME(0));
    const char *const database = NameStr(*PG_GETARG_NAME(1));
    const std::string_view found = guarded([&] {
        const core::LoginRule *const rule = login_rules().find(role, database);
        return rule != nullptr ? copy_to(CurrentMemoryContext, rule->text) : std::string_view();
    });
    if (found.empty())
        PG_RETURN_NULL();
    PG_RETURN_DATUM(text_datum(found, Unmappable::escape));
}

// pg_ssl_login_rules() setof record: the rules in order, in parts as written; database is '*' if the rule has none.
SSLINFO_PLUS_FUNCTION(ssl_login_rules)
{
    require_shared_memory();
    const std::string_view rows = guarded([&] {
        std::vector<RuleRow> out;
        for (const core::LoginRule &rule : login_rules().all())
            out.push_back({static_cast<int>(out.size()) + 1, rule.role_text,
                           rule.database_text.empty() ? "*" : rule.database_text, rule.policy_text});
        return copy_to(CurrentMemoryContext, core::to_cells(out));
    });
    return return_rows(fcinfo, rows, Unmappable::escape);
}

}   // extern "C"
