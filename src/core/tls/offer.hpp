#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"
#include "core/tls/session.hpp"

#include <string>
#include <vector>

// The client's offer in its ClientHello (RFC 8446, section 4.1.2).
namespace sslinfo::core {

struct Offer {
    // version, alpn, extension, key_share, point_format: from the recorded ClientHello. Other kinds: from OpenSSL.
    std::string kind;
    int ordinal;                       // from 1 for each kind, in the client's order
    std::optional<int> code;           // IANA's number; none for an application protocol or an unknown group
    std::optional<std::string> name;   // IANA's name if OpenSSL has it, or GREASE

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

// Returns IANA's codes of the client's supported_groups, in its order.
std::vector<int> offered_group_codes(const SSL &ssl);

}   // namespace sslinfo::core
