#pragma once
#include "core/handle.hpp"

#include "certificates.hpp"

#include <string>

// A real TLS handshake between two SSL objects in memory, of which the tests look at the server's.
struct Handshake {
    int version = TLS1_3_VERSION;
    const char *groups = nullptr;          // both sides, as SSL_CTX_set1_groups_list takes them
    const char *client_groups = nullptr;   // the client alone
    const char *ciphers = nullptr;         // TLS 1.2's
    const char *signature_algorithms = nullptr;
    const char *server_name = nullptr;
    std::string alpn{};                    // one protocol, that both sides have
    bool client_certificate = false;
    bool extended_master_secret = true;
    const EVP_PKEY *server_key = nullptr;   // an EC key unless given
    const EVP_PKEY *client_key = nullptr;
    const EVP_MD *server_digest = EVP_sha256();
    const EVP_MD *client_digest = EVP_sha256();
};

class Connected {
  public:
    explicit Connected(const Handshake &wanted);
    const SSL &server() const { return *server_; }
    SSL &client() { return *client_; }
    const X509 &server_certificate() const { return *server_certificate_; }
    // Sends this much data to the server.
    void send(const std::string &data);

  private:
    using ContextHandle = std::unique_ptr<SSL_CTX, sslinfo::core::Deleter<SSL_CTX_free>>;
    using SslHandle = std::unique_ptr<SSL, sslinfo::core::Deleter<SSL_free>>;

    sslinfo::core::X509Handle server_certificate_;
    sslinfo::core::X509Handle client_certificate_;
    ContextHandle server_context_;
    ContextHandle client_context_;
    SslHandle server_;
    SslHandle client_;
};
