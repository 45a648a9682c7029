#include "core/policy/login_rules.hpp"
#include "core/base/text.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/login_rules_setting.hpp"
#include "backend/server/settings.hpp"

namespace sslinfo::backend {

namespace {

const core::LoginRules *rules;   // null until somebody asks for those of the present value
char last_detail[1024];

// Where the mistake is, for people: the text up to it.
void describe(const core::SyntaxError &error)
{
    const std::string before = error.text().substr(0, error.position());
    const std::size_t tail = before.size() > 60 ? before.size() - 60 : 0;
    const std::string where =
        before.empty() ? "At its beginning"
                       : "After \"" + std::string(tail > 0 ? "..." : "") + core::printable(before.substr(tail)) + "\"";
    const std::string detail = where + " (position " + std::to_string(error.position() + 1) + "): " + error.what() +
                               (error.hint().empty() ? "" : ". " + error.hint());
    last_detail[detail.copy(last_detail, sizeof last_detail - 1)] = '\0';
}

}   // namespace

bool check_login_rules(char **value, void **, GucSource)
{
    last_detail[0] = '\0';
    Failure failure;
    const bool well = attempted(
        [&] {
            try {
                const core::LoginRules parsed(*value);
            } catch (const core::SyntaxError &error) {
                describe(error);
            }
        },
        failure);
    if (!well)
        last_detail[std::string_view(failure.message).copy(last_detail, sizeof last_detail - 1)] = '\0';
    if (last_detail[0] == '\0')
        return true;
    GUC_check_errdetail("%s", last_detail);
    return false;
}

// Reached in every process at every reload of the configuration, and at a login nothing is left to parse: the
// postmaster has asked for the rules before it starts the process.
void assign_login_rules(const char *value, void *)
{
    if (settings.login_rules != nullptr && value != nullptr && strcmp(settings.login_rules, value) == 0)
        return;
    Failure failure;
    (void)attempted(
        [&] {
            delete rules;
            rules = nullptr;
            rules = new core::LoginRules(value != nullptr ? value : "");
        },
        failure);
}

const char *login_rules_detail() { return last_detail[0] != '\0' ? last_detail : nullptr; }

const core::LoginRules &login_rules()
{
    if (rules == nullptr)
        rules = new core::LoginRules(settings.login_rules != nullptr ? settings.login_rules : "");
    return *rules;
}

}   // namespace sslinfo::backend
