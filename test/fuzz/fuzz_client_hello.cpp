// Bytes that are taken for a ClientHello, as every stranger can send them, and the JA4 of it.
#include "core/tls/client_hello.hpp"
#include "core/tls/ja4.hpp"

#include "invariants.hpp"

using namespace sslinfo::core;
using fuzz::must;

namespace {

std::string facts_of(std::string_view input)
{
    const std::optional<ClientHello> hello = parse_client_hello(input);
    if (!hello)
        return "none";
    const std::string fingerprint = ja4(*hello);
    must(fingerprint.size() == 36 && fingerprint[10] == '_' && fingerprint[23] == '_', "the form of a JA4",
         fingerprint);
    must(fingerprint.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") ==
             std::string::npos,
         "the characters of a JA4", fingerprint);
    must(2 * hello->cipher_suites.size() + 4 * hello->extensions.size() <= input.size(),
         "no more than the bytes can hold");
    const std::string version = version_name(highest_offered_version(*hello));
    fuzz::check_text(version);
    return fingerprint + version;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    fuzz::run(input, [&] { return facts_of(input); });
    return 0;
}
