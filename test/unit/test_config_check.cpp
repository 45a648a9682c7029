#include "core/tls/config_check.hpp"

#include "core/openssl/handle.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace sslinfo::core;

namespace {

constexpr Timestamp now{std::chrono::seconds{1750000000}};

std::string key_pem(const EVP_PKEY &key, const char *pass_phrase = nullptr)
{
    const BioHandle out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), mutable_pointer(&key),
                                  pass_phrase != nullptr ? EVP_aes_128_cbc() : nullptr, mutable_pointer(pass_phrase),
                                  pass_phrase != nullptr ? 6 : 0, nullptr, nullptr);
    char *bytes = nullptr;
    const long length = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(length)};
}

const der::Certificate good{
    .subject = der::common_name("localhost"),
    .extensions = {der::extension("2.5.29.17", der::sequence({der::primitive(2, "localhost")}))}};

struct Files {
    std::string certificate = signed_pem(good);
    std::string key = key_pem(ec_key());
    std::optional<std::string> ca{};
    std::optional<std::string> crl{};
};

// "setting ok problem" of each row that has a problem.
std::string findings(const std::vector<ConfigCheck> &rows)
{
    std::string out;
    for (const ConfigCheck &row : rows)
        if (row.problem || row.ok != true)
            out += row.setting + (row.ok ? *row.ok ? " ok " : " refused " : " unknown ") + row.problem.value_or("-") +
                   "\n";
    return out;
}

std::string check(const Files &wanted, bool pass_phrase_command = false)
{
    TlsFiles files{};
    files.certificate = {.setting = "ssl_cert_file", .name = "server.crt", .bytes = wanted.certificate};
    files.key = {.setting = "ssl_key_file", .name = "server.key", .bytes = wanted.key};
    if (wanted.ca)
        files.ca = {.setting = "ssl_ca_file", .name = "ca.crt", .bytes = *wanted.ca};
    if (wanted.crl)
        files.crl = {.setting = "ssl_crl_file", .name = "server.crl", .bytes = *wanted.crl};
    return findings(check_files(files, pass_phrase_command, now));
}

struct Settings {
    const char *ciphers = "HIGH";
    const char *suites = nullptr;
    const char *groups = "prime256v1";
    const char *min_version = "TLSv1.2";
    const char *max_version = "";
};
std::string check(const Settings &wanted, const std::string &dh = {})
{
    const TlsSettings settings{.ciphers = wanted.ciphers,
                               .ciphersuites = wanted.suites,
                               .groups = wanted.groups,
                               .groups_setting = wanted.suites != nullptr ? "ssl_groups" : "ssl_ecdh_curve",
                               .min_version = wanted.min_version,
                               .max_version = wanted.max_version};
    StoredFile file{.setting = "ssl_dh_params_file"};
    if (!dh.empty())
        file = {.setting = "ssl_dh_params_file", .name = "dh.pem", .bytes = dh};
    return findings(check_settings(settings, file));
}

std::string dh_pem(const std::string &prime_hex, int generator)
{
    std::string prime(1, '\0');
    for (std::size_t i = 0; i < prime_hex.size(); i += 2)
        prime += static_cast<char>(std::stoi(prime_hex.substr(i, 2), nullptr, 16));
    return der::pem(der::sequence({der::integer(prime), der::integer(generator)}), "DH PARAMETERS");
}

}   // namespace

TEST(ConfigCheck, AcceptsGoodFiles)
{
    const std::string ca =
        signed_pem({.subject = der::common_name("CA"),
                    .extensions = {der::extension("2.5.29.19", der::sequence({der::boolean(true)}), true)}});
    EXPECT_EQ(check(Files{.ca = ca, .crl = der::pem(signed_crl({}, ec_key()), "X509 CRL")}), "");
    EXPECT_EQ(check(Files{.certificate = signed_pem(good) + std::string(64 << 20, '\n')}), "") << "and line feeds";
}

TEST(ConfigCheck, ComparesTheKeyWithTheCertificate)
{
    const PkeyHandle other = new_key(EVP_PKEY_EC);
    EXPECT_EQ(check(Files{.key = key_pem(*other)}).find("ssl_key_file refused does not match the certificate: "), 0u);
    EXPECT_EQ(check(Files{.key = "words"}).find("ssl_key_file refused "), 0u);
    EXPECT_EQ(check(Files{.certificate = "words", .key = key_pem(*other)}).find("ssl_key_file"), std::string::npos)
        << "without a certificate there is nothing to compare";
}

TEST(ConfigCheck, NeverAsksForAPassPhrase)
{
    const std::string locked = key_pem(ec_key(), "secret");
    EXPECT_EQ(check(Files{.key = locked}), "ssl_key_file refused cannot check: the key has a pass phrase\n");
    EXPECT_EQ(check(Files{.key = locked}, true), "ssl_key_file unknown cannot check: the key has a pass phrase\n");
}

