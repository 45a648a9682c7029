#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string_view>

// Code points of IANA's TLS registries and their names.
namespace sslinfo::core {

// The SignatureScheme of RFC 8446, section 4.2.3: rsa_pss_rsae_sha256, ecdsa_secp256r1_sha256, ed25519, mldsa65, ….
// std::nullopt for a code that is not in the table.
std::optional<std::string> signature_scheme_name(int code);

// The scheme of a handshake signature by the NIDs of its digest and signature; `pss_key` says that the key is
// RSASSA-PSS and not rsaEncryption. std::nullopt where the two stand for no scheme.
std::optional<std::string> signature_scheme_name(int digest_nid, int signature_nid, bool pss_key);

// The NamedGroup (RFC 8446, section 4.2.7) of OpenSSL's NID, and its name: x25519, secp256r1, X25519MLKEM768.
std::optional<int> group_code(int nid);
std::optional<std::string> group_name(int code);

// OpenSSL's name of a protocol version: TLSv1.3 for 0x0304. std::nullopt for an unknown one.
std::optional<std::string> tls_version_name(int version);

// The name of an AlertDescription (RFC 8446, section 6, and older ones): unknown_ca. std::nullopt for an unknown one.
std::optional<std::string> alert_name(int alert);

// The name of an ExtensionType (RFC 8446, section 4.2) in IANA's registry: supported_versions. std::nullopt for a code
// that is not in the table.
std::optional<std::string> extension_name(int type);

// The name of an ECPointFormat (RFC 8422, section 5.1.2): uncompressed. std::nullopt for an unknown one.
std::optional<std::string> point_format_name(int format);

// The key exchange of a group: 'classical', 'hybrid' (a classical and an ML-KEM part) or 'post-quantum' (ML-KEM alone).
const char *group_kind(int code) noexcept;

// The ML-KEM parameter set of a group by its name, in either case: 768 for X25519MLKEM768. std::nullopt for a group
// without ML-KEM.
std::optional<int> ml_kem_parameter_set(std::string_view group);

// A code point as '0x0304'.
std::string hex_code(int code);

// An ML-KEM group, alone or in a hybrid with an elliptic curve.
bool post_quantum_group(int code) noexcept;

// A reserved value of RFC 8701 (GREASE), which a client sends to see that servers ignore what they do not know.
bool grease(int code) noexcept;

}   // namespace sslinfo::core
