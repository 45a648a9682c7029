#include "core/x509/asn1.hpp"

#include "core/base/error.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <new>

namespace sslinfo::core {

namespace {

BignumHandle bignum(const ASN1_INTEGER &integer)
{
    BignumHandle number(ASN1_INTEGER_to_BN(&integer, nullptr));
    if (!number)
        throw std::bad_alloc();
    return number;
}

// PostgreSQL's limit for numeric: digits before the decimal point (manual, "Numeric Types").
constexpr std::size_t numeric_digits = 131072;

// True for an ASCII string of a type that needs no conversion to UTF-8, as most names are.
bool is_ascii_string(const ASN1_STRING &string) noexcept
{
    switch (ASN1_STRING_type(&string)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING: {
        const std::string_view text = octets(string);
        return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    }
    default:
        return false;
    }
}

}   // namespace

std::string_view octets(const ASN1_STRING &string) noexcept
{
    const unsigned char *data = ASN1_STRING_get0_data(&string);
    const int length = ASN1_STRING_length(&string);
    if (data == nullptr || length <= 0)
        return {};
    return {reinterpret_cast<const char *>(data), static_cast<std::size_t>(length)};
}

std::optional<std::string> utf8(const ASN1_STRING &string)
{
    if (is_ascii_string(string))
        return std::string(octets(string));
    unsigned char *data = nullptr;
    const int length = ASN1_STRING_to_UTF8(&data, &string);
    const OpensslMemory<unsigned char> owner(data);
    if (length < 0)
        return std::nullopt;
    // 1.1.1 accepts surrogates, which are invalid in a BMPString (X.680) and in UTF-8.
    const std::string_view text(reinterpret_cast<const char *>(data), static_cast<std::size_t>(length));
    return valid_utf8(text) ? std::optional<std::string>(text) : std::nullopt;
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

std::optional<Timestamp> time(const ASN1_TIME *time)
{
    std::tm parts{};
    std::tm epoch{};
    epoch.tm_year = 70;
    epoch.tm_mday = 1;
    int days = 0;
    int seconds = 0;
    // ASN1_TIME_to_tm() returns the current time for a null pointer. timegm() is not used: it searches leap seconds.
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1 ||
        OPENSSL_gmtime_diff(&days, &seconds, &epoch, &parts) != 1)
        return std::nullopt;
    return Timestamp{std::chrono::hours(24) * days + std::chrono::seconds(seconds)};
}

std::optional<Decimal> decimal(const ASN1_INTEGER &integer)
{
    const BignumHandle number = bignum(integer);
    // Avoids a slow conversion: a bit is log10(2) digits.
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
