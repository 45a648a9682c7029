#include "core/logins/failure_reason.hpp"

#include "core/openssl/openssl.hpp"

namespace sslinfo::core {

namespace {

struct Name {
    const char *stage;
    const char *reason;
};

// In the order of FailureReason.
constexpr Name names[] = {
    {"startup", "not_postgresql"},
    {"handshake", "not_tls"},
    {"handshake", "protocol_version"},
    {"handshake", "no_shared_cipher"},
    {"handshake", "no_shared_group"},
    {"handshake", "no_shared_signature_algorithm"},
    {"handshake", "client_certificate_expired"},
    {"handshake", "client_certificate_not_yet_valid"},
    {"handshake", "client_certificate_revoked"},
    {"handshake", "client_certificate_unknown_ca"},
    {"handshake", "client_certificate_invalid"},
    {"handshake", "crl_expired"},
    {"handshake", "crl_unavailable"},
    {"handshake", "server_certificate_refused"},
    {"handshake", "client_alert"},
    {"handshake", "server_name"},
    {"handshake", "alpn"},
    {"handshake", "closed"},
    {"handshake", "closed_after_handshake"},
    {"handshake", "other"},
    {"hba", "no_encryption"},
    {"hba", "no_entry"},
    {"hba", "reject"},
    {"hba", "client_certificate_required"},
    {"authentication", "certificate_identity"},
    {"authentication", "password"},
    {"authentication", "other"},
    {"login rule", "rule"},
};
static_assert(std::size(names) == failure_reason_count);

// Returns the reason for an SSL_get_verify_result() other than X509_V_OK.
FailureReason verification_reason(long result) noexcept
{
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return FailureReason::client_certificate_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return FailureReason::client_certificate_not_yet_valid;
    case X509_V_ERR_CERT_REVOKED:
        return FailureReason::client_certificate_revoked;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return FailureReason::client_certificate_unknown_ca;
    case X509_V_ERR_CRL_HAS_EXPIRED:
        return FailureReason::crl_expired;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_NOT_YET_VALID:
        return FailureReason::crl_unavailable;
    default:
        return FailureReason::client_certificate_invalid;
    }
}

// Returns the reason for OpenSSL's error when the server sent an alert; std::nullopt if the error is not specific.
std::optional<FailureReason> error_reason(unsigned long error) noexcept
{
    if (ERR_GET_LIB(error) != ERR_LIB_SSL)
        return std::nullopt;
    switch (ERR_GET_REASON(error)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_INAPPROPRIATE_FALLBACK:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
        return FailureReason::protocol_version;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_SPECIFIED:
        return FailureReason::no_shared_cipher;
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_MISSING_SUPPORTED_GROUPS_EXTENSION:
    case SSL_R_UNSUPPORTED_ELLIPTIC_CURVE:
    case SSL_R_WRONG_CURVE:
        return FailureReason::no_shared_group;
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_MISSING_SIGALGS_EXTENSION:
        return FailureReason::no_shared_signature_algorithm;
    case SSL_R_BAD_SIGNATURE:
        return FailureReason::client_certificate_invalid;
    case SSL_R_NO_APPLICATION_PROTOCOL:
        return FailureReason::alpn;
    default:
        return is_unexpected_end(error) ? std::optional(FailureReason::closed) : std::nullopt;
    }
}

std::optional<FailureReason> alert_sent_reason(int alert) noexcept
{
    switch (alert) {
    case SSL_AD_PROTOCOL_VERSION:
    case SSL_AD_INAPPROPRIATE_FALLBACK:
        return FailureReason::protocol_version;
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
        return FailureReason::client_certificate_invalid;
    case SSL_AD_UNRECOGNIZED_NAME:
        return FailureReason::server_name;
    case SSL_AD_NO_APPLICATION_PROTOCOL:
        return FailureReason::alpn;
    default:
        return std::nullopt;
    }
}

FailureReason alert_received_reason(int alert) noexcept
{
    switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE:
        return FailureReason::server_certificate_refused;
    case SSL_AD_USER_CANCELLED:
        return FailureReason::closed;
    default:
        return FailureReason::client_alert;
    }
}

