#pragma once
#include "core/policy/policy.hpp"
#include "core/policy/policy_value.hpp"

#include <string>
#include <string_view>
#include <variant>

// The words of the policy language. requirements.cpp has one row per word, and no other file lists them: the parser,
// the judge and the messages read the row. The constructor has no defaults and runs at compile time, so that a row with
// a missing piece does not compile.
namespace sslinfo::core {

// What a judge reads. `client` is null if the client sent no certificate.
struct Evidence {
    const Session &session;
    const ClientCertificate *client;
    std::string_view auth_method;   // empty if it is not known
};

// What a judge found: does the requirement hold, in which span of time, and the value in words.
struct Finding {
    bool holds;
    std::string actual;
    Timestamp from = Timestamp::min();
    Timestamp until = Timestamp::max();
};

// What a requirement needs. The judge of a word is called only if it is there, and otherwise the requirement is not
// met.
enum class Needs { nothing, tls, certificate };

// The three forms: name, name>=number, name=value|value.
struct NoValue {};
struct AtLeast {
    ParsedNumber (*parse)(const std::string &value);
    enum { required, optional } number;
};
// The names that exist, for a value that would match no session if it were misspelt.
struct Names {
    bool (*known)(const std::string &name);
    std::vector<std::string_view> (*list)();   // to suggest one of them
};
struct OneOf {
    PolicyValue (*parse)(const std::string &value);
    enum { if_needed, always } quotes;   // a distinguished name is always quoted, since it mostly has to be
    const Names *names;                  // null: any value may exist
};
using Form = std::variant<NoValue, AtLeast, OneOf>;

struct Word {
    using Judge = Finding (*)(const Requirement &requirement, const Evidence &evidence);
    using Advise = const char *(*)(const Session &session);

    consteval Word(std::string_view its_name, std::string_view its_example, Form its_form, Needs its_needs,
                   Judge its_judge, Advise its_advice)
        : name(its_name), example(its_example), form(its_form), needs(its_needs), judge(its_judge), advise(its_advice)
    {
        if (name.empty() || !example.starts_with(name) || judge == nullptr || advise == nullptr ||
            (std::holds_alternative<AtLeast>(form) && std::get<AtLeast>(form).parse == nullptr) ||
            (std::holds_alternative<OneOf>(form) && std::get<OneOf>(form).parse == nullptr))
            throw "an incomplete row";
    }

    std::string_view name;
    std::string_view example;
    Form form;
    Needs needs;
    Judge judge;
    Advise advise;   // if it is not met: what to change, and on which side
};

// The row of a word in lower case; null for any other text.
const Word *find_word(std::string_view name) noexcept;
// The word that decides alone in a Unix-socket session.
const Word &local_word() noexcept;
std::vector<std::string_view> word_names();

// How the session reaches the server, in words, and what to change to reach it over TLS.
std::string transport_words(const Session &session);
const char *advise_transport(const Session &session);
const char *advise_certificate(const Session &session);

}   // namespace sslinfo::core
