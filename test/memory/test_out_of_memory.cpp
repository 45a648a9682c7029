// Lets every allocation fail in turn. Whatever the core was doing must end in std::bad_alloc or in the very answer that
// it gives with memory enough: a lack of memory is never taken for something that is not there.
#include "core/base/cells.hpp"
#include "core/x509/certificate.hpp"
#include "core/tls/channel_binding.hpp"
#include "core/base/error.hpp"
#include "core/openssl/failure.hpp"
#include "core/x509/extension.hpp"
#include "core/tls/library.hpp"
#include "core/x509/name.hpp"
#include "core/tls/offer.hpp"
#include "core/policy/policy.hpp"
#include "core/x509/san.hpp"
#include "core/tls/server_chain.hpp"
#include "core/tls/certificate_inventory.hpp"
#include "core/tls/recheck.hpp"
#include "core/tls/session.hpp"
#include "core/tls/client_hello.hpp"
#include "core/tls/ja4.hpp"
#include "core/base/text.hpp"

#include "failing.hpp"
#include "handshake.hpp"
#include "hellos.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

using Body = std::function<std::string()>;

// Where two answers part, with what stands there: cells are readable enough.
std::string difference(const std::string &a, const std::string &b)
{
    std::size_t i = 0;
    while (i < std::min(a.size(), b.size()) && a[i] == b[i])
        ++i;
    const std::size_t from = i > 40 ? i - 40 : 0;
    return std::to_string(i) + ": " + printable(a.substr(from, 80)) + " instead of " + printable(b.substr(from, 80));
}

void fail_everywhere(const Body &body, bool and_all_after)
{
    const std::string expected = with_openssl(body);
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(with_openssl(body), expected);
    long n = 1;
    int refused = 0;
    for (;; ++n) {
        std::string answer;
        std::string problem;
        failing::arm(n, and_all_after);
        try {
            answer = with_openssl(body);
        } catch (const std::bad_alloc &) {
            failing::disarm();
            ++refused;
            answer = expected;
        } catch (const std::exception &error) {
            failing::disarm();
            problem = error.what();
        }
        const bool failed = failing::disarm();
        EXPECT_EQ(problem, "") << "allocation " << n;
        EXPECT_TRUE(answer == expected) << "another answer without allocation " << n << ", from byte "
                                        << difference(answer, expected);
        EXPECT_EQ(ERR_peek_error(), 0ul);
        EXPECT_TRUE(with_openssl(body) == expected) << "the call after allocation " << n;
        if (!failed)
            break;
    }
    EXPECT_GT(refused, 0);
    std::cout << "    " << n - 1 << " allocations, " << refused << " refusals\n";
}

void fail_everywhere(const Body &body)
{
    fail_everywhere(body, false);
    fail_everywhere(body, true);
}

std::string rich_certificate()
{
    const std::string url = der::primitive(6, "http://crl.example/");
    const std::string other =
        der::constructed(0, der::oid("1.3.6.1.4.1.311.20.2.3") + der::constructed(0, der::utf8_string("joe@x")));
    return der::certificate(
        {.serial = der::integer("\x01" + std::string(36, '\0')),
         .issuer = der::name({der::rdn(der::cn, der::tlv(0x1e, "\0A\0b\x20\xac"s)),
                              der::rdn("2.5.4.11", der::sequence({der::integer(1)}))}),
         .subject = der::name({der::rdn("2.5.4.6", der::printable_string("DE")),
                               der::rdn("1.3.6.1.4.1.99999.1", der::utf8_string("x")),
                               der::rdn(der::cn, der::utf8_string(std::string(200, 'n')))}),
         .extensions = {
             der::extension(
                 "2.5.29.17",
                 der::sequence({der::primitive(2, "app.example"), der::primitive(6, "spiffe://prod/app"),
                                der::primitive(1, "a@b"), der::primitive(7, "\x7f\0\0\x01"s), other,
                                der::constructed(4, der::common_name("dir")), der::primitive(8, "\x2a\x03")})),
             der::extension("2.5.29.19", der::sequence({der::boolean(true), der::integer(3)}), true),
             der::extension("2.5.29.15", der::bit_string("\x06", 1), true),
             der::extension("2.5.29.37", der::sequence({der::oid("1.3.6.1.5.5.7.3.2"), der::oid("1.2.3.4")})),
             der::extension("2.5.29.32", der::sequence({der::sequence({der::oid("1.2.3.5")})})),
             der::extension("2.5.29.14", der::octet_string("\x01\xab")),
             der::extension("2.5.29.35", der::sequence({der::primitive(0, "\x02\xcd")})),
             der::extension("1.3.6.1.5.5.7.1.1", der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.1"), url})})),
             der::extension("2.5.29.31",
                            der::sequence({der::sequence({der::constructed(0, der::constructed(0, url))})})),
             der::extension("1.3.6.1.4.1.99999.3", "anything"), der::extension("1.2.840.113533.7.65.0", "malformed")}});
}

// Everything about a certificate but for ssl_certificate's fields.
std::string details(const X509 &x)
{
    return to_cells(alternative_names(x).value_or(std::vector<AlternativeName>())) +
           to_cells(name_attributes(*X509_get_subject_name(&x))) +
           to_cells(name_attributes(*X509_get_issuer_name(&x))) + to_cells(extensions(x)) +
           to_cells(printed_extensions(x)) + subject_slash_name(x).value_or("none") +
           issuer_slash_name(x).value_or("none") + name_field(*X509_get_subject_name(&x), "CN").value_or("none") +
           name_values(*X509_get_subject_name(&x), "1.3.6.1.4.1.99999.1").at(0) + fingerprint(x, "sha512") +
           spki_fingerprint(x, "sha1") + certificate_spiffe_id(x).value_or("none");
}

}   // namespace

