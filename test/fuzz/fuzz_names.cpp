// Names by themselves: the DER of a Name, of GeneralNames or of an ASN.1 string or integer; and, as text, SPIFFE IDs,
// attribute types and distinguished names.
#include "facts.hpp"

using namespace fuzz;

namespace {

template <class Handle, class Parse> Handle parse(Parse parse, std::string_view der)
{
    const auto *next = reinterpret_cast<const unsigned char *>(der.data());
    return Handle(parse(nullptr, &next, static_cast<long>(der.size())));
}

using NameHandle = std::unique_ptr<X509_NAME, Deleter<X509_NAME_free>>;
using TypeHandle = std::unique_ptr<ASN1_TYPE, Deleter<ASN1_TYPE_free>>;

std::string facts_of(std::string_view input)
{
    std::string out;
    if (const auto name = parse<NameHandle>(d2i_X509_NAME, input))
        out += name_facts(*name);
    if (const auto names = parse<GeneralNamesHandle>(d2i_GENERAL_NAMES, input))
        for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
            const AlternativeName name = general_name(*sk_GENERAL_NAME_value(names.get(), i));
            check(name);
            must(name_type(cell_text(name.type)) == name.type, "the name of a type leads back to it");
            out += to_cells(name);
        }
    if (const auto value = parse<TypeHandle>(d2i_ASN1_TYPE, input)) {
        if (value->type == V_ASN1_OBJECT) {
            must(!dotted_oid(*value->value.object).empty(), "an object has a name");
            out +=
                dotted_oid(*value->value.object) + short_name(*value->value.object) + long_name(*value->value.object);
        } else if (value->type == V_ASN1_INTEGER || value->type == V_ASN1_NEG_INTEGER) {
            const std::optional<Decimal> number = decimal(*value->value.integer);
            Check{}("", number);
            out += (number ? number->digits : "too long") + integer_hex(*value->value.integer);
        } else if (value->type != V_ASN1_NULL && value->type != V_ASN1_BOOLEAN) {
            const std::optional<std::string> text = utf8(*value->value.asn1_string);
            must(!text || valid_utf8(*text), "a string decodes to UTF-8");
            check_text(der_hexstring(*value->value.asn1_string));
            out += text.value_or("none");
        }
        if (value->type == V_ASN1_UTCTIME || value->type == V_ASN1_GENERALIZEDTIME)
            out += time(value->value.asn1_string) ? "time" : "no time";
    }
    check_text(printable(input));
    check_text(printable_ia5(input));
    out += valid_spiffe_id(input) ? "spiffe" : "";
    try {
        const std::string oid = attribute_oid(std::string(input));
        must(attribute_oid(oid) == oid || oid.front() == '#', "a dotted OID stands for itself", oid);
        out += oid;
    } catch (const Error &error) {
        must(error.code() == ErrorCode::invalid_argument, "an attribute type is refused as invalid", error.what());
    }
    try {
        const std::vector<NameAttribute> attributes = parse_dn(input);
        check(attributes);
        const std::string shown = dn_text(attributes);
        must(dn_key(parse_dn(shown)) == dn_key(attributes), "a name that was read is written so that it reads the same",
             shown);
        out += shown;
    } catch (const Error &) {
        out += "no name";
    }
    return out;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    run(input, [&] { return with_openssl([&] { return facts_of(input); }); });
    return 0;
}
