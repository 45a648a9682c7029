#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>

// Facts of one client connection.
namespace sslinfo::core {

enum class Transport { none, plain, socket, gss, tls };
const char *transport_name(Transport transport) noexcept;
// Returns the name of the transport in SQL.
inline std::string cell_text(Transport transport) { return transport_name(transport); }

// Facts recorded during the handshake, since OpenSSL does not store them.
struct RecordedHandshake {
    std::string_view
        client_hello;            // first ClientHello as for parse_client_hello(); empty if it was not recorded whole
    bool hello_retry;            // the server asked for a second ClientHello
    std::int64_t microseconds;   // from first ClientHello to end of handshake
};

// The sources of a connection's facts. All pointers are borrowed.
struct Connection {
    Transport transport = Transport::none;
    const SSL *ssl = nullptr;                       // after the handshake; null unless the transport is tls
    const X509 *client = nullptr;                   // verified client certificate; null if there is none
    const RecordedHandshake *handshake = nullptr;   // null if it was not recorded
    const char *auth_method = nullptr;              // as in pg_hba_file_rules; null if unknown
    const char *authn_id = nullptr;                 // authenticated identity; null if there is none
};

// Facts of a connection, constant after the handshake: the columns of ssl_session() except byte counters.
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

// Numbers of the facts, for arrays.
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

// Returns the certificate that the server sent in this handshake; null if it sent none: anonymous or PSK key exchange,
// resumed session. (SSL_get_certificate() alone returns the configured certificate.)
const X509 *sent_certificate(const SSL &ssl) noexcept;

Session read_session(const Connection &connection);
// Returns one fact as an unnamed cell (core/base/cells.hpp).
std::string read_fact(const Connection &connection, SessionFact fact);

// Bytes of TLS records so far, including the handshake (BIO_number_read, BIO_number_written).
struct WireBytes {
    std::int64_t received;
    std::int64_t sent;
};
WireBytes wire_bytes(const SSL &ssl) noexcept;

}   // namespace sslinfo::core
