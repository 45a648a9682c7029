#include "core/tls/client_hello.hpp"
#include "core/tls/ja4.hpp"

#include "hellos.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;
using hello::Hello;

namespace {

using Codes = std::vector<int>;

// The example of the specification, without the GREASE that a real Chrome adds.
Hello example()
{
    Hello h;
    h.ciphers = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    for (const int type : {0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
                           0x002b, 0xff01, 0x000b, 0x000a, 0x0015})
        h.add(type, hello::usual_body(type));
    return h;
}

std::string ja4_of(const Hello &h)
{
    const auto parsed = parse_client_hello(h.message());
    return parsed ? ja4(*parsed) : "no ClientHello";
}

Hello with_alpn(const std::string &protocol)
{
    Hello h;
    h.ciphers = {0x1301};
    h.add(0x0010, hello::alpn({protocol}));
    return h;
}

}   // namespace

TEST(ClientHello, EveryPartInTheOrderOfTheClient)
{
    Hello h;
    h.ciphers = {0x1a1a, 0x1302, 0xc02b, 0x00ff};
    h.add(0x0a0a, "");
    h.add(0, hello::server_name("db.example"));
    h.add(11, std::string("\x02\x00\x01", 3));
    h.add(10, hello::list16({0x2a2a, 0x11ec, 29}));
    h.add(13, hello::list16({0x0403, 0x0905}));
    h.add(16, hello::alpn({"postgresql", "h2"}));
    h.add(43, std::string("\x04\x03\x04\x03\x03", 5));
    h.add(51, hello::key_shares({{0x2a2a, "x"}, {29, std::string(32, 'k')}}));
    const auto parsed = parse_client_hello(h.message());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->legacy_version, 0x0303);
    EXPECT_EQ(parsed->cipher_suites, (Codes{0x1a1a, 0x1302, 0xc02b, 0x00ff}));
    EXPECT_EQ(parsed->extensions, (Codes{0x0a0a, 0, 11, 10, 13, 16, 43, 51}));
    EXPECT_EQ(parsed->server_name, "db.example");
    EXPECT_EQ(parsed->point_formats, (Codes{0, 1}));
    EXPECT_EQ(parsed->groups, (Codes{0x2a2a, 0x11ec, 29}));
    EXPECT_EQ(parsed->signature_algorithms, (Codes{0x0403, 0x0905}));
    EXPECT_EQ(parsed->alpn, (std::vector<std::string>{"postgresql", "h2"}));
    EXPECT_EQ(parsed->supported_versions, (Codes{0x0304, 0x0303}));
    EXPECT_EQ(parsed->key_shares, (Codes{0x2a2a, 29}));
    EXPECT_EQ(version_name(highest_offered_version(*parsed)), "TLSv1.3");
}

TEST(ClientHello, WithoutExtensions)
{
    Hello h;
    h.version = 0x0301;
    h.ciphers = {0x002f};
    h.extension_block = false;
    const auto parsed = parse_client_hello(h.message());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(version_name(highest_offered_version(*parsed)), "TLSv1");
    EXPECT_EQ(ja4(*parsed).substr(0, 10), "t10i010000");
    EXPECT_EQ(ja4(*parsed).substr(23), "_000000000000");
}

TEST(ClientHello, VersionsThatNobodyKnowsAreShownAsNumbers)
{
    Hello h;
    h.ciphers = {0x1301};
    h.add(43, std::string("\x04\x7f\x1c\x0a\x0a", 5));
    const auto parsed = parse_client_hello(h.message());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(version_name(highest_offered_version(*parsed)), "0x7f1c");
    EXPECT_EQ(ja4(*parsed).substr(0, 3), "t00");
}

TEST(ClientHello, AListWithoutAVersionIsAsNoList)
{
    for (const std::string &list : {std::string("\x00", 1), std::string("\x02\x2a\x2a")}) {
        Hello h;
        h.version = 0x0302;
        h.ciphers = {0x1301};
        h.add(43, list);
        const auto parsed = parse_client_hello(h.message());
        ASSERT_TRUE(parsed);
        EXPECT_EQ(version_name(highest_offered_version(*parsed)), "TLSv1.1");
        EXPECT_EQ(ja4(*parsed).substr(0, 3), "t11");
    }
}

// Whatever is cut off, and wherever a byte is changed, the parser either reads a ClientHello or nothing.
TEST(ClientHello, EveryShorterMessageIsNone)
{
    const std::string whole = example().message();
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(parse_client_hello(std::string_view(whole).substr(0, length))) << length;
    EXPECT_FALSE(parse_client_hello(whole + '\0'));
    EXPECT_TRUE(parse_client_hello(whole));
}

// Likewise with the length of the whole message put right, so that only a length inside it is wrong.
TEST(ClientHello, EveryShorterBodyIsNone)
{
    const std::string body = example().message().substr(4);
    const std::size_t without_extensions = 2 + 32 + 1 + 2 + 2 * example().ciphers.size() + 2;
    for (std::size_t length = 0; length < body.size(); ++length) {
        const auto parsed = parse_client_hello(std::string("\x01\0", 2) + hello::block16(body.substr(0, length)));
        EXPECT_EQ(parsed.has_value(), length == without_extensions) << length;
    }
}

