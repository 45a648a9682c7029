// The table of usage as bytes and back: one row of what it says of itself, then a row for each entry.
#include "core/logins/usage_table.hpp"

#include "core/base/cells.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <arpa/inet.h>
#include <vector>

namespace sslinfo::core {

namespace {

bool is_null(const Cell &cell) { return cell.kind == CellKind::null; }

// read(cell, field): false where the cell is nothing for the field.
template <std::size_t N> bool read(const Cell &cell, ShortText<N> &field, CellKind kind = CellKind::text)
{
    if (is_null(cell)) {
        field = field.of(std::nullopt);
        return true;
    }
    if (cell.kind != kind || cell.data.size() > N || !valid_utf8(cell.data) || cell.data.find('\0') != cell.data.npos)
        return false;
    field = field.of(std::string(cell.data));
    return true;
}
bool read(const Cell &cell, ShortAddress &field)
{
    unsigned char octets[16];
    const std::string text(cell.data);
    return read(cell, field.text, CellKind::address) &&
           (is_null(cell) || inet_pton(text.find(':') == text.npos ? AF_INET : AF_INET6, text.c_str(), octets) == 1);
}
bool read(const Cell &cell, std::int64_t &field)
{
    field = cell.number;
    return cell.kind == CellKind::integer && field >= 0;
}
bool read(const Cell &cell, std::uint64_t &field)
{
    field = static_cast<std::uint64_t>(cell.number);
    return cell.kind == CellKind::integer;
}
bool read(const Cell &cell, bool &field)
{
    field = cell.number != 0;
    return cell.kind == CellKind::boolean;
}
bool read(const Cell &cell, Instant &field)
{
    field = Instant{std::chrono::microseconds{cell.number}};
    return cell.kind == CellKind::instant;
}
bool read(const Cell &cell, MaybeFlag &field)
{
    field.value = is_null(cell) ? std::int8_t(-1) : std::int8_t(cell.number != 0);
    return is_null(cell) || cell.kind == CellKind::boolean;
}
bool read(const Cell &cell, MaybeExpiry &field)
{
    field.seconds = is_null(cell) ? MaybeExpiry::none : cell.number;
    return is_null(cell) || cell.kind == CellKind::timestamp;
}

// Puts each cell into the field of its name. A name that it does not know is a newer version's. False where a cell
// makes no sense or a field has none.
template <class Row> bool read_row(std::string_view cells, Row &row)
{
    bool sound = true;
    Row::fields(row, [&](std::string_view name, auto &field) {
        bool found = false;
        Cell cell;
        for (CellReader reader(cells); !found && reader.next(cell);)
            found = cell.name == name;
        sound = sound && found && read(cell, field);
    });
    CellReader reader(cells);
    for (Cell cell; reader.next(cell);)
        continue;
    return sound && reader.sound();
}

}   // namespace

std::string write_usage(const UsageTable &table)
{
    CellWriter writer;
    writer({}, table.info());
    table.each([&](const UsageEntry &entry) { writer({}, entry); });
    return writer.bytes();
}

void read_usage(std::string_view bytes, UsageTable &table)
{
    TableInfo info{};
    std::vector<UsageEntry> entries;
    CellReader reader(bytes);
    Cell row;
    if (!reader.next(row) || row.kind != CellKind::row || !read_row(row.data, info))
        throw Error(ErrorCode::invalid_binary, "unrecognized file format");
    while (reader.next(row)) {
        UsageEntry entry{};
        if (row.kind != CellKind::row || !read_row(row.data, entry))
            throw Error(ErrorCode::invalid_binary, "invalid entry " + std::to_string(entries.size() + 1));
        entries.push_back(entry);
    }
    if (!reader.sound())
        throw Error(ErrorCode::invalid_binary, "truncated entry");
    table.restore_info(info);
    for (const UsageEntry &entry : entries)
        table.restore(entry);
}

}   // namespace sslinfo::core