constexpr std::string_view protocol_violation = "08P01";
constexpr std::string_view feature_not_supported = "0A000";
constexpr std::string_view invalid_password = "28P01";
constexpr std::string_view invalid_authorization = "28000";

std::optional<FailureReason> startup_reason(const LoggedMessage &message) noexcept
{
    if (message.format.starts_with("received direct SSL connection request without ALPN") ||
        message.format.starts_with("received SSL connection request with unexpected ALPN"))
        return FailureReason::alpn;
    if (message.sqlstate == protocol_violation ||
        (message.sqlstate == feature_not_supported && message.format.starts_with("unsupported frontend protocol")) ||
        message.format.starts_with("no PostgreSQL user name specified"))
        return FailureReason::not_postgresql;
    return std::nullopt;
}

std::optional<FailureReason> hba_reason(const LoggedMessage &message, const AttemptState &attempt) noexcept
{
    if (message.format.starts_with("no pg_hba.conf entry for"))
        return attempt.network && !attempt.encrypted ? FailureReason::no_encryption : FailureReason::no_entry;
    if (message.format.starts_with("pg_hba.conf rejects"))
        return FailureReason::reject;
    if (message.format.starts_with("connection requires a valid client certificate") ||
        message.format.starts_with("client certificates can only be checked if"))
        return FailureReason::client_certificate_required;
    return std::nullopt;
}

// Returns the reason if a FATAL message refuses the role after authentication.
std::optional<FailureReason> login_reason(const LoggedMessage &message) noexcept
{
    if (message.format.starts_with("login refused: ") || message.format.starts_with("login could not be judged"))
        return FailureReason::rule;
    if (message.sqlstate == invalid_authorization &&
        (message.format == "role \"%s\" does not exist" || message.format == "role \"%s\" is not permitted to log in"))
        return FailureReason::other_authentication;
    return std::nullopt;
}

}   // namespace

const char *failure_stage_name(FailureReason reason) noexcept { return names[static_cast<std::size_t>(reason)].stage; }
const char *failure_reason_name(FailureReason reason) noexcept
{
    return names[static_cast<std::size_t>(reason)].reason;
}

FailureReason handshake_failure_reason(const FailedHandshake &handshake) noexcept
{
    if (!handshake.watched)
        return handshake.end_of_file ? FailureReason::closed : FailureReason::other_handshake;
    if (handshake.alert_received >= 0)
        return alert_received_reason(handshake.alert_received);
    if (handshake.verify_result != X509_V_OK)
        return verification_reason(handshake.verify_result);
    if (const auto reason = error_reason(handshake.error))
        return *reason;
    if (const auto reason = alert_sent_reason(handshake.alert_sent))
        return *reason;
    if (handshake.end_of_file && handshake.alert_sent < 0)
        return FailureReason::closed;
    return handshake.hello_seen ? FailureReason::other_handshake : FailureReason::not_tls;
}

bool reports_failed_handshake(const LoggedMessage &message) noexcept
{
    return message.format.starts_with("could not accept SSL connection") ||
           message.format.starts_with("unrecognized SSL error code");
}

bool reports_end_of_file(const LoggedMessage &message) noexcept
{
    return message.format.ends_with("EOF detected") || message.format.ends_with("%m");
}

bool reports_identity_mismatch(const LoggedMessage &message) noexcept
{
    return message.format.starts_with("certificate validation (clientcert=verify-full) failed") ||
           message.format.starts_with("certificate authentication failed");
}

std::optional<FailureReason> failure_reason(const LoggedMessage &message, const AttemptState &attempt) noexcept
{
    if (attempt.authenticated)
        return message.fatal ? login_reason(message) : std::nullopt;
    if (!attempt.startup_read)
        return startup_reason(message);
    if (!message.fatal)
        return std::nullopt;
    if (const auto reason = hba_reason(message, attempt))
        return reason;
    if (attempt.authenticating && message.sqlstate == protocol_violation)
        return FailureReason::other_authentication;
    if (message.sqlstate != invalid_password && message.sqlstate != invalid_authorization)
        return startup_reason(message);
    if (attempt.identity_mismatch || reports_identity_mismatch(message))
        return FailureReason::certificate_identity;
    return message.sqlstate == invalid_password ? FailureReason::password : FailureReason::other_authentication;
}

}   // namespace sslinfo::core
