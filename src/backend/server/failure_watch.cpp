// PostgreSQL calls no authentication hook for a failed handshake, a missing line in pg_hba.conf or, with some methods,
// a failed authentication. But it logs a message about each (emit_log_hook), and closes the TLS connection (the free
// callback of ex_data), even if log_min_messages hides the message or there is none.
//
// This code may run before InitProcess(), in a process that may _exit() at any time: it does not raise, call palloc or
// take LWLocks, and calls count_failure() last.
#include "core/base/text.hpp"
#include "core/logins/failure_table.hpp"
#include "core/tls/ja4.hpp"
#include "backend/server/failure_counts.hpp"
#include "backend/server/failure_watch.hpp"
#include "backend/server/settings.hpp"
#include "backend/server/tls_observer.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/guard.hpp"
#include "backend/wall/time.hpp"

namespace sslinfo::backend {

namespace {

emit_log_hook_type previous_emit_log_hook;

// State of this process's only attempt.
bool counted;
bool authenticated;
bool identity_mismatch;

// True after a startup packet that does not request encryption. Port.proto is from the last packet.
bool startup_read(const Port &port) noexcept
{
    return port.proto != 0 && port.proto != NEGOTIATE_SSL_CODE && port.proto != NEGOTIATE_GSS_CODE;
}

bool has_gss_encryption([[maybe_unused]] const Port &port) noexcept
{
#ifdef ENABLE_GSS
    return port.gss != nullptr && be_gssapi_get_enc(const_cast<Port *>(&port));
#else
    return false;
#endif
}

core::AttemptState attempt_state(const Port &port) noexcept
{
    return {.network = port.raddr.addr.ss_family != AF_UNIX,
            .encrypted = port.ssl_in_use || has_gss_encryption(port),
            .startup_read = startup_read(port) && port.user_name != nullptr && port.user_name[0] != '\0',
            .authenticating = port.hba != nullptr,
            .authenticated = authenticated,
            .identity_mismatch = identity_mismatch};
}

core::FailedHandshake failed_handshake(bool end_of_file) noexcept
{
    const ObservedHandshake &observed = observed_handshake();
    return {.watched = settings.read_client_hello,
            .hello_seen = observed.hello_seen,
            .alert_sent = observed.alert_sent,
            .alert_received = observed.alert_received,
            .error = observed.error,
            .verify_result = observed.verify_result,
            .end_of_file = end_of_file};
}

// Converts untrusted bytes, perhaps with NULs, to printable text; std::nullopt if empty.
std::optional<std::string> untrusted_text(std::string_view bytes)
{
    return bytes.empty() ? std::nullopt : std::optional<std::string>(core::escape_controls(core::printable(bytes)));
}
std::optional<std::string> untrusted_text(const char *bytes)
{
    return untrusted_text(bytes != nullptr ? std::string_view(bytes) : std::string_view());
}

template <class Short> void put(Short &field, const std::optional<std::string> &text) { field = Short::of(text); }

core::FailureDetails details(const char *message)
{
    const ObservedHandshake &observed = observed_handshake();
    core::FailureDetails result{};
    put(result.message, untrusted_text(message));
    result.alert_from_client = observed.alert_received >= 0;
    result.alert = observed.alert_received >= 0 ? observed.alert_received : observed.alert_sent;
    const std::optional<core::ClientHello> hello = core::parse_client_hello(observed.recorded.client_hello);
    result.offered_version = hello ? core::highest_offered_version(*hello) : -1;
    put(result.server_name,
        hello && hello->server_name ? untrusted_text(std::string_view(*hello->server_name)) : std::nullopt);
    put(result.ja4, hello ? std::optional<std::string>(core::ja4(*hello)) : std::nullopt);
    return result;
}

core::FailureDetails no_details()
{
    core::FailureDetails result{};
    result.message.length = result.server_name.length = result.ja4.length = -1;
    result.alert = result.offered_version = -1;
    return result;
}

// Counts this process's attempt once. `message` may be null.
void count_attempt(const Port &port, core::FailureReason reason, const char *message) noexcept
{
    if (counted || !settings.track_failures)
        return;
    counted = true;
    const core::Instant now = instant_of(GetCurrentTimestamp());
    core::FailureKey key{};
    key.reason = reason;
    key.address = client_address(port);
    key.user.length = key.database.length = -1;
    core::FailureEntry entry = core::failed_attempt(key, no_details(), now);
    Failure failure;
    // If memory is short, the attempt is counted without details.
    (void)attempted(
        [&] {
            entry.last = details(message);
            // Null before the startup packet.
            put(entry.key.user, untrusted_text(port.user_name));
            put(entry.key.database, untrusted_text(port.database_name));
        },
        failure);
    count_failure(entry);
}

core::LoggedMessage logged_message(const ErrorData &message) noexcept
{
    return {.format = message.message_id != nullptr ? message.message_id : "",
            .sqlstate = unpack_sql_state(message.sqlerrcode),
            .fatal = message.elevel == FATAL};
}

void observe_log_message(ErrorData *message)
{
    if (previous_emit_log_hook != nullptr)
        previous_emit_log_hook(message);
    if (counted || MyProcPort == nullptr || (authenticated && message->elevel != FATAL))
        return;
    const Port &port = *MyProcPort;
    const core::LoggedMessage logged = logged_message(*message);
    if (!authenticated && core::reports_failed_handshake(logged))
        count_attempt(port, core::handshake_failure_reason(failed_handshake(core::reports_end_of_file(logged))),
                      message->message);
    else if (const auto reason = core::failure_reason(logged, attempt_state(port)))
        count_attempt(port, *reason, message->message);
    else if (!authenticated && core::reports_identity_mismatch(logged))
        identity_mismatch = true;
}

// Called by OpenSSL for each freed SSL in this process, among them the client's.
void read_closed_connection(void *ssl, void *, CRYPTO_EX_DATA *, int, long, void *)
{
    if (counted || authenticated || MyProcPort == nullptr || MyProcPort->ssl != ssl)
        return;
    const ObservedHandshake &observed = observed_handshake();
    if (!observed.finished())
        count_attempt(*MyProcPort, core::handshake_failure_reason(failed_handshake(true)), nullptr);
    else if (!startup_read(*MyProcPort))
        count_attempt(*MyProcPort, core::FailureReason::closed_after_handshake, nullptr);
}

}   // namespace

void watch_failures()
{
    previous_emit_log_hook = emit_log_hook;
    emit_log_hook = observe_log_message;
    // Without the observer an unfinished handshake cannot be recognized.
    if (settings.read_client_hello &&
        CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, read_closed_connection) < 0)
        ereport(FATAL, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("could not watch TLS connections")));
}

void note_authenticated() noexcept { authenticated = true; }

}   // namespace sslinfo::backend
