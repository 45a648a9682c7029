#pragma once
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// The ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2). It is not authenticated and proves no identity.
namespace sslinfo::core {

// A longer ClientHello is not parsed.
inline constexpr std::size_t client_hello_max = 16384;

// Numbers are IANA's code points, in the client's order, including GREASE (RFC 8701).
struct ClientHello {
    int legacy_version = 0;   // 0x0303 is TLS 1.2
    std::vector<int> cipher_suites{};
    std::vector<int> extensions{};           // types
    std::vector<int> supported_versions{};   // empty without the extension
    std::vector<int> groups{};
    std::vector<int> key_shares{};   // groups for which the client sent a key
    std::vector<int> signature_algorithms{};
    std::vector<int> point_formats{};
    std::vector<std::string> alpn{};            // protocols, as bytes
    std::optional<std::string> server_name{};   // host name (SNI), as bytes
};

// Parses a whole handshake message, with its four bytes of type and length. std::nullopt if it is not a ClientHello,
// longer than client_hello_max, malformed, or has an extension that is read here twice.
std::optional<ClientHello> parse_client_hello(std::string_view message);

// Returns the highest of supported_versions without GREASE (0x0304 is TLS 1.3), or else legacy_version.
int highest_offered_version(const ClientHello &hello) noexcept;
// Returns OpenSSL's name of a version, 'TLSv1.3', or the number of an unknown one, '0x7f1c'.
std::string version_name(int version);

}   // namespace sslinfo::core
