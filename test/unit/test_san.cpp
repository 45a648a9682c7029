#include "core/base/error.hpp"
#include "core/x509/san.hpp"

#include "certificates.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

constexpr std::string_view san_oid = "2.5.29.17";

std::optional<std::vector<AlternativeName>> names(std::initializer_list<std::string_view> general_names)
{
    return alternative_names(*parsed({.extensions = {der::extension(san_oid, der::sequence(general_names))}}));
}

AlternativeName only(const std::string &general_name)
{
    const auto all = names({general_name});
    EXPECT_TRUE(all && all->size() == 1);
    return all && all->size() == 1 ? all->front() : AlternativeName{};
}

std::string other(std::string_view type, const std::string &value)
{
    return der::constructed(0, der::oid(type) + der::constructed(0, value));
}

}   // namespace

TEST(San, EachTypeOfName)
{
    const auto all =
        names({der::primitive(2, "bank.example"), der::primitive(6, "https://a/b"), der::primitive(1, "a@b.example"),
               der::primitive(7, "\x7f\0\0\x01"s), der::primitive(7, std::string(15, '\0') + "\x01"),
               der::constructed(4, der::common_name("Sales, EU")), der::primitive(8, der::oid("1.2.3.4").substr(2))});
    ASSERT_TRUE(all);
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"dns", "bank.example"}, {"uri", "https://a/b"},        {"email", "a@b.example"}, {"ip", "127.0.0.1"},
        {"ip", "::1"},           {"dirname", "CN=Sales\\, EU"}, {"rid", "1.2.3.4"}};
    ASSERT_EQ(all->size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ((*all)[i].ordinal, static_cast<int>(i) + 1);
        EXPECT_EQ(cell_text((*all)[i].type), expected[i].first);
        EXPECT_EQ((*all)[i].value, expected[i].second);
        EXPECT_EQ((*all)[i].plain, expected[i].first != "dirname");
    }
}

TEST(San, OtherNames)
{
    EXPECT_EQ(only(other("1.3.6.1.4.1.311.20.2.3", der::utf8_string("joe@corp.example"))).value,
              "UPN:joe@corp.example");
    EXPECT_EQ(only(other("1.3.6.1.5.5.7.8.7", der::ia5_string("_ldap.corp.example"))).value,
              "SRVName:_ldap.corp.example");
    EXPECT_EQ(only(other("1.3.6.1.4.1.311.20.2.3", der::utf8_string("joe\0evil"s))).value, "UPN:joe\\00evil");
    EXPECT_EQ(only(other("1.3.6.1.4.1.311.20.2.3", der::utf8_string("\xff"))).value, "1.3.6.1.4.1.311.20.2.3:#0C01FF");
    EXPECT_EQ(only(other("1.3.6.1.4.1.311.20.2.3", der::octet_string("x"))).value, "1.3.6.1.4.1.311.20.2.3:#040178");
    EXPECT_EQ(only(other("1.2.3.4", der::sequence({der::integer(5)}))).value, "1.2.3.4:#3003020105");
    EXPECT_EQ(only(other("1.2.3.4", der::null())).value, "1.2.3.4:#0500");
    EXPECT_TRUE(only(other("1.3.6.1.5.5.7.8.7", der::ia5_string("_ldap.corp.example"))).plain);
    EXPECT_FALSE(only(other("1.3.6.1.4.1.311.20.2.3", der::utf8_string("joe\0evil"s))).plain);
    EXPECT_FALSE(only(other("1.2.3.4", der::null())).plain);
    EXPECT_EQ(only(other("1.2.3.4", der::null())).type, NameType::other);
}

