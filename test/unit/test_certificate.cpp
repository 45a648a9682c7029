#include "core/x509/certificate.hpp"
#include "core/x509/certificate_extensions.hpp"
#include "core/base/error.hpp"
#include "core/x509/key.hpp"
#include "core/base/text.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

#include <map>

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
    EXPECT_EQ(c.version, 3);
    EXPECT_EQ(c.serial, Decimal{"4660"});
    EXPECT_EQ(c.serial_hex, "1234");
    EXPECT_EQ(c.not_before, Timestamp{std::chrono::seconds{1735787045}});
    EXPECT_EQ(c.not_after, Timestamp{std::chrono::seconds{2051319845}});
    EXPECT_EQ(c.dns_names, std::vector<std::string>{"app.example"});
    EXPECT_EQ(c.uri_names, std::vector<std::string>{"urn:x"});
    EXPECT_EQ(c.email_names, std::vector<std::string>{"a@b"});
    EXPECT_EQ(c.ip_addresses, Addresses{{"127.0.0.1"}});
    EXPECT_EQ(c.key_algorithm, "EC");
    EXPECT_EQ(c.key_bits, 256);
    EXPECT_EQ(c.key_group, "secp256r1");
    EXPECT_EQ(c.key_strength, 128);
    EXPECT_EQ(c.signature_algorithm, "ecdsa-with-SHA256");
    EXPECT_EQ(c.signature_digest, "sha256");
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
    const std::string url = der::primitive(6, "http://x/");
    const std::map<std::string, std::string> readable = {
        {"2.5.29.17", der::sequence({der::primitive(2, "x")})},
        {"2.5.29.19", der::sequence({})},
        {"2.5.29.15", der::bit_string("\x80", 7)},
        {"2.5.29.37", der::sequence({der::oid("1.2.3")})},
        {"2.5.29.32", der::sequence({der::sequence({der::oid("1.2.3")})})},
        {"2.5.29.14", der::octet_string("\x01")},
        {"2.5.29.35", der::sequence({der::primitive(0, "\x02")})},
        {"1.3.6.1.5.5.7.1.1", der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.1"), url})})},
        {"2.5.29.31", der::sequence({der::sequence({der::constructed(0, der::constructed(0, url))})})}};
    for (const char *oid : {"2.5.29.17", "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.32", "2.5.29.14", "2.5.29.35",
                            "1.3.6.1.5.5.7.1.1", "2.5.29.31"}) {
        for (const std::vector<std::string> &extensions :
             {std::vector{der::extension(oid, "\x30\x7f")}, std::vector{der::extension(oid, "")},
              std::vector{der::extension(oid, readable.at(oid) + "ab")},
              std::vector{der::extension(oid, readable.at(oid) + der::null())},
              std::vector{der::extension(oid, der::sequence({})), der::extension(oid, der::sequence({}))}}) {
            const Certificate c = read_certificate(*with(extensions));
            EXPECT_EQ(c.is_ca, oid == "2.5.29.19"s ? std::nullopt : std::optional<bool>(false)) << oid;
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
    // RFC 5280, section 4.2.1.9: pathLenConstraint is 0 or greater
    for (const std::string &negative :
         {der::integer(-1), der::integer(INT64_MIN), der::integer(std::string(30, '\x80'))}) {
        EXPECT_EQ(constraints(der::sequence({der::boolean(true), negative})).path_length, std::nullopt);
        EXPECT_EQ(constraints(der::sequence({der::boolean(true), negative})).is_ca, std::nullopt);
    }
    for (const std::string &huge : {der::integer(INT64_C(2147483647)), der::integer(INT64_C(2147483648)),
                                    der::integer(INT64_MAX), der::integer(std::string(30, '\x7f'))}) {
        EXPECT_EQ(constraints(der::sequence({der::boolean(true), huge})).path_length, 2147483647);
        EXPECT_EQ(constraints(der::sequence({der::boolean(true), huge})).is_ca, true);
    }
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

TEST(Certificate, AttachedDigestsAreThoseOfTheCertificate)
{
    const X509Handle x = parsed({});
    const std::string fingerprint_before = sha256_fingerprint(*x);
    const std::string spki_before = sha256_spki_fingerprint(*x);
    const std::uint32_t hash_before = subject_name_hash(*x);
    attach_digests(*x);
    attach_digests(*x);   // the second time is nothing new
    EXPECT_EQ(sha256_fingerprint(*x), fingerprint_before);
    EXPECT_EQ(sha256_fingerprint(*x), fingerprint(*x, "sha256"));
    EXPECT_EQ(sha256_spki_fingerprint(*x), spki_before);
    EXPECT_EQ(sha256_spki_fingerprint(*x), spki_fingerprint(*x, "sha256"));
    EXPECT_EQ(subject_name_hash(*x), hash_before);
    EXPECT_EQ(hash_before, name_hash(*X509_get_subject_name(x.get())));
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

TEST(Certificate, AnEmptyNameIsNoSlashName)
{
    const X509Handle x = parsed({.issuer = der::name({}), .subject = der::name({})});
    EXPECT_EQ(subject_slash_name(*x), std::nullopt);
    EXPECT_EQ(issuer_slash_name(*x), std::nullopt);
    EXPECT_EQ(read_certificate(*x).subject, "");
}

// The parameters of RSASSA-PSS (RFC 4055, section 3.1): hash and mask generation function, by default SHA-1.
TEST(Certificate, DigestOfTheSignature)
{
    const auto digest = [](const std::string &algorithm) {
        return read_certificate(*parsed({.signature_algorithm = algorithm})).signature_digest;
    };
    const auto pss = [&](std::string_view hash) {
        const std::string id = der::sequence({der::oid(hash), der::null()});
        return digest(
            der::sequence({der::oid("1.2.840.113549.1.1.10"),
                           der::sequence({der::constructed(0, id),
                                          der::constructed(1, der::sequence({der::oid("1.2.840.113549.1.1.8"), id})),
                                          der::constructed(2, der::integer(32))})}));
    };
    EXPECT_EQ(digest(der::sequence({der::oid("1.2.840.113549.1.1.5"), der::null()})), "sha1");
    EXPECT_EQ(digest(der::sequence({der::oid("1.2.840.113549.1.1.4"), der::null()})), "md5");
    EXPECT_EQ(digest(der::sequence({der::oid("1.2.840.10045.4.3.4")})), "sha512");
    EXPECT_EQ(pss("2.16.840.1.101.3.4.2.2"), "sha384");
    EXPECT_EQ(pss("1.3.14.3.2.26"), "sha1");
    EXPECT_EQ(digest(der::sequence({der::oid("1.2.840.113549.1.1.10"), der::sequence({})})), "sha1");
    EXPECT_EQ(digest(der::sequence({der::oid("1.3.101.112")})), std::nullopt) << "Ed25519 hashes by itself";
    EXPECT_EQ(digest(der::sequence({der::oid("1.3.6.1.4.1.99999.9")})), std::nullopt);
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
}

TEST(ParseDer, ACertificateBeyondTheLimitIsRefusedBeforeItIsRead)
{
    const std::string too_long = "invalid X.509 certificate: length exceeds 1048576 bytes";
    const std::string good = der::certificate({});
    EXPECT_EQ(error_of([&] { parse_der({good.data(), certificate_size_max + 1}); }).what(), too_long);
    EXPECT_EQ(error_of([&] { parse_pem({good.data(), certificate_size_max + 1}); }).what(), too_long);
    EXPECT_NE(error_of([&] { parse_der(std::string(certificate_size_max, 'x')); }).what(), too_long);
    const std::string lines = std::string(certificate_size_max - der::pem(good).size(), '\n');
    EXPECT_EQ(sslinfo::core::der(*parse_pem(lines + der::pem(good))), good);
    std::string_view bundle = "-----BEGIN CERTIFICATE-----\n";
    const std::string long_block = std::string(bundle) + std::string(certificate_size_max, 'A');
    bundle = long_block;
    EXPECT_EQ(error_of([&] { next_pem_certificate(bundle); }).what(), too_long);
}

TEST(ParsePem, EveryCertificateOfABundle)
{
    const std::string first = der::certificate({});
    const std::string second = der::certificate({.subject = der::common_name("second")});
    const std::string text = "Subject: -----BEGIN CERTIFICATE-----\n" + der::pem(first) + "\n\n" +
                             der::pem("xyz", "PRIVATE KEY") + der::pem(second) + "the end";
    std::string_view rest = text;
    EXPECT_EQ(sslinfo::core::der(*next_pem_certificate(rest)), first);
    EXPECT_EQ(sslinfo::core::der(*next_pem_certificate(rest)), second);
    EXPECT_EQ(next_pem_certificate(rest), nullptr);
    EXPECT_EQ(next_pem_certificate(rest), nullptr);
}

// nginx's $ssl_client_cert has a tab before each line but the first.
TEST(ParsePem, BlanksAtTheStartOfLinesAreSkipped)
{
    const std::string good = der::certificate({});
    for (const std::string &blanks : {"\t"s, "  "s, " \t  "s}) {
        std::string text;
        for (const char c : der::pem(good))
            text += c == '\n' ? "\n" + blanks : std::string(1, c);
        EXPECT_EQ(sslinfo::core::der(*parse_pem(text)), good);
        EXPECT_EQ(sslinfo::core::der(*parse_pem(blanks + text)), good);
    }
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
                                      {encrypted, "PEM block has headers"},
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
