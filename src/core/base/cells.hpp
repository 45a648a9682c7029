#pragma once
#include "core/base/types.hpp"

#include <array>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

// Rows of facts as one run of bytes without pointers or destructors. Each cell has a name, a kind and a value. Cells
// carry results from guarded C++ code to PostgreSQL, and are stored in session caches and shared memory.
namespace sslinfo::core {

enum class CellKind : unsigned char {
    null,
    boolean,
    integer,     // a signed 64-bit number
    real,        // the bits of a double
    timestamp,   // seconds since 1970-01-01 UTC
    instant,     // microseconds since 1970-01-01 UTC
    text,        // UTF-8 without NUL
    numeric,     // decimal digits
    bytes,
    texts,   // unnamed cells of kind text
    address,
    addresses,   // unnamed cells of kind text
    row,         // cells
};

// View of one cell. Trivially destructible; valid as long as the bytes it was read from.
struct Cell {
    std::string_view name;
    CellKind kind = CellKind::null;
    std::int64_t number = 0;   // boolean, integer, real, timestamp, instant
    std::string_view data;     // all other kinds
};

// A type with void columns(Visitor &&) const, which calls visitor(name, value) for each column in order.
struct AnyVisitor {
    template <class Value> void operator()(std::string_view, const Value &) const {}
};
template <class T>
concept Row = requires(const T &row)
{
    row.columns(AnyVisitor{});
};

// Convert between a double and its bits. (GCC 10 has no std::bit_cast.)
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
    // Writes an enumeration as text, by its cell_text().
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

    void copy(const Cell &cell);

    const std::string &bytes() const noexcept { return bytes_; }

  private:
    void put(std::string_view name, CellKind kind, std::string_view data);
    void put_number(std::string_view name, CellKind kind, std::int64_t number);
    void put_list(std::string_view name, CellKind kind, const std::vector<std::string> &list);

    std::string bytes_;
};

// Returns the cells of one row.
template <Row T> std::string to_cells(const T &row)
{
    CellWriter writer;
    row.columns(writer);
    return writer.bytes();
}

// Returns the cells of one row without the names, for session slots. column_names() returns the names.
template <Row T> std::string to_unnamed_cells(const T &row)
{
    CellWriter writer;
    row.columns([&](std::string_view, const auto &value) { writer({}, value); });
    return writer.bytes();
}

// Returns the names of a row's columns in the order of its cells.
template <Row T> std::array<std::string_view, T::column_count> column_names(const T &row)
{
    std::array<std::string_view, T::column_count> names;
    std::size_t count = 0;
    row.columns([&](std::string_view name, const auto &) { names.at(count++) = name; });
    return names;
}

// Returns a set of rows: one unnamed cell of kind row each.
template <Row T> std::string to_cells(const std::vector<T> &rows)
{
    CellWriter writer;
    for (const T &row : rows)
        writer({}, row);
    return writer.bytes();
}

// Returns the row in at most `limit` bytes. Repeatedly shortens the longest text to three quarters, with '…' at its
// end; the longest value of another kind becomes null. Throws Error if that does not suffice.
std::string shrink_to_fit(std::string_view cells, std::size_t limit);

// Reads cells in order. Trivially destructible. Checks bounds, since shared memory may be damaged.
class CellReader {
  public:
    explicit CellReader(std::string_view bytes) noexcept : rest_(bytes) {}
    // Returns false at the end and, from then on, at the first malformed cell.
    bool next(Cell &cell) noexcept;
    // False after a malformed cell.
    bool valid() const noexcept { return valid_; }

  private:
    std::string_view rest_;
    bool valid_ = true;
};

}   // namespace sslinfo::core
