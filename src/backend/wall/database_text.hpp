#pragma once
#include "backend/wall/pg.hpp"

// Conversion between UTF-8 in C++ and the database encoding. All functions may raise: call them outside the guard.
namespace sslinfo::backend {

// Treatment of a character that the database encoding lacks.
enum class Unmappable {
    error,    // PostgreSQL's conversion error (22P05)
    escape,   // "\C3\A9", as in RFC 4514
};

// Returns a text datum in the database encoding.
Datum text_datum(std::string_view utf8, Unmappable unmappable);

// Returns a C string in the database encoding for messages; characters that it lacks are escaped.
const char *server_cstring(std::string_view utf8);

// Returns a text argument as UTF-8.
std::string_view utf8_argument(text *argument);

}   // namespace sslinfo::backend
