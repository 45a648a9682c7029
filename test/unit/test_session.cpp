#include "core/x509/certificate.hpp"
#include "core/tls/channel_binding.hpp"
#include "core/base/error.hpp"
#include "core/openssl/failure.hpp"
#include "core/x509/key.hpp"
#include "core/tls/server_chain.hpp"
#include "core/tls/session.hpp"

#include "handshake.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

namespace {

Session session_of(const Connected &connected)
{
    X509 *client = SSL_get_peer_certificate(&connected.server());
    const X509Handle owner(client);
    return read_session({.transport = Transport::tls, .ssl = &connected.server(), .client = client});
}

}   // namespace

TEST(Session, WithoutTls)
{
    for (const auto &[transport, name] : {std::pair(Transport::none, "none"),
                                          {Transport::plain, "plain"},
                                          {Transport::socket, "socket"},
                                          {Transport::gss, "gss"},
                                          {static_cast<Transport>(17), "none"}}) {
        const Session s = read_session({.transport = transport});
        EXPECT_STREQ(transport_name(s.transport), name);
        EXPECT_FALSE(s.post_quantum);
        EXPECT_FALSE(s.client_cert_present);
        int values = 0;
        s.columns([&](std::string_view, const auto &value) {
            if constexpr (requires { value.has_value(); })
                values += value.has_value() ? 1 : 0;
        });
        // A process without a client could not have been offered anything; a client without TLS was not asked.
        const bool nobody = transport == Transport::none;
        EXPECT_EQ(s.post_quantum_offered, nobody ? std::optional<bool>(false) : std::nullopt);
        EXPECT_EQ(values, nobody ? 1 : 0);
    }
}

TEST(Session, Tls13)
{
    Connected c({.groups = "X25519", .server_name = "db.example", .alpn = "postgresql"});
    const Session s = session_of(c);
    EXPECT_EQ(s.transport, Transport::tls);
    EXPECT_EQ(s.version, "TLSv1.3");
    EXPECT_EQ(s.cipher, SSL_get_cipher_name(&c.client()));
    EXPECT_EQ(s.cipher_iana, "TLS_AES_256_GCM_SHA384");
    EXPECT_EQ(s.bits, 256);
    EXPECT_EQ(s.compression, false);
    EXPECT_EQ(s.forward_secrecy, true);
    EXPECT_EQ(s.aead, true);
    EXPECT_EQ(s.key_exchange_group, "x25519");
    EXPECT_FALSE(s.post_quantum);
    EXPECT_EQ(s.post_quantum_offered, false);
    EXPECT_EQ(s.signature_algorithm, "ecdsa_secp256r1_sha256");
    EXPECT_EQ(s.client_signature_algorithm, std::nullopt);
    EXPECT_EQ(s.server_name, "db.example");
    EXPECT_EQ(s.alpn, "postgresql");
    EXPECT_EQ(s.resumed, false);
    EXPECT_FALSE(s.client_cert_present);
    EXPECT_EQ(s.client_dn, std::nullopt);
    EXPECT_EQ(s.server_dn, "/CN=server");
    EXPECT_EQ(s.server_not_after, not_after(c.server_certificate()));
    EXPECT_EQ(s.server_fingerprint, sha256_fingerprint(c.server_certificate()));
}

TEST(Session, ClientCertificate)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Connected c({.version = version, .client_certificate = true});
        const Session s = session_of(c);
        EXPECT_TRUE(s.client_cert_present);
        EXPECT_EQ(s.client_dn, "/CN=client");
        EXPECT_EQ(s.issuer_dn, "/CN=CA");
        EXPECT_EQ(s.client_serial, Decimal{"4711"});
        EXPECT_EQ(s.client_spiffe_id, "spiffe://prod/app");
        EXPECT_EQ(s.client_signature_algorithm, "ecdsa_secp256r1_sha256");
        EXPECT_EQ(s.client_not_before, Timestamp{std::chrono::seconds{1735787045}});
        EXPECT_EQ(s.client_fingerprint->size(), 64u);
        const auto chain = verified_chain(c.server());
        ASSERT_EQ(chain.size(), 2u);
        EXPECT_EQ(chain[0].depth, 0);
        EXPECT_EQ(chain[0].certificate.subject, "CN=client");
        EXPECT_EQ(chain[1].certificate.subject, "CN=CA");
        EXPECT_EQ(chain[1].certificate.is_ca, true);
    }
    EXPECT_TRUE(verified_chain(Connected({}).server()).empty());
}

