#include "core/x509/asn1.hpp"
#include "core/openssl/handle.hpp"

#include "certificates.hpp"

#include <cstdio>
#include <ctime>
#include <gtest/gtest.h>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

using StringHandle = std::unique_ptr<ASN1_STRING, Deleter<ASN1_STRING_free>>;
using TimeHandle = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using IntegerHandle = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;

StringHandle string(int type, const std::string &octets)
{
    StringHandle out(ASN1_STRING_type_new(type));
    ASN1_STRING_set(out.get(), octets.data(), static_cast<int>(octets.size()));
    return out;
}

std::optional<std::string> decoded(int type, const std::string &octets) { return utf8(*string(type, octets)); }

std::optional<Timestamp> parsed_time(const std::string &der)
{
    const auto *p = reinterpret_cast<const unsigned char *>(der.data());
    const TimeHandle t(d2i_ASN1_TIME(nullptr, &p, static_cast<long>(der.size())));
    return time(t.get());
}

IntegerHandle integer(const std::string &der)
{
    const auto *p = reinterpret_cast<const unsigned char *>(der.data());
    return IntegerHandle(d2i_ASN1_INTEGER(nullptr, &p, static_cast<long>(der.size())));
}

ObjectHandle object(const std::string &der)
{
    const auto *p = reinterpret_cast<const unsigned char *>(der.data());
    return ObjectHandle(d2i_ASN1_OBJECT(nullptr, &p, static_cast<long>(der.size())));
}

}   // namespace

TEST(Asn1, OctetsOfNothing)
{
    const StringHandle empty(ASN1_STRING_new());
    EXPECT_EQ(octets(*empty), "");
    EXPECT_EQ(octets(*string(V_ASN1_OCTET_STRING, "\0x"s)), "\0x"s);
}

TEST(Asn1, DecodesEachStringType)
{
    const std::string latin = "gr\xfc\xdf";
    const std::string utf = "gr\xc3\xbc\xc3\x9f";
    EXPECT_EQ(decoded(V_ASN1_UTF8STRING, utf), utf);
    EXPECT_EQ(decoded(V_ASN1_T61STRING, latin), utf);
    EXPECT_EQ(decoded(V_ASN1_PRINTABLESTRING, "Acme"), "Acme");
    EXPECT_EQ(decoded(V_ASN1_IA5STRING, latin), utf);
    EXPECT_EQ(decoded(V_ASN1_NUMERICSTRING, "12 3"), "12 3");
    EXPECT_EQ(decoded(V_ASN1_VISIBLESTRING, "a~b"), "a~b");
    EXPECT_EQ(decoded(V_ASN1_UTCTIME, "250102030405Z"), "250102030405Z");
    EXPECT_EQ(decoded(V_ASN1_GENERALIZEDTIME, "20250102030405Z"), "20250102030405Z");
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\0g\0r\0\xfc\0\xdf"s), utf);
    EXPECT_EQ(decoded(V_ASN1_UNIVERSALSTRING, "\0\0\0g\0\0\0r\0\0\0\xfc\0\0\0\xdf"s), utf);
    EXPECT_EQ(decoded(V_ASN1_UNIVERSALSTRING, "\0\x01\xf5\x12"s), "\xf0\x9f\x94\x92");
    EXPECT_EQ(decoded(V_ASN1_UTF8STRING, ""), "");
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, ""), "");
    EXPECT_EQ(decoded(V_ASN1_UTF8STRING, "a\0b"s), "a\0b"s);
}

TEST(Asn1, ABmpStringHasNoSurrogates)
{
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xd8\x3d\xdd\x12\0!"s),
              std::nullopt);                                                   // a surrogate pair, which X.680 forbids
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xd8\x3d"s), std::nullopt);           // the high half alone, at the end
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xd8\x3d\0x"s), std::nullopt);        // the high half alone
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xd8\x3d\xe0\0"s), std::nullopt);     // the high half, then something above
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xdd\x12\0x"s), std::nullopt);        // the low half alone
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xd8\x3d\xd8\x3d"s), std::nullopt);   // two high halves
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\xff\xff"s), "\xef\xbf\xbf");
}

TEST(Asn1, RefusesWhatIsNoCharacterString)
{
    EXPECT_EQ(decoded(V_ASN1_UTF8STRING, "\xff"), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_UTF8STRING, "\xed\xa0\x80"), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_BMPSTRING, "\0ab"s), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_UNIVERSALSTRING, "\0\0a"s), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_UNIVERSALSTRING, "\0\x11\0\0"s), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_UNIVERSALSTRING, "\0\0\xd8\0"s), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_UNIVERSALSTRING, "\xff\xff\xff\xff"s), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_OCTET_STRING, "abc"), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_BIT_STRING, "abc"), std::nullopt);
    EXPECT_EQ(decoded(V_ASN1_INTEGER, "abc"), std::nullopt);
}

TEST(Asn1, HexOfTheWholeValue)
{
    EXPECT_EQ(der_hexstring(*string(V_ASN1_OCTET_STRING, "\x01\xab")), "#040201AB");
    EXPECT_EQ(der_hexstring(*string(V_ASN1_UTF8STRING, "\xff")), "#0C01FF");
    EXPECT_EQ(der_hexstring(*string(V_ASN1_BMPSTRING, "")), "#1E00");
    EXPECT_EQ(der_hexstring(*string(V_ASN1_BMPSTRING, std::string(200, 'x'))).substr(0, 9), "#1E81C878");
}

