#include "core/policy/login_rules.hpp"
#include "core/base/text.hpp"
#include "backend/wall/database_text.hpp"
#include "backend/wall/guard.hpp"
#include "backend/server/login_rules_setting.hpp"
#include "backend/server/settings.hpp"

namespace sslinfo::backend {

namespace {

static_assert(core::name_length_max == NAMEDATALEN - 1, "a server with longer names");

const core::LoginRules *rules;   // null until the current value is parsed
char last_detail[1024];

void set_detail(std::string_view message)
{
    const std::string kept = core::shortened(core::escape_controls(message), sizeof last_detail - 1);
    last_detail[kept.copy(last_detail, sizeof last_detail - 1)] = '\0';
}

// Describes the position of the error by the end of the text before it.
void describe(const core::SyntaxError &error)
{
    const std::string before = error.text().substr(0, error.position());
    std::size_t tail = before.size() > 60 ? before.size() - 60 : 0;
    while (tail < before.size() && core::utf8_sequence_length(std::string_view(before).substr(tail)) == 0)
        ++tail;
    const std::string where =
        before.empty() ? "At its beginning"
                       : "After \"" + std::string(tail > 0 ? "..." : "") + core::printable(before.substr(tail)) + "\"";
    const std::string detail = where + " (position " + std::to_string(error.position() + 1) + "): " + error.what() +
                               (error.hint().empty() ? "" : ". " + error.hint());
    set_detail(detail);
}

}   // namespace

bool check_login_rules(char **value, void **, GucSource)
{
    last_detail[0] = '\0';
    Failure failure;
    const bool ok = attempted(
        [&] {
            try {
                const core::LoginRules parsed(*value);
            } catch (const core::SyntaxError &error) {
                describe(error);
            }
        },
        failure);
    if (!ok)
        strlcpy(last_detail, failure.message, sizeof last_detail);
    if (last_detail[0] == '\0')
        return true;
    GUC_check_errdetail("%s", server_cstring(last_detail));
    return false;
}

// Runs in every process at each reload. The postmaster parses the rules, so that a new process inherits them.
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