// Each labelled type, with a value of each type of character string, as text; with any other value as the hex of its
// DER.
TEST(San, OtherNamesOfEachStringType)
{
    const std::pair<std::string_view, std::string> types[] = {{"1.3.6.1.4.1.311.20.2.3", "UPN:"},
                                                              {"1.3.6.1.5.5.7.8.5", "XmppAddr:"},
                                                              {"1.3.6.1.5.5.7.8.7", "SRVName:"},
                                                              {"1.3.6.1.5.5.7.8.8", "NAIRealm:"},
                                                              {"1.3.6.1.5.5.7.8.9", "SmtpUTF8Mailbox:"}};
    for (const auto &[type, label] : types) {
        for (const int ascii : {0x0c, 0x13, 0x14, 0x16, 0x1a}) {   // UTF8, Printable, T61, IA5, Visible
            const AlternativeName name = only(other(type, der::tlv(ascii, "app.example")));
            EXPECT_EQ(name.value, label + "app.example") << ascii;
            EXPECT_EQ(name.type, NameType::other);
            EXPECT_TRUE(name.plain) << ascii;
        }
        EXPECT_EQ(only(other(type, der::tlv(0x12, "4711"))).value, label + "4711") << "NumericString";
        EXPECT_EQ(only(other(type, der::tlv(0x1e, "\0Z\0o\0\xeb"s))).value, label + "Zo\u00eb") << "BMPString";
        EXPECT_EQ(only(other(type, der::tlv(0x1c, "\0\1\xd1\x1e"s))).value, label + "\U0001d11e") << "UniversalString";
        EXPECT_EQ(only(other(type, der::utf8_string("Zo\u00eb"))).value, label + "Zo\u00eb");
        EXPECT_FALSE(only(other(type, der::utf8_string("a\0b"s))).plain);
        for (const std::string &value :
             {der::utc_time("250102030405Z"), der::generalized_time("20250102030405Z"), der::integer(5),
              der::boolean(true), der::oid("1.2.3"), der::bit_string("x"), der::tlv(0x1b, "GeneralString"),
              der::tlv(0x1e, "\xd8\x34\xdd\x1e"s), der::sequence({der::utf8_string("x")})}) {
            const AlternativeName name = only(other(type, value));
            EXPECT_EQ(name.value.rfind(std::string(type) + ":#", 0), 0u) << name.value;
            EXPECT_FALSE(name.plain) << name.value;
        }
    }
}

TEST(San, RareNames)
{
    EXPECT_EQ(only(der::constructed(5, der::constructed(1, der::printable_string("party")))).value,
              "ediPartyName:#A509A1071305706172747" + "9"s);
    const std::string x400 = der::constructed(3, der::sequence({}));
    EXPECT_EQ(only(x400).value.substr(0, 13), "x400Address:#");
    EXPECT_EQ(only(x400).type, NameType::other);
}

TEST(San, NothingHidesBehindANulOrAnEscape)
{
    const AlternativeName nul = only(der::primitive(2, "bank.example\0.evil"s));
    EXPECT_EQ(nul.value, "bank.example\\00.evil");
    EXPECT_FALSE(nul.plain);
    EXPECT_EQ(only(der::primitive(2, "a\\00b")).value, "a\\5C00b");
    EXPECT_EQ(only(der::primitive(6, "http://a/, DNS:admin")).value, "http://a/, DNS:admin");
    EXPECT_EQ(only(der::primitive(1, "\xc3\xa9@b")).value, "\\C3\\A9@b");
    EXPECT_EQ(only(der::primitive(2, "")).value, "");
}

TEST(San, AddressesOfOtherLengths)
{
    for (const std::string &octets : {""s, "\x0a"s, "\x0a\x01\x02\x03\xff\0\0\0"s, std::string(17, 'x')}) {
        const auto all = names({der::primitive(7, octets)});
        ASSERT_TRUE(all);
        EXPECT_EQ(all->front().value.front(), '#');
        EXPECT_FALSE(all->front().plain);
        EXPECT_TRUE(addresses(all)->list.empty());
    }
    EXPECT_EQ(addresses(names({der::primitive(7, "\x0a\x01\x02\x03"), der::primitive(2, "10.1.2.4")}))->list,
              std::vector<std::string>{"10.1.2.3"});
}

TEST(San, WithoutNames)
{
    EXPECT_EQ(alternative_names(*parsed({})), std::nullopt);
    EXPECT_EQ(values_of_type(std::nullopt, NameType::dns), std::nullopt);
    EXPECT_EQ(addresses(std::nullopt), std::nullopt);
    EXPECT_EQ(names({})->size(), 0u);
    EXPECT_EQ(values_of_type(names({}), NameType::dns), std::vector<std::string>{});
    // twice, and not to be parsed
    const std::string one = der::extension(san_oid, der::sequence({der::primitive(2, "a")}));
    EXPECT_EQ(alternative_names(*parsed({.extensions = {one, one}})), std::nullopt);
    EXPECT_EQ(alternative_names(*parsed({.extensions = {der::extension(san_oid, "\x30\x05garb")}})), std::nullopt);
    EXPECT_EQ(alternative_names(*parsed({.extensions = {der::extension(san_oid, der::primitive(2, "a"))}})),
              std::nullopt);
}

