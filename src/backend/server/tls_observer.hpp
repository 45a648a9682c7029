#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// Watches the handshake of this backend's client, since OpenSSL keeps neither the ClientHello nor the alerts.
namespace sslinfo::backend {

// The part of the handshake that the observer has seen so far.
struct ObservedHandshake {
    core::RecordedHandshake recorded;
    bool hello_seen;   // at least one ClientHello arrived
    // The Finished message of each side, with which the handshake ends.
    bool finished_sent;
    bool finished_received;
    // Number of the last alert in each direction but close_notify; none_yet if there was none.
    int alert_sent;
    int alert_received;
    // When the server sent its alert: the newest error on OpenSSL's queue, 0 if none, and SSL_get_verify_result(),
    // which is X509_V_OK unless the client's certificate is refused.
    unsigned long error;
    long verify_result;

    static constexpr int none_yet = -1;
    bool finished() const noexcept { return finished_sent && finished_received; }
};

// Called by _PG_init while shared_preload_libraries are loaded: from then on every TLS context that the postmaster
// makes is watched.
void watch_handshakes();

// To be called in the postmaster once its TLS contexts are made: attaches the digests of the server's certificates and
// of its CAs to them (core::attach_digests()), so that no login computes them. A reload does so by itself.
void prepare_server_certificates() noexcept;

// This backend's client. It changes until the login.
const ObservedHandshake &observed_handshake() noexcept;

// To be called after the login: nothing is recorded any more, and connection() returns what was.
void finish_observation(const Port &port) noexcept;

// The TLS contexts that the server had when this backend was started; none without the preload or with ssl = off.
int server_contexts(SSL_CTX *const **list) noexcept;

// To be called at the login: the backend frees the contexts of pg_hosts.conf after it.
void keep_server_contexts() noexcept;

}   // namespace sslinfo::backend
