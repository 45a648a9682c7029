#include "core/tls/session.hpp"

#include "core/base/cells.hpp"
#include "core/openssl/handle.hpp"
#include "core/x509/certificate.hpp"
#include "core/tls/ja4.hpp"
#include "core/tls/offer.hpp"
#include "core/base/text.hpp"
#include "core/tls/tls_names.hpp"

#include <algorithm>
#include <type_traits>

namespace sslinfo::core {

namespace {

template <class T> struct AsOptional {
    using type = std::optional<T>;
};
template <class T> struct AsOptional<std::optional<T>> {
    using type = std::optional<T>;
};

// Returns read(*object), or std::nullopt for a null pointer.
template <class T, class R> typename AsOptional<R>::type map_or_null(const T *object, R (*read)(const T &))
{
    if (object == nullptr)
        return std::nullopt;
    return read(*object);
}

// Returns untrusted text from OpenSSL as valid UTF-8; std::nullopt for a null pointer.
std::optional<std::string> text(const char *value)
{
    return value != nullptr ? std::optional<std::string>(printable(value)) : std::nullopt;
}

std::optional<std::string> tls_version(const SSL &ssl) { return text(SSL_get_version(&ssl)); }
std::optional<std::string> cipher_name(const SSL_CIPHER &cipher) { return text(SSL_CIPHER_get_name(&cipher)); }
std::optional<std::string> cipher_iana_name(const SSL_CIPHER &cipher)
{
    return text(SSL_CIPHER_standard_name(&cipher));
}
int cipher_bits(const SSL_CIPHER &cipher) { return SSL_CIPHER_get_bits(&cipher, nullptr); }
bool is_aead(const SSL_CIPHER &cipher) { return SSL_CIPHER_is_aead(&cipher) == 1; }
bool has_compression(const SSL &ssl) { return SSL_get_current_compression(mutable_pointer(&ssl)) != nullptr; }
bool is_resumed(const SSL &ssl) { return SSL_session_reused(mutable_pointer(&ssl)) == 1; }
std::optional<std::string> sni(const SSL &ssl) { return text(SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name)); }

// True for an ephemeral key exchange: always in TLS 1.3 with a certificate, before by the cipher suite.
bool has_forward_secrecy(const SSL &ssl)
{
    if (SSL_version(&ssl) >= TLS1_3_VERSION)
        return true;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(&ssl);
    switch (cipher != nullptr ? SSL_CIPHER_get_kx_nid(cipher) : NID_undef) {
    case NID_kx_ecdhe:
    case NID_kx_dhe:
    case NID_kx_ecdhe_psk:
    case NID_kx_dhe_psk:
        return true;
    default:
        return false;
    }
}

std::optional<int> key_exchange_group_code(const SSL &ssl)
{
    const int group = negotiated_group(ssl);
    if ((group & group_without_nid) != 0)
        return group & 0xffff;
    return group_code(group);
}

std::optional<std::string> key_exchange_group_name(const SSL &ssl)
{
    const int group = negotiated_group(ssl);
    const std::optional<std::string> name = group != 0 ? text(group_to_name(ssl, group)) : std::nullopt;
    const std::optional<int> code = key_exchange_group_code(ssl);
    return name || !code ? name : group_name(*code);
}

std::optional<std::string> key_exchange_group_kind(const SSL &ssl)
{
    const std::optional<int> code = key_exchange_group_code(ssl);
    return code ? std::optional<std::string>(group_kind(*code)) : std::nullopt;
}

bool was_retried(const RecordedHandshake &handshake) { return handshake.hello_retry; }
double milliseconds(const RecordedHandshake &handshake) { return static_cast<double>(handshake.microseconds) / 1000; }

std::optional<std::string> client_ja4(const RecordedHandshake &handshake)
{
    const std::optional<ClientHello> hello = parse_client_hello(handshake.client_hello);
    return hello ? std::optional<std::string>(ja4(*hello)) : std::nullopt;
}

bool is_post_quantum(const SSL &ssl)
{
    const std::optional<int> code = key_exchange_group_code(ssl);
    return code && post_quantum_group(*code);
}

bool offers_post_quantum(const SSL &ssl)
{
    const std::vector<int> codes = offered_group_codes(ssl);
    return std::any_of(codes.begin(), codes.end(), post_quantum_group);
}

bool is_pss_key(const EVP_PKEY *key) { return key != nullptr && EVP_PKEY_base_id(key) == EVP_PKEY_RSA_PSS; }

// True if the server signs in this handshake. OpenSSL returns an algorithm even if it does not (RSA, PSK in TLS 1.2).
bool server_signs(const SSL &ssl)
{
    if (SSL_version(&ssl) >= TLS1_3_VERSION)
        return true;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(&ssl);
    const int authentication = cipher != nullptr ? SSL_CIPHER_get_auth_nid(cipher) : NID_auth_null;
    return has_forward_secrecy(ssl) && authentication != NID_auth_null && authentication != NID_auth_psk;
}

std::optional<std::string> own_signature_algorithm(const SSL &ssl)
{
    if (!server_signs(ssl))
        return std::nullopt;
    if (const char *name = own_signature_name(ssl))
        return text(name);
    int digest = NID_undef;
    int signature = NID_undef;
    const X509 *certificate = sent_certificate(ssl);
    if (SSL_get_signature_nid(mutable_pointer(&ssl), &digest) != 1)
        digest = NID_undef;
    if (SSL_get_signature_type_nid(&ssl, &signature) != 1)
        return std::nullopt;
    return signature_scheme_name(digest, signature,
                                 certificate != nullptr && is_pss_key(X509_get0_pubkey(certificate)));
}

std::optional<std::string> peer_signature_algorithm(const SSL &ssl)
{
    if (const char *name = peer_signature_name(ssl))
        return text(name);
    int digest = NID_undef;
    int signature = NID_undef;
    const X509Handle certificate(SSL_get_peer_certificate(&ssl));
    const bool pss = certificate && is_pss_key(X509_get0_pubkey(certificate.get()));
    if (SSL_get_peer_signature_nid(mutable_pointer(&ssl), &digest) != 1)
        digest = NID_undef;
    if (SSL_get_peer_signature_type_nid(&ssl, &signature) != 1)
        return std::nullopt;
    return signature_scheme_name(digest, signature, pss);
}

// Returns the fingerprint of the verified chain's last key. It is a root's, since PostgreSQL accepts no partial chain.
std::optional<std::string> verified_root_spki(const SSL &ssl)
{
    const STACK_OF(X509) *const chain = SSL_get0_verified_chain(&ssl);
    const int length = sk_X509_num(chain);   // -1 without a chain
    return length > 0 ? std::optional<std::string>(sha256_spki_fingerprint(*sk_X509_value(chain, length - 1)))
                      : std::nullopt;
}

std::optional<std::string> negotiated_alpn(const SSL &ssl)
{
    const unsigned char *data = nullptr;
    unsigned int length = 0;
    SSL_get0_alpn_selected(&ssl, &data, &length);
    return length != 0 ? std::optional<std::string>(printable({reinterpret_cast<const char *>(data), length}))
                       : std::nullopt;
}

// The names used in session_facts.def.
struct Sources {
    const SSL *ssl;
    const SSL_CIPHER *cipher;
    const X509 *client;
    const X509 *server;
    const RecordedHandshake *handshake;
};
Sources sources_of(const Connection &connection)
{
    const SSL *const ssl = connection.ssl;
    return {ssl, ssl != nullptr ? SSL_get_current_cipher(ssl) : nullptr, connection.client,
            ssl != nullptr ? sent_certificate(*ssl) : nullptr, connection.handshake};
}

}   // namespace

