#pragma once
#include "core/openssl/failure.hpp"
#include "core/openssl/handle.hpp"
#include "core/openssl/openssl.hpp"
#include "core/base/text.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>

// ASN.1 primitives as C++ values.
namespace sslinfo::core {

// The content octets, as they stand in the DER.
std::string_view octets(const ASN1_STRING &string) noexcept;

// A character string of any ASN.1 string type as UTF-8 (ASN1_STRING_to_UTF8); a NUL in it stays a NUL. T61String is
// read as Latin-1, BMPString as UCS-2. std::nullopt: not a character string, or not valid in its type.
std::optional<std::string> utf8(const ASN1_STRING &string);

// The DER of an object by its i2d function; nothing for one that has no DER. It is asked twice, since OpenSSL 1.1.1
// queues no error for a lack of memory there.
template <class T, class Write> std::string der_of(Write write, const T &object)
{
    std::string out;
    retried([&] {
        unsigned char *der = nullptr;
        const int length = write(mutable_pointer(&object), &der);
        const OpensslMemory<unsigned char> owner(der);
        if (length > 0)
            out.assign(reinterpret_cast<const char *>(der), static_cast<std::size_t>(length));
        return length > 0;
    });
    return out;
}
template <class T, class Write> std::string der_hexstring(Write write, const T &object)
{
    return hexstring(der_of(write, object));
}

// "#" and the hex of the value's DER (RFC 4514, section 2.4), upper case as OpenSSL prints it.
std::string der_hexstring(const ASN1_STRING &string);

// The object that a short or long name of OpenSSL's or a dotted OID stands for; null for any other text. A text beyond
// this length is none: OpenSSL's work grows with the square of an OID's length.
inline constexpr std::size_t object_name_max = 256;
ObjectHandle find_object(std::string_view name);

// The dotted decimal form. Where OpenSSL does not print it (more than 586 bytes of DER, or none), "#" and the hex of
// the DER: never empty, and different for different objects.
std::string dotted_oid(const ASN1_OBJECT &object);
// OpenSSL's short name; the dotted form where it has none.
std::string short_name(const ASN1_OBJECT &object);
// OpenSSL's long name; the dotted form where it has none.
std::string long_name(const ASN1_OBJECT &object);

// UTCTime or GeneralizedTime; std::nullopt for one that is malformed or missing.
std::optional<Timestamp> time(const ASN1_TIME *time);

// Decimal digits; std::nullopt where numeric cannot hold them (more than 131072 digits).
std::optional<Decimal> decimal(const ASN1_INTEGER &integer);
// Lower-case hex of the magnitude, an even number of digits, with a leading '-' for a negative number.
std::string integer_hex(const ASN1_INTEGER &integer);

}   // namespace sslinfo::core