TEST(Asn1, ObjectIdentifiers)
{
    EXPECT_EQ(dotted_oid(*object(der::oid("2.5.4.3"))), "2.5.4.3");
    EXPECT_EQ(short_name(*object(der::oid("2.5.4.3"))), "CN");
    EXPECT_EQ(long_name(*object(der::oid("2.5.4.3"))), "commonName");
    EXPECT_EQ(dotted_oid(*object(der::oid("1.3.6.1.4.1.99999.4294967296"))), "1.3.6.1.4.1.99999.4294967296");
    EXPECT_EQ(short_name(*object(der::oid("1.3.6.1.4.1.99999.1"))), "1.3.6.1.4.1.99999.1");
    EXPECT_EQ(long_name(*object(der::oid("1.3.6.1.4.1.99999.1"))), "1.3.6.1.4.1.99999.1");
    EXPECT_EQ(dotted_oid(*object(der::oid("2.999.1"))), "2.999.1");
}

TEST(Asn1, LongObjectIdentifiers)
{
    std::string dotted = "1.3";
    for (int i = 0; i < 190; ++i)
        dotted += "." + std::to_string(1000000 + i);
    EXPECT_EQ(dotted_oid(*object(der::oid(dotted))), dotted);
    // 2^127 - 1 in one arc, which no machine word holds.
    EXPECT_EQ(dotted_oid(*object("\x06\x14\x2a\x81" + std::string(17, '\xff') + "\x7f")),
              "1.2.170141183460469231731687303715884105727");
}

TEST(Asn1, NeverHasAnEmptyNameForAnObject)
{
    // OpenSSL does not print an OID of more than 586 bytes (CVE-2023-2650), nor an object without contents.
    const ObjectHandle huge = object("\x06\x82\x04\x01\x2a" + std::string(1023, '\xff') + "\x7f");
    ASSERT_TRUE(huge);
    EXPECT_EQ(dotted_oid(*huge).substr(0, 13), "#068204012AFF");
    EXPECT_EQ(short_name(*huge), dotted_oid(*huge));
    EXPECT_EQ(dotted_oid(*OBJ_nid2obj(NID_undef)), "#");
}

TEST(Asn1, Times)
{
    EXPECT_EQ(parsed_time(der::utc_time("700101000000Z")), (Timestamp{std::chrono::seconds{0}}));
    EXPECT_EQ(parsed_time(der::utc_time("500101000000Z")), (Timestamp{std::chrono::seconds{-631152000}}));   // 1950
    EXPECT_EQ(parsed_time(der::utc_time("491231235959Z")), (Timestamp{std::chrono::seconds{2524607999}}));   // 2049
    EXPECT_EQ(parsed_time(der::generalized_time("20500101000000Z")), (Timestamp{std::chrono::seconds{2524608000}}));
    EXPECT_EQ(parsed_time(der::generalized_time("99991231235959Z")), (Timestamp{std::chrono::seconds{253402300799}}));
    EXPECT_EQ(parsed_time(der::generalized_time("00010101000000Z")), (Timestamp{std::chrono::seconds{-62135596800}}));
    EXPECT_EQ(parsed_time(der::generalized_time("00000101000000Z")), (Timestamp{std::chrono::seconds{-62167219200}}));
    EXPECT_EQ(parsed_time(der::generalized_time("20000229120000Z")), (Timestamp{std::chrono::seconds{951825600}}));
}

TEST(Asn1, EveryMonthOfEveryYear)
{
    for (int month = 0; month < 12 * 10000; ++month) {
        std::tm first{};
        first.tm_year = month / 12 - 1900;
        first.tm_mon = month % 12;
        first.tm_mday = 1;
        char text[32];
        std::snprintf(text, sizeof text, "%04d%02d01000000Z", month / 12, month % 12 + 1);
        ASSERT_EQ(parsed_time(der::generalized_time(text)), Timestamp{std::chrono::seconds{timegm(&first)}}) << text;
    }
}

TEST(Asn1, MalformedTimes)
{
    for (const char *bad : {"", "Z", "25010203Z", "251302030405Z", "250132030405Z", "250102250405Z", "25010203040",
                            "xx0102030405Z", "250102030405Z0", "250230030405Z", "250102030460Z "})
        EXPECT_EQ(parsed_time(der::utc_time(bad)), std::nullopt) << bad;
    for (const char *bad : {"", "20210229000000Z", "2025010203Z", "20250102030405.Z", "99990102030405"})
        EXPECT_EQ(parsed_time(der::generalized_time(bad)), std::nullopt) << bad;
    EXPECT_EQ(time(static_cast<const ASN1_TIME *>(nullptr)), std::nullopt);
}

TEST(Asn1, Integers)
{
    EXPECT_EQ(decimal(*integer(der::integer(0)))->digits, "0");
    EXPECT_EQ(decimal(*integer(der::integer(-129)))->digits, "-129");
    EXPECT_EQ(integer_hex(*integer(der::integer(0))), "00");
    EXPECT_EQ(integer_hex(*integer(der::integer(-129))), "-81");
    EXPECT_EQ(integer_hex(*integer(der::integer(256))), "0100");
    EXPECT_EQ(decimal(*integer(der::integer("\x01" + std::string(20, '\0'))))->digits,
              "1461501637330902918203684832716283019655932542976");   // 2^160
}

TEST(Asn1, IntegersBeyondNumeric)
{
    // 10^131072 has 435412 bits: the largest number of 54426 bytes has 131071 digits, 54427 bytes can have more.
    const std::optional<Decimal> largest = decimal(*integer(der::integer("\x7f" + std::string(54425, '\xff'))));
    ASSERT_TRUE(largest);
    EXPECT_LE(largest->digits.size(), 131072u);
    EXPECT_GT(largest->digits.size(), 131000u);
    EXPECT_EQ(decimal(*integer(der::integer("\x7f" + std::string(60000, '\xff')))), std::nullopt);
    EXPECT_EQ(integer_hex(*integer(der::integer("\x7f" + std::string(60000, '\xff')))).size(), 120002u);
}
