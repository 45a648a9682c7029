#include "core/tls/channel_binding.hpp"

#include "core/base/error.hpp"
#include "core/tls/session.hpp"
#include "core/openssl/failure.hpp"

#include <string_view>

namespace sslinfo::core {

namespace {

std::string exporter(const SSL &ssl)
{
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    // Without the extended master secret two TLS 1.2 connections may share their keys (RFC 7627, RFC 9266).
    if (SSL_version(&ssl) < TLS1_3_VERSION && SSL_get_extms_support(mutable_pointer(&ssl)) != 1)
        throw Error(ErrorCode::not_available,
                    "channel binding \"tls-exporter\" requires TLS 1.3, or TLS 1.2 with the extended master secret");
    unsigned char out[32];
    const unsigned char empty_context = 0;
    if (!retried([&] {
            return SSL_export_keying_material(mutable_pointer(&ssl), out, sizeof out, label.data(), label.size(),
                                              &empty_context, 0, 1) == 1;
        }))
        throw Error(ErrorCode::internal, "could not export keying material: " + last_openssl_reason());
    return {reinterpret_cast<const char *>(out), sizeof out};
}

std::string server_end_point(const SSL &ssl)
{
    const X509 *certificate = sent_certificate(ssl);
    if (certificate == nullptr)
        throw Error(ErrorCode::not_available, "the server sent no certificate in this handshake");
    int digest_nid = NID_undef;
    if (X509_get_signature_info(mutable_pointer(certificate), &digest_nid, nullptr, nullptr, nullptr) != 1)
        digest_nid = NID_undef;
    if (digest_nid == NID_md5 || digest_nid == NID_sha1 || digest_nid == NID_md5_sha1)
        digest_nid = NID_sha256;
    const EVP_MD *digest = digest_nid == NID_undef ? nullptr : EVP_get_digestbynid(digest_nid);
    if (digest == nullptr)
        throw Error(ErrorCode::not_available,
                    "channel binding \"tls-server-end-point\" is not defined for the signature "
                    "algorithm of the server's certificate (RFC 5929)");
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (!retried([&] { return X509_digest(certificate, digest, out, &length) == 1; }))
        throw Error(ErrorCode::internal, "could not hash the server's certificate: " + last_openssl_reason());
    return {reinterpret_cast<const char *>(out), length};
}

}   // namespace

std::string channel_binding(const SSL &ssl, const std::string &type)
{
    if (type == "tls-exporter")
        return exporter(ssl);
    if (type == "tls-server-end-point")
        return server_end_point(ssl);
    throw Error(ErrorCode::invalid_argument, "unrecognized channel binding type: \"" + type + "\"",
                "The types are tls-exporter and tls-server-end-point.");
}

}   // namespace sslinfo::core