TEST(OutOfMemory, ParseDer)
{
    const std::string der = rich_certificate();
    fail_everywhere([&] { return to_cells(read_certificate(*parse_der(der))); });
}

TEST(OutOfMemory, ParsePem)
{
    const std::string pem = der::pem("x", "OTHER") + der::pem(rich_certificate());
    fail_everywhere([&] { return to_cells(read_certificate(*parse_pem(pem))); });
}

TEST(OutOfMemory, OtherKeys)
{
    for (const int type : {EVP_PKEY_RSA, EVP_PKEY_RSA_PSS, EVP_PKEY_ED25519}) {
        const std::string der = der::certificate({.spki = spki(*new_key(type))});
        fail_everywhere([&] { return to_cells(read_certificate(*parse_der(der))); });
    }
}

TEST(OutOfMemory, Details)
{
    const X509Handle x = parse_der(rich_certificate());
    fail_everywhere([&] { return details(*x); });
}

TEST(OutOfMemory, Session)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Connected c(
            {.version = version, .server_name = "db.example", .alpn = "postgresql", .client_certificate = true});
        const X509Handle client(SSL_get_peer_certificate(&c.server()));
        const Connection connection{.transport = Transport::tls, .ssl = &c.server(), .client = client.get()};
        fail_everywhere([&] {
            return to_cells(read_session(connection)) + to_cells(client_offer(c.server())) +
                   to_cells(verified_chain(c.server()));
        });
        fail_everywhere([&] { return to_cells(server_chain(c.server())); });
        fail_everywhere([&] {
            return channel_binding(c.server(), "tls-exporter") + channel_binding(c.server(), "tls-server-end-point");
        });
    }
}

TEST(OutOfMemory, ClientHello)
{
    hello::Hello h;
    h.ciphers = {0x1a1a, 0x1302, 0xc02b, 0x00ff};
    h.add(0, hello::server_name("a-long-name.db.example"));
    h.add(10, hello::list16({0x2a2a, 0x11ec, 29}));
    h.add(13, hello::list16({0x0403, 0x0905}));
    h.add(16, hello::alpn({"a-long-protocol/1.1", "h2"}));
    h.add(51, hello::key_shares({{29, std::string(32, 'k')}}));
    const std::string message = h.message();
    fail_everywhere([&] {
        const std::optional<ClientHello> hello = parse_client_hello(message);
        return hello ? ja4(*hello) + hello->server_name.value_or("") + hello->alpn.at(0) : "no ClientHello";
    });
}

// A lack of memory is no reason to end a session or to refuse a file.
TEST(OutOfMemory, TlsFiles)
{
    const Timestamp now{std::chrono::seconds{1750000000}};
    const std::string leaf = signed_pem({.issuer = der::common_name("CA")});
    const std::string ca = signed_pem({.issuer = der::common_name("CA"), .subject = der::common_name("CA")});
    const std::string crl = der::pem(signed_crl({.revoked = {der::integer(4711)}}, ec_key()), "X509 CRL");
    const std::string bundle = leaf + ca;
    fail_everywhere([&] {
        std::vector<InventoryRow> rows = file_rows({.setting = "ssl_cert_file", .name = "x", .bytes = bundle}, now);
        compare_with_loaded(rows, sorted_marks(marks(rows)));
        return to_cells(rows) + to_cells(file_rows({.setting = "ssl_crl_file", .name = "x", .bytes = crl}, now));
    });
    const Connected c({.client_certificate = true});
    fail_everywhere([&] { return chain_evidence(c.server(), 4096); });
    const std::string evidence = chain_evidence(c.server(), 4096);
    fail_everywhere([&] {
        return to_cells(recheck({{1, evidence}},
                                {{.setting = "ssl_ca_file", .name = "ca.crt", .bytes = ca},
                                 {.setting = "ssl_crl_file", .name = "server.crl", .bytes = crl}},
                                true, now));
    });
}

TEST(OutOfMemory, Library)
{
    fail_everywhere([] { return to_cells(library()); });
}

// Errors keep their own words where memory is enough for them.
TEST(OutOfMemory, Errors)
{
    // The kind of the error and what it is about. OpenSSL's reason behind the colon may be another where memory runs
    // out while the refusal is worded; that it is refused as invalid may not change.
    const auto words = [](auto body) {
        return [body]() -> std::string {
            try {
                body();
            } catch (const Error &error) {
                const std::string message = error.what();
                return std::to_string(static_cast<int>(error.code())) + " " + message.substr(0, message.find(':'));
            }
            return "no error";
        };
    };
    fail_everywhere(words([] { parse_der("\x30\x03\x02\x01"); }));
    fail_everywhere(words([] { parse_pem(der::pem("junk")); }));
    fail_everywhere(words([] { attribute_oid("nonsense"); }));
    fail_everywhere(words([] { attribute_oid("1.2.3.x"); }));
}

int main(int argc, char **argv)
{
    failing::install();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
