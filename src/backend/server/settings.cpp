#include "core/policy/login_rules.hpp"
#include "backend/server/login_rules_setting.hpp"
#include "backend/server/settings.hpp"

namespace sslinfo::backend {

Settings settings = {.track = true,
                     .usage_max = 5000,
                     .login_rules = nullptr,
                     .login_action = login_action_off,
                     .log_connections = false,
                     .read_client_hello = true,
                     .track_failures = true,
                     .failures_max = 1000,
                     .client_cert_warning = 0};

namespace {

const config_enum_entry login_actions[] = {
    {"off", login_action_off, false},
    {"log", login_action_log, false},
    {"reject", login_action_reject, false},
    {nullptr, 0, false},
};

// Stops the start if the value in the file is invalid, since rules never fail open. PostgreSQL would use the default.
void refuse_bad_value(const char *name, const char *in_file)
{
    if (in_file == nullptr || pg_strcasecmp(in_file, GetConfigOption(name, false, false)) == 0)
        return;
    const char *const detail = login_rules_detail();
    ereport(FATAL, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("invalid value for parameter \"%s\": \"%s\"", name, in_file),
                    strcmp(name, "sslinfo_plus.login_rules") == 0 && detail != nullptr ? errdetail("%s", detail) : 0,
                    errhint("Correct the value: the server does not start without its login rules.")));
}

// Stops the start for an unknown sslinfo_plus.* name, such as a misspelt "login_rule". PostgreSQL would only warn.
void refuse_unknown_names()
{
    int count = 0;
    config_generic **const variables = guc_variables(&count);
    for (int i = 0; i < count; ++i) {
        const config_generic &variable = *variables[i];
        if ((variable.flags & GUC_CUSTOM_PLACEHOLDER) != 0 && pg_strncasecmp(variable.name, "sslinfo_plus.", 13) == 0)
            ereport(FATAL, (errcode(ERRCODE_UNDEFINED_OBJECT),
                            errmsg("unrecognized configuration parameter \"%s\"", variable.name),
                            errhint("See docs/server.md for the settings of sslinfo_plus.")));
    }
}

// Returns the value in the file, before the setting is defined; null if there is none.
const char *value_in_file(const char *name)
{
    const char *value = GetConfigOption(name, true, false);
    return value != nullptr ? pstrdup(value) : nullptr;
}

}   // namespace

void define_settings()
{
    DefineCustomBoolVariable("sslinfo_plus.track", "Counts logins in pg_stat_ssl_usage.", nullptr, &settings.track,
                             true, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("sslinfo_plus.usage_max", "Sets the maximum number of rows in pg_stat_ssl_usage.", nullptr,
                            &settings.usage_max, 5000, 10, 100000, PGC_POSTMASTER, 0, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable("sslinfo_plus.log_connections", "Writes the facts of each network login to the log.",
                             nullptr, &settings.log_connections, false, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);

    DefineCustomIntVariable("sslinfo_plus.client_cert_warning",
                            "Sets the time before expiry at which a client certificate is reported.",
                            "0 disables the warning.", &settings.client_cert_warning, 0, 0, INT_MAX, PGC_SIGHUP,
                            GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable("sslinfo_plus.read_client_hello", "Reads the ClientHello of each TLS handshake.", nullptr,
                             &settings.read_client_hello, true, PGC_POSTMASTER, 0, nullptr, nullptr, nullptr);

    DefineCustomBoolVariable("sslinfo_plus.track_failures", "Counts failed attempts in pg_stat_ssl_failures.", nullptr,
                             &settings.track_failures, true, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("sslinfo_plus.failures_max", "Sets the maximum number of rows in pg_stat_ssl_failures.",
                            nullptr, &settings.failures_max, 1000, 10, 10000, PGC_POSTMASTER, 0, nullptr, nullptr,
                            nullptr);

    const char *const rules = value_in_file("sslinfo_plus.login_rules");
    DefineCustomStringVariable(
        "sslinfo_plus.login_rules", "Sets the rules that network logins must satisfy.",
        "A rule has the form role@database: policy. The first rule that matches a login applies.",
        &settings.login_rules, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_login_rules, assign_login_rules, nullptr);
    refuse_bad_value("sslinfo_plus.login_rules", rules);

    const char *const action = value_in_file("sslinfo_plus.login_action");
    DefineCustomEnumVariable(
        "sslinfo_plus.login_action", "Sets the action for logins that do not satisfy their login rule.", nullptr,
        &settings.login_action, login_action_off, login_actions, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    refuse_bad_value("sslinfo_plus.login_action", action);

    refuse_unknown_names();
    MarkGUCPrefixReserved("sslinfo_plus");
    if (settings.login_action != login_action_off && login_rules().empty())
        ereport(WARNING, (errcode(ERRCODE_CONFIG_FILE_ERROR),
                          errmsg("sslinfo_plus.login_action has no effect without sslinfo_plus.login_rules"),
                          errdetail("Logins are accepted without a check.")));
}

}   // namespace sslinfo::backend