const char *transport_name(Transport transport) noexcept
{
    switch (transport) {
    case Transport::none:
        return "none";
    case Transport::plain:
        return "plain";
    case Transport::socket:
        return "socket";
    case Transport::gss:
        return "gss";
    case Transport::tls:
        return "tls";
    }
    return "none";
}

const X509 *sent_certificate(const SSL &ssl) noexcept
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(&ssl);
    if (cipher == nullptr || SSL_session_reused(mutable_pointer(&ssl)) == 1)
        return nullptr;
    switch (SSL_CIPHER_get_auth_nid(cipher)) {
    case NID_auth_null:
    case NID_auth_psk:
    case NID_auth_srp:
        return nullptr;
    default:   // NID_auth_any: TLS 1.3, which always has a certificate except with a PSK
        return SSL_get_certificate(&ssl);
    }
}

Session read_session(const Connection &connection)
{
    const auto [ssl, cipher, client, server, handshake] = sources_of(connection);
    return {
#define FACT(type, name, value) .name = value,
#include "core/tls/session_facts.def"
#undef FACT
    };
}

std::string read_fact(const Connection &connection, SessionFact fact)
{
    const auto [ssl, cipher, client, server, handshake] = sources_of(connection);
    CellWriter cell;
    switch (fact) {
#define FACT(type, name, value)                                                                                        \
    case SessionFact::name:                                                                                            \
        cell({}, static_cast<type>(value));                                                                            \
        break;
#include "core/tls/session_facts.def"
#undef FACT
    }
    return cell.bytes();
}

WireBytes wire_bytes(const SSL &ssl) noexcept
{
    return {static_cast<std::int64_t>(BIO_number_read(SSL_get_rbio(&ssl))),
            static_cast<std::int64_t>(BIO_number_written(SSL_get_wbio(&ssl)))};
}

}   // namespace sslinfo::core
