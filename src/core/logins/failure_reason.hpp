#pragma once
#include "core/base/types.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

// Reasons of failed attempts, by SQLSTATE, untranslated message format, OpenSSL error code and TLS alert.
namespace sslinfo::core {

// Numbers are stored in the file of counts: add values only at the end.
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

// Return 'startup', 'handshake', 'hba', 'authentication' or 'login rule', and the name of the reason.
const char *failure_stage_name(FailureReason reason) noexcept;
const char *failure_reason_name(FailureReason reason) noexcept;

struct FailedHandshake {
    bool watched;   // by the observer; if false, only end_of_file is set
    bool hello_seen;
    int alert_sent;   // as in RFC 8446, section 6; -1 for none
    int alert_received;
    unsigned long error;   // from OpenSSL, when the server sent its alert; 0 for none
    long verify_result;    // SSL_get_verify_result()
    bool end_of_file;      // connection ended before the handshake did
};
FailureReason handshake_failure_reason(const FailedHandshake &handshake) noexcept;

// State of an attempt when a message is logged.
struct AttemptState {
    bool network = false;          // not a Unix-domain socket
    bool encrypted = false;        // TLS or GSSAPI encryption
    bool startup_read = false;     // PostgreSQL has read a startup packet with a role name
    bool authenticating = false;   // ... and found its line of pg_hba.conf
    bool authenticated = false;
    bool identity_mismatch = false;   // reports_identity_mismatch() was true for a message
};

// A message logged by PostgreSQL.
struct LoggedMessage {
    std::string_view format;     // ErrorData.message_id
    std::string_view sqlstate;   // five characters
    bool fatal;
};

// True for a message about a failed SSL_accept(). handshake_failure_reason() returns its reason.
bool reports_failed_handshake(const LoggedMessage &message) noexcept;
bool reports_end_of_file(const LoggedMessage &message) noexcept;
// True if the client certificate's name is not the role. PostgreSQL logs this before the attempt's last message.
bool reports_identity_mismatch(const LoggedMessage &message) noexcept;
// Returns the reason of any other failure; std::nullopt if the message reports none.
std::optional<FailureReason> failure_reason(const LoggedMessage &message, const AttemptState &attempt) noexcept;

}   // namespace sslinfo::core
