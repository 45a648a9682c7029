#include "core/tls/library.hpp"

#include "core/openssl/openssl.hpp"

#include <string_view>

namespace sslinfo::core {

namespace {

// Returns word number `index` of "OpenSSL 3.0.19 27 Jan 2026 (Library: …)".
std::string word(std::string_view text, int index)
{
    for (; index > 0; --index) {
        const std::size_t space = text.find(' ');
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    return std::string(text.substr(0, text.find(' ')));
}

}   // namespace

Library library()
{
    const char *runtime = OpenSSL_version(OPENSSL_VERSION);
    return {.name = word(runtime, 0),
            .runtime_version = word(runtime, 1),
            .build_version = word(OPENSSL_VERSION_TEXT, 1),
            .fips = fips_enabled(),
            .post_quantum = has_ml_kem()};
}

}   // namespace sslinfo::core
