#pragma once
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// The ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2) as the client sent it. It comes from strangers,
// before any authentication: nothing in it is trusted, and nothing about it is proof of who the client is.
namespace sslinfo::core {

// A ClientHello in more bytes than this is not read.
inline constexpr std::size_t client_hello_max = 16384;

// Code points are IANA's, in the client's order, GREASE (RFC 8701) included.
struct ClientHello {
    int legacy_version = 0;   // 0x0303 is TLS 1.2
    std::vector<int> cipher_suites{};
    std::vector<int> extensions{};           // their types
    std::vector<int> supported_versions{};   // empty without that extension
    std::vector<int> groups{};
    std::vector<int> key_shares{};   // the groups for which the client sent a key
    std::vector<int> signature_algorithms{};
    std::vector<int> point_formats{};
    std::vector<std::string> alpn{};            // the protocols, as bytes
    std::optional<std::string> server_name{};   // the host name (SNI), as bytes
};

// The ClientHello in a whole handshake message, its four bytes of type and length included. std::nullopt if the bytes
// are no ClientHello, if a length in them is wrong, if an extension read here is malformed or comes twice, or if they
// are more than client_hello_max.
std::optional<ClientHello> parse_client_hello(std::string_view message);

// The highest version that the client offers, without GREASE: 0x0304 is TLS 1.3. Without a version in
// supported_versions it is the legacy_version, as for a client that does not send the extension.
int highest_offered_version(const ClientHello &hello) noexcept;
// A version as OpenSSL spells it: 'TLSv1.3'. For an unknown version its number: '0x7f1c'.
std::string version_name(int version);

}   // namespace sslinfo::core
