#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>

// What the server knows of one client connection.
namespace sslinfo::core {

enum class Transport { none, plain, socket, gss, tls };
const char *transport_name(Transport transport) noexcept;
// What it is in a cell.
inline std::string cell_text(Transport transport) { return transport_name(transport); }

// What happened in a handshake and is gone after it, as somebody recorded it meanwhile.
struct RecordedHandshake {
    std::string_view client_hello;   // the first one, as parse_client_hello() takes it; empty if it was not kept whole
    bool hello_retry;                // did the server ask for a second ClientHello?
    std::int64_t microseconds;       // from the first ClientHello to the end of the handshake
};

// A connection as its owner finds it. Everything is borrowed.
struct Connection {
    Transport transport = Transport::none;
    const SSL *ssl = nullptr;                       // the finished handshake; null unless the transport is tls
    const X509 *client = nullptr;                   // the verified certificate of the client; null where it sent none
    const RecordedHandshake *handshake = nullptr;   // null unless it was recorded
    const char *auth_method = nullptr;              // as pg_hba_file_rules spells it; null if not known
    const char *authn_id = nullptr;                 // the identity that the client proved; null if it proved none
};

// The facts of a connection, which do not change after the handshake: the columns of ssl_session() but for the byte
// counters. session_facts.def is their only list.
struct Session {
#define FACT(type, name, value) type name{};
#include "core/tls/session_facts.def"
#undef FACT

    template <class Visitor> void columns(Visitor &&visit) const
    {
#define FACT(type, name, value) visit(#name, name);
#include "core/tls/session_facts.def"
#undef FACT
    }
};

// The facts by number, for those who keep them in an array.
enum class SessionFact {
#define FACT(type, name, value) name,
#include "core/tls/session_facts.def"
#undef FACT
};
inline constexpr int session_fact_count = 0
#define FACT(type, name, value) +1
#include "core/tls/session_facts.def"
#undef FACT
    ;

// The certificate that the server sent in this handshake; null if it sent none: an anonymous or PSK key exchange, or a
// resumed session. (SSL_get_certificate() alone is the configured certificate.)
const X509 *sent_certificate(const SSL &ssl) noexcept;

Session read_session(const Connection &connection);
// One fact alone, as an unnamed cell (core/base/cells.hpp).
std::string read_fact(const Connection &connection, SessionFact fact);

// Bytes of TLS records so far, handshake included (BIO_number_read, BIO_number_written).
struct WireBytes {
    std::int64_t received;
    std::int64_t sent;
};
WireBytes wire_bytes(const SSL &ssl) noexcept;

}   // namespace sslinfo::core
