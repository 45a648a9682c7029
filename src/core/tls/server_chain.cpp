#include "core/tls/server_chain.hpp"

#include "core/openssl/failure.hpp"
#include "core/openssl/handle.hpp"
#include "core/tls/session.hpp"

#include <new>

namespace sslinfo::core {

namespace {

// Returns rows for a chain from index `first` on, with depths from 1.
std::vector<ChainCertificate> rows_from(const STACK_OF(X509) * chain, int first)
{
    std::vector<ChainCertificate> rows;
    for (int i = first; chain != nullptr && i < sk_X509_num(chain); ++i)
        rows.push_back({static_cast<int>(rows.size()) + 1, read_certificate(*sk_X509_value(chain, i))});
    return rows;
}

// Returns the store from which OpenSSL completes a chain; null if it does not.
X509_STORE *completing_store(SSL *ssl)
{
    if ((SSL_get_mode(ssl) & SSL_MODE_NO_AUTO_CHAIN) != 0)
        return nullptr;
    X509_STORE *store = nullptr;
    SSL_get0_chain_cert_store(ssl, &store);
    return store != nullptr ? store : SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
}

// Completes the chain of `leaf`. OpenSSL also sends incomplete or invalid chains, so the result is ignored.
StoreContextHandle completed_chain(X509_STORE *store, const X509 &leaf)
{
    StoreContextHandle context;
    retried([&] {
        context.reset(X509_STORE_CTX_new());
        if (!context || X509_STORE_CTX_init(context.get(), store, mutable_pointer(&leaf), nullptr) != 1)
            throw std::bad_alloc();
        return X509_verify_cert(context.get()) == 1;
    });
    return context;
}

}   // namespace

std::vector<ChainCertificate> server_chain(const SSL &ssl)
{
    const X509 *const leaf = sent_certificate(ssl);
    if (leaf == nullptr)
        return {};
    STACK_OF(X509) *configured = nullptr;
    SSL_get0_chain_certs(mutable_pointer(&ssl), &configured);
    if (configured != nullptr)
        return rows_from(configured, 0);
    X509_STORE *const store = completing_store(mutable_pointer(&ssl));
    if (store == nullptr)
        return {};
    const StoreContextHandle completed = completed_chain(store, *leaf);
    return rows_from(X509_STORE_CTX_get0_chain(completed.get()), 1);
}

}   // namespace sslinfo::core
