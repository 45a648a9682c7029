#pragma once
#include "core/base/cells.hpp"

// A line of key=value pairs for the server's log.
namespace sslinfo::core {

// Quotes text as a JSON string. Also escapes C0, C1, DEL, U+2028 and U+2029, since clients choose names.
std::string quote_for_log(std::string_view utf8);

// Returns ` name=value` for each cell that is not null. Texts are quoted, times in ISO 8601 (UTC).
std::string log_line(std::string_view cells);

}   // namespace sslinfo::core
