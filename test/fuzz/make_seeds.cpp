// make_seeds DIR: writes what each fuzzer starts from to DIR/<fuzzer>/. The keys are made now and thrown away.
#include "core/base/cells.hpp"
#include "core/policy/policy.hpp"
#include "core/logins/failure_table.hpp"
#include "core/logins/usage_table.hpp"
#include "core/tls/recheck.hpp"

#include "handshake.hpp"
#include "hellos.hpp"

#include <filesystem>
#include <fstream>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

std::filesystem::path root;

void write(const std::string &fuzzer, const std::string &octets)
{
    static int number = 0;
    const auto directory = root / fuzzer;
    std::filesystem::create_directories(directory);
    std::ofstream(directory / ("seed" + std::to_string(++number)), std::ios::binary) << octets;
}

void certificate(const der::Certificate &description)
{
    const std::string octets = der::certificate(description);
    write("certificate", octets);
    write("pem", der::pem(octets));
    write("names", description.subject);
    write("cells", to_cells(read_certificate(*parse_der(octets))));
}

std::string unlocked_key()
{
    const BioHandle out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), mutable_pointer(&ec_key()), nullptr, nullptr, 0, nullptr, nullptr);
    char *bytes = nullptr;
    const long length = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(length)};
}

// Files, and evidence of a session that they revoke, accept or do not know.
void tls_files()
{
    const std::string ca = signed_pem({.issuer = der::common_name("CA"), .subject = der::common_name("CA")});
    const auto crl = [](const Crl &description) { return der::pem(signed_crl(description, ec_key()), "X509 CRL"); };
    const std::string none = crl({});
    const std::string some = crl({.revoked = {der::integer(4711), der::integer(1)}});
    const std::string delta = crl({.extensions = {der::extension("2.5.29.27", der::integer(6), true)}});
    const std::string leaf = signed_pem({});
    for (const std::string &file : {ca, none, some, delta, leaf + ca, leaf + unlocked_key(), ca + some, "words\n" + ca})
        write("tls_files", file);
    const Connected c({.client_certificate = true});
    const std::string evidence = chain_evidence(c.server(), 4096);
    const std::string length{static_cast<char>(evidence.size() & 0xff), static_cast<char>(evidence.size() >> 8)};
    for (const std::string &file : {ca + none, ca + some, ca + delta, ca, some})
        write("recheck", length + evidence + file);
}

}   // namespace

