#include "core/x509/certificate.hpp"
#include "core/x509/certificate_extensions.hpp"
#include "core/base/error.hpp"
#include "core/x509/key.hpp"
#include "core/base/text.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

template <class F> Error error_of(F f)
{
    try {
        f();
    } catch (const Error &error) {
        return error;
    }
    return Error(ErrorCode::internal, "no error");
}

X509Handle with(const std::vector<std::string> &extensions) { return parsed({.extensions = extensions}); }

}   // namespace

TEST(Certificate, AllFields)
{
    const std::string url = "http://crl.example/";
    der::Certificate description{
        .serial = der::integer(0x1234),
        .issuer = der::common_name("Root, CA"),
        .subject =
            der::name({der::rdn("2.5.4.6", der::printable_string("DE")), der::rdn(der::cn, der::utf8_string("app"))}),
        .extensions = {
            der::extension("2.5.29.17", der::sequence({der::primitive(2, "app.example"), der::primitive(6, "urn:x"),
                                                       der::primitive(1, "a@b"), der::primitive(7, "\x7f\0\0\x01"s)})),
            der::extension("2.5.29.19", der::sequence({der::boolean(true), der::integer(3)}), true),
            der::extension("2.5.29.15", der::bit_string("\x06", 1), true),
            der::extension("2.5.29.37", der::sequence({der::oid("1.3.6.1.5.5.7.3.2"), der::oid("1.2.3.4")})),
            der::extension("2.5.29.32", der::sequence({der::sequence({der::oid("1.2.3.5")})})),
            der::extension("2.5.29.14", der::octet_string("\x01\xab")),
            der::extension("2.5.29.35", der::sequence({der::primitive(0, "\x02\xcd")})),
            der::extension(
                "1.3.6.1.5.5.7.1.1",
                der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.1"), der::primitive(6, "http://ocsp/")}),
                               der::sequence({der::oid("1.3.6.1.5.5.7.48.2"), der::primitive(6, "http://issuer/")}),
                               der::sequence({der::oid("1.3.6.1.5.5.7.48.1"), der::primitive(2, "no-url")})})),
            der::extension(
                "2.5.29.31",
                der::sequence({der::sequence({der::constructed(0, der::constructed(0, der::primitive(6, url)))}),
                               der::sequence({})})),
        }};
    const X509Handle x = parsed(description);
    const Certificate c = read_certificate(*x);
    EXPECT_EQ(c.subject, "CN=app,C=DE");
    EXPECT_EQ(c.issuer, "CN=Root\\, CA");
    EXPECT_EQ(c.serial, Decimal{"4660"});
    EXPECT_EQ(c.serial_hex, "1234");
    EXPECT_EQ(c.not_before, Timestamp{1735787045});
    EXPECT_EQ(c.not_after, Timestamp{2051319845});
    EXPECT_EQ(c.dns_names, std::vector<std::string>{"app.example"});
    EXPECT_EQ(c.uri_names, std::vector<std::string>{"urn:x"});
    EXPECT_EQ(c.email_names, std::vector<std::string>{"a@b"});
    EXPECT_EQ(c.ip_addresses, Addresses{{"127.0.0.1"}});
    EXPECT_EQ(c.key_algorithm, "EC");
    EXPECT_EQ(c.key_bits, 256);
    EXPECT_EQ(c.key_group, "secp256r1");
    EXPECT_EQ(c.key_strength, 128);
    EXPECT_EQ(c.signature_algorithm, "ecdsa-with-SHA256");
    EXPECT_EQ(c.is_ca, true);
    EXPECT_EQ(c.path_length, 3);
    EXPECT_EQ(c.key_usage, (std::vector<std::string>{"keyCertSign", "cRLSign"}));
    EXPECT_EQ(c.extended_key_usage, (std::vector<std::string>{"clientAuth", "1.2.3.4"}));
    EXPECT_EQ(c.policies, std::vector<std::string>{"1.2.3.5"});
    EXPECT_EQ(c.subject_key_id, "01ab");
    EXPECT_EQ(c.authority_key_id, "02cd");
    EXPECT_EQ(c.ocsp_urls, std::vector<std::string>{"http://ocsp/"});
    EXPECT_EQ(c.ca_issuer_urls, std::vector<std::string>{"http://issuer/"});
    EXPECT_EQ(c.crl_urls, std::vector<std::string>{url});
    EXPECT_EQ(c.fingerprint, digest_hex("sha256", der::certificate(description)));
    EXPECT_EQ(c.spki_fingerprint, digest_hex("sha256", spki(ec_key())));
    EXPECT_EQ(c.der.octets, der::certificate(description));
}

