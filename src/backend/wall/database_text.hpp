#pragma once
#include "backend/wall/pg.hpp"

// Text across the wall: UTF-8 in C++, the database's encoding in SQL. All of these may raise; call them outside the
// guard.
namespace sslinfo::backend {

// What to do with a character that the database encoding does not have.
enum class Unmappable {
    error,    // PostgreSQL's ordinary conversion error, which names the character (22P05)
    escape,   // "\C3\A9", as RFC 4514 escapes
};

// UTF-8 as a text datum in the database encoding.
Datum text_datum(std::string_view utf8, Unmappable unmappable);

// UTF-8 as a C string in the database encoding, characters it does not have escaped: for messages.
const char *server_cstring(std::string_view utf8);

// A text argument as UTF-8.
std::string_view utf8_argument(text *argument);

}   // namespace sslinfo::backend
