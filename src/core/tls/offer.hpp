#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"
#include "core/tls/session.hpp"

#include <string>
#include <vector>

// What the client offered in its ClientHello (RFC 8446, section 4.1.2).
namespace sslinfo::core {

struct Offer {
    // cipher, group, signature_algorithm and shared_group: what OpenSSL keeps of the ClientHello. version, alpn,
    // extension, key_share and point_format: from the recorded ClientHello.
    std::string kind;
    int ordinal;                       // from 1 in each kind, in the client's order
    std::optional<int> code;           // IANA's number; none for an application protocol or an unknown group
    std::optional<std::string> name;   // IANA's name as OpenSSL has it, or GREASE; none where OpenSSL has none

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("kind", kind);
        visit("ordinal", ordinal);
        visit("code", code);
        visit("name", name);
    }
};
// `handshake` may be null.
std::vector<Offer> client_offer(const SSL &ssl, const RecordedHandshake *handshake = nullptr);

// IANA's codes of the groups in the client's supported_groups extension, in its order.
std::vector<int> offered_group_codes(const SSL &ssl);

}   // namespace sslinfo::core
