#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// Writes DER (X.690), so that a test can have every certificate that RFC 5280 allows, and others. Each function returns the
// bytes of one complete value.
namespace der {

// An identifier octet, then contents as they are.
std::string tlv(int identifier, std::string_view contents);

inline std::string join(std::initializer_list<std::string_view> values)
{
    std::string out;
    for (const std::string_view value : values)
        out += value;
    return out;
}

inline std::string sequence(std::initializer_list<std::string_view> values) { return tlv(0x30, join(values)); }
inline std::string set(std::initializer_list<std::string_view> values) { return tlv(0x31, join(values)); }
// [n] EXPLICIT, or IMPLICIT of something constructed.
inline std::string constructed(int n, std::string_view contents) { return tlv(0xa0 | n, contents); }
// [n] IMPLICIT of something primitive.
inline std::string primitive(int n, std::string_view contents) { return tlv(0x80 | n, contents); }
inline std::string boolean(bool value) { return tlv(0x01, value ? "\xff" : std::string_view("\0", 1)); }
inline std::string octet_string(std::string_view octets) { return tlv(0x04, octets); }
inline std::string bit_string(std::string_view octets, char unused = 0) { return tlv(0x03, unused + std::string(octets)); }
inline std::string null() { return tlv(0x05, ""); }
std::string integer(std::int64_t value);
// From the contents: two's complement, big-endian.
inline std::string integer(std::string_view octets) { return tlv(0x02, octets); }
std::string oid(std::string_view dotted);

inline std::string utf8_string(std::string_view s) { return tlv(0x0c, s); }
inline std::string printable_string(std::string_view s) { return tlv(0x13, s); }
inline std::string ia5_string(std::string_view s) { return tlv(0x16, s); }
inline std::string utc_time(std::string_view s) { return tlv(0x17, s); }
inline std::string generalized_time(std::string_view s) { return tlv(0x18, s); }

// An attribute and a name (RFC 5280, 4.1.2.4). `value` is a whole DER value; rdns are SETs.
inline std::string attribute(std::string_view type, std::string_view value) { return sequence({oid(type), value}); }
inline std::string rdn(std::string_view type, std::string_view value) { return set({attribute(type, value)}); }
inline std::string name(std::initializer_list<std::string_view> rdns) { return sequence(rdns); }
inline constexpr std::string_view cn = "2.5.4.3";
inline std::string common_name(std::string_view value) { return name({rdn(cn, utf8_string(value))}); }

// One extension (RFC 5280, 4.2).
inline std::string extension(std::string_view type, std::string_view value, bool critical = false)
{
    return sequence({oid(type), critical ? boolean(true) : "", octet_string(value)});
}

// A certificate whose signature is no signature: for what reads certificates and does not verify them.
struct Certificate {
    std::string serial = integer(4711);
    std::string issuer = common_name("Issuer");
    std::string not_before = utc_time("250102030405Z");
    std::string not_after = utc_time("350102030405Z");
    std::string subject = common_name("Subject");
    std::string spki{};   // an EC key unless given
    std::vector<std::string> extensions{};
    std::string signature_algorithm = sequence({oid("1.2.840.10045.4.3.2")});
};
std::string certificate(const Certificate &certificate);
// "-----BEGIN …"
std::string pem(std::string_view der, std::string_view label = "CERTIFICATE");

} // namespace der
