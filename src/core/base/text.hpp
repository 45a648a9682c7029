#pragma once
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Conversion of text from certificates and clients: UTF-8, escaping, hex.
namespace sslinfo::core {

// Returns two lower-case hex digits per byte, without separators.
std::string hex(std::string_view octets);
// Returns the value of a hex digit in either case; -1 for any other character.
int hex_digit(char c) noexcept;
// Returns "#" and upper-case hex, the RFC 4514 (section 2.4) form of a value that is not a string.
std::string hexstring(std::string_view octets);

// Returns the length of the valid UTF-8 sequence at the start of `text`; 0 if there is none or `text` is empty.
std::size_t utf8_sequence_length(std::string_view text) noexcept;
bool valid_utf8(std::string_view text) noexcept;

// Returns valid UTF-8 without NUL: each NUL and each byte of an invalid sequence becomes "\XX".
std::string printable(std::string_view octets);
// Returns at most `limit` bytes (3 or more): a longer text is cut at a character boundary and ends in '…'.
std::string shortened(std::string_view utf8, std::size_t limit);

// Joins the items with ", ". Stops after the item that makes the result longer than `enough` bytes.
std::string joined(const std::vector<std::string> &items, std::size_t enough = std::string::npos);

// Escapes untrusted text for messages and the log, so that nobody can forge or reorder lines: C0, C1, DEL, line and
// paragraph separators, bidirectional controls and invalid bytes. Each character of `quotes` gets a backslash.
std::string escape_controls(std::string_view utf8, std::string_view quotes = {});
// Removes the first character from `utf8`, which is not empty, and returns it, or its escape in `buffer`.
std::string_view escape_first(std::string_view &utf8, char (&buffer)[8]) noexcept;

// Escapes an IA5String (dNSName, URI, rfc822Name): bytes outside printable ASCII and the backslash become "\XX".
std::string printable_ia5(std::string_view octets);

// Escapes a value of a distinguished name (RFC 4514, section 2.4); control characters become "\XX". Same result as
// ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB, except for a lone '#', which OpenSSL does not escape.
std::string rfc4514_escape(std::string_view utf8);

}   // namespace sslinfo::core
