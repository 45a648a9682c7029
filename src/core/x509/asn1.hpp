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

// Returns the content octets, as in the DER.
std::string_view octets(const ASN1_STRING &string) noexcept;

// Returns a character string of any ASN.1 type as UTF-8 (ASN1_STRING_to_UTF8). T61String is read as Latin-1, BMPString
// as UCS-2. A NUL stays a NUL. std::nullopt if it is not a character string or malformed.
std::optional<std::string> utf8(const ASN1_STRING &string);

// Returns the DER of an object by its i2d function; empty if it has none. Retries: OpenSSL 1.1.1 may queue no error.
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

// Returns "#" and the upper-case hex of the value's DER (RFC 4514, section 2.4).
std::string der_hexstring(const ASN1_STRING &string);

// Returns the object with this OID, short name or long name in OpenSSL; null for any other text, and beyond
// object_name_max bytes: OpenSSL's time grows with the square of an OID's length.
inline constexpr std::size_t object_name_max = 256;
ObjectHandle find_object(std::string_view name);

// Returns the dotted form; "#" and the hex of the DER if OpenSSL cannot print it (over 586 bytes). Never empty.
std::string dotted_oid(const ASN1_OBJECT &object);
// Return OpenSSL's short or long name, or the dotted form if it has none.
std::string short_name(const ASN1_OBJECT &object);
std::string long_name(const ASN1_OBJECT &object);

// Reads a UTCTime or GeneralizedTime; std::nullopt if it is malformed or null.
std::optional<Timestamp> time(const ASN1_TIME *time);

// Returns decimal digits; std::nullopt if there are more than numeric can store (131072).
std::optional<Decimal> decimal(const ASN1_INTEGER &integer);
// Returns lower-case hex of the magnitude, in whole bytes, with a leading '-' if negative.
std::string integer_hex(const ASN1_INTEGER &integer);

}   // namespace sslinfo::core
