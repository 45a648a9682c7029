#include "core/x509/pem_file.hpp"

#include "core/base/error.hpp"
#include "core/x509/signature.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace sslinfo::core;

namespace {

const std::string certificate_pem = der::pem(der::certificate({}));

int objects(std::string_view pem) { return sk_X509_INFO_num(read_pem_file(pem).get()); }

std::string problem(std::string_view pem)
{
    try {
        read_pem_file(pem);
    } catch (const Error &error) {
        if (error.code() == ErrorCode::limit_exceeded)
            return std::string("limit: ") + error.what();
        return error.code() == ErrorCode::invalid_text ? error.what() : "another code";
    }
    return "none";
}

std::string crl_pem(const Crl &crl) { return der::pem(signed_crl(crl, ec_key()), "X509 CRL"); }

CrlHandle parsed_crl(const Crl &crl)
{
    const std::string octets = signed_crl(crl, ec_key());
    const auto *next = reinterpret_cast<const unsigned char *>(octets.data());
    return CrlHandle(d2i_X509_CRL(nullptr, &next, static_cast<long>(octets.size())));
}

}   // namespace

TEST(PemFile, HasItsObjectsInTheirOrder)
{
    const InfosHandle infos = read_pem_file(certificate_pem + crl_pem({}) + certificate_pem);
    ASSERT_EQ(sk_X509_INFO_num(infos.get()), 3);
    EXPECT_NE(sk_X509_INFO_value(infos.get(), 0)->x509, nullptr);
    EXPECT_NE(sk_X509_INFO_value(infos.get(), 1)->crl, nullptr);
    EXPECT_NE(sk_X509_INFO_value(infos.get(), 2)->x509, nullptr);
}

TEST(PemFile, IgnoresTextAroundTheBlocks)
{
    EXPECT_EQ(objects("words\n" + certificate_pem + "\n\nmore words\n" + certificate_pem + "end"), 2);
    EXPECT_EQ(objects("# as in -----BEGIN CERTIFICATE-----\n" + certificate_pem), 1)
        << "a block begins at the start of a line";
    EXPECT_EQ(objects("-----BEGIN nonsense\n" + certificate_pem), 1) << "such a line ends in hyphens";
}

TEST(PemFile, RefusesWhatTheServerRefuses)
{
    EXPECT_EQ(problem(""), "no certificate or CRL in PEM");
    EXPECT_EQ(problem("words"), "no certificate or CRL in PEM");
    EXPECT_EQ(problem(der::pem("x", "SOMETHING")), "no certificate or CRL in PEM");
    for (const std::string &bad :
         {der::pem("junk"), der::pem("junk", "X509 CRL"), certificate_pem + der::pem("junk"),
          std::string("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"),
          certificate_pem.substr(0, certificate_pem.size() / 2),
          std::string("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                      "00000000000000000000000000000000\n\nAAAA\n-----END CERTIFICATE-----\n")}) {
        const std::string reason = problem(bad);
        EXPECT_NE(reason, "none") << bad;
        EXPECT_NE(reason, "unknown error") << bad;
        EXPECT_NE(reason, "another code") << bad;
    }
}

TEST(PemFile, BoundsTheTimeThatAFileTakes)
{
    const std::string feeds(std::size_t{64} << 20, '\n');
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(objects(certificate_pem + feeds + certificate_pem), 2) << "line feeds between blocks are skipped";
    EXPECT_EQ(problem("-----BEGIN nonsense\n" + feeds), "limit: more than 2000000 lines")
        << "within a block they are counted";
    std::string many;
    for (int i = 0; i <= pem_objects_max; ++i)
        many += certificate_pem;
    EXPECT_EQ(problem(many), "limit: more than 2000 certificates and CRLs");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Crl, IsCurrentFromThisUpdateToNextUpdate)
{
    const CrlHandle crl =
        parsed_crl({.this_update = der::utc_time("250102030405Z"), .next_update = der::utc_time("250202030405Z")});
    EXPECT_FALSE(is_current(*crl, Timestamp{std::chrono::seconds{1735787044}}));
    EXPECT_TRUE(is_current(*crl, Timestamp{std::chrono::seconds{1735787045}}));
    EXPECT_TRUE(is_current(*crl, Timestamp{std::chrono::seconds{1738465444}}));
    EXPECT_FALSE(is_current(*crl, Timestamp{std::chrono::seconds{1738465445}}));
    EXPECT_TRUE(is_current(*parsed_crl({.next_update = ""}), Timestamp{std::chrono::seconds{4000000000}}))
        << "without nextUpdate it has no end";
    EXPECT_FALSE(is_current(*parsed_crl({.next_update = der::utc_time("259902030405Z")}),
                            Timestamp{std::chrono::seconds{1735787045}}))
        << "a malformed nextUpdate is no time";
}

TEST(Crl, CountsItsEntries)
{
    EXPECT_EQ(crl_entries(*parsed_crl({})), 0);
    EXPECT_EQ(crl_entries(*parsed_crl({.revoked = {der::integer(1), der::integer(2)}})), 2);
}

TEST(Signature, DigestsOfRsassaPssAreInItsParameters)
{
    const auto weak = [](const std::string &algorithm) {
        return has_weak_digest(signature_identifier(*parsed({.signature_algorithm = algorithm})));
    };
    const auto pss = [](const std::string &parameters) {
        return der::sequence({der::oid("1.2.840.113549.1.1.10"), parameters});
    };
    const auto hash = [](const char *oid) {
        return der::sequence({der::constructed(0, der::sequence({der::oid(oid), der::null()}))});
    };
    EXPECT_TRUE(weak(pss(der::sequence({})))) << "SHA-1 is the default";
    EXPECT_TRUE(weak(pss(hash("1.3.14.3.2.26"))));
    EXPECT_FALSE(weak(pss(hash("2.16.840.1.101.3.4.2.1"))));
    EXPECT_FALSE(weak(pss(der::null()))) << "malformed parameters are unknown";
    EXPECT_TRUE(weak(der::sequence({der::oid("1.2.840.113549.1.1.5"), der::null()}))) << "sha1WithRSAEncryption";
    EXPECT_TRUE(weak(der::sequence({der::oid("1.2.840.113549.1.1.4"), der::null()}))) << "md5WithRSAEncryption";
    EXPECT_FALSE(weak(der::sequence({der::oid("1.2.840.10045.4.3.2")}))) << "ecdsa-with-SHA256";
    EXPECT_FALSE(weak(der::sequence({der::oid("1.3.101.112")}))) << "Ed25519";
}
