#pragma once
#include "core/base/types.hpp"

#include <array>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

// Values laid flat. A row of facts becomes one run of bytes in which every cell carries its name, its kind and its
// value: what the guarded zone hands to PostgreSQL's side of the wall, what a session caches and what shared memory
// holds.
namespace sslinfo::core {

enum class CellKind : unsigned char {
    null,
    boolean,
    integer,     // a signed 64-bit number
    real,        // a double; its bits are the number
    timestamp,   // seconds since 1970-01-01 UTC
    instant,     // microseconds since 1970-01-01 UTC
    text,        // UTF-8 without NUL
    numeric,     // decimal digits
    bytes,
    texts,       // a list of text, itself laid flat as unnamed text cells
    address,     // an IP address
    addresses,   // a list of them, as texts
    row,         // cells
};

// A view of one cell; trivially destructible, valid as long as the bytes it was read from.
struct Cell {
    std::string_view name;
    CellKind kind = CellKind::null;
    std::int64_t number = 0;   // boolean, integer, real, timestamp, instant
    std::string_view data;     // the others
};

// Anything that lists its columns: void columns(Visitor &&) const, calling visitor(name, value) for each in order.
struct AnyVisitor {
    template <class Value> void operator()(std::string_view, const Value &) const {}
};
template <class T>
concept Row = requires(const T &row)
{
    row.columns(AnyVisitor{});
};

// A real number as the bits that a cell holds, and back. (GCC 10 has no std::bit_cast.)
inline std::int64_t bits_of(double value) noexcept
{
    std::int64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
inline double double_of(std::int64_t bits) noexcept
{
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

class CellWriter {
  public:
    CellWriter() { bytes_.reserve(1024); }   // most rows fit
    void operator()(std::string_view name, bool value) { put_number(name, CellKind::boolean, value); }
    template <std::signed_integral T> void operator()(std::string_view name, T value)
    {
        put_number(name, CellKind::integer, value);
    }
    void operator()(std::string_view name, double value) { put_number(name, CellKind::real, bits_of(value)); }
    void operator()(std::string_view name, Timestamp value)
    {
        put_number(name, CellKind::timestamp, value.time_since_epoch().count());
    }
    void operator()(std::string_view name, Instant value)
    {
        put_number(name, CellKind::instant, value.time_since_epoch().count());
    }
    void operator()(std::string_view name, const std::string &value) { put(name, CellKind::text, value); }
    void operator()(std::string_view name, const Decimal &value) { put(name, CellKind::numeric, value.digits); }
    void operator()(std::string_view name, const Bytes &value) { put(name, CellKind::bytes, value.octets); }
    void operator()(std::string_view name, const Address &value) { put(name, CellKind::address, value.text); }
    void operator()(std::string_view name, const std::vector<std::string> &value)
    {
        put_list(name, CellKind::texts, value);
    }
    void operator()(std::string_view name, const Addresses &value) { put_list(name, CellKind::addresses, value.list); }
    // An enumeration becomes the text that its cell_text() returns.
    template <class T>
    requires std::is_enum_v<T>
    void operator()(std::string_view name, T value) { put(name, CellKind::text, cell_text(value)); }
    template <class T> void operator()(std::string_view name, const std::optional<T> &value)
    {
        if (value)
            (*this)(name, *value);
        else
            put(name, CellKind::null, {});
    }
    template <Row T> void operator()(std::string_view name, const T &row)
    {
        CellWriter inner;
        row.columns(inner);
        put(name, CellKind::row, inner.bytes());
    }

    // Another cell as it is.
    void copy(const Cell &cell);

    const std::string &bytes() const noexcept { return bytes_; }

  private:
    void put(std::string_view name, CellKind kind, std::string_view data);
    void put_number(std::string_view name, CellKind kind, std::int64_t number);
    void put_list(std::string_view name, CellKind kind, const std::vector<std::string> &list);

    std::string bytes_;
};

// The cells of one row.
template <Row T> std::string to_cells(const T &row)
{
    CellWriter writer;
    row.columns(writer);
    return writer.bytes();
}

// The same without the names, for memory where room is short. column_names() returns them.
template <Row T> std::string to_unnamed_cells(const T &row)
{
    CellWriter writer;
    row.columns([&](std::string_view, const auto &value) { writer({}, value); });
    return writer.bytes();
}

// The names of a row's columns in the order of its cells.
template <Row T> std::array<std::string_view, T::column_count> column_names(const T &row)
{
    std::array<std::string_view, T::column_count> names;
    std::size_t count = 0;
    row.columns([&](std::string_view name, const auto &) { names.at(count++) = name; });
    return names;
}

// A set of rows: one unnamed cell of kind row each.
template <Row T> std::string to_cells(const std::vector<T> &rows)
{
    CellWriter writer;
    for (const T &row : rows)
        writer({}, row);
    return writer.bytes();
}

// A row of cells in at most `limit` bytes: the longest texts are cut, each at a character and marked by '…', and a
// number or bytes too long to keep become null. Throws Error if even that does not fit.
std::string shrink_to_fit(std::string_view cells, std::size_t limit);

// Reads cells one after the other. Trivially destructible; bounds are checked, since shared memory may hold anything.
class CellReader {
  public:
    explicit CellReader(std::string_view bytes) noexcept : rest_(bytes) {}
    // False at the end, and for good at the first byte that makes no sense.
    bool next(Cell &cell) noexcept;
    // True unless it has met such a byte.
    bool sound() const noexcept { return sound_; }

  private:
    std::string_view rest_;
    bool sound_ = true;
};

}   // namespace sslinfo::core
