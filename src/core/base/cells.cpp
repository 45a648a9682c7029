#include "core/base/cells.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace sslinfo::core {

namespace {

using Length = std::uint32_t;

// Writes the length and the bytes, and returns the position after them.
char *put_bytes(char *at, std::string_view bytes)
{
    const Length length = static_cast<Length>(bytes.size());
    std::memcpy(at, &length, sizeof length);
    return std::copy(bytes.begin(), bytes.end(), at + sizeof length);
}

// Moves a length and that many bytes from the front of `rest` to `out`. Returns false if `rest` is too short.
inline bool take(std::string_view &rest, std::string_view &out) noexcept
{
    Length length;
    if (rest.size() < sizeof length)
        return false;
    std::memcpy(&length, rest.data(), sizeof length);
    if (rest.size() - sizeof length < length)
        return false;
    out = {rest.data() + sizeof length, length};
    rest.remove_prefix(sizeof length + length);
    return true;
}

bool numeric_kind(CellKind kind) noexcept
{
    return kind == CellKind::boolean || kind == CellKind::integer || kind == CellKind::real ||
           kind == CellKind::timestamp || kind == CellKind::instant;
}

}   // namespace

// Layout of a cell: kind (1 byte), name, data. Name and data are each a Length and the bytes. Numbers are 8 bytes in
// the machine's byte order: cells never leave the machine that wrote them.
void CellWriter::put(std::string_view name, CellKind kind, std::string_view data)
{
    if (std::max(name.size(), data.size()) > std::numeric_limits<Length>::max())
        throw std::length_error("a value is too long");
    const std::size_t before = bytes_.size();
    bytes_.resize(before + 1 + 2 * sizeof(Length) + name.size() + data.size());
    char *const at = bytes_.data() + before;
    *at = static_cast<char>(kind);
    put_bytes(put_bytes(at + 1, name), data);
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

void CellWriter::copy(const Cell &cell)
{
    if (numeric_kind(cell.kind))
        put_number(cell.name, cell.kind, cell.number);
    else
        put(cell.name, cell.kind, cell.data);
}

std::string shrink_to_fit(std::string_view cells, std::size_t limit)
{
    std::string row(cells);
    while (row.size() > limit) {
        std::string_view longest;
        Cell cell;
        for (CellReader reader(row); reader.next(cell);)
            if (cell.data.size() > longest.size())
                longest = cell.data;
        if (longest.size() < 16)
            throw Error(ErrorCode::internal, "facts do not fit");
        CellWriter writer;
        for (CellReader reader(row); reader.next(cell);) {
            std::string shorter;
            if (cell.data.data() == longest.data() && cell.kind == CellKind::text) {
                shorter = shortened(cell.data, cell.data.size() / 4 * 3);
                cell.data = shorter;
            } else if (cell.data.data() == longest.data()) {
                cell = Cell{cell.name, CellKind::null, 0, {}};
            }
            writer.copy(cell);
        }
        row = writer.bytes();
    }
    return row;
}

bool CellReader::next(Cell &cell) noexcept
{
    if (rest_.empty())
        return false;
    // A local copy stays in registers: unlike rest_, it cannot alias `cell`.
    std::string_view rest = rest_.substr(1);
    const auto kind = static_cast<unsigned char>(rest_.front());
    std::string_view name;
    std::string_view data;
    valid_ = kind <= static_cast<unsigned char>(CellKind::row) && take(rest, name) && take(rest, data);
    if (valid_) {
        cell = Cell{name, static_cast<CellKind>(kind), 0, data};
        if (numeric_kind(cell.kind)) {
            valid_ = data.size() == sizeof cell.number;
            if (valid_)
                std::memcpy(&cell.number, data.data(), sizeof cell.number);
            cell.data = {};
        }
    }
    rest_ = rest;
    if (!valid_)
        rest_ = {};
    return valid_;
}

}   // namespace sslinfo::core
