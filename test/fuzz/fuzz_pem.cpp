// A PEM text.
#include "facts.hpp"

using namespace fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view pem(reinterpret_cast<const char *>(data), size);
    const auto facts = [&]() -> std::string {
        try {
            const X509Handle certificate = parse_pem(pem);
            const std::string octets = der(*certificate);
            return certificate_facts(*certificate) + octets;
        } catch (const Error &error) {
            must(error.code() == ErrorCode::invalid_text, "a text is refused as invalid", error.what());
            check_text(error.what());
            return error.what();
        }
    };
    run(pem, [&] { return with_openssl(facts); });
    return 0;
}
