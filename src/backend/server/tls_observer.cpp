// Uses OpenSSL's message callback. Unlike the keylog, info and ClientHello callbacks, it receives both ClientHellos and
// all alerts while the error queue is still full, and neither PostgreSQL nor other libraries set it. It is set on the
// context and copied by SSL_new(), because PostgreSQL calls no hook between SSL_new() and SSL_accept().
//
// All of this runs before authentication, on untrusted bytes. The callback copies bytes to static memory and stores
// numbers. It does not allocate, raise, lock or touch shared memory, so that _exit() may interrupt it at any point.
#include "core/tls/client_hello.hpp"
#include "core/x509/certificate.hpp"
#include "backend/server/tls_observer.hpp"
#include "backend/session/client.hpp"
#include "backend/server/settings.hpp"

#include <ctime>

namespace sslinfo::backend {

namespace {

ObservedHandshake observed = {.recorded = {},
                              .hello_seen = false,
                              .finished_sent = false,
                              .finished_received = false,
                              .alert_sent = ObservedHandshake::none_yet,
                              .alert_received = ObservedHandshake::none_yet,
                              .error = 0,
                              .verify_result = X509_V_OK};

// The server's contexts. 19 has one more than hosts. Further ones are ignored.
SSL_CTX *contexts[1024];
int context_count;

// GCC places it before the contexts, next to other data written by a login.
char client_hello[core::client_hello_max];

// Limit of trusted certificates with precomputed digests. The web's CA file has about 150.
constexpr int prepared_max = 500;

std::int64_t first_hello;   // monotonic_clock()

std::int64_t monotonic_clock() noexcept
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

void observe_client_hello(const void *message, std::size_t length) noexcept
{
    if (observed.hello_seen) {
        observed.recorded.hello_retry = true;
        return;
    }
    observed.hello_seen = true;
    first_hello = monotonic_clock();
    if (length > sizeof client_hello)
        return;
    memcpy(client_hello, message, length);
    observed.recorded.client_hello = {client_hello, length};
}

void observe_alert(bool sent, int alert, const SSL &ssl) noexcept
{
    if (alert == SSL_AD_CLOSE_NOTIFY)
        return;
    if (!sent) {
        observed.alert_received = alert;
        return;
    }
    observed.alert_sent = alert;
    // OpenSSL queues the reason before it sends the alert, and PostgreSQL removes it before it logs.
    observed.error = ERR_peek_last_error();
    observed.verify_result = SSL_get_verify_result(&ssl);
}

// Callback of SSL_CTX_set_msg_callback(). Ignores connections in which the backend is the client (postgres_fdw).
void observe_message(int sent, int, int content_type, const void *message, size_t length, SSL *ssl, void *)
{
    const auto *const bytes = static_cast<const unsigned char *>(message);
    if (length < 2 || SSL_is_server(ssl) == 0)
        return;
    if (content_type == SSL3_RT_ALERT) {
        observe_alert(sent != 0, bytes[1], *ssl);
    } else if (content_type == SSL3_RT_HANDSHAKE && bytes[0] == SSL3_MT_FINISHED) {
        // The handshake ends with the second side's Finished.
        observed.recorded.microseconds = monotonic_clock() - first_hello;
        (sent != 0 ? observed.finished_sent : observed.finished_received) = true;
    } else if (content_type == SSL3_RT_HANDSHAKE && bytes[0] == SSL3_MT_CLIENT_HELLO && sent == 0) {
        observe_client_hello(message, length);
    }
}

// Called by OpenSSL for each new SSL_CTX. The postmaster makes the server's. Those made in a backend are libpq's.
void watch_context(void *context, void *, CRYPTO_EX_DATA *, int, long, void *)
{
    if (IsUnderPostmaster)
        return;
    if (settings.read_client_hello)
        SSL_CTX_set_msg_callback(static_cast<SSL_CTX *>(context), observe_message);
    if (context_count < static_cast<int>(std::size(contexts)))
        contexts[context_count++] = static_cast<SSL_CTX *>(context);
}

// Called by OpenSSL when a context is freed.
void forget_context(void *context, void *, CRYPTO_EX_DATA *, int, long, void *)
{
    SSL_CTX **const end = std::remove(contexts, contexts + context_count, static_cast<SSL_CTX *>(context));
    context_count = static_cast<int>(end - contexts);
    // At a reload the postmaster frees the old contexts after making the new ones.
    if (!IsUnderPostmaster)
        prepare_server_certificates();
}

}   // namespace

void watch_handshakes()
{
    if (CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, watch_context, nullptr, forget_context) < 0)
        ereport(FATAL, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("could not watch TLS handshakes")));
    // Searches the providers once for all backends.
    (void)core::sha256();
}

void prepare_server_certificates() noexcept
{
    for (int i = 0; i < context_count; ++i) {
        if (X509 *const certificate = SSL_CTX_get0_certificate(contexts[i]))
            core::attach_digests(*certificate);
        STACK_OF(X509_OBJECT) *const trusted = X509_STORE_get0_objects(SSL_CTX_get_cert_store(contexts[i]));
        for (int j = 0; j < std::min(sk_X509_OBJECT_num(trusted), prepared_max); ++j)
            if (X509 *const certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(trusted, j)))
                core::attach_digests(*certificate);
    }
}

const ObservedHandshake &observed_handshake() noexcept { return observed; }

void hold_server_contexts() noexcept
{
    for (int i = 0; i < context_count; ++i)
        SSL_CTX_up_ref(contexts[i]);
}

int server_contexts(SSL_CTX *const **list) noexcept
{
    *list = contexts;
    return context_count;
}

void finish_observation(const Port &port) noexcept
{
    if (!port.ssl_in_use || port.ssl == nullptr)
        return;
    SSL_set_msg_callback(port.ssl, nullptr);
    if (observed.hello_seen)
        set_recorded_handshake(&observed.recorded);
}

}   // namespace sslinfo::backend
