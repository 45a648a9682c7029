#pragma once
#include "core/tls/session.hpp"
#include "backend/wall/pg.hpp"

// Records the handshake of this backend's client, since OpenSSL stores neither the ClientHello nor alerts.
namespace sslinfo::backend {

// The recorded part of the handshake so far.
struct ObservedHandshake {
    core::RecordedHandshake recorded;
    bool hello_seen;   // at least one ClientHello
    // Finished messages, with which the handshake ends.
    bool finished_sent;
    bool finished_received;
    // Last alert in each direction except close_notify, or none_yet.
    int alert_sent;
    int alert_received;
    // When the server sent its alert: newest error on OpenSSL's queue, or 0, and SSL_get_verify_result().
    unsigned long error;
    long verify_result;

    static constexpr int none_yet = -1;
    bool finished() const noexcept { return finished_sent && finished_received; }
};

// Called by _PG_init() at preload. Observes the TLS contexts that the postmaster makes later.
void watch_handshakes();

// Attaches digests to the server's certificates and CAs (core::attach_digests()), so that logins do not compute them.
// Call it in the postmaster after its TLS contexts are made. Reloads call it automatically.
void prepare_server_certificates() noexcept;

// Returns the state for this backend's client. It changes until the login.
const ObservedHandshake &observed_handshake() noexcept;

// Stops recording, and gives the record to connection(). Call it after the login.
void finish_observation(const Port &port) noexcept;

// Returns the server's TLS contexts when this backend started; none without preloading or with ssl = off.
int server_contexts(SSL_CTX *const **list) noexcept;

// Call it at the login: later the backend frees the contexts of pg_hosts.conf.
void hold_server_contexts() noexcept;

}   // namespace sslinfo::backend
