#include "handshake.hpp"

#include <stdexcept>

using namespace sslinfo::core;

namespace {

void must(bool ok)
{
    if (!ok)
        throw std::runtime_error("OpenSSL: " + last_openssl_reason());
}

int choose_alpn(SSL *, const unsigned char **out, unsigned char *length, const unsigned char *in, unsigned int, void *)
{
    *length = in[0];
    *out = in + 1;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

Connected::Connected(const Handshake &wanted)
    : server_context_(SSL_CTX_new(TLS_server_method())), client_context_(SSL_CTX_new(TLS_client_method()))
{
    EVP_PKEY *const server_key = mutable_pointer(wanted.server_key != nullptr ? wanted.server_key : &ec_key());
    EVP_PKEY *const client_key = mutable_pointer(wanted.client_key != nullptr ? wanted.client_key : &ec_key());
    der::Certificate server{.issuer = der::common_name("CA"), .subject = der::common_name("server"), .spki = spki(*server_key)};
    der::Certificate client{.issuer = der::common_name("CA"),
                            .subject = der::common_name("client"),
                            .spki = spki(*client_key),
                            .extensions = {der::extension("2.5.29.17", der::sequence({der::primitive(6, "spiffe://prod/app")}))}};
    const der::Certificate ca{.issuer = der::common_name("CA"),
                              .subject = der::common_name("CA"),
                              .extensions = {der::extension("2.5.29.19", der::sequence({der::boolean(true)}), true)}};
    const X509Handle root = signed_certificate(ca, ec_key());
    server_certificate_ = signed_certificate(server, *server_key, wanted.server_digest);
    client_certificate_ = signed_certificate(client, ec_key());

    for (SSL_CTX *context : {server_context_.get(), client_context_.get()}) {
        must(SSL_CTX_set_min_proto_version(context, wanted.version) == 1 &&
             SSL_CTX_set_max_proto_version(context, wanted.version) == 1);
        SSL_CTX_set_security_level(context, 0);
        if (wanted.groups != nullptr)
            must(SSL_CTX_set1_groups_list(context, wanted.groups) == 1);
        if (wanted.ciphers != nullptr)
            must(SSL_CTX_set_cipher_list(context, wanted.ciphers) == 1);
#ifdef SSL_OP_NO_EXTENDED_MASTER_SECRET
        if (!wanted.extended_master_secret)
            SSL_CTX_set_options(context, SSL_OP_NO_EXTENDED_MASTER_SECRET);
#endif
    }
    if (wanted.client_groups != nullptr)
        must(SSL_CTX_set1_groups_list(client_context_.get(), wanted.client_groups) == 1);
    if (wanted.signature_algorithms != nullptr)
        must(SSL_CTX_set1_sigalgs_list(client_context_.get(), wanted.signature_algorithms) == 1);
    must(SSL_CTX_use_certificate(server_context_.get(), server_certificate_.get()) == 1 &&
         SSL_CTX_use_PrivateKey(server_context_.get(), server_key) == 1);
    if (wanted.client_certificate) {
        must(SSL_CTX_use_certificate(client_context_.get(), client_certificate_.get()) == 1 &&
             SSL_CTX_use_PrivateKey(client_context_.get(), client_key) == 1 &&
             X509_STORE_add_cert(SSL_CTX_get_cert_store(server_context_.get()), root.get()) == 1);
        SSL_CTX_set_verify(server_context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    if (!wanted.alpn.empty()) {
        const std::string wire = static_cast<char>(wanted.alpn.size()) + wanted.alpn;
        must(SSL_CTX_set_alpn_protos(client_context_.get(), reinterpret_cast<const unsigned char *>(wire.data()),
                                     static_cast<unsigned int>(wire.size())) == 0);
        SSL_CTX_set_alpn_select_cb(server_context_.get(), choose_alpn, nullptr);
    }

    server_.reset(SSL_new(server_context_.get()));
    client_.reset(SSL_new(client_context_.get()));
    BIO *server_bio = nullptr;
    BIO *client_bio = nullptr;
    must(BIO_new_bio_pair(&server_bio, 0, &client_bio, 0) == 1);
    SSL_set_bio(server_.get(), server_bio, server_bio);
    SSL_set_bio(client_.get(), client_bio, client_bio);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
    if (wanted.server_name != nullptr)
        must(SSL_set_tlsext_host_name(client_.get(), wanted.server_name) == 1);
    for (int turn = 0; turn < 20 && !(SSL_is_init_finished(server_.get()) && SSL_is_init_finished(client_.get())); ++turn) {
        SSL_do_handshake(client_.get());
        SSL_do_handshake(server_.get());
    }
    must(SSL_is_init_finished(server_.get()) && SSL_is_init_finished(client_.get()));
}

void Connected::send(const std::string &data)
{
    std::string received(data.size(), '\0');
    must(SSL_write(client_.get(), data.data(), static_cast<int>(data.size())) == static_cast<int>(data.size()));
    must(SSL_read(server_.get(), received.data(), static_cast<int>(received.size())) > 0);
}