int main(int, char **argv)
{
    root = argv[1];
    tls_files();
    const std::string url = der::primitive(6, "http://a.example/");
    const std::string names = der::sequence(
        {der::primitive(2, "app.example"), der::primitive(2, "a\0b"s), der::primitive(6, "spiffe://prod/app"),
         der::primitive(1, "a@b"), der::primitive(7, "\x7f\0\0\x01"s), der::primitive(7, std::string(16, '\x20')),
         der::primitive(8, "\x2a\x03"), der::constructed(4, der::common_name("dir")),
         der::constructed(0, der::oid("1.3.6.1.4.1.311.20.2.3") + der::constructed(0, der::utf8_string("joe@x"))),
         der::constructed(0, der::oid("1.3.6.1.5.5.7.8.7") + der::constructed(0, der::ia5_string("_ldap.x"))),
         der::constructed(5, der::constructed(1, der::printable_string("party"))),
         der::constructed(3, der::sequence({}))});
    const std::string mixed = der::name(
        {der::rdn("2.5.4.6", der::printable_string("DE")), der::rdn("2.5.4.10", der::tlv(0x14, "gr\xfc\xdf")),
         der::rdn("2.5.4.11", der::tlv(0x1e, "\0O\x20\xac"s)), der::rdn("2.5.4.11", der::tlv(0x1c, "\0\x01\xf5\x12"s)),
         der::set({der::attribute(der::cn, der::utf8_string(" #a,b+c=\"d\"\\<>; ")),
                   der::attribute("2.5.4.5", der::printable_string("7"))}),
         der::rdn("1.3.6.1.4.1.99999.1", der::utf8_string("x")), der::rdn(der::cn, der::bit_string("\x01")),
         der::rdn(der::cn, der::utf8_string("a\0b"s)),
         der::rdn("0.9.2342.19200300.100.1.25", der::ia5_string("example"))});
    const std::vector<std::string> extensions = {
        der::extension("2.5.29.17", names),
        der::extension("2.5.29.18", names),
        der::extension("2.5.29.19", der::sequence({der::boolean(true), der::integer(3)}), true),
        der::extension("2.5.29.15", der::bit_string("\x06", 1), true),
        der::extension("2.5.29.37", der::sequence({der::oid("1.3.6.1.5.5.7.3.2"), der::oid("1.2.3.4")})),
        der::extension("2.5.29.32", der::sequence({der::sequence({der::oid("1.2.3.5")})})),
        der::extension("2.5.29.14", der::octet_string("\x01\xab")),
        der::extension("2.5.29.35", der::sequence({der::primitive(0, "\x02\xcd")})),
        der::extension("1.3.6.1.5.5.7.1.1", der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.1"), url}),
                                                           der::sequence({der::oid("1.3.6.1.5.5.7.48.2"), url})})),
        der::extension("2.5.29.31", der::sequence({der::sequence({der::constructed(0, der::constructed(0, url))})})),
        der::extension("2.5.29.30",
                       der::sequence({der::constructed(0, der::sequence({der::primitive(2, ".example")}))})),
        der::extension("2.5.29.36", der::sequence({der::primitive(0, "\x01")})),
        der::extension("2.16.840.1.113730.1.13", der::ia5_string("comment")),
        der::extension("1.3.6.1.5.5.7.1.24", der::sequence({der::integer(5)})),
        der::extension("1.3.6.1.4.1.99999.3", der::utf8_string("private"))};
    certificate({});
    certificate({.subject = mixed, .extensions = extensions});
    for (const std::string &extension : extensions)
        certificate({.extensions = {extension}});
    certificate({.serial = der::integer("\x01" + std::string(36, '\0')),
                 .not_before = der::generalized_time("00010101000000Z"),
                 .not_after = der::generalized_time("99991231235959Z")});
    certificate({.serial = der::integer(-1), .not_before = der::utc_time("nonsense")});
    for (const int type : {EVP_PKEY_RSA, EVP_PKEY_RSA_PSS, EVP_PKEY_ED25519, EVP_PKEY_X448})
        certificate({.spki = spki(*new_key(type))});
    certificate({.signature_algorithm = der::sequence({der::oid("1.2.840.113549.1.1.10")})});
    write("pem", "words\n" + der::pem("x", "PRIVATE KEY") + der::pem(der::certificate({})));
    write("pem", "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END CERTIFICATE-----\n");

    write("names", names);
    for (const std::string &text :
         {"CN=app,O=Acme"s, "CN=a\\,b+OU=x\\C3\\A9, O=\\#1"s, "2.5.4.3"s, "commonName"s, "spiffe://prod/app"s,
          der::oid("1.2.840.113549"), der::integer(-129), der::utc_time("250102030405Z"),
          der::generalized_time("20250102030405.5Z"), der::tlv(0x1e, "\xd8\x3d\xdd\x12")})
        write("names", text);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Connected c({.version = version, .client_certificate = true});
        write("cells", to_cells(read_session({.transport = Transport::tls, .ssl = &c.server()})));
    }
    for (const std::string_view name : preset_names()) {
        write("policy", std::string(name));
        write("policy", std::string(preset(name)));
    }
    for (const char *text :
         {"tls>=1.3 forward-secrecy aead bits>=128 post-quantum", "local encrypted group=x25519|secp256r1",
          "client-cert client-key-strength>=112 client-valid>=7d cn=app|admin",
          "subject=\"CN=app,O=Acme\" issuer=\"CN=CA\"",
          "san=uri:spiffe://prod/* san=dns:*.app.example eku=clientAuth alpn=postgresql server-name=a|b",
          "fingerprint=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
        write("policy", text);
    for (const char *text :
         {"app_*@prod: mtls tls>=1.3; repl: client-cert; *: tls>=1.2", "\"a b\"@*: aead;", "*: local tls"})
        write("login_rules", text);

    std::vector<std::uint64_t> memory(UsageTable::size(8) / 8 + 1);
    UsageTable table = UsageTable::create(memory.data(), 8, Instant{std::chrono::microseconds{1}});
    write("usage", table.write());
    for (int i = 0; i < 10; ++i) {
        Session session;
        session.transport = i % 2 == 0 ? Transport::tls : Transport::plain;
        session.version = i % 2 == 0 ? std::optional<std::string>("TLSv1.3") : std::nullopt;
        session.issuer_dn = "/CN=" + std::string(static_cast<std::size_t>(40 * i), 'x');
        session.auth_method = i % 2 == 0 ? "cert" : "scram-sha-256";
        session.handshake_time = i % 3 == 0 ? std::nullopt : std::optional<double>(1.5 * i);
        session.ja4 = "t13d" + std::string(32, static_cast<char>('a' + i));
        if (i % 3 != 0)
            session.client_not_after = Timestamp{std::chrono::seconds{2000000000}};
        UsageEvent event = usage_event(session, Instant{std::chrono::microseconds{1000 + i}});
        event.client_address = {4, {127, 0, 0, static_cast<std::uint8_t>(i)}};
        event.application_name = ShortName::of("psql");
        event.outcome = static_cast<LoginOutcome>(i % 3);
        if (event.outcome != LoginOutcome::connected)
            event.reason = ShortText<126>::of("tls>=1.3, client-cert");
        table.record(usage_key("db" + std::to_string(i), "user", session, {"pg_hba.conf", i}), event);
    }
    write("usage", table.write());

    std::vector<std::uint64_t> failure_memory(FailureTable::size(8) / 8 + 1);
    FailureTable failures = FailureTable::create(failure_memory.data(), 8, Instant{std::chrono::microseconds{1}});
    write("failures", failures.write());
    for (int i = 0; i < 3; ++i) {
        FailureKey key{};
        key.address.length = static_cast<std::uint8_t>(i == 0 ? 0 : i == 1 ? 4 : 16);
        key.user = ShortName::of("user");
        key.database = ShortName::none();
        failures.record(failed_attempt(key, {}, Instant{std::chrono::microseconds{1000 + i}}));
    }
    write("failures", failures.write());

    hello::Hello client_hello;
    write("client_hello", client_hello.message());
    client_hello.ciphers = {0x1a1a, 0x1301, 0xc02b, 0x00ff};
    for (const int type : {0x2a2a, 0x0000, 0x0033, 0x0010, 0x000d, 0x002b, 0x000b, 0x000a, 0xff01})
        client_hello.add(type, hello::usual_body(type));
    write("client_hello", client_hello.message());
}