TEST(ConfigCheck, RefusesMalformedFiles)
{
    for (const std::string &bad :
         {std::string(), std::string("words"), der::pem("junk"), signed_pem(good) + der::pem("junk")}) {
        EXPECT_EQ(check(Files{.certificate = bad}).find("ssl_cert_file refused "), 0u) << bad;
        EXPECT_EQ(check(Files{.ca = bad}).find("ssl_ca_file refused "), 0u) << bad;
        EXPECT_EQ(check(Files{.crl = bad}).find("ssl_crl_file refused "), 0u) << bad;
    }
    EXPECT_EQ(check(Files{.ca = der::pem(signed_crl({}, ec_key()), "X509 CRL")}),
              "ssl_ca_file refused no certificate in PEM\n");
}

TEST(ConfigCheck, NotesWhatTheServerLoadsAllTheSame)
{
    der::Certificate old = good;
    old.not_after = der::utc_time("250202030405Z");
    EXPECT_EQ(check(Files{.certificate = signed_pem(old)}), "ssl_cert_file ok server 1: expired\n");
    EXPECT_EQ(check(Files{.certificate = signed_pem(good) + signed_pem(good)}),
              "ssl_cert_file ok server_chain 2: not a CA, broken chain\n");
    EXPECT_EQ(check(Files{
                  .crl = der::pem(signed_crl({.next_update = der::utc_time("250202030405Z")}, ec_key()), "X509 CRL")}),
              "ssl_crl_file ok crl 1: expired (no client certificate of its issuer would be accepted)\n");
}

TEST(ConfigCheck, DoesNotJudgeAFileThatIsTooLarge)
{
    TlsFiles files{};
    files.certificate = {.setting = "ssl_cert_file",
                         .name = "server.crt",
                         .bytes = {},
                         .problem = "larger than 64 MB",
                         .too_large = true};
    files.key = {.setting = "ssl_key_file", .name = "server.key", .bytes = {}, .problem = "No such file"};
    EXPECT_EQ(findings(check_files(files, false, now)),
              "ssl_cert_file unknown cannot check: larger than 64 MB\nssl_key_file refused No such file\n");
}

TEST(ConfigCheck, RefusesSettings)
{
    EXPECT_EQ(check(Settings{}), "");
    EXPECT_EQ(check(Settings{.ciphers = "NONSENSE"}), "ssl_ciphers refused selects no cipher\n");
    EXPECT_EQ(check(Settings{.min_version = "TLSv1.3", .max_version = "TLSv1.2"}),
              "ssl_min_protocol_version refused ssl_min_protocol_version is higher than ssl_max_protocol_version\n");
    EXPECT_EQ(check(Settings{.groups = "X25519"}), "ssl_ecdh_curve refused unknown curve\n") << "not before 18";
    EXPECT_EQ(check(Settings{.suites = "", .groups = "X25519:prime256v1"}), "");
    EXPECT_EQ(check(Settings{.suites = "", .groups = "X25519:nonsense"}), "ssl_groups refused unknown group\n");
    EXPECT_EQ(check(Settings{.suites = "TLS_AES_128_GCM_SHA256", .groups = "X25519"}), "");
    EXPECT_EQ(check(Settings{.suites = "NONSENSE", .groups = "X25519"}),
              "ssl_tls13_ciphers refused unknown cipher suite\n");
}

TEST(ConfigCheck, ReadsDhParametersAsTheServerDoes)
{
    const std::string by_restart = " (a reload would use built-in parameters, a restart would fail)\n";
    const std::string refused = "ssl_dh_params_file refused ";
    EXPECT_EQ(check(Settings{}, "words"), refused + "no start line" + by_restart);
    EXPECT_EQ(check(Settings{}, der::pem("junk", "DH PARAMETERS")).find(refused), 0u);
    EXPECT_EQ(check(Settings{}, der::pem(der::oid("1.2.840.10045.3.1.7"), "EC PARAMETERS")),
              refused + "no start line" + by_restart)
        << "parameters of another kind";
    const std::string not_prime(512, '5');
    EXPECT_EQ(check(Settings{}, dh_pem(not_prime, 2)), refused + "p is not prime" + by_restart);
    const BignumHandle known(BN_get_rfc3526_prime_2048(nullptr));
    const OpensslMemory<char> hex_digits(BN_bn2hex(known.get()));
    EXPECT_EQ(check(Settings{}, dh_pem(hex_digits.get(), 2)), "");
    // A safe prime of 512 bits: too short for OpenSSL's security level.
    EXPECT_EQ(check(Settings{}, dh_pem("f5d3849d2092fd427b4ebd838ea4830397a55f80b644626320dbbe51c80a71a6"
                                       "7ddd4ad7a9ef0bc2d9d6d5ba5b6d7ee5f53ed7ed8d7f1b94c3b7d3f6c1c5c5b3",
                                       2))
                  .find(refused),
              0u);
}
