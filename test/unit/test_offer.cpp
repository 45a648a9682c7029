#include "core/tls/offer.hpp"

#include "handshake.hpp"
#include "hellos.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sslinfo::core;

namespace {

std::vector<Offer> of_kind(const std::vector<Offer> &all, std::string_view kind)
{
    std::vector<Offer> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [&](const Offer &offer) { return offer.kind == kind; });
    return out;
}

std::string u16(std::size_t n) { return {static_cast<char>(n >> 8), static_cast<char>(n)}; }
std::string codes(std::initializer_list<int> list)
{
    std::string out;
    for (const int code : list)
        out += u16(static_cast<std::size_t>(code));
    return out;
}
std::string block(const std::string &contents) { return u16(contents.size()) + contents; }
std::string hello_extension(int type, const std::string &contents)
{
    return u16(static_cast<std::size_t>(type)) + block(contents);
}

}   // namespace

TEST(Offer, InTheOrderOfTheClient)
{
    const Connected c({.version = TLS1_2_VERSION,
                       .groups = "P-384:X25519:P-256",
                       .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305",
                       .signature_algorithms = "ECDSA+SHA384:ECDSA+SHA256:RSA-PSS+SHA256"});
    const auto all = client_offer(c.server());
    const auto ciphers = of_kind(all, "cipher");
    ASSERT_GE(ciphers.size(), 2u);
    EXPECT_EQ(ciphers[0].code, 0xc02c);
    EXPECT_EQ(ciphers[0].name, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    EXPECT_EQ(ciphers[1].code, 0xcca9);
    // Behind them, at most, the renegotiation SCSV, which is no cipher suite and which newer clients do not send.
    EXPECT_EQ(ciphers.size(), ciphers.back().code == 0x00ff ? 3u : 2u);
    const auto groups = of_kind(all, "group");
    ASSERT_EQ(groups.size(), 3u);
    EXPECT_EQ(groups[0].code, 24);
    EXPECT_EQ(groups[0].name, "secp384r1");
    EXPECT_EQ(groups[1].name, "x25519");
    EXPECT_EQ(groups[2].ordinal, 3);
    EXPECT_EQ(offered_group_codes(c.server()), (std::vector<int>{24, 29, 23}));
    const auto signatures = of_kind(all, "signature_algorithm");
    ASSERT_EQ(signatures.size(), 3u);
    EXPECT_EQ(signatures[0].name, "ecdsa_secp384r1_sha384");
    EXPECT_EQ(signatures[2].name, "rsa_pss_rsae_sha256");
    const auto shared = of_kind(all, "shared_group");
    ASSERT_EQ(shared.size(), 3u);
    EXPECT_EQ(shared[0].name, "secp384r1");
    EXPECT_EQ(all.size(), ciphers.size() + groups.size() + signatures.size() + shared.size());
}

// Groups that OpenSSL numbers by NIDs of its own (since 3.2) are in the list like others, and do not shift the
// ordinals.
TEST(Offer, BrainpoolGroupsOfTls13)
{
    if (OPENSSL_VERSION_NUMBER < 0x30200000L)
        GTEST_SKIP() << "the Brainpool groups of TLS 1.3 need OpenSSL 3.2";
    const Connected c({.client_groups = "brainpoolP256r1tls13:brainpoolP384r1tls13:brainpoolP512r1tls13:X25519"});
    const auto groups = of_kind(client_offer(c.server()), "group");
    ASSERT_EQ(groups.size(), 4u);
    const std::pair<int, const char *> expected[] = {
        {31, "brainpoolP256r1tls13"}, {32, "brainpoolP384r1tls13"}, {33, "brainpoolP512r1tls13"}, {29, "x25519"}};
    for (std::size_t i = 0; i < groups.size(); ++i) {
        EXPECT_EQ(groups[i].ordinal, static_cast<int>(i) + 1);
        EXPECT_EQ(groups[i].code, expected[i].first);
        EXPECT_EQ(groups[i].name, expected[i].second);
    }
}

// A ClientHello by hand, of a client such as Chrome that sends GREASE and what this OpenSSL has never heard of.
TEST(Offer, GreaseAndUnknownCodes)
{
    const std::string extensions = hello_extension(10, block(codes({0x2a2a, 0x11ec, 0x6399, 0xfe01, 29, 23}))) +
                                   hello_extension(13, block(codes({0x0403, 0x3a3a, 0x0905, 0xfefe}))) +
                                   hello_extension(11, std::string("\x01\0", 2));
    const std::string body = "\x03\x03" + std::string(32, 'r') + std::string(1, '\0') +
                             block(codes({0x1a1a, 0xc02b, 0x0abc, 0x00ff})) + std::string("\x01\0", 2) +
                             block(extensions);
    const std::string handshake = std::string("\x01\0", 2) + block(body);
    const std::string record = "\x16\x03\x01" + block(handshake);

    const std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context(SSL_CTX_new(TLS_server_method()));
    const X509Handle certificate = signed_certificate({}, ec_key());
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), mutable_pointer(&ec_key()));
    const std::unique_ptr<SSL, Deleter<SSL_free>> ssl(SSL_new(context.get()));
    BIO *in = BIO_new(BIO_s_mem());
    BIO_write(in, record.data(), static_cast<int>(record.size()));
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl.get(), in, BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl.get());
    EXPECT_EQ(SSL_get_error(ssl.get(), SSL_do_handshake(ssl.get())),
              SSL_ERROR_WANT_READ);   // until the client's next flight

    const auto all = client_offer(*ssl);
    const auto shown = [&](std::string_view kind) {
        std::vector<std::pair<std::optional<int>, std::optional<std::string>>> out;
        for (const Offer &offer : of_kind(all, kind))
            out.emplace_back(offer.code.value_or(-1), offer.name);
        return out;
    };
    using List = std::vector<std::pair<std::optional<int>, std::optional<std::string>>>;
    EXPECT_EQ(shown("cipher"), (List{{0x1a1a, "GREASE"},
                                     {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
                                     {0x0abc, std::nullopt},
                                     {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"}}));
    EXPECT_EQ(shown("group"), (List{{0x2a2a, "GREASE"},
                                    {0x11ec, "X25519MLKEM768"},
                                    {0x6399, "X25519Kyber768Draft00"},
                                    {0xfe01, std::nullopt},
                                    {29, "x25519"},
                                    {23, "secp256r1"}}));
    EXPECT_EQ(
        shown("signature_algorithm"),
        (List{{0x0403, "ecdsa_secp256r1_sha256"}, {0x3a3a, "GREASE"}, {0x0905, "mldsa65"}, {0xfefe, std::nullopt}}));
}

// What OpenSSL does not keep comes from the recorded ClientHello.
TEST(Offer, FromTheRecordedClientHello)
{
    hello::Hello h;
    h.ciphers = {0x1301};
    h.add(0x2a2a, "");
    for (const int type : {0x0010, 0x002b, 0x0033, 0x000b})
        h.add(type, hello::usual_body(type));
    const std::string message = h.message();
    const RecordedHandshake recorded{message, true, 1500};
    const Connected c({});
    const auto all = client_offer(c.server(), &recorded);
    const auto shown = [&](std::string_view kind) {
        std::vector<std::pair<std::optional<int>, std::optional<std::string>>> out;
        for (const Offer &offer : of_kind(all, kind))
            out.emplace_back(offer.code, offer.name);
        return out;
    };
    using List = std::vector<std::pair<std::optional<int>, std::optional<std::string>>>;
    EXPECT_EQ(shown("version"), (List{{0x0304, "TLSv1.3"}, {0x0303, "TLSv1.2"}}));
    EXPECT_EQ(shown("alpn"), (List{{std::nullopt, "h2"}, {std::nullopt, "http/1.1"}}));
    EXPECT_EQ(shown("extension"), (List{{0x2a2a, "GREASE"},
                                        {16, "application_layer_protocol_negotiation"},
                                        {43, "supported_versions"},
                                        {51, "key_share"},
                                        {11, "ec_point_formats"}}));
    EXPECT_EQ(shown("key_share"), (List{{29, "x25519"}}));
    EXPECT_EQ(shown("point_format"), (List{{0, "uncompressed"}}));

    const Session session = read_session({Transport::tls, &c.server(), nullptr, &recorded});
    EXPECT_EQ(session.hello_retry, true);
    EXPECT_EQ(session.handshake_time, 1.5);
    EXPECT_EQ(session.ja4->substr(0, 10), "t13i0104h2");
    EXPECT_EQ(read_session({Transport::tls, &c.server()}).ja4, std::nullopt);

    hello::Hello old;
    old.version = 0x0302;
    old.ciphers = {0x002f};
    old.extension_block = false;
    const std::string old_message = old.message();
    const RecordedHandshake of_old{old_message, false, 1};
    EXPECT_EQ(of_kind(client_offer(c.server(), &of_old), "version").at(0).name, "TLSv1.1");
}
