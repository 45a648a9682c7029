#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <vector>

// What the client offered in its ClientHello (RFC 8446, section 4.1.2).
namespace sslinfo::core {

struct Offer {
    std::string kind;   // cipher, group, signature_algorithm
    int ordinal;        // from 1 in each kind, in the client's order
    int code;           // IANA's number
    Text name;          // IANA's name as OpenSSL has it, or GREASE; none where OpenSSL has none

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("kind", kind);
        visit("ordinal", ordinal);
        visit("code", code);
        visit("name", name);
    }
};
std::vector<Offer> client_offer(const SSL &ssl);

// IANA's codes of the groups in the client's supported_groups extension, in its order.
std::vector<int> offered_group_codes(const SSL &ssl);

}   // namespace sslinfo::core
