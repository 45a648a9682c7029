#include "core/tls/ja4.hpp"

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/openssl/openssl.hpp"
#include "core/tls/tls_names.hpp"
#include "core/openssl/failure.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

constexpr int server_name_extension = 0x0000;
constexpr int alpn_extension = 0x0010;

std::vector<int> without_grease(std::vector<int> codes)
{
    codes.erase(std::remove_if(codes.begin(), codes.end(), grease), codes.end());
    return codes;
}

std::string version_digits(int version)
{
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    default:
        return "00";
    }
}

// Two digits, at most 99.
std::string count_digits(std::size_t count)
{
    const std::size_t shown = std::min<std::size_t>(count, 99);
    return {static_cast<char>('0' + shown / 10), static_cast<char>('0' + shown % 10)};
}

// First and last character of the first protocol, or of its hex form if one of them is not alphanumeric.
std::string alpn_digits(const std::vector<std::string> &protocols)
{
    if (protocols.empty() || protocols[0].empty())
        return "00";
    const std::string &first = protocols[0];
    if (is_ascii_alphanumeric(first.front()) && is_ascii_alphanumeric(first.back()))
        return {first.front(), first.back()};
    const std::string digits = hex(first);
    return {digits.front(), digits.back()};
}

// Returns codes in the form '1301,1302,c02b'.
std::string code_list(const std::vector<int> &codes)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out(codes.empty() ? 0 : codes.size() * 5 - 1, ',');
    char *at = out.data();
    for (const int code : codes) {
        for (int shift = 12; shift >= 0; shift -= 4)
            *at++ = digits[code >> shift & 0xf];
        ++at;   // skip the comma
    }
    return out;
}

// Returns the first 12 hex digits of the SHA-256.
std::string short_hash(const std::string &text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!retried([&] { return EVP_Digest(text.data(), text.size(), digest, nullptr, sha256(), nullptr) == 1; }))
        throw Error(ErrorCode::internal, "could not compute a SHA-256 digest: " + last_openssl_reason());
    return hex({reinterpret_cast<const char *>(digest), 6});
}

std::string hash_of_ciphers(std::vector<int> ciphers)
{
    std::sort(ciphers.begin(), ciphers.end());
    return ciphers.empty() ? std::string(12, '0') : short_hash(code_list(ciphers));
}

std::string hash_of_extensions(std::vector<int> extensions, const std::vector<int> &signature_algorithms)
{
    extensions.erase(std::remove_if(extensions.begin(), extensions.end(),
                                    [](int type) { return type == server_name_extension || type == alpn_extension; }),
                     extensions.end());
    std::sort(extensions.begin(), extensions.end());
    if (extensions.empty())
        return std::string(12, '0');
    const std::string signatures = code_list(signature_algorithms);
    return short_hash(code_list(extensions) + (signatures.empty() ? "" : "_" + signatures));
}

}   // namespace

std::string ja4(const ClientHello &hello)
{
    const std::vector<int> ciphers = without_grease(hello.cipher_suites);
    const std::vector<int> extensions = without_grease(hello.extensions);
    const bool names_server =
        std::find(extensions.begin(), extensions.end(), server_name_extension) != extensions.end();
    return "t" + version_digits(highest_offered_version(hello)) + (names_server ? "d" : "i") +
           count_digits(ciphers.size()) + count_digits(extensions.size()) + alpn_digits(hello.alpn) + "_" +
           hash_of_ciphers(ciphers) + "_" + hash_of_extensions(extensions, without_grease(hello.signature_algorithms));
}

}   // namespace sslinfo::core
