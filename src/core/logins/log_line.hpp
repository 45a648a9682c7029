#pragma once
#include "core/base/cells.hpp"

// One line of key=value for the server's log.
namespace sslinfo::core {

// Text as a JSON string, quotes included. What could end a line or move a terminal's cursor (C0 and C1 control
// characters, DEL, U+2028, U+2029) is escaped too: strangers choose names.
std::string quote_for_log(std::string_view utf8);

// The cells of a row that are not null, as ` name=value` each: texts quoted, times in ISO 8601 (UTC), the rest bare.
std::string log_line(std::string_view cells);

}   // namespace sslinfo::core