TEST(ClientHello, WrongLengthsInsideAnExtension)
{
    const auto parsed_with = [](int type, const std::string &body) {
        Hello h;
        h.ciphers = {0x1301};
        h.add(type, body);
        return parse_client_hello(h.message()).has_value();
    };
    EXPECT_FALSE(parsed_with(10, std::string("\x00\x03\x00\x1d\x00", 5)));        // half a group
    EXPECT_FALSE(parsed_with(10, std::string("\x00\x02\x00\x1d\x00", 5)));        // a byte after the list
    EXPECT_FALSE(parsed_with(10, std::string("\xff\xff\x00\x1d", 4)));            // longer than the extension
    EXPECT_FALSE(parsed_with(16, std::string("\x00\x03\x05h2", 5)));              // a protocol beyond the list
    EXPECT_FALSE(parsed_with(51, std::string("\x00\x05\x00\x1d\x00\x09k", 7)));   // a key beyond the list
    EXPECT_FALSE(parsed_with(0, std::string("\x00\x04\x00\x00\x09g", 6)));        // a name beyond the list
    EXPECT_FALSE(parsed_with(43, ""));
    // One byte too many.
    EXPECT_FALSE(parsed_with(10, std::string("\x00\x03\x00\x1d", 4)));
    EXPECT_FALSE(parsed_with(11, std::string("\x02\x00", 2)));
    EXPECT_FALSE(parsed_with(43, std::string("\x03\x03\x04", 3)));
    EXPECT_FALSE(parsed_with(16, std::string("\x00\x03\x03h2", 5)));
    EXPECT_FALSE(parsed_with(51, std::string("\x00\x05\x00\x1d\x00\x02k", 7)));
    EXPECT_FALSE(parsed_with(0, std::string("\x00\x04\x00\x00\x02g", 6)));
    EXPECT_TRUE(parsed_with(0, std::string("\x00\x04\x00\x00\x01g", 6)));
    EXPECT_TRUE(parsed_with(0x1234, "anything"));
}

TEST(ClientHello, AnExtensionTwiceOrTooManyBytes)
{
    Hello twice;
    twice.ciphers = {0x1301};
    twice.add(10, hello::list16({29}));
    twice.add(10, hello::list16({23}));
    EXPECT_FALSE(parse_client_hello(twice.message()));

    Hello largest;
    largest.ciphers = {0x1301};
    largest.add(21, std::string(client_hello_max - 4 - 2 - 32 - 1 - 4 - 2 - 2 - 4, '\0'));
    EXPECT_EQ(largest.message().size(), client_hello_max);
    EXPECT_TRUE(parse_client_hello(largest.message()));
    largest.add(0x1234, "");
    EXPECT_FALSE(parse_client_hello(largest.message()));
}

// technical_details/JA4.md of the specification.
TEST(Ja4, ExampleOfTheSpecification) { EXPECT_EQ(ja4_of(example()), "t13d1516h2_8daaf6152771_e5627efa2ab1"); }

TEST(Ja4, GreaseIsIgnoredEverywhere)
{
    Hello h;
    h.ciphers = example().ciphers;
    h.ciphers.insert(h.ciphers.begin(), 0x1a1a);
    h.add(0x2a2a, "");
    for (const auto &[type, body] : example().extensions)
        h.add(type, type == 0x002b ? std::string("\x06\xfa\xfa\x03\x04\x03\x03", 7)
                    : type == 0x000d
                        ? hello::list16({0x5a5a, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601})
                        : body);
    h.add(0xfafa, std::string(1, '\0'));
    EXPECT_EQ(ja4_of(h), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(Ja4, WithoutSignatureAlgorithmsNoUnderscore)
{
    const std::string hash = "6d807ffa2a79";   // the specification's, for a list that still has the extension 000d
    Hello h = example();
    for (auto &[type, body] : h.extensions)
        if (type == 0x000d)
            body = hello::list16({});
    EXPECT_EQ(ja4_of(h), "t13d1516h2_8daaf6152771_" + hash);
}

TEST(Ja4, FirstAndLastCharacterOfTheFirstProtocol)
{
    const auto digits = [](const std::string &protocol) { return ja4_of(with_alpn(protocol)).substr(8, 2); };
    EXPECT_EQ(digits("h2"), "h2");
    EXPECT_EQ(digits("http/1.1"), "h1");
    EXPECT_EQ(digits("postgresql"), "pl");
    EXPECT_EQ(digits("x"), "xx");
    EXPECT_EQ(digits(""), "00");
    EXPECT_EQ(digits("\xab"), "ab");
    EXPECT_EQ(digits("\xab\xcd"), "ad");
    EXPECT_EQ(digits("0\xab"), "3b");
    EXPECT_EQ(digits("01\xab\xcd"), "3d");
    EXPECT_EQ(digits("0\xab\xcd"
                     "1"),
              "01");
    Hello none;
    none.ciphers = {0x1301};
    none.add(0x0010, hello::list16({}));
    EXPECT_EQ(ja4_of(none).substr(0, 10), "t12i010100");
}

TEST(Ja4, MoreThan99AreShownAs99)
{
    Hello h;
    for (int i = 0; i < 150; ++i) {
        h.ciphers.push_back(0xc000 + i);
        h.add(0x1000 + i, "");
    }
    EXPECT_EQ(ja4_of(h).substr(0, 10), "t12i999900");
}

TEST(Ja4, EmptyListsAreZeros)
{
    Hello h;
    EXPECT_EQ(ja4_of(h), "t12i000000_000000000000_000000000000");
    h.add(0, hello::server_name("a"));
    EXPECT_EQ(ja4_of(h), "t12d000100_000000000000_000000000000");
}
