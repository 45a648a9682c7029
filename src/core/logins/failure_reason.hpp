#pragma once
#include "core/base/types.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

// The reason for which an attempt to connect did not become a session, by SQLSTATEs, untranslated message formats,
// OpenSSL's error codes and TLS alerts: never of translated text.
namespace sslinfo::core {

// The order is that of the file of counts: add at the end only.
enum class FailureReason : std::uint8_t {
    not_postgresql,
    not_tls,
    protocol_version,
    no_shared_cipher,
    no_shared_group,
    no_shared_signature_algorithm,
    client_certificate_expired,
    client_certificate_not_yet_valid,
    client_certificate_revoked,
    client_certificate_unknown_ca,
    client_certificate_invalid,
    crl_expired,
    crl_unavailable,
    server_certificate_refused,
    client_alert,
    server_name,
    alpn,
    closed,
    closed_after_handshake,
    other_handshake,
    no_encryption,
    no_entry,
    reject,
    client_certificate_required,
    certificate_identity,
    password,
    other_authentication,
    rule,
};
inline constexpr int failure_reason_count = static_cast<int>(FailureReason::rule) + 1;

// 'startup', 'handshake', 'hba', 'authentication' or 'login rule', and the name of the reason in that stage.
const char *failure_stage_name(FailureReason reason) noexcept;
const char *failure_reason_name(FailureReason reason) noexcept;

// The facts of a failed handshake.
struct FailedHandshake {
    bool watched;   // false without the observer: then only end_of_file has a meaning
    bool hello_seen;
    int alert_sent;   // the numbers of RFC 8446, section 6; -1 for none
    int alert_received;
    unsigned long error;   // OpenSSL's, when the server sent its alert; 0 for none
    long verify_result;    // SSL_get_verify_result()
    bool end_of_file;      // the connection ended before the handshake
};
FailureReason handshake_failure_reason(const FailedHandshake &handshake) noexcept;

// The progress of an attempt at the moment of a message.
struct AttemptState {
    bool network = false;          // not a Unix-domain socket
    bool encrypted = false;        // TLS or GSSAPI encryption
    bool startup_read = false;     // PostgreSQL has read a startup packet with a role name
    bool authenticating = false;   // ... and found a line of pg_hba.conf for it
    bool authenticated = false;
    bool identity_mismatch = false;   // after a message for which reports_identity_mismatch() is true
};

// One message of PostgreSQL's.
struct LoggedMessage {
    std::string_view format;     // ErrorData.message_id
    std::string_view sqlstate;   // five characters
    bool fatal;
};

// True for a message about a failed SSL_accept(). Its reason is handshake_failure_reason().
bool reports_failed_handshake(const LoggedMessage &message) noexcept;
bool reports_end_of_file(const LoggedMessage &message) noexcept;
// True for a message that the name in the client certificate is not the role. PostgreSQL writes it before the attempt
// fails with another message.
bool reports_identity_mismatch(const LoggedMessage &message) noexcept;
// The reason of another failure; std::nullopt if the message reports none.
std::optional<FailureReason> failure_reason(const LoggedMessage &message, const AttemptState &attempt) noexcept;

}   // namespace sslinfo::core
