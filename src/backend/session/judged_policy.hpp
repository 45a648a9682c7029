#pragma once
#include "backend/wall/pg.hpp"

// Policies judged in this backend. A policy's result is constant within a session except for certificate validity, so
// it is cached by policy text: a second call costs a comparison of the text instead of parsing it and reading all
// facts. ssl_require(), ssl_check() and a policy that is no constant in the query need it: the query of an ssl_check()
// costs 552,000 instructions the first time, 178,000 afterwards.
namespace sslinfo::backend {

// One core::Outcome. It is trivially destructible and its texts are UTF-8 in the memory of the policy.
struct JudgedRequirement {
    std::string_view requirement;
    std::string_view actual;
    std::string_view advice;
    bool holds;         // but for the time
    TimestampTz from;   // first and last time at which it is met
    TimestampTz until;

    bool satisfied(TimestampTz now) const { return holds && from <= now && now <= until; }
};

struct JudgedPolicy {
    const text *policy;   // as it was passed, in the database encoding
    bool holds;           // every requirement is met, but for the time
    TimestampTz from;     // first and last time at which all are met
    TimestampTz until;
    const JudgedRequirement *requirements;   // at least one
    std::size_t count;

    bool satisfied(TimestampTz now) const { return holds && from <= now && now <= until; }
};

// Returns the policy's result, which is valid until the next call. The last 64 policies are cached. 22023 for a text
// that is no policy.
const JudgedPolicy &judged_policy(text *policy);

}   // namespace sslinfo::backend
