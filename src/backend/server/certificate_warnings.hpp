#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// sslinfo_plus.client_cert_warning: a line in the log if a client's certificate is about to expire.
namespace sslinfo::backend {

std::size_t certificate_warnings_size();
void attach_certificate_warnings(void *memory, bool found);

// A client certificate that expires within the time of the setting. Trivially destructible.
struct ExpiringCertificate {
    std::uint64_t number;   // the start of its fingerprint; 0: no certificate
    std::int64_t seconds_left;
};
ExpiringCertificate expiring_certificate(const core::Session &session, core::Timestamp now);

// Writes the line, at most once a day for a certificate, and from PostgreSQL 19 on warns the client at each login.
void warn_of_expiry(const ExpiringCertificate &certificate, const char *subject, TimestampTz now);

}   // namespace sslinfo::backend
