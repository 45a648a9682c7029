#include "core/openssl/failure.hpp"
#include "core/x509/extension.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;
using namespace std::string_literals;

TEST(Extension, KnownUnknownAndUnprintable)
{
    const std::string usage = der::bit_string("\x80", 7);
    const X509Handle x = parsed({.extensions = {der::extension("2.5.29.15", usage, true),
                                                der::extension("1.3.6.1.4.1.99999.3", der::utf8_string("hi")),
                                                der::extension("2.5.29.17", "\x30\x7f")}});
    const auto all = extensions(*x);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].ordinal, 1);
    EXPECT_EQ(all[0].oid, "2.5.29.15");
    EXPECT_EQ(all[0].name, "keyUsage");
    EXPECT_TRUE(all[0].critical);
    EXPECT_EQ(all[0].value, "Digital Signature");
    EXPECT_EQ(all[0].der.octets, usage);
    EXPECT_EQ(all[1].oid, "1.3.6.1.4.1.99999.3");
    EXPECT_EQ(all[1].name, std::nullopt);
    EXPECT_FALSE(all[1].critical);
    EXPECT_EQ(all[1].value, std::nullopt);
    EXPECT_EQ(all[2].name, "subjectAltName");
    EXPECT_EQ(all[2].value, std::nullopt);
    EXPECT_EQ(all[2].der.octets, "\x30\x7f");

    const auto printed = printed_extensions(*x);
    ASSERT_EQ(printed.size(), 3u);
    EXPECT_EQ(printed[0].name, "keyUsage");
    EXPECT_EQ(printed[0].value, "Digital Signature");
    EXPECT_TRUE(printed[0].critical);
    EXPECT_EQ(printed[1].name, "1.3.6.1.4.1.99999.3");
    EXPECT_EQ(printed[1].value, "0c026869");
    EXPECT_EQ(printed[2].value, "307f");
}

TEST(Extension, NoneAndEmpty)
{
    EXPECT_TRUE(extensions(*parsed({})).empty());
    EXPECT_TRUE(printed_extensions(*parsed({})).empty());
    const auto all = extensions(*parsed({.extensions = {der::extension("1.2.3.4", "")}}));
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].der.octets, "");
}

TEST(Extension, PrintedTextIsValid)
{
    // A comment (nsComment, IA5String) with what is no UTF-8 and a NUL.
    const X509Handle x = parsed({.extensions = {der::extension("2.16.840.1.113730.1.13", der::ia5_string("a\xff"
                                                                                                         "b\0c"s))}});
    const std::optional<std::string> value = extensions(*x).at(0).value;
    ASSERT_TRUE(value);
    EXPECT_EQ(value->find('\0'), std::string::npos);
    EXPECT_EQ(value->substr(0, 5), "a\\FFb");
}

// For which OpenSSL 3.0 reports a lack of memory.
TEST(Extension, NameWithANul)
{
    const std::string names = der::sequence({der::primitive(2, "bank.example\0.evil"s)});
    const X509Handle x = parsed({.extensions = {der::extension("2.5.29.17", names)}});
    const auto all = with_openssl([&] { return extensions(*x); });
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].der.octets, names);
    EXPECT_TRUE(!all[0].value || all[0].value->find('\0') == std::string::npos);
}
