// A certificate in DER, through everything that is told of it.
#include "facts.hpp"

using namespace fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view der(reinterpret_cast<const char *>(data), size);
    const auto facts = [&]() -> std::string {
        try {
            return certificate_facts(*parse_der(der));
        } catch (const Error &error) {
            must(error.code() == ErrorCode::invalid_binary, "a certificate is refused as invalid", error.what());
            check_text(error.what());
            return error.what();
        }
    };
    run(der, [&] { return with_openssl(facts); });
    return 0;
}
