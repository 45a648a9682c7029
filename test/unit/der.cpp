#include "der.hpp"

#include "certificates.hpp"

#include <charconv>

namespace der {

std::string tlv(int identifier, std::string_view contents)
{
    std::string out(1, static_cast<char>(identifier));
    std::string length;
    for (std::size_t rest = contents.size(); rest > 0; rest >>= 8)
        length.insert(length.begin(), static_cast<char>(rest));
    if (contents.size() >= 128)
        out += static_cast<char>(0x80 | length.size());
    out += length.empty() ? std::string(1, '\0') : length;
    return out + std::string(contents);
}

std::string integer(std::int64_t value)
{
    std::string octets;
    do {
        octets.insert(octets.begin(), static_cast<char>(value));
        value >>= 8;
    } while (value != 0 && value != -1);
    const bool negative = value == -1;
    if (negative != ((octets[0] & 0x80) != 0))
        octets.insert(octets.begin(), negative ? '\xff' : '\0');
    return tlv(0x02, octets);
}

std::string oid(std::string_view dotted)
{
    std::vector<std::uint64_t> arcs;
    for (const char *p = dotted.data(), *end = p + dotted.size(); p < end; ++p) {
        std::uint64_t arc = 0;
        p = std::from_chars(p, end, arc).ptr;
        arcs.push_back(arc);
    }
    arcs[1] += 40 * arcs[0];
    std::string contents;
    for (std::size_t i = 1; i < arcs.size(); ++i) {
        std::string septets(1, static_cast<char>(arcs[i] & 0x7f));
        while ((arcs[i] >>= 7) > 0)
            septets.insert(septets.begin(), static_cast<char>(0x80 | (arcs[i] & 0x7f)));
        contents += septets;
    }
    return tlv(0x06, contents);
}

std::string certificate(const Certificate &c)
{
    std::string extensions;
    for (const std::string &extension : c.extensions)
        extensions += extension;
    const std::string tbs = sequence({constructed(0, integer(2)), c.serial, c.signature_algorithm, c.issuer,
                                      sequence({c.not_before, c.not_after}), c.subject,
                                      c.spki.empty() ? spki(ec_key()) : c.spki,
                                      extensions.empty() ? "" : constructed(3, sequence({extensions}))});
    return sequence({tbs, c.signature_algorithm, bit_string("not a signature")});
}

std::string pem(std::string_view der, std::string_view label)
{
    std::string base64(4 * (der.size() / 3 + 1) + 1, '\0');
    base64.resize(static_cast<std::size_t>(
        EVP_EncodeBlock(reinterpret_cast<unsigned char *>(base64.data()), reinterpret_cast<const unsigned char *>(der.data()),
                        static_cast<int>(der.size()))));
    std::string out = "-----BEGIN " + std::string(label) + "-----\n";
    for (std::size_t i = 0; i < base64.size(); i += 64)
        out += base64.substr(i, 64) + "\n";
    return out + "-----END " + std::string(label) + "-----\n";
}

} // namespace der