TEST(Session, Tls12)
{
    const PkeyHandle rsa = new_key(EVP_PKEY_RSA);
    const Session s = session_of(Connected(
        {.version = TLS1_2_VERSION, .groups = "P-384", .ciphers = "ECDHE-RSA-AES128-SHA256", .server_key = rsa.get()}));
    EXPECT_EQ(s.version, "TLSv1.2");
    EXPECT_EQ(s.cipher, "ECDHE-RSA-AES128-SHA256");
    EXPECT_EQ(s.cipher_iana, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256");
    EXPECT_EQ(s.bits, 128);
    EXPECT_EQ(s.aead, false);
    EXPECT_EQ(s.forward_secrecy, true);
    // OpenSSL 1.1.1 does not keep the group in TLS 1.2.
    EXPECT_EQ(s.key_exchange_group,
              OPENSSL_VERSION_NUMBER >= 0x30000000L ? std::optional<std::string>("secp384r1") : std::nullopt);
    EXPECT_EQ(s.server_name, std::nullopt);
    EXPECT_EQ(s.alpn, std::nullopt);
}

TEST(Session, WithoutForwardSecrecy)
{
    const PkeyHandle rsa = new_key(EVP_PKEY_RSA);
    const Session s =
        session_of(Connected({.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256", .server_key = rsa.get()}));
    EXPECT_EQ(s.forward_secrecy, false);
    EXPECT_EQ(s.key_exchange_group, std::nullopt);
    EXPECT_EQ(s.aead, true);
    EXPECT_EQ(s.signature_algorithm, std::nullopt);   // nothing is signed in this key exchange
}

TEST(Session, SignatureAlgorithms)
{
    const PkeyHandle rsa = new_key(EVP_PKEY_RSA);
    const PkeyHandle pss = new_key(EVP_PKEY_RSA_PSS);
    const PkeyHandle ed = new_key(EVP_PKEY_ED25519);
    const PkeyHandle p384 = new_key(EVP_PKEY_EC, NID_secp384r1);
    EXPECT_EQ(session_of(Connected({.server_key = rsa.get()})).signature_algorithm, "rsa_pss_rsae_sha256");
    EXPECT_EQ(session_of(Connected({.server_key = pss.get()})).signature_algorithm, "rsa_pss_pss_sha256");
    EXPECT_EQ(session_of(Connected({.server_key = ed.get(), .server_digest = nullptr})).signature_algorithm, "ed25519");
    EXPECT_EQ(session_of(Connected({.server_key = p384.get()})).signature_algorithm, "ecdsa_secp384r1_sha384");
    EXPECT_EQ(session_of(
                  Connected({.version = TLS1_2_VERSION, .signature_algorithms = "RSA+SHA512", .server_key = rsa.get()}))
                  .signature_algorithm,
              "rsa_pkcs1_sha512");
    EXPECT_EQ(session_of(Connected({.client_certificate = true, .client_key = pss.get()})).client_signature_algorithm,
              "rsa_pss_pss_sha256");
    EXPECT_EQ(session_of(Connected({.client_certificate = true, .client_key = ed.get()})).client_signature_algorithm,
              "ed25519");
}

// RFC 4346, section 7.4.3: TLS 1.0 and 1.1 sign MD5 with SHA-1 with an RSA key, SHA-1 with others.
TEST(Session, SignatureAlgorithmsBeforeTls12)
{
    const PkeyHandle rsa = new_key(EVP_PKEY_RSA);
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        const Session both = session_of(Connected(
            {.version = version, .client_certificate = true, .server_key = rsa.get(), .client_key = rsa.get()}));
        EXPECT_EQ(both.signature_algorithm, "rsa_pkcs1_md5_sha1");
        EXPECT_EQ(both.client_signature_algorithm, "rsa_pkcs1_md5_sha1");
        const Session ec = session_of(Connected({.version = version, .client_certificate = true}));
        EXPECT_EQ(ec.signature_algorithm, "ecdsa_sha1");
        EXPECT_EQ(ec.client_signature_algorithm, "ecdsa_sha1");
    }
}

// A configured certificate that the key exchange does not use was never sent to the client.
TEST(Session, AnAnonymousServerHasNoCertificate)
{
    for (const char *cipher : {"AECDH-AES128-SHA", "ADH-AES128-GCM-SHA256"}) {
        const Connected c({.version = TLS1_2_VERSION, .ciphers = cipher});
        const Session s = session_of(c);
        EXPECT_EQ(s.cipher, cipher);
        EXPECT_EQ(sent_certificate(c.server()), nullptr);
        EXPECT_EQ(s.server_dn, std::nullopt);
        EXPECT_EQ(s.server_not_after, std::nullopt);
        EXPECT_EQ(s.server_fingerprint, std::nullopt);
        EXPECT_EQ(s.signature_algorithm, std::nullopt);
        try {
            channel_binding(c.server(), "tls-server-end-point");
            FAIL() << "no error";
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), ErrorCode::not_available);
        }
    }
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
        EXPECT_NE(sent_certificate(Connected({.version = version}).server()), nullptr);
}

// What the server sends after its leaf: the configured chain; without one, what OpenSSL finds in the CA file.
TEST(Session, ServerChain)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        EXPECT_TRUE(server_chain(Connected({.version = version}).server()).empty()) << "no CA, nothing configured";
        Connected c({.version = version, .client_certificate = true});
        STACK_OF(X509) *const sent = SSL_get_peer_cert_chain(&c.client());
        ASSERT_EQ(sk_X509_num(sent), 2);
        const auto chain = server_chain(c.server());
        ASSERT_EQ(chain.size(), 1u);
        EXPECT_EQ(chain[0].depth, 1);
        EXPECT_EQ(chain[0].certificate.fingerprint, sha256_fingerprint(*sk_X509_value(sent, 1)));

        Connected other({.version = version});
        SSL_CTX *const context = SSL_get_SSL_CTX(&other.server());
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), sk_X509_value(sent, 1));
        EXPECT_EQ(server_chain(other.server()).size(), 1u);
        SSL_set_mode(const_cast<SSL *>(&other.server()), SSL_MODE_NO_AUTO_CHAIN);
        EXPECT_TRUE(server_chain(other.server()).empty()) << "OpenSSL is told to complete no chain";
        if (version == TLS1_2_VERSION) {
            const Connected anonymous({.version = version, .ciphers = "AECDH-AES128-SHA"});
            X509_STORE_add_cert(SSL_CTX_get_cert_store(SSL_get_SSL_CTX(&anonymous.server())), sk_X509_value(sent, 1));
            EXPECT_TRUE(server_chain(anonymous.server()).empty()) << "no certificate was sent";
        }
    }
}

