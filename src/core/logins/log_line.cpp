#include "core/logins/log_line.hpp"

#include "core/base/text.hpp"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace sslinfo::core {

namespace {

void append_escape(std::string &out, unsigned code_point)
{
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", code_point & 0xffffu);
    out += escape;
}

// Two- and three-byte sequences that do more than show a character: C1 control characters, line and paragraph
// separator.
bool controls(std::string_view sequence, unsigned &code_point)
{
    if (sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0) {
        code_point = static_cast<unsigned char>(sequence[1]);
        return true;
    }
    if (sequence == "\u2028" || sequence == "\u2029") {
        code_point = 0x2000u + (static_cast<unsigned char>(sequence[2]) & 0x3fu);
        return true;
    }
    return false;
}

std::string iso_8601(std::int64_t seconds)
{
    const auto time = static_cast<std::time_t>(seconds);
    std::tm fields{};
    char text[64];
    if (gmtime_r(&time, &fields) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0)
        return std::to_string(seconds);
    return text;
}

// With three digits after the point, whatever LC_NUMERIC is.
std::string decimal(double value)
{
    const auto thousandths = static_cast<long long>(value * 1000 + (value < 0 ? -0.5 : 0.5));
    char text[64];
    std::snprintf(text, sizeof text, "%s%lld.%03lld", thousandths < 0 ? "-" : "", std::abs(thousandths / 1000),
                  std::abs(thousandths % 1000));
    return text;
}

std::string shown(const Cell &cell)
{
    switch (cell.kind) {
    case CellKind::boolean:
        return cell.number != 0 ? "true" : "false";
    case CellKind::integer:
        return std::to_string(cell.number);
    case CellKind::real:
        return decimal(std::bit_cast<double>(cell.number));
    case CellKind::timestamp:
        return iso_8601(cell.number);
    case CellKind::instant:
        return iso_8601(cell.number / 1000000);
    case CellKind::numeric:
    case CellKind::address:
        return std::string(cell.data);
    case CellKind::bytes:
        return hex(cell.data);
    case CellKind::text:
        return quoted(cell.data);
    case CellKind::null:
    case CellKind::texts:
    case CellKind::addresses:
    case CellKind::row:
        break;
    }
    return {};
}

}   // namespace

std::string quoted(std::string_view utf8)
{
    std::string out = "\"";
    while (!utf8.empty()) {
        const std::size_t length = utf8_sequence_length(utf8);
        const std::string_view sequence = utf8.substr(0, length);
        const unsigned first = static_cast<unsigned char>(utf8.front());
        unsigned code_point = first;
        if (length == 0 || first < 0x20 || first == 0x7f || controls(sequence, code_point)) {
            append_escape(out, code_point);
        } else {
            if (first == '"' || first == '\\')
                out += '\\';
            out += sequence;
        }
        utf8.remove_prefix(length == 0 ? 1 : length);
    }
    return out += '"';
}

std::string log_line(std::string_view cells)
{
    std::string line;
    Cell cell;
    for (CellReader reader(cells); reader.next(cell);) {
        const std::string value = shown(cell);
        if (!value.empty())
            line.append(" ").append(cell.name).append("=").append(value);
    }
    return line;
}

}   // namespace sslinfo::core