TEST(Certificate, WithoutExtensions)
{
    const Certificate c = read_certificate(*parsed({}));
    EXPECT_EQ(c.is_ca, false);
    for (const auto *list : {&c.dns_names, &c.uri_names, &c.email_names, &c.key_usage, &c.extended_key_usage,
                             &c.policies, &c.ocsp_urls, &c.ca_issuer_urls, &c.crl_urls})
        EXPECT_EQ(*list, std::nullopt);
    EXPECT_EQ(c.ip_addresses, std::nullopt);
    EXPECT_EQ(c.subject_key_id, std::nullopt);
    EXPECT_EQ(c.authority_key_id, std::nullopt);
    EXPECT_EQ(c.path_length, std::nullopt);
}

// What cannot be read is unknown, which is not the same as absent.
TEST(Certificate, UnreadableAndRepeatedExtensions)
{
    for (const char *oid : {"2.5.29.17", "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.32", "2.5.29.14", "2.5.29.35",
                            "1.3.6.1.5.5.7.1.1", "2.5.29.31"}) {
        for (const std::vector<std::string> &extensions :
             {std::vector{der::extension(oid, "\x30\x7f")}, std::vector{der::extension(oid, "")},
              std::vector{der::extension(oid, der::sequence({})), der::extension(oid, der::sequence({}))}}) {
            const Certificate c = read_certificate(*with(extensions));
            EXPECT_EQ(c.is_ca, oid == "2.5.29.19"s ? std::nullopt : Flag(false)) << oid;
            EXPECT_EQ(c.dns_names, std::nullopt);
            EXPECT_EQ(c.key_usage, std::nullopt);
            EXPECT_EQ(c.extended_key_usage, std::nullopt);
            EXPECT_EQ(c.policies, std::nullopt);
            EXPECT_EQ(c.subject_key_id, std::nullopt);
            EXPECT_EQ(c.authority_key_id, std::nullopt);
            EXPECT_EQ(c.ocsp_urls, std::nullopt);
            EXPECT_EQ(c.crl_urls, std::nullopt);
        }
    }
}

TEST(Certificate, OddConstraintsAndIdentifiers)
{
    const auto constraints = [](const std::string &value) {
        return read_basic_constraints(*with({der::extension("2.5.29.19", value)}));
    };
    EXPECT_EQ(constraints(der::sequence({})).is_ca, false);
    EXPECT_EQ(constraints(der::sequence({der::boolean(true)})).path_length, std::nullopt);
    EXPECT_EQ(constraints(der::sequence({der::boolean(true), der::integer(0)})).path_length, 0);
    EXPECT_EQ(constraints(der::sequence({der::boolean(true), der::integer(-1)})).path_length, std::nullopt);
    EXPECT_EQ(constraints(der::sequence({der::boolean(true), der::integer(INT64_MAX)})).path_length, std::nullopt);
    EXPECT_EQ(constraints(der::sequence({der::boolean(true), der::integer(std::string(30, '\x7f'))})).path_length,
              std::nullopt);
    // an authority key identifier without a keyIdentifier
    EXPECT_EQ(read_authority_key_id(*with({der::extension("2.5.29.35", der::sequence({der::primitive(2, "\x05")}))})),
              std::nullopt);
    // a distribution point with a name relative to the issuer
    EXPECT_EQ(read_crl_urls(*with({der::extension(
                  "2.5.29.31", der::sequence({der::sequence({der::constructed(
                                   0, der::constructed(1, der::attribute(der::cn, der::utf8_string("x"))))})}))})),
              std::vector<std::string>{});
    // all nine bits of keyUsage
    EXPECT_EQ(read_key_usage(*with({der::extension("2.5.29.15", der::bit_string("\xff\x80", 7))}))->size(), 9u);
    EXPECT_EQ(read_key_usage(*with({der::extension("2.5.29.15", der::bit_string(""))}))->size(), 0u);
}

TEST(Certificate, MalformedTimesAreUnknown)
{
    // OpenSSL parses the certificate all the same; newer ones refuse it. It never has a date.
    try {
        const Certificate c = read_certificate(
            *parsed({.not_before = der::utc_time("nonsense"), .not_after = der::generalized_time("")}));
        EXPECT_EQ(c.not_before, std::nullopt);
        EXPECT_EQ(c.not_after, std::nullopt);
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_binary);
    }
}

