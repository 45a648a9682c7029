// Login rules: parsed, and asked for sessions of which nothing good is known. A rule that parses refuses those.
#include "core/policy/login_rules.hpp"

#include "invariants.hpp"

using namespace sslinfo::core;
using fuzz::must;

namespace {

std::string facts_of(std::string_view input)
{
    try {
        const LoginRules rules(input);
        std::string out;
        Session plain;
        plain.transport = Transport::plain;
        for (const std::string_view role : {"app_1", "repl", "", "a b", "x*y"})
            for (const std::string_view database : {"prod", ""}) {
                const LoginRule *rule = rules.find(role, database);
                if (rule == nullptr)
                    continue;
                const std::optional<Refusal> refused =
                    refusal(*rule, plain, {}, Timestamp{std::chrono::seconds{1700000000}});
                must(refused.has_value(), "nothing fails open", rule->text);
                for (const std::string &text : {rule->text, refused->kinds, refused->actual, refused->advice})
                    fuzz::check_text(text);
                out += rule->text + refused->kinds + refused->actual + refused->advice;
            }
        return out;
    } catch (const Error &error) {
        must(error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::invalid_text,
             "rules are refused as invalid", error.what());
        return error.what();
    }
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    if (!valid_utf8(input) || input.find('\0') != std::string_view::npos)
        return 0;
    fuzz::run(input, [&] { return facts_of(input); });
    return 0;
}
