#include "core/logins/log_line.hpp"

#include "core/base/text.hpp"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace sslinfo::core {

namespace {

// Limit of one value, in bytes before escaping, since clients choose some of them.
constexpr std::size_t log_value_max = 500;

std::string iso_8601(std::int64_t seconds)
{
    const auto time = static_cast<std::time_t>(seconds);
    std::tm fields{};
    char text[64];
    if (gmtime_r(&time, &fields) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0)
        return std::to_string(seconds);
    return text;
}

// Returns three digits after the point, independent of LC_NUMERIC.
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
        return decimal(double_of(cell.number));
    case CellKind::timestamp:
        return iso_8601(cell.number);
    case CellKind::instant:
        return iso_8601(cell.number / 1000000);
    case CellKind::numeric:
    case CellKind::address:
        return shortened(cell.data, log_value_max);
    case CellKind::bytes:
        return hex(cell.data.substr(0, log_value_max / 2));
    case CellKind::text:
        return quote_for_log(shortened(cell.data, log_value_max));
    case CellKind::null:
    case CellKind::texts:
    case CellKind::addresses:
    case CellKind::row:
        break;
    }
    return {};
}

}   // namespace

std::string quote_for_log(std::string_view utf8) { return "\"" + escape_controls(utf8, "\"\\") + '"'; }

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
