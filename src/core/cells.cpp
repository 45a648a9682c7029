#include "core/cells.hpp"

#include <cstring>
#include <limits>
#include <stdexcept>

namespace sslinfo::core {

namespace {

using Length = std::uint32_t;

void append_length(std::string &out, std::size_t length)
{
    if (length > std::numeric_limits<Length>::max())
        throw std::length_error("a value is too long");
    const Length value = static_cast<Length>(length);
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

bool take(std::string_view &rest, std::size_t length, std::string_view &out) noexcept
{
    if (rest.size() < length)
        return false;
    out = rest.substr(0, length);
    rest.remove_prefix(length);
    return true;
}

bool take_length_and_data(std::string_view &rest, std::string_view &out) noexcept
{
    std::string_view raw;
    Length length;
    if (!take(rest, sizeof length, raw))
        return false;
    std::memcpy(&length, raw.data(), sizeof length);
    return take(rest, length, out);
}

} // namespace

// A cell: kind (1 byte), length of the name and the name, length of the data and the data. Numbers are 8 bytes of data
// in the machine's own order: cells never leave the machine that wrote them.
void CellWriter::put(std::string_view name, CellKind kind, std::string_view data)
{
    bytes_ += static_cast<char>(kind);
    append_length(bytes_, name.size());
    bytes_ += name;
    append_length(bytes_, data.size());
    bytes_ += data;
}

void CellWriter::put_number(std::string_view name, CellKind kind, std::int64_t number)
{
    put(name, kind, {reinterpret_cast<const char *>(&number), sizeof number});
}

void CellWriter::put_list(std::string_view name, CellKind kind, const std::vector<std::string> &list)
{
    CellWriter inner;
    for (const std::string &item : list)
        inner({}, item);
    put(name, kind, inner.bytes());
}

bool CellReader::next(Cell &cell) noexcept
{
    std::string_view kind;
    std::string_view name;
    std::string_view data;
    if (!take(rest_, 1, kind) || !take_length_and_data(rest_, name) || !take_length_and_data(rest_, data) ||
        static_cast<unsigned char>(kind[0]) > static_cast<unsigned char>(CellKind::row)) {
        rest_ = {};
        return false;
    }
    cell = Cell{name, static_cast<CellKind>(kind[0]), 0, data};
    if (cell.kind == CellKind::boolean || cell.kind == CellKind::integer || cell.kind == CellKind::timestamp) {
        if (data.size() != sizeof cell.number) {
            rest_ = {};
            return false;
        }
        std::memcpy(&cell.number, data.data(), sizeof cell.number);
        cell.data = {};
    }
    return true;
}

} // namespace sslinfo::core
