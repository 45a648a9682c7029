#include "core/x509/asn1.hpp"

#include "core/base/error.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/text.hpp"

#include <cstdint>
#include <ctime>
#include <new>

namespace sslinfo::core {

namespace {

// Reads big-endian units of `width` bytes and gives each to `append`, which says whether it is a character.
template <class Append> Text decode_units(std::string_view bytes, std::size_t width, Append append)
{
    if (bytes.size() % width != 0)
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += width) {
        char32_t unit = 0;
        for (std::size_t j = 0; j < width; ++j)
            unit = (unit << 8) | static_cast<unsigned char>(bytes[i + j]);
        if (!append(out, unit))
            return std::nullopt;
    }
    return out;
}

Text decode_utf16(std::string_view bytes)
{
    char32_t high = 0;
    Text out = decode_units(bytes, 2, [&](std::string &text, char32_t unit) {
        if (high != 0) {
            if (unit < 0xdc00 || unit > 0xdfff)
                return false;
            const char32_t pair = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
            high = 0;
            return append_utf8(text, pair);
        }
        if (unit >= 0xd800 && unit <= 0xdbff) {
            high = unit;
            return true;
        }
        return append_utf8(text, unit);
    });
    return high == 0 ? out : std::nullopt;
}

BignumHandle bignum(const ASN1_INTEGER &integer)
{
    BignumHandle number(ASN1_INTEGER_to_BN(&integer, nullptr));
    if (!number)
        throw std::bad_alloc();
    return number;
}

// numeric holds at most this many digits before the decimal point (PostgreSQL's manual, "Numeric Types").
constexpr std::size_t numeric_digits = 131072;

}   // namespace

std::string_view octets(const ASN1_STRING &string) noexcept
{
    const unsigned char *data = ASN1_STRING_get0_data(&string);
    const int length = ASN1_STRING_length(&string);
    if (data == nullptr || length <= 0)
        return {};
    return {reinterpret_cast<const char *>(data), static_cast<std::size_t>(length)};
}

Text utf8(const ASN1_STRING &string)
{
    const std::string_view bytes = octets(string);
    switch (ASN1_STRING_type(&string)) {
    case V_ASN1_UTF8STRING:
        return valid_utf8(bytes) ? Text(bytes) : std::nullopt;
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_UTCTIME:
    case V_ASN1_GENERALIZEDTIME:
        return decode_units(bytes, 1, append_utf8);
    case V_ASN1_BMPSTRING:
        return decode_utf16(bytes);
    case V_ASN1_UNIVERSALSTRING:
        return decode_units(bytes, 4, append_utf8);
    default:
        return std::nullopt;
    }
}

std::string der_hexstring(const ASN1_STRING &string)
{
    ASN1_TYPE value{};
    value.type = ASN1_STRING_type(&string);
    value.value.asn1_string = mutable_pointer(&string);
    return der_hexstring(i2d_ASN1_TYPE, value);
}

ObjectHandle find_object(std::string_view name)
{
    if (name.size() > object_name_max || name.find('\0') != name.npos)
        return nullptr;
    return ObjectHandle(OBJ_txt2obj(std::string(name).c_str(), 0));
}

std::string dotted_oid(const ASN1_OBJECT &object)
{
    const int length = OBJ_obj2txt(nullptr, 0, &object, 1);
    if (length <= 0)
        return der_hexstring(i2d_ASN1_OBJECT, object);
    std::string out(static_cast<std::size_t>(length) + 1, '\0');
    if (OBJ_obj2txt(out.data(), static_cast<int>(out.size()), &object, 1) != length)
        throw std::bad_alloc();
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string short_name(const ASN1_OBJECT &object)
{
    const int nid = OBJ_obj2nid(&object);
    const char *name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
    return name != nullptr ? name : dotted_oid(object);
}

std::string long_name(const ASN1_OBJECT &object)
{
    const int nid = OBJ_obj2nid(&object);
    const char *name = nid == NID_undef ? nullptr : OBJ_nid2ln(nid);
    return name != nullptr ? name : dotted_oid(object);
}

Time time(const ASN1_TIME *time)
{
    std::tm parts{};
    // For a null pointer ASN1_TIME_to_tm would give the current time.
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return std::nullopt;
    return Timestamp{timegm(&parts)};
}

Number decimal(const ASN1_INTEGER &integer)
{
    const BignumHandle number = bignum(integer);
    // A bit is worth log10(2) digits; more than the limit is not worth converting.
    if (static_cast<double>(BN_num_bits(number.get())) * 0.30102999566398120 > static_cast<double>(numeric_digits))
        return std::nullopt;
    const OpensslMemory<char> digits(BN_bn2dec(number.get()));
    if (!digits)
        throw std::bad_alloc();
    return Decimal{digits.get()};
}

std::string integer_hex(const ASN1_INTEGER &integer)
{
    const BignumHandle number = bignum(integer);
    std::string magnitude(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
    BN_bn2bin(number.get(), reinterpret_cast<unsigned char *>(magnitude.data()));
    if (magnitude.empty())
        return "00";
    return (BN_is_negative(number.get()) ? "-" : "") + hex(magnitude);
}

}   // namespace sslinfo::core
