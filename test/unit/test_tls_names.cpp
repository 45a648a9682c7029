#include "core/tls/tls_names.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

TEST(TlsNames, SignatureSchemesByCode)
{
    EXPECT_EQ(signature_scheme_name(0x0403), "ecdsa_secp256r1_sha256");
    EXPECT_EQ(signature_scheme_name(0x0804), "rsa_pss_rsae_sha256");
    EXPECT_EQ(signature_scheme_name(0x0905), "mldsa65");
    EXPECT_EQ(signature_scheme_name(0x0000), std::nullopt);
    EXPECT_EQ(signature_scheme_name(0x0a0a), std::nullopt);
}

TEST(TlsNames, SignatureSchemesByNid)
{
    EXPECT_EQ(signature_scheme_name(NID_sha256, EVP_PKEY_RSA, false), "rsa_pkcs1_sha256");
    EXPECT_EQ(signature_scheme_name(NID_sha256, EVP_PKEY_RSA_PSS, false), "rsa_pss_rsae_sha256");
    EXPECT_EQ(signature_scheme_name(NID_sha512, EVP_PKEY_RSA_PSS, true), "rsa_pss_pss_sha512");
    EXPECT_EQ(signature_scheme_name(NID_sha384, EVP_PKEY_EC, false), "ecdsa_secp384r1_sha384");
    EXPECT_EQ(signature_scheme_name(NID_undef, EVP_PKEY_ED25519, false), "ed25519");
    EXPECT_EQ(signature_scheme_name(NID_sha512, EVP_PKEY_ED448, false), "ed448");
    EXPECT_EQ(signature_scheme_name(NID_md5, EVP_PKEY_RSA, false), std::nullopt);
    EXPECT_EQ(signature_scheme_name(NID_undef, NID_undef, false), std::nullopt);
}

TEST(TlsNames, Groups)
{
    EXPECT_EQ(group_code(NID_X9_62_prime256v1), 23);
    EXPECT_EQ(group_name(23), "secp256r1");
    EXPECT_EQ(group_code(NID_X25519), 29);
    EXPECT_EQ(group_name(0x11ec), "X25519MLKEM768");
    EXPECT_EQ(group_name(0), std::nullopt);
    EXPECT_EQ(group_code(NID_undef), std::nullopt);
    EXPECT_EQ(group_code(NID_sha256), std::nullopt);
}

TEST(TlsNames, PostQuantumIsMlKem)
{
    for (const int code : {0x0200, 0x0201, 0x0202, 0x11eb, 0x11ec, 0x11ed, 0x11ee})
        EXPECT_TRUE(post_quantum_group(code)) << code;
    for (const int code : {0, 23, 29, 0x01ff, 0x0203, 0x11ea, 0x11ef, 0x6399})   // 0x6399: Kyber, before the standard
        EXPECT_FALSE(post_quantum_group(code)) << code;
}

// RFC 8701: sixteen values 0x?A?A whose octets are the same.
TEST(TlsNames, Grease)
{
    int count = 0;
    for (int code = 0; code <= 0xffff; ++code)
        count += grease(code) ? 1 : 0;
    EXPECT_EQ(count, 16);
    EXPECT_TRUE(grease(0x0a0a));
    EXPECT_TRUE(grease(0xfafa));
    EXPECT_FALSE(grease(0x0a1a));
}
