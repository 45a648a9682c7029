#include "core/base/cells.hpp"
#include "core/logins/log_line.hpp"
#include "core/policy/login_rules.hpp"
#include "core/tls/recheck.hpp"
#include "core/tls/session.hpp"
#include "core/base/text.hpp"
#include "core/logins/usage_table.hpp"
#include "backend/session/client.hpp"
#include "backend/session/facts.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/certificate_warnings.hpp"
#include "backend/server/login_hook.hpp"
#include "backend/server/failure_watch.hpp"
#include "backend/server/login_rules_setting.hpp"
#include "backend/server/session_slots.hpp"
#include "backend/server/settings.hpp"
#include "backend/server/tls_observer.hpp"
#include "backend/wall/time.hpp"
#include "backend/server/login_usage.hpp"

namespace sslinfo::backend {

namespace {

ClientAuthentication_hook_type previous_hook;

// Results of C++ code about a login, trivially destructible.
struct Login {
    core::UsageKey key;
    core::UsageEvent event;
    std::string_view cells;
    std::string_view evidence;
    ExpiringCertificate expiring;
    const char *subject;   // of the client's certificate, with control characters escaped
    const char *line;      // null unless it is to be logged
    // Null unless a rule refuses the login.
    const char *kinds;   // for the client, like `actual` and `advice`
    const char *actual;
    const char *advice;
    const char *for_log;   // with the requirements and the rule
};

// Login rules apply only to network connections.
bool from_network(core::Transport transport)
{
    return transport == core::Transport::tls || transport == core::Transport::gss ||
           transport == core::Transport::plain;
}

const char *copy_text(const std::string &text)
{
    return copy_to(CurrentMemoryContext, {text.c_str(), text.size() + 1}).data();
}

// Returns a name from the startup packet, whose encoding is unknown; std::nullopt if it is missing.
std::optional<std::string> startup_name(const char *name)
{
    return name != nullptr && name[0] != '\0' ? std::optional<std::string>(core::printable(name)) : std::nullopt;
}

core::HbaLine hba_line_of(const Port &port)
{
    const char *const path = hba_file(*port.hba);
    const char *const slash = strrchr(path, '/');
    return {slash != nullptr ? slash + 1 : path, port.hba->linenumber};
}

std::string line_of(const std::optional<std::string> &database, const std::optional<std::string> &user,
                    const std::optional<core::Address> &address, const core::LoginFacts &facts)
{
    core::CellWriter who;
    who("user", user);
    who("database", database);
    who("client_addr", address);
    return core::log_line(who.bytes()) + core::log_line(core::to_cells(facts));
}

// Returns the client's hint. libpq's default sslmode=prefer retries without TLS, and shows that attempt's error last.
std::string advice_of(const core::Refusal &refusal, core::Transport transport)
{
    constexpr std::string_view second_attempt =
        "If another error without TLS follows, sslmode=prefer caused it: ignore "
        "that one, and set sslmode=verify-full.";
    if (transport != core::Transport::tls)
        return refusal.advice;
    return refusal.advice + (refusal.advice.empty() ? "" : " ") + std::string(second_attempt);
}

void read_login(const Port &port, TimestampTz now, Login &login)
{
    const core::Connection client = connection();
    const core::LoginFacts facts = {core::read_session(client), hba_line_of(port)};
    const core::Session &session = facts.session;
    const std::optional<std::string> database = startup_name(port.database_name);
    const std::optional<std::string> user = startup_name(port.user_name);
    const core::Instant when = instant_of(now);
    const std::string cells = core::to_unnamed_cells(facts);
    set_login_facts(copy_to(TopMemoryContext, cells));

    login = {};
    login.key = core::usage_key(database, user, session, facts.line);
    login.event = core::usage_event(session, when);
    login.event.client_address = client_address(port);
    login.event.application_name = core::ShortName::of(startup_name(port.application_name));
    login.expiring = expiring_certificate(session, std::chrono::floor<std::chrono::seconds>(when));
    if (login.expiring.number != 0)
        login.subject = copy_text(core::shortened(core::escape_controls(session.client_dn.value_or("")), 256));
    if (client.client != nullptr)
        login.evidence = copy_to(CurrentMemoryContext, core::chain_evidence(*client.ssl, session_evidence_max));
    login.cells = copy_to(CurrentMemoryContext, core::shrink_to_fit(cells, session_cells_max - login.evidence.size()));
    if (!from_network(client.transport))
        return;
    if (settings.log_connections)
        login.line = copy_text(line_of(database, user, login.event.client_address.shown(), facts));
    if (settings.login_action == login_action_off)
        return;
    const core::LoginRule *const rule = login_rules().find(port.user_name, port.database_name);
    if (rule == nullptr)
        return;
    if (const auto refusal = core::refusal(*rule, session, client, std::chrono::floor<std::chrono::seconds>(when))) {
        login.event.outcome = settings.login_action == login_action_reject ? core::LoginOutcome::rejected
                                                                           : core::LoginOutcome::would_reject;
        login.event.reason = core::ShortText<126>::of(refusal->kinds);
        login.kinds = copy_text(refusal->kinds);
        login.actual = copy_text(refusal->actual);
        login.advice = copy_text(advice_of(*refusal, client.transport));
        core::CellWriter who;
        who("client_addr", login.event.client_address.shown());
        who("application_name", startup_name(port.application_name));
        login.for_log = copy_text(refusal->for_log + ". Login rule: " + core::escape_controls(rule->text) +
                                  ". Client:" + core::log_line(who.bytes()));
    }
}

void refuse(const Login &login)
{
    ereport(FATAL,
            (errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
             errmsg("login refused: this connection does not satisfy %s", login.kinds), errdetail("%s", login.actual),
             errdetail_log("%s", login.for_log), login.advice[0] != '\0' ? errhint("%s", login.advice) : 0));
}

void handle_login(Port *port, int status)
{
    if (previous_hook != nullptr)
        previous_hook(port, status);
    if (status != STATUS_OK)
        return;
    hold_server_contexts();
    finish_observation(*port);
    set_auth_method(hba_authname(port->hba->auth_method));
    note_authenticated();

    MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sslinfo_plus login", ALLOCSET_SMALL_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Login login;
    Failure failure;
    const TimestampTz now = GetCurrentTimestamp();
    if (!attempted([&] { read_login(*port, now, login); }, failure)) {
        // The login cannot be judged: refuse it if rules are enforced.
        const bool refused = settings.login_action == login_action_reject && from_network(connection().transport);
        ereport(refused ? FATAL : LOG,
                (errcode(refused ? ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION : failure.sqlstate),
                 errmsg("could not judge login: %s", failure.message)));
        MemoryContextSwitchTo(caller);
        return;
    }
    if (settings.track)
        count_login(login.key, login.event);
    if (login.line != nullptr)
        ereport(LOG, (errmsg_internal("sslinfo_plus login:%s", login.line), errhidestmt(true)));
    if (login.event.outcome == core::LoginOutcome::rejected)
        refuse(login);
    if (login.event.outcome == core::LoginOutcome::would_reject)
        ereport(LOG, (errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
                      errmsg("login would be refused: this connection does not satisfy %s", login.kinds),
                      errdetail("%s", login.for_log)));
    warn_of_expiry(login.expiring, login.subject, now);
    publish_session(login.cells, login.evidence);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
}

}   // namespace

void watch_logins()
{
    previous_hook = ClientAuthentication_hook;
    ClientAuthentication_hook = handle_login;
}

}   // namespace sslinfo::backend
