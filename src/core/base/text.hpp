#pragma once
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Text as it comes out of ASN.1: decoded to UTF-8, escaped, printed as hex.
namespace sslinfo::core {

// Two lower-case hex digits a byte, no separators.
std::string hex(std::string_view octets);
// The value of a hex digit of either case; -1 for any other character.
int hex_digit(char c) noexcept;
// "#" and upper-case hex: how RFC 4514 (section 2.4) writes what is no string, in OpenSSL's case.
std::string hexstring(std::string_view octets);

// The length of the valid UTF-8 sequence that `text` starts with; 0 where there is none (also for empty text).
std::size_t utf8_sequence_length(std::string_view text) noexcept;
bool valid_utf8(std::string_view text) noexcept;

// UTF-8 without NUL out of any bytes: what is valid stays, a NUL and every byte of an invalid sequence become "\XX".
std::string printable(std::string_view octets);
// UTF-8 in at most `limit` bytes (3 or more): what is longer is cut at a character and ends in '…'.
std::string shortened(std::string_view utf8, std::size_t limit);

// The items with ", " between. The list ends after the item with which it has more than `enough` bytes.
std::string joined(const std::vector<std::string> &items, std::size_t enough = std::string::npos);

// The one escape function for text that a stranger chose, on its way to a message or the log: UTF-8 in which C0, C1,
// DEL, the line and paragraph separators and the controls of the bidirectional algorithm are "\u001b", so that nobody
// can forge a line or reorder one on a screen. An invalid byte is escaped likewise; each character of `quotes` gets a
// backslash.
std::string escape_controls(std::string_view utf8, std::string_view quotes = {});
// The same for the first character alone, without memory: cuts it off `utf8`, which is not empty, and returns it or its
// escape, which is in `buffer`.
std::string_view escape_first(std::string_view &utf8, char (&buffer)[8]) noexcept;

// For IA5String names (dNSName, URI, rfc822Name): bytes outside printable ASCII, and the backslash, become "\XX".
std::string printable_ia5(std::string_view octets);

// RFC 4514, section 2.4: a value of a distinguished name with its specials escaped; control characters as "\XX".
// Equal to OpenSSL's ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB, but for a lone '#', which OpenSSL leaves alone.
std::string rfc4514_escape(std::string_view utf8);

}   // namespace sslinfo::core
