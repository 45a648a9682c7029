#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// sslinfo_plus.client_cert_warning: log messages about client certificates that expire soon.
namespace sslinfo::backend {

std::size_t certificate_warnings_size();
void attach_certificate_warnings(void *memory, bool found);

// A client certificate that expires within the configured time. Trivially destructible.
struct ExpiringCertificate {
    std::uint64_t number;   // start of its fingerprint; 0: none
    std::int64_t seconds_left;
};
ExpiringCertificate expiring_certificate(const core::Session &session, core::Timestamp now);

// Logs a certificate at most once a day. From PostgreSQL 19 on, also warns the client at each login.
void warn_of_expiry(const ExpiringCertificate &certificate, const char *subject, TimestampTz now);

}   // namespace sslinfo::backend
