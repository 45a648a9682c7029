#include "cells.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace sslinfo::core;
using namespace std::string_literals;

namespace {

struct Inner {
    int n = 7;
    std::optional<std::string> text = "in\0ner"s;
    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("n", n);
        visit("text", text);
    }
};

struct Everything {
    bool flag = true;
    int integer = -5;
    std::int64_t big = std::int64_t(1) << 40;
    Timestamp moment{std::chrono::seconds{-1}};
    std::string text = "gr\xc3\xbc\xc3\x9f";
    Decimal decimal{"123456789012345678901234567890"};
    Bytes bytes{"\0\xff"s};
    std::vector<std::string> texts{"a", "", "c"};
    Addresses addresses{{"127.0.0.1", "::1"}};
    std::optional<std::string> nothing;
    std::optional<int> some = 3;
    Inner inner;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("flag", flag);
        visit("integer", integer);
        visit("big", big);
        visit("moment", moment);
        visit("text", text);
        visit("decimal", decimal);
        visit("bytes", bytes);
        visit("texts", texts);
        visit("addresses", addresses);
        visit("nothing", nothing);
        visit("some", some);
        visit("inner", inner);
    }
};

// In memory of its own, so that the address sanitizer sees every step outside.
int read_copy(const std::string &bytes)
{
    const std::vector<char> copy(bytes.begin(), bytes.end());
    return read_all_cells({copy.data(), copy.size()}, 8,
                          [](bool holds, const char *what) { EXPECT_TRUE(holds) << what; });
}

}   // namespace

TEST(Cells, RoundTrip)
{
    const std::string bytes = to_cells(Everything{});
    CellReader reader(bytes);
    Cell cell;
    const auto next = [&](std::string_view name, CellKind kind) {
        EXPECT_TRUE(reader.next(cell));
        EXPECT_EQ(cell.name, name);
        EXPECT_EQ(cell.kind, kind) << name;
    };
    next("flag", CellKind::boolean);
    EXPECT_EQ(cell.number, 1);
    next("integer", CellKind::integer);
    EXPECT_EQ(cell.number, -5);
    next("big", CellKind::integer);
    EXPECT_EQ(cell.number, std::int64_t(1) << 40);
    next("moment", CellKind::timestamp);
    EXPECT_EQ(cell.number, -1);
    next("text", CellKind::text);
    EXPECT_EQ(cell.data, "gr\xc3\xbc\xc3\x9f");
    next("decimal", CellKind::numeric);
    EXPECT_EQ(cell.data, "123456789012345678901234567890");
    next("bytes", CellKind::bytes);
    EXPECT_EQ(cell.data, "\0\xff"s);
    next("texts", CellKind::texts);
    std::vector<std::string> items;
    Cell item;
    for (CellReader list(cell.data); list.next(item);)
        items.emplace_back(item.data);
    EXPECT_EQ(items, (std::vector<std::string>{"a", "", "c"}));
    next("addresses", CellKind::addresses);
    next("nothing", CellKind::null);
    EXPECT_EQ(cell.data, "");
    next("some", CellKind::integer);
    next("inner", CellKind::row);
    CellReader inner(cell.data);
    EXPECT_TRUE(inner.next(item));
    EXPECT_EQ(item.number, 7);
    EXPECT_TRUE(inner.next(item));
    EXPECT_EQ(item.data, "in\0ner"s);
    EXPECT_FALSE(inner.next(item));
    EXPECT_FALSE(reader.next(cell));
    EXPECT_FALSE(reader.next(cell));
}

TEST(Cells, Sets)
{
    EXPECT_EQ(to_cells(std::vector<Inner>{}), "");
    const std::string bytes = to_cells(std::vector<Inner>(3));
    EXPECT_EQ(read_copy(bytes), 3 + 3 * 2);
}

TEST(Cells, StopsWhereTheBytesEnd)
{
    const std::string bytes = to_cells(Everything{});
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_LT(read_copy(bytes.substr(0, length)), read_copy(bytes));
    EXPECT_EQ(read_copy(""), 0);
}

TEST(Cells, NumbersOfOtherLengthsAreRefused)
{
    std::string bytes = to_cells(Inner{});
    ASSERT_EQ(bytes.substr(0, 6),
              "\x02\x01\0\0\0n"s);   // kind, length of the name, name, and then the length of the data
    bytes[6] = 7;
    bytes.erase(10, 1);
    EXPECT_EQ(read_copy(bytes), 0);
}

TEST(Cells, DamagedBytesAreNeverReadOutOfBounds)
{
    std::mt19937 random(4711);
    const std::string good = to_cells(std::vector<Everything>(2));
    for (int i = 0; i < 20000; ++i) {
        std::string bad = good;
        for (int n = static_cast<int>(random() % 4); n >= 0; --n)
            bad[random() % bad.size()] = static_cast<char>(random());
        read_copy(bad);
    }
    for (int i = 0; i < 20000; ++i) {
        std::string noise(random() % 64, '\0');
        for (char &c : noise)
            c = static_cast<char>(random() % 16);
        read_copy(noise);
    }
    EXPECT_EQ(read_copy("\xff\0\0\0\0\0\0\0\0"s), 0);   // a kind that there is not
}
