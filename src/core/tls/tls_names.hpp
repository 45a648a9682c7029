#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string_view>

// Names of code points in IANA's TLS registries. std::nullopt means an unknown code.
namespace sslinfo::core {

// Returns the SignatureScheme (RFC 8446, section 4.2.3): rsa_pss_rsae_sha256, ed25519, mldsa65.
std::optional<std::string> signature_scheme_name(int code);

// Returns the scheme by the NIDs of digest and signature. Set pss_key if the key is RSASSA-PSS, not rsaEncryption.
std::optional<std::string> signature_scheme_name(int digest_nid, int signature_nid, bool pss_key);

// Return the NamedGroup (RFC 8446, section 4.2.7) of OpenSSL's NID, and its name: x25519, secp256r1, X25519MLKEM768.
std::optional<int> group_code(int nid);
std::optional<std::string> group_name(int code);

// Returns OpenSSL's name of a protocol version: TLSv1.3 for 0x0304.
std::optional<std::string> tls_version_name(int version);

// Returns the AlertDescription (RFC 8446, section 6, and older ones): unknown_ca.
std::optional<std::string> alert_name(int alert);

// Returns the ExtensionType (RFC 8446, section 4.2): supported_versions.
std::optional<std::string> extension_name(int type);

// Returns the ECPointFormat (RFC 8422, section 5.1.2): uncompressed.
std::optional<std::string> point_format_name(int format);

// Returns 'classical', 'hybrid' (a classical and an ML-KEM part) or 'post-quantum' (ML-KEM alone).
const char *group_kind(int code) noexcept;

// Returns the ML-KEM parameter set of a group's name in any case: 768 for X25519MLKEM768. std::nullopt without ML-KEM.
std::optional<int> ml_kem_parameter_set(std::string_view group);

// Returns a code point in the form '0x0304'.
std::string hex_code(int code);

// True for an ML-KEM group, alone or in a hybrid with an elliptic curve.
bool post_quantum_group(int code) noexcept;

// True for a reserved value of RFC 8701 (GREASE). Clients send them to check that servers ignore unknown values.
bool grease(int code) noexcept;

}   // namespace sslinfo::core
