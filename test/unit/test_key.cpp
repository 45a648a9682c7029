#include "core/base/error.hpp"
#include "core/x509/key.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

namespace {

PublicKey key_of(const std::string &spki_der) { return public_key(*parsed({.spki = spki_der})); }
PublicKey key_of(int type, int option = 0) { return key_of(spki(*new_key(type, option))); }

std::string made_up(std::string_view oid, const std::string &parameters, std::string_view key)
{
    return der::sequence({der::sequence({der::oid(oid), parameters}), der::bit_string(key)});
}

}   // namespace

TEST(Key, Rsa)
{
    const PublicKey key = key_of(EVP_PKEY_RSA, 2048);
    EXPECT_EQ(key.algorithm, "RSA");
    EXPECT_EQ(key.bits, 2048);
    EXPECT_EQ(key.group, std::nullopt);
    EXPECT_EQ(key.strength, 112);
    EXPECT_EQ(key_of(EVP_PKEY_RSA_PSS, 1024).algorithm, "RSA-PSS");
    EXPECT_EQ(key_of(EVP_PKEY_RSA, 1024).strength, 80);
}

TEST(Key, EllipticCurves)
{
    const PublicKey key = key_of(EVP_PKEY_EC);
    EXPECT_EQ(key.algorithm, "EC");
    EXPECT_EQ(key.bits, 256);
    EXPECT_EQ(key.group, "secp256r1");
    EXPECT_EQ(key.strength, 128);
    EXPECT_EQ(key_of(EVP_PKEY_EC, NID_secp384r1).group, "secp384r1");
    EXPECT_EQ(key_of(EVP_PKEY_EC, NID_brainpoolP256r1).group, "brainpoolP256r1");
    EXPECT_EQ(curve_name(NID_X9_62_prime192v1), "secp192r1");
    EXPECT_EQ(curve_name(0x7fffffff), "");
}

// SP 800-57 part 1 rev. 5, table 2. A size between two rows has the strength of the lower one.
TEST(Key, StrengthOfAnRsaKeyIsThatOfTheTable)
{
    for (const auto &[bits, strength] :
         {std::pair(1023, 0), {1024, 80}, {2000, 80}, {2047, 80}, {2048, 112}, {3071, 112}, {3072, 128}})
        EXPECT_EQ(key_of(EVP_PKEY_RSA, bits).strength, strength) << bits;
}

TEST(Key, StrengthOfAnEllipticCurveIsThatOfTheTable)
{
    for (const auto &[curve, strength] : {std::pair(NID_secp224r1, 112),
                                          {NID_X9_62_prime256v1, 128},
                                          {NID_secp256k1, 128},
                                          {NID_brainpoolP320r1, 128},
                                          {NID_secp384r1, 192},
                                          {NID_brainpoolP512r1, 256},
                                          {NID_secp521r1, 256}})
        EXPECT_EQ(key_of(EVP_PKEY_EC, curve).strength, strength) << curve;
}

TEST(Key, EdwardsCurves)
{
    EXPECT_EQ(key_of(EVP_PKEY_ED25519).algorithm, "ED25519");
    EXPECT_EQ(key_of(EVP_PKEY_ED25519).strength, 128);
    EXPECT_EQ(key_of(EVP_PKEY_ED25519).group, std::nullopt);
    EXPECT_EQ(key_of(EVP_PKEY_ED448).algorithm, "ED448");
    EXPECT_EQ(key_of(EVP_PKEY_ED448).strength, 224);
}

// The algorithm is known from its identifier also where the key itself cannot be read.
TEST(Key, UnreadableKeys)
{
    for (const auto &[spki_der, algorithm] :
         {std::pair(made_up("1.3.6.1.4.1.99999.7", der::null(), "key"), "1.3.6.1.4.1.99999.7"),
          {made_up("1.2.840.113549.1.1.1", der::null(), "not an RSA key"), "RSA"},
          {made_up("1.2.840.113549.1.1.10", "", "not an RSA key"), "RSA-PSS"},
          {made_up("1.2.840.10040.4.1", "", "not a DSA key"), "DSA"},
          {made_up("1.2.840.113549.1.3.1", "", "not a DH key"), "DH"},
          {made_up("1.2.840.10046.2.1", "", "not a DH key"), "DH"},
          {made_up("1.3.101.112", "", "short"), "ED25519"}}) {
        const PublicKey key = key_of(spki_der);
        EXPECT_EQ(key.algorithm, algorithm);
        EXPECT_EQ(key.bits, std::nullopt) << algorithm;
        EXPECT_EQ(key.strength, std::nullopt) << algorithm;
        EXPECT_EQ(key.group, std::nullopt) << algorithm;
    }
}

TEST(Key, CurvesByTheirIdentifier)
{
    const std::string_view ec = "1.2.840.10045.2.1";
    EXPECT_EQ(key_of(made_up(ec, der::oid("1.3.132.0.34"), "no point")).group, "secp384r1");
    EXPECT_EQ(key_of(made_up(ec, der::oid("1.3.6.1.4.1.99999.8"), "no point")).group, "1.3.6.1.4.1.99999.8");
    EXPECT_EQ(key_of(made_up(ec, der::sequence({der::integer(1)}), "no point")).group, std::nullopt);   // explicit
    EXPECT_EQ(key_of(made_up(ec, "", "no point")).group, std::nullopt);
}

TEST(Key, SubjectPublicKeyInfoAsItStandsInTheCertificate)
{
    EXPECT_EQ(spki_der(*parsed({})), spki(ec_key()));
    const std::string odd = made_up("1.3.6.1.4.1.99999.7", der::null(), "key");
    EXPECT_EQ(spki_der(*parsed({.spki = odd})), odd);
}

TEST(Key, Digests)
{
    EXPECT_EQ(digest_hex("sha256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest_hex("SHA1", "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(digest_hex("sha512", "").size(), 128u);
    // From 3.0 on OpenSSL knows MD4 by name only, unless the legacy provider is loaded.
    unsigned char value[EVP_MAX_MD_SIZE];
    const bool has_md4 = EVP_Digest("abc", 3, value, nullptr, EVP_md4(), nullptr) == 1;
    ERR_clear_error();
    try {
        EXPECT_EQ(digest_hex("md4", "abc"), "a448017aaf21d8525fc10ae87aa6729d");
        EXPECT_TRUE(has_md4);
    } catch (const Error &error) {
        EXPECT_FALSE(has_md4);
        EXPECT_STREQ(error.what(), "digest algorithm \"md4\" is not available from this OpenSSL");
    }
    for (const std::string &unknown :
         {std::string("sha257"), std::string(), std::string("sha256\0x", 8), std::string("RSA")}) {
        try {
            digest_hex(unknown, "abc");
            FAIL() << unknown;
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        }
    }
}