TEST(Session, PostQuantum)
{
    if (OPENSSL_VERSION_NUMBER < 0x30500000L)
        GTEST_SKIP() << "ML-KEM needs OpenSSL 3.5";
    const Session hybrid = session_of(Connected({.groups = "X25519MLKEM768"}));
    EXPECT_EQ(hybrid.key_exchange_group, "X25519MLKEM768");
    EXPECT_TRUE(hybrid.post_quantum);
    EXPECT_EQ(hybrid.post_quantum_offered, true);
    const Session offered = session_of(Connected({.groups = "X25519", .client_groups = "X25519MLKEM768:X25519"}));
    EXPECT_EQ(offered.key_exchange_group, "x25519");
    EXPECT_FALSE(offered.post_quantum);
    EXPECT_EQ(offered.post_quantum_offered, true);
}

TEST(Session, BytesOnTheWire)
{
    Connected c({});
    const WireBytes before = wire_bytes(c.server());
    EXPECT_GT(before.received, 200);
    EXPECT_GT(before.sent, 200);
    c.send(std::string(1000, 'x'));
    EXPECT_EQ(wire_bytes(c.server()).received - before.received, 1000 + 5 + 1 + 16);   // header, content type, tag
    EXPECT_EQ(wire_bytes(c.server()).sent, before.sent);
}

TEST(ChannelBinding, ExporterIsTheSameOnBothSides)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Connected c({.version = version});
        const std::string ours = channel_binding(c.server(), "tls-exporter");
        EXPECT_EQ(ours.size(), 32u);
        EXPECT_EQ(ours, channel_binding(c.client(), "tls-exporter"));
        EXPECT_NE(ours, channel_binding(Connected({.version = version}).server(), "tls-exporter"));
    }
}

TEST(ChannelBinding, ServerEndPoint)
{
    const PkeyHandle rsa = new_key(EVP_PKEY_RSA);
    const PkeyHandle ed = new_key(EVP_PKEY_ED25519);
    const auto binding = [](const Connected &c) { return channel_binding(c.server(), "tls-server-end-point"); };
    const auto expected = [](const Connected &c, const EVP_MD *digest) {
        unsigned char out[EVP_MAX_MD_SIZE];
        unsigned int length = 0;
        X509_digest(&c.server_certificate(), digest, out, &length);
        return std::string(reinterpret_cast<char *>(out), length);
    };
    const Connected sha256({});
    EXPECT_EQ(binding(sha256), expected(sha256, EVP_sha256()));
    const Connected sha384({.server_key = rsa.get(), .server_digest = EVP_sha384()});
    EXPECT_EQ(binding(sha384), expected(sha384, EVP_sha384()));
    const Connected sha1({.server_key = rsa.get(), .server_digest = EVP_sha1()});
    EXPECT_EQ(binding(sha1), expected(sha1, EVP_sha256()));   // RFC 5929: SHA-256 in place of SHA-1
    const Connected edwards({.server_key = ed.get(), .server_digest = nullptr});
    try {
        binding(edwards);
        FAIL() << "no error";
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), ErrorCode::not_available);
    }
}

TEST(ChannelBinding, Errors)
{
    const Connected c({});
    // Before a handshake there is nothing to export, and this server has no certificate.
    const std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context(SSL_CTX_new(TLS_server_method()));
    const std::unique_ptr<SSL, Deleter<SSL_free>> fresh(SSL_new(context.get()));
    for (const auto &[type, code] :
         {std::pair("tls-exporter", ErrorCode::internal), {"tls-server-end-point", ErrorCode::not_available}}) {
        try {
            with_openssl([&, t = type] { channel_binding(*fresh, t); });
            FAIL() << type;
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), code);
        }
    }
    for (const char *type : {"", "tls-unique", "TLS-EXPORTER"}) {
        try {
            channel_binding(c.server(), type);
            FAIL() << type;
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        }
    }
#ifdef SSL_OP_NO_EXTENDED_MASTER_SECRET
    const Connected without({.version = TLS1_2_VERSION, .extended_master_secret = false});
    try {
        channel_binding(without.server(), "tls-exporter");
        FAIL() << "no error";
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), ErrorCode::not_available);
    }
#endif
}
