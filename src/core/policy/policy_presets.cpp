#include "core/policy/policy.hpp"

#include "core/policy/policy_match.hpp"

namespace sslinfo::core {

namespace {

// Mozilla, "Server Side TLS", guidelines 6.0 (https://ssl-config.mozilla.org/guidelines/6.0.json): tls_versions,
// ciphersuites (TLS 1.3), ciphers.openssl (TLS 1.2) and tls_curves of the configuration of this name.
#define MOZILLA_TLS13_CIPHERS "TLS_AES_128_GCM_SHA256|TLS_AES_256_GCM_SHA384|TLS_CHACHA20_POLY1305_SHA256"
#define MOZILLA_GROUPS "group=X25519MLKEM768|x25519|secp256r1|secp384r1"

struct Preset {
    std::string_view name;
    std::string_view line;
};

constexpr Preset presets[] = {
    {"mozilla-intermediate",
     "tls>=1.2 "
     "cipher=" MOZILLA_TLS13_CIPHERS "|ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-RSA-AES128-GCM-SHA256"
     "|ECDHE-ECDSA-AES256-GCM-SHA384|ECDHE-RSA-AES256-GCM-SHA384"
     "|ECDHE-ECDSA-CHACHA20-POLY1305|ECDHE-RSA-CHACHA20-POLY1305 " MOZILLA_GROUPS},
    {"mozilla-modern", "tls>=1.3 cipher=" MOZILLA_TLS13_CIPHERS " " MOZILLA_GROUPS},
    {"mtls", "tls>=1.2 encrypted client-cert"},
    {"quantum-safe", "tls>=1.3 encrypted post-quantum"},
    {"nist-sp-800-52r2",
     "tls>=1.2 "
     "cipher=TLS_AES_128_GCM_SHA256|TLS_AES_256_GCM_SHA384|TLS_AES_128_CCM_SHA256|TLS_AES_128_CCM_8_SHA256"
     "|TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
     "|TLS_ECDHE_ECDSA_WITH_AES_128_CCM|TLS_ECDHE_ECDSA_WITH_AES_256_CCM"
     "|TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8|TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"
     "|TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256|TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"
     "|TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
     "|TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256|TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 "
     "group=secp256r1|secp384r1|secp521r1|ffdhe2048|ffdhe3072|ffdhe4096|ffdhe6144|ffdhe8192"},
    {"bsi-tr-02102-2-2026", "tls>=1.2 "
                            "cipher=TLS_AES_128_GCM_SHA256|TLS_AES_256_GCM_SHA384|TLS_AES_128_CCM_SHA256"
                            "|TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
                            "|TLS_ECDHE_ECDSA_WITH_AES_128_CCM|TLS_ECDHE_ECDSA_WITH_AES_256_CCM"
                            "|TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 "
                            "group=secp256r1|secp384r1|secp521r1|brainpoolP256r1|brainpoolP384r1|brainpoolP512r1"
                            "|brainpoolP256r1tls13|brainpoolP384r1tls13|brainpoolP512r1tls13|ffdhe3072|ffdhe4096"
                            "|SecP256r1MLKEM768|SecP384r1MLKEM1024"},
    {"cnsa-2.0", "tls>=1.3 cipher=TLS_AES_256_GCM_SHA384 kem>=1024 signature=mldsa87"},
};

#undef MOZILLA_TLS13_CIPHERS
#undef MOZILLA_GROUPS

}   // namespace

std::string_view preset(std::string_view name)
{
    const std::string lower = ascii_lower(name);
    for (const Preset &preset : presets)
        if (preset.name == lower)
            return preset.line;
    return {};
}

std::vector<std::string_view> preset_names()
{
    std::vector<std::string_view> out;
    for (const Preset &preset : presets)
        out.push_back(preset.name);
    return out;
}

}   // namespace sslinfo::core
