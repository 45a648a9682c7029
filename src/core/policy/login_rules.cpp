#include "core/policy/login_rules.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

namespace sslinfo::core {

namespace {

constexpr std::string_view spaces = ascii_spaces;
constexpr const char *form = "A rule has the form role: policy or role@database: policy. Rules are separated by \";\".";

// Returns the first character of `text` if it needs double quotes in a name: a separator, white space (also Unicode's,
// which may be invisible) or a control character. Empty for other characters.
std::string_view odd_character(std::string_view text) noexcept
{
    if (text.front() == ',' || text.front() == '@' || spaces.find(text.front()) != text.npos)
        return text.substr(0, 1);
    for (const std::string_view blank :
         {"\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
          "\u2009", "\u200a", "\u200b", "\u200c", "\u200d", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff"})
        if (text.starts_with(blank))
            return blank;
    if (utf8_sequence_length(text) == 0)
        return {};   // not UTF-8
    char buffer[8];
    std::string_view rest = text;
    const bool control = escape_first(rest, buffer).data() == buffer;
    return control ? text.substr(0, text.size() - rest.size()) : std::string_view();
}

// Removes surrounding spaces, and adds the number of leading ones to `position`.
std::string_view trimmed(std::string_view text, std::size_t &position)
{
    const std::size_t begin = std::min(text.find_first_not_of(spaces), text.size());
    position += begin;
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(spaces) + 1);
}

LoginRule parse_rule(std::string_view whole, std::size_t position, std::string_view text)
{
    const std::size_t colon = find_unquoted(text, ':');
    if (colon == std::string_view::npos)
        throw SyntaxError(whole, position + text.size(), "invalid login rule: missing \":\" after the names", form);
    const std::string_view names = text.substr(0, colon);
    const std::size_t at = find_unquoted(names, '@');
    LoginRule rule{.role = NamePattern::parse(whole, position, names.substr(0, at)),
                   .database = at == std::string_view::npos
                                   ? NamePattern::any()
                                   : NamePattern::parse(whole, position + at + 1, names.substr(at + 1)),
                   .policy = {},
                   .text = std::string(text),
                   .role_text = {},
                   .database_text = {},
                   .policy_text = {}};
    std::size_t ignored = 0;
    rule.role_text = trimmed(names.substr(0, at), ignored);
    if (at != std::string_view::npos)
        rule.database_text = trimmed(names.substr(at + 1), ignored);
    rule.policy_text = trimmed(text.substr(colon + 1), ignored);
    try {
        rule.policy = parse_policy(text.substr(colon + 1));
    } catch (const SyntaxError &error) {
        throw SyntaxError(whole, position + colon + 1 + error.position(), error.what(), error.hint());
    }
    return rule;
}

void append(std::string &list, const char *separator, const std::string &item)
{
    if (item.empty())
        return;
    if (!list.empty())
        list += separator;
    list += item;
}

}   // namespace

NamePattern NamePattern::any()
{
    NamePattern pattern;
    pattern.parts_ = {"", ""};
    return pattern;
}

NamePattern NamePattern::parse(std::string_view whole, std::size_t position, std::string_view text)
{
    text = trimmed(text, position);
    const auto fail = [&](std::size_t i, const std::string &reason, const char *hint) {
        throw SyntaxError(whole, position + i, "invalid login rule: " + reason, hint);
    };
    if (text.empty())
        fail(0, "missing name", form);
    NamePattern pattern;
    pattern.parts_.emplace_back();
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        std::string &part = pattern.parts_.back();
        if (c == '"' && quoted && text.substr(i + 1, 1) == "\"")
            part += text[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            part += c;
        else if (c == '*')
            pattern.parts_.emplace_back();
        else if (const std::string_view odd = odd_character(text.substr(i)); !odd.empty())
            fail(i, "unexpected \"" + std::string(odd) + "\" in name", "Enclose such a name in double quotes.");
        else
            part += c;
    }
    if (quoted)
        fail(text.size(), "unterminated quoted name", form);
    std::size_t fixed = 0;
    for (const std::string &part : pattern.parts_)
        fixed += part.size();
    if (fixed > name_length_max)
        fail(0, "name is longer than " + std::to_string(name_length_max) + " bytes", "Such a rule can never apply.");
    return pattern;
}

bool NamePattern::matches_all_of(const NamePattern &other) const
{
    // Replaces each '*' of `other` by NUL, which no name has: only a '*' of this pattern matches it.
    std::string name = other.parts_.front();
    for (std::size_t i = 1; i < other.parts_.size(); ++i)
        name.append(1, '\0').append(other.parts_[i]);
    return matches(name);
}

bool NamePattern::matches(std::string_view name) const noexcept
{
    const std::string &first = parts_.front();
    const std::string &last = parts_.back();
    if (parts_.size() == 1)
        return name == first;
    if (name.size() < first.size() + last.size() || !name.starts_with(first) || !name.ends_with(last))
        return false;
    name = name.substr(first.size(), name.size() - first.size() - last.size());
    for (std::size_t i = 1; i + 1 < parts_.size(); ++i) {
        const std::size_t found = name.find(parts_[i]);
        if (found == std::string_view::npos)
            return false;
        name.remove_prefix(found + parts_[i].size());
    }
    return true;
}

LoginRules::LoginRules(std::string_view text)
{
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(find_unquoted(text, ';', begin), text.size());
        std::size_t position = begin;
        if (const std::string_view rule = trimmed(text.substr(begin, end - begin), position); !rule.empty())
            add(parse_rule(text, position, rule), text, position);
        begin = end + 1;
    }
}

void LoginRules::add(LoginRule &&rule, std::string_view text, std::size_t position)
{
    for (const LoginRule &earlier : rules_)
        if (earlier.role.matches_all_of(rule.role) && earlier.database.matches_all_of(rule.database))
            throw SyntaxError(text, position, "invalid login rule: rule can never apply",
                              "The earlier rule \"" + earlier.text + "\" matches all its logins.");
    rules_.push_back(std::move(rule));
}

const LoginRule *LoginRules::find(std::string_view role, std::string_view database) const noexcept
{
    for (const LoginRule &rule : rules_)
        if (rule.role.matches(role) && rule.database.matches(database))
            return &rule;
    return nullptr;
}

std::optional<Refusal> refusal(const LoginRule &rule, const Session &session, const Connection &connection,
                               Timestamp now)
{
    const std::vector<Outcome> outcomes = judge(rule.policy, session, connection);
    if (satisfied(outcomes, now))
        return std::nullopt;
    Refusal refusal;
    for (const Outcome &outcome : outcomes) {
        if (outcome.satisfied(now))
            continue;
        append(refusal.kinds, ", ", outcome.kind);
        append(refusal.actual, "; ", outcome.kind + ": " + outcome.actual);
        append(refusal.for_log, "; ", escape_controls(outcome.requirement) + ": " + outcome.actual);
        if (refusal.advice.find(outcome.advice) == std::string::npos)
            append(refusal.advice, " ", outcome.advice);
    }
    return refusal;
}

}   // namespace sslinfo::core
