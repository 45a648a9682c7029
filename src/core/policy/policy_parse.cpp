#include "core/policy/policy.hpp"

#include "core/policy/requirements.hpp"
#include "core/policy/similar_word.hpp"
#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

constexpr std::string_view spaces = ascii_spaces;

bool name_character(char c) noexcept { return is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.'; }

std::string quote_value(const std::string &value)
{
    std::string out = "\"";
    for (const char c : value)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

// Adds quotes if the value needs them.
std::string quote_if_needed(const OneOf &form, const std::string &value)
{
    return form.quotes == OneOf::always || value.find_first_of(" \"|;") != std::string::npos ? quote_value(value)
                                                                                             : value;
}

std::string list_names(const std::vector<std::string_view> &names)
{
    std::string out;
    for (const std::string_view name : names)
        out += (out.empty() ? " " : ", ") + std::string(name);
    return out;
}

constexpr const char *quote_hint = "Enclose a value with spaces or a comma in double quotes: cn=\"a b\".";

class Parser {
  public:
    // Treatment of unknown names, such as group=x25518.
    enum class UnknownNames { refused, accepted };

    Parser(std::string_view text, UnknownNames unknown_names) : text_(text), unknown_names_(unknown_names) {}

    Policy parse()
    {
        check_text();
        Policy policy;
        for (skip_spaces(); !at_end(); skip_spaces()) {
            const std::size_t begin = at_;
            requirement(policy);
            check_counts(policy, begin);
        }
        if (policy.requirements.empty() && !policy.local)
            fail(text_.size(), "policy is empty", "Write at least one requirement, such as tls.");
        return policy;
    }

  private:
    [[noreturn]] void fail(std::size_t position, const std::string &reason, const std::string &hint = {}) const
    {
        throw SyntaxError(text_, position, "invalid TLS policy: " + reason, hint);
    }

    void check_counts(const Policy &policy, std::size_t begin)
    {
        if (policy.requirements.size() > policy_max_requirements)
            fail(begin, "policy has more than " + std::to_string(policy_max_requirements) + " requirements");
        if (values_ > policy_max_values)
            fail(begin, "policy has more than " + std::to_string(policy_max_values) + " values");
    }

    bool at_end() const noexcept { return at_ == text_.size(); }
    bool at_space() const noexcept { return !at_end() && spaces.find(text_[at_]) != std::string_view::npos; }
    bool at(char c) const noexcept { return !at_end() && text_[at_] == c; }
    void skip_spaces() noexcept
    {
        while (at_space())
            ++at_;
    }

    void check_text() const
    {
        for (std::size_t i = 0; i < text_.size();) {
            const std::size_t length = utf8_sequence_length(text_.substr(i));
            if (i >= policy_max_length)
                fail(i, "policy is longer than " + std::to_string(policy_max_length) + " bytes");
            if (length == 0 || (is_ascii_control(text_[i]) && spaces.find(text_[i]) == std::string_view::npos))
                fail(i, length == 0 ? "policy is not valid UTF-8" : "unexpected control character");
            i += length;
        }
    }

    [[noreturn]] void fail_at_character() const
    {
        const std::size_t length = utf8_sequence_length(text_.substr(at_));
        const char c = text_[at_];
        const char *hint = "";
        if (c == '=' || c == '<' || c == '>' || c == '!')
            hint = "Write a requirement without spaces, with \"=\" or \">=\": tls>=1.3, cn=app|web.";
        else if (c == '"' || c == ';')
            hint = "Enclose a value with a semicolon or a double quote in double quotes, and double each double quote "
                   "in it.";
        else if (c == ',')
            hint = "Separate requirements with spaces, and the values of one with \"|\". "
                   "Enclose a value with a comma or a space in double quotes: subject=\"CN=app,O=Acme\".";
        fail(at_, "unexpected \"" + std::string(text_.substr(at_, length)) + "\"", hint);
    }

    void requirement(Policy &policy)
    {
        const std::size_t begin = at_;
        while (!at_end() && name_character(text_[at_]))
            ++at_;
        if (at_ == begin)
            fail_at_character();
        const std::string name = ascii_lower(text_.substr(begin, at_ - begin));
        if (const std::string_view line = preset(name); !line.empty()) {
            if (!at_end() && !at_space())
                fail_at_character();
            for (Requirement &expanded : Parser(line, UnknownNames::accepted).parse().requirements) {
                values_ += expanded.any_of.size();
                policy.requirements.push_back(std::move(expanded));
            }
            return;
        }
        const Word *const word = find_word(name);
        if (word == nullptr)
            fail(begin, "unrecognized requirement \"" + name + "\"", hint_for_unknown(name, policy));
        Requirement out{.word = word, .at_least = 0, .any_of = {}, .text = name};
        take_value(*word, out);
        if (word == &local_word())
            policy.local = true;
        else
            policy.requirements.push_back(std::move(out));
    }

    // Parses operator and value after the name.
    void take_value(const Word &word, Requirement &out)
    {
        const std::size_t begin = at_;
        const std::string operation = text_.substr(at_, 2) == ">=" ? ">=" : at('=') ? "=" : "";
        if (operation.empty() && !at_end() && !at_space())
            fail_at_character();
        at_ += operation.size();

        const auto *const number = std::get_if<AtLeast>(&word.form);
        const auto *const list = std::get_if<OneOf>(&word.form);
        const std::string hint = "Write " + std::string(word.example) + ".";
        const std::string wanted = list != nullptr ? "=" : ">=";
        if (number == nullptr && list == nullptr && !operation.empty())
            fail(begin, "\"" + out.text + "\" takes no value", hint);
        if (operation.empty() && (list != nullptr || (number != nullptr && number->number == AtLeast::required)))
            fail(begin, "\"" + out.text + "\" requires a value", hint);
        if (operation.empty())
            return;
        if (operation != wanted)
            fail(begin, "\"" + out.text + "\" must be followed by \"" + wanted + "\"", hint);
        out.text += operation;
        if (list != nullptr)
            take_list(word, *list, out);
        else
            take_number(*number, out);
        if (!at_end() && !at_space())
            fail_at_character();
    }

    void take_number(const AtLeast &form, Requirement &out)
    {
        value(false, [&](const std::string &item) {
            const ParsedNumber parsed = form.parse(item);
            out.at_least = parsed.number;
            out.text += parsed.shown;
        });
    }

    void take_list(const Word &word, const OneOf &form, Requirement &out)
    {
        for (bool first = true; first || at('|'); first = false) {
            if (!first) {
                out.text += '|';
                ++at_;
            }
            value(true, [&](const std::string &item) {
                PolicyValue parsed = form.parse(item);
                if (unknown_names_ == UnknownNames::refused && form.names != nullptr &&
                    !form.names->known(parsed.key) && !form.names->known(item))
                    throw SyntaxError(item, 0,
                                      "unrecognized value \"" + item + "\" for \"" + std::string(word.name) + "\"",
                                      did_you_mean(item, form.names->list()));
                out.text += quote_if_needed(form, parsed.shown);
                out.any_of.push_back(std::move(parsed.key));
                ++values_;
            });
        }
    }

    // Passes one value, without its quotes, to `parse`, and converts positions of its errors to this text.
    template <class Parse> void value(bool may_be_quoted, Parse parse)
    {
        const std::size_t begin = at_;
        const bool in_quotes = may_be_quoted && at('"');
        const std::string word = in_quotes ? quoted_word() : bare_word();
        if (word.empty())
            fail(begin, in_quotes ? "value must not be empty" : "missing value");
        try {
            parse(word);
        } catch (const SyntaxError &error) {
            std::size_t position = begin + (in_quotes ? 1 : 0);
            for (std::size_t i = 0; i < error.position(); ++i)
                position += in_quotes && word[i] == '"' ? 2 : 1;
            const bool cut = !in_quotes && at_space() && word.back() == ',';
            fail(position, error.what(), cut ? quote_hint : error.hint());
        }
    }

    std::string bare_word()
    {
        const std::size_t begin = at_;
        at_ = std::min(text_.find_first_of(" \t\n\r\f\v|\";", at_), text_.size());
        return std::string(text_.substr(begin, at_ - begin));
    }

    std::string quoted_word()
    {
        const std::size_t begin = at_++;
        std::string out;
        for (; !at_end(); ++at_) {
            if (text_[at_] == '"') {
                ++at_;
                if (!at('"'))
                    return out;
            } else if (is_ascii_control(text_[at_])) {
                fail(at_, "unexpected control character in value");
            }
            out += text_[at_];
        }
        fail(begin, "unterminated quoted value");
    }

    // Suggests a similar word, or else lists all words.
    static std::string hint_for_unknown(const std::string &name, const Policy &policy)
    {
        std::vector<std::string_view> known = word_names();
        for (const std::string_view preset_name : preset_names())
            known.push_back(preset_name);
        std::string hint = did_you_mean(name, known);
        // "tls1.3" is probably "tls>=1.3".
        const std::size_t digits = name.find_first_of("0123456789");
        const Word *const number = find_word(name.substr(0, digits));
        if (hint.empty() && digits != name.npos && number != nullptr && std::holds_alternative<AtLeast>(number->form))
            hint = "Did you mean \"" + std::string(number->name) + ">=" + name.substr(digits) + "\"?";
        if (!hint.empty())
            return hint;
        if (!policy.requirements.empty() && !policy.requirements.back().any_of.empty())
            hint = std::string(quote_hint) + " ";
        return hint + known_words();
    }

    static std::string known_words()
    {
        return "The requirements are" + list_names(word_names()) + "; the presets are" + list_names(preset_names()) +
               ".";
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;   // in lists so far
    UnknownNames unknown_names_;
};

}   // namespace

Policy parse_policy(std::string_view text) { return Parser(text, Parser::UnknownNames::refused).parse(); }

std::size_t find_unquoted(std::string_view text, char wanted, std::size_t start) noexcept
{
    bool in_quotes = false;
    for (std::size_t i = start; i < text.size(); ++i) {
        if (text[i] == '"')
            in_quotes = !in_quotes;
        else if (text[i] == wanted && !in_quotes)
            return i;
    }
    return std::string_view::npos;
}

}   // namespace sslinfo::core
