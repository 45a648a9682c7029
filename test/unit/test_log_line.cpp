#include "core/logins/log_line.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace sslinfo::core;

TEST(LogLine, QuotesWhatStrangersChoose)
{
    EXPECT_EQ(quote_for_log("app"), "\"app\"");
    EXPECT_EQ(quote_for_log(""), "\"\"");
    EXPECT_EQ(quote_for_log("a\" b=\"c\\"), "\"a\\\" b=\\\"c\\\\\"");
    EXPECT_EQ(quote_for_log("one\ntwo\r\t\x1b[2J\x7f"), "\"one\\u000atwo\\u000d\\u0009\\u001b[2J\\u007f\"");
    EXPECT_EQ(quote_for_log("\u0085\u009b \u2028\u2029 \u00a0é…"), "\"\\u0085\\u009b \\u2028\\u2029 \u00a0é…\"");
    EXPECT_EQ(quote_for_log("\u061c\u200e\u200f\u202a\u202e\u2066\u2069 \u200d"),
              "\"\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069 \u200d\"");
    EXPECT_EQ(quote_for_log("\xff\xc3"), "\"\\u00ff\\u00c3\"");
    EXPECT_EQ(quote_for_log(std::string_view("a\0b", 3)), "\"a\\u0000b\"");
}

TEST(LogLine, IsOneLineOfWhatIsKnown)
{
    CellWriter writer;
    writer("user", std::string("a b"));
    writer.copy(Cell{"database", CellKind::null, 0, {}});
    writer("client_addr", Address{"127.0.0.1"});
    writer("post_quantum", true);
    writer("bits", 256);
    writer("client_serial", Decimal{"123456789012345678901234567890"});
    writer("client_not_after", Timestamp{std::chrono::seconds{1700000000}});
    EXPECT_EQ(log_line(writer.bytes()),
              " user=\"a b\" client_addr=127.0.0.1 post_quantum=true bits=256 "
              "client_serial=123456789012345678901234567890 client_not_after=2023-11-14T22:13:20Z");
    EXPECT_EQ(log_line(""), "");
    CellWriter rare;
    rare("octets", Bytes{"\x01\xab"});
    rare("seen", Instant{std::chrono::microseconds{1700000000'999999}});
    rare("never", Timestamp::max());   // a year that struct tm cannot hold
    EXPECT_EQ(log_line(rare.bytes()), " octets=01ab seen=2023-11-14T22:13:20Z never=9223372036854775807");
}

// A serial number may have 54,000 digits, and a client chooses its server name.
TEST(LogLine, ValuesAreBounded)
{
    CellWriter writer;
    writer("client_serial", Decimal{std::string(54000, '7')});
    writer("server_name", std::string(20000, 'x'));
    writer("octets", Bytes{std::string(20000, 'x')});
    const std::string line = log_line(writer.bytes());
    EXPECT_LT(line.size(), 1600u);
    EXPECT_NE(line.find("7\u2026 server_name="), std::string::npos);
}