TEST(Certificate, Serials)
{
    EXPECT_EQ(serial(*parsed({.serial = der::integer(-1)})), Decimal{"-1"});
    EXPECT_EQ(read_certificate(*parsed({.serial = der::integer(-1)})).serial_hex, "-01");
    EXPECT_EQ(read_certificate(*parsed({.serial = der::integer(0)})).serial_hex, "00");
    EXPECT_EQ(serial(*parsed({.serial = der::integer("\x01" + std::string(36, '\0'))}))->digits.size(), 87u);   // 2^288
}

TEST(Certificate, Digests)
{
    const X509Handle x = parsed({});
    EXPECT_EQ(fingerprint(*x, "sha256"), sha256_fingerprint(*x));
    EXPECT_EQ(fingerprint(*x, "sha1"), digest_hex("sha1", der::certificate({})));
    EXPECT_EQ(spki_fingerprint(*x, "sha384").size(), 96u);
    EXPECT_THROW(fingerprint(*x, "sha0"), Error);
    EXPECT_EQ(subject_slash_name(*x), "/CN=Subject");
    EXPECT_EQ(issuer_slash_name(*x), "/CN=Issuer");
}

TEST(ParseDer, Errors)
{
    const std::string good = der::certificate({});
    EXPECT_NO_THROW(parse_der(good));
    for (const std::string &bad : {""s, "x"s, good.substr(1), good.substr(0, good.size() - 1), good + "\0"s,
                                   good + good, der::sequence({}), "\x30\x80"s + good, der::pem(good)}) {
        const Error error = error_of([&] { parse_der(bad); });
        EXPECT_EQ(error.code(), ErrorCode::invalid_binary);
        EXPECT_EQ(std::string(error.what()).substr(0, 27), "invalid X.509 certificate: ") << error.what();
    }
    EXPECT_STREQ(error_of([&] { parse_der(good + "ab"); }).what(), "invalid X.509 certificate: 2 trailing bytes");
    EXPECT_STREQ(error_of([] { parse_der(""); }).what(), "invalid X.509 certificate: no data");
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_THROW(parse_der(good.substr(0, length)), Error);
    // More than OpenSSL can count; nothing of it is looked at.
    EXPECT_STREQ(error_of([&] {
                     parse_der({good.data(), std::size_t{1} << 63});
                 }).what(),
                 "invalid X.509 certificate: too long");
    EXPECT_STREQ(error_of([&] {
                     parse_pem({good.data(), std::size_t{1} << 31});
                 }).what(),
                 "invalid X.509 certificate: too long");
}

TEST(ParsePem, FirstCertificate)
{
    const std::string good = der::certificate({});
    const std::string second = der::certificate({.subject = der::common_name("second")});
    for (const std::string &pem :
         {der::pem(good), der::pem(good) + der::pem(second), "words\n\n" + der::pem(good) + "\nmore",
          der::pem(good, "X509 CERTIFICATE"), der::pem("xyz", "PRIVATE KEY") + der::pem(good),
          der::pem(good).substr(0, der::pem(good).size() - 1)})
        EXPECT_EQ(sslinfo::core::der(*parse_pem(pem)), good) << pem;
    std::string crlf;
    for (const char c : der::pem(good))
        crlf += c == '\n' ? "\r\n" : std::string(1, c);
    EXPECT_EQ(sslinfo::core::der(*parse_pem(crlf)), good);
}

TEST(ParsePem, Errors)
{
    const std::string good = der::certificate({});
    std::string encrypted = der::pem(good);
    encrypted.insert(encrypted.find('\n') + 1,
                     "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
    for (const auto &[pem, reason] : {std::pair(""s, "no PEM block of type CERTIFICATE"),
                                      {"nothing"s, "no PEM block of type CERTIFICATE"},
                                      {der::pem(good, "PUBLIC KEY"), "no PEM block of type CERTIFICATE"},
                                      {encrypted, "a PEM block with headers"},
                                      {der::pem(good + "ab"), "2 trailing bytes"},
                                      {der::pem(""), ""},
                                      {"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"s, ""},
                                      // of these OpenSSL 3.0 says nothing on its queue
                                      {"-----BEGIN CERTIFICATE-----\nAAAA:AAA\n-----END CERTIFICATE-----\n"s, ""},
                                      {"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"s, ""},
                                      {der::pem(good).substr(0, 100), ""},
                                      {der::pem("junk"), ""}}) {
        const Error error = error_of([&, &text = pem] { parse_pem(text); });
        EXPECT_EQ(error.code(), ErrorCode::invalid_text) << pem;
        EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
        EXPECT_EQ(std::string(error.what()).substr(0, 27), "invalid X.509 certificate: ") << error.what();
    }
}