TEST(San, ValuesOfAType)
{
    const auto all = names({der::primitive(2, "a"), der::primitive(6, "b"), der::primitive(2, "c")});
    EXPECT_EQ(values_of_type(all, NameType::dns), (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(values_of_type(all, NameType::email), std::vector<std::string>{});
    for (const char *type : {"dns", "uri", "email", "ip", "dirname", "rid", "other"})
        EXPECT_EQ(cell_text(name_type(type)), type);
    for (const char *type : {"", "DNS", "dns ", "upn"})
        EXPECT_THROW((void)name_type(type), Error) << type;
}

// SPIFFE-ID, section 2.
TEST(Spiffe, ValidIds)
{
    for (const std::string &id :
         {"spiffe://example.org/service"s, "spiffe://a-b_c.9/X/y.z/-_."s, "spiffe://" + std::string(255, 'a') + "/x",
          "spiffe://e/..."s, "spiffe://e/" + std::string(2048 - 11, 'p')})
        EXPECT_TRUE(valid_spiffe_id(id)) << id;
}

TEST(Spiffe, InvalidIds)
{
    for (const std::string &id : {""s,
                                  "spiffe:"s,
                                  "spiffe://"s,
                                  "spiffe:///x"s,
                                  "SPIFFE://e/x"s,
                                  "spiffe://Example.org/x"s,
                                  "spiffe://e"s,
                                  "spiffe://e/"s,
                                  "spiffe://e//x"s,
                                  "spiffe://e/x/"s,
                                  "spiffe://e/./x"s,
                                  "spiffe://e/../x"s,
                                  "spiffe://e/x/.."s,
                                  "spiffe://e:80/x"s,
                                  "spiffe://u@e/x"s,
                                  "spiffe://e/x?q"s,
                                  "spiffe://e/x#f"s,
                                  "spiffe://e/%41"s,
                                  "spiffe://e/x y"s,
                                  "spiffe://e/\xc3\xa9"s,
                                  "https://e/x"s,
                                  "spiffe://" + std::string(256, 'a') + "/x",
                                  "spiffe://e/" + std::string(2049 - 11, 'p')})
        EXPECT_FALSE(valid_spiffe_id(id)) << id;
}

TEST(Spiffe, OnlyWhereThereIsExactlyOneUri)
{
    const std::string id = der::primitive(6, "spiffe://prod/api");
    EXPECT_EQ(spiffe_id(names({id})), "spiffe://prod/api");
    EXPECT_EQ(spiffe_id(names({der::primitive(2, "x"), id})), "spiffe://prod/api");
    EXPECT_EQ(spiffe_id(names({id, der::primitive(6, "https://other")})), std::nullopt);
    EXPECT_EQ(spiffe_id(names({id, id})), std::nullopt);
    EXPECT_EQ(spiffe_id(names({der::primitive(6, "https://other")})), std::nullopt);
    EXPECT_EQ(spiffe_id(names({der::primitive(6, "spiffe://prod/api\0x"s)})), std::nullopt);
    EXPECT_EQ(spiffe_id(names({})), std::nullopt);
    EXPECT_EQ(spiffe_id(std::nullopt), std::nullopt);
    EXPECT_EQ(certificate_spiffe_id(*parsed({})), std::nullopt);
}

// X509-SVID, sections 3.2 and 5.2: a certificate that may sign others is no workload's, and neither is one whose
// extensions do not say so readably.
TEST(Spiffe, OnlyOfACertificateThatSignsNothing)
{
    const std::string san = der::extension("2.5.29.17", der::sequence({der::primitive(6, "spiffe://prod/api")}));
    const auto id = [&](const std::string &constraints, const std::string &usage) {
        std::vector<std::string> extensions{san};
        if (!constraints.empty())
            extensions.push_back(der::extension("2.5.29.19", constraints, true));
        if (!usage.empty())
            extensions.push_back(der::extension("2.5.29.15", usage, true));
        return certificate_spiffe_id(*parsed({.extensions = extensions}));
    };
    const std::string signs = der::bit_string("\x80", 7);
    EXPECT_EQ(id("", ""), "spiffe://prod/api");
    EXPECT_EQ(id(der::sequence({}), signs), "spiffe://prod/api");
    EXPECT_EQ(id(der::sequence({der::boolean(true)}), ""), std::nullopt) << "CA:TRUE";
    EXPECT_EQ(id(der::sequence({der::boolean(true)}), signs), std::nullopt) << "CA:TRUE";
    EXPECT_EQ(id("", der::bit_string("\x04", 2)), std::nullopt) << "keyCertSign";
    EXPECT_EQ(id("", der::bit_string("\x02", 1)), std::nullopt) << "cRLSign";
    EXPECT_EQ(id("garbage", ""), std::nullopt) << "unreadable basicConstraints";
    EXPECT_EQ(id(der::sequence({}) + "xx", ""), std::nullopt) << "bytes after basicConstraints";
    EXPECT_EQ(id("", "garbage"), std::nullopt) << "unreadable keyUsage";
    EXPECT_EQ(id("", signs + "xx"), std::nullopt) << "bytes after keyUsage";
}
