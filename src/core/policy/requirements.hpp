#pragma once
#include "core/policy/policy.hpp"
#include "core/policy/policy_value.hpp"

#include <string>
#include <string_view>
#include <variant>

// Words of the policy language. Parser, judge and messages use the table in requirements.cpp, the only list. The
// constructor has no defaults and runs at compile time, so that an incomplete row does not compile.
namespace sslinfo::core {

// Input of a judge. `client` is null without a client certificate.
struct Evidence {
    const Session &session;
    const ClientCertificate *client;
    std::string_view auth_method;   // empty if unknown
};

// Result of a judge: holds in the period from `from` until `until`; `actual` is the value in words.
struct Finding {
    bool holds;
    std::string actual;
    Timestamp from = Timestamp::min();
    Timestamp until = Timestamp::max();
};

// If the session lacks it, the judge is not called, and the requirement is not met.
enum class Needs { nothing, tls, certificate };

// Three forms: name, name>=number, name=value|value.
struct NoValue {};
struct AtLeast {
    ParsedNumber (*parse)(const std::string &value);
    enum { required, optional } number;
};
// Existing names, for values that would match no session if misspelt.
struct Names {
    bool (*known)(const std::string &name);
    std::vector<std::string_view> (*list)();   // for suggestions
};
struct OneOf {
    PolicyValue (*parse)(const std::string &value);
    enum { if_needed, always } quotes;   // always: for distinguished names, since most need quotes
    const Names *names;                  // null: any name is accepted
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
    Advise advise;   // advice if not met
};

// Returns the row of a word in lower case; null for any other text.
const Word *find_word(std::string_view name) noexcept;
// The word that alone decides in a Unix-socket session.
const Word &local_word() noexcept;
std::vector<std::string_view> word_names();

// Return the session's transport in words, and advice for using TLS.
std::string transport_words(const Session &session);
const char *advise_transport(const Session &session);
const char *advise_certificate(const Session &session);

}   // namespace sslinfo::core
