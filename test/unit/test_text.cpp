#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include "characters.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;
using namespace std::string_literals;

TEST(Text, HexIsLowerCaseAndHexstringUpperCase)
{
    EXPECT_EQ(hex("\x00\xab\xff"s), "00abff");
    EXPECT_EQ(hexstring("\x00\xab\xff"s), "#00ABFF");
    EXPECT_EQ(hex(""), "");
}

TEST(Text, JoinsItemsUntilThereAreEnoughBytes)
{
    EXPECT_EQ(joined({}), "");
    EXPECT_EQ(joined({"a"}), "a");
    EXPECT_EQ(joined({"a", "bc", "d"}), "a, bc, d");
    EXPECT_EQ(joined({"a", "bc", "d"}, 4), "a, bc");
    EXPECT_EQ(joined({"a", "bc", "d"}, 5), "a, bc, d");
}

TEST(Text, Utf8TakesScalarValuesOnly)
{
    std::string out;
    EXPECT_TRUE(append_utf8(out, U'\u00e9'));
    EXPECT_TRUE(append_utf8(out, U'\U0001f512'));
    EXPECT_EQ(out, "\xc3\xa9\xf0\x9f\x94\x92");
    EXPECT_FALSE(append_utf8(out, 0xd800));
    EXPECT_FALSE(append_utf8(out, 0x110000));
    EXPECT_EQ(out.size(), 6u);
}

TEST(Text, RefusesWhatIsNotUtf8)
{
    EXPECT_TRUE(valid_utf8("gr\xc3\xbc\xc3\x9f"));
    for (const char *bad : {"\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe2\x82", "\x80",
                            "\xf0\x9f\x94", "\xf0\x9f\x94x", "\xf0x\x94\x92"})
        EXPECT_FALSE(valid_utf8(bad)) << hex(bad);
}

TEST(Text, PrintableNeverHoldsNulNorBadSequences)
{
    EXPECT_EQ(printable("bank.example\0.evil"s), "bank.example\\00.evil");
    EXPECT_EQ(printable("a\xff\xc3\xa9"s), "a\\FF\xc3\xa9");
    EXPECT_EQ(printable_ia5("a\\b\x7f\xe9"s), "a\\5Cb\\7F\\E9");
}

TEST(Text, EscapesAsRfc4514)
{
    EXPECT_EQ(rfc4514_escape(" a, b+c=\"d\" "), "\\ a\\, b\\+c=\\\"d\\\"\\ ");
    EXPECT_EQ(rfc4514_escape("#1"), "\\#1");
    EXPECT_EQ(rfc4514_escape("a#1"), "a#1");
    EXPECT_EQ(rfc4514_escape("\n"), "\\0A");
    EXPECT_EQ(rfc4514_escape(" "), "\\ ");
}

TEST(Hash, IsFnv1aOf64Bits)
{
    // Vectors that the authors of FNV published.
    EXPECT_EQ(Fnv1a().value(), 0xcbf29ce484222325u);
    EXPECT_EQ(Fnv1a().add("a", 1).value(), 0xaf63dc4c8601ec8cu);
    EXPECT_EQ(Fnv1a().add("foo", 3).add_byte('b').add("ar", 2).value(), 0x85944171f73967e8u);
}
