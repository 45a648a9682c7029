#include "core/x509/dn.hpp"

#include "core/x509/asn1.hpp"
#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

// True for a character of an attribute type, a name or a dotted OID (RFC 4514, section 3).
bool is_type_character(char c) noexcept { return is_ascii_alphanumeric(c) || c == '.' || c == '-'; }

// Converts an attribute type of RFC 4514, section 3, in any case to OpenSSL's spelling; returns others unchanged.
std::string openssl_spelling(std::string type)
{
    std::string upper = type;
    std::transform(upper.begin(), upper.end(), upper.begin(), ascii_upper);
    if (upper == "STREET")
        return "street";
    for (const char *known : {"CN", "L", "ST", "O", "OU", "C", "DC", "UID"})
        if (upper == known)
            return upper;
    return type;
}

class DnParser {
  public:
    explicit DnParser(std::string_view text) : text_(text) {}

    std::vector<NameAttribute> parse()
    {
        std::vector<std::vector<NameAttribute>> rdns;
        for (char separator = ','; separator != '\0'; separator = take_separator()) {
            if (separator == ',')
                rdns.emplace_back();
            rdns.back().push_back(attribute());
        }
        std::reverse(rdns.begin(), rdns.end());
        std::vector<NameAttribute> out;
        for (std::size_t rdn = 0; rdn < rdns.size(); ++rdn)
            for (NameAttribute &attribute : rdns[rdn]) {
                attribute.rdn = static_cast<int>(rdn) + 1;
                attribute.ordinal = static_cast<int>(out.size()) + 1;
                out.push_back(std::move(attribute));
            }
        return out;
    }

  private:
    [[noreturn]] void fail(std::size_t position, const std::string &message) const
    {
        throw SyntaxError(text_, position, message);
    }

    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_spaces() noexcept
    {
        while (peek() == ' ')
            ++at_;
    }

    // Takes ',' between RDNs, '+' within an RDN, or NUL at the end.
    char take_separator()
    {
        const char c = peek();
        if (c != '\0')
            ++at_;
        return c;
    }

    NameAttribute attribute()
    {
        skip_spaces();
        const std::size_t begin = at_;
        while (is_type_character(peek()))
            ++at_;
        const std::string type(text_.substr(begin, at_ - begin));
        if (type.empty())
            fail(at_, "missing attribute type in distinguished name");
        skip_spaces();
        if (peek() != '=')
            fail(at_, "missing \"=\" after attribute type \"" + type + "\" in distinguished name");
        ++at_;
        const ObjectHandle object = find_object(openssl_spelling(type));
        if (!object)
            fail(begin, "unrecognized attribute type \"" + type + "\" in distinguished name");
        const int nid = OBJ_obj2nid(object.get());
        return {.ordinal = 0,
                .rdn = 0,
                .name = nid != NID_undef ? std::optional<std::string>(OBJ_nid2sn(nid)) : std::nullopt,
                .oid = dotted_oid(*object),
                .value = value(),
                .plain = true};
    }

    std::string value()
    {
        skip_spaces();
        const std::size_t begin = at_;
        if (peek() == '#')
            fail(at_, "attribute value in hex is not supported");
        std::string out;
        std::size_t solid = 0;   // length without unescaped spaces at the end
        while (peek() != '\0' && peek() != ',' && peek() != '+') {
            const char c = peek();
            if (std::string_view("\"<>;").find(c) != std::string_view::npos)
                fail(at_, std::string("\"") + c + "\" in distinguished name must be escaped as \"\\" + c + "\"");
            if (c == '\\') {
                out += escaped();
                solid = out.size();
            } else {
                out += c;
                ++at_;
                solid = c == ' ' ? solid : out.size();
            }
        }
        out.resize(solid);
        if (!valid_utf8(out))
            fail(begin, "attribute value is not valid UTF-8");
        return out;
    }

    // Takes "\" and a special character, or "\" and two hex digits for a byte of UTF-8 (RFC 4514).
    char escaped()
    {
        const std::size_t begin = at_++;
        const char c = peek();
        if (c != '\0' && std::string_view(" \"#+,;<=>\\").find(c) != std::string_view::npos) {
            ++at_;
            return c;
        }
        const int high = hex_digit(c);
        const int low = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : -1;
        if (high < 0 || low < 0)
            fail(begin, "\"\\\" in distinguished name must be followed by a special character or two hex digits");
        if (high == 0 && low == 0)
            fail(begin, "NUL character is not allowed in distinguished name");
        at_ += 2;
        return static_cast<char>(high << 4 | low);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}   // namespace

std::vector<NameAttribute> parse_dn(std::string_view text)
{
    const std::size_t nul = text.find('\0');
    if (nul != std::string_view::npos)
        throw SyntaxError(text, nul, "NUL character is not allowed in distinguished name");
    return DnParser(text).parse();
}

std::string dn_text(const std::vector<NameAttribute> &attributes)
{
    std::string out;
    for (auto end = attributes.end(); end != attributes.begin();) {
        auto begin = end - 1;
        while (begin != attributes.begin() && (begin - 1)->rdn == begin->rdn)
            --begin;
        for (auto attribute = begin; attribute != end; ++attribute) {
            out += attribute != begin ? "+" : out.empty() ? "" : ",";
            out += attribute->name.value_or(attribute->oid) + '=' + rfc4514_escape(attribute->value);
        }
        end = begin;
    }
    return out;
}

std::optional<std::string> dn_key(const std::vector<NameAttribute> &attributes)
{
    // NUL is a safe terminator of types, values and RDNs: a plain value has none.
    std::string out;
    for (auto begin = attributes.begin(); begin != attributes.end();) {
        std::vector<std::string> rdn;
        auto end = begin;
        for (; end != attributes.end() && end->rdn == begin->rdn; ++end) {
            if (!end->plain || end->value.find('\0') != std::string::npos)
                return std::nullopt;
            rdn.push_back(end->oid + '\0' + end->value + '\0');
        }
        std::sort(rdn.begin(), rdn.end());
        for (const std::string &attribute : rdn)
            out += attribute;
        out += '\0';
        begin = end;
    }
    return out;
}

}   // namespace sslinfo::core
