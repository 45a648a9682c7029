#pragma once
#include "backend/wall/pg.hpp"

// Results of policies, cached by policy text: they are constant within a session except for certificate validity. The
// first query of ssl_check() takes 552,000 instructions, later ones 178,000.
namespace sslinfo::backend {

// A core::Outcome, trivially destructible. Texts are UTF-8 in the memory of the policy's result.
struct JudgedRequirement {
    std::string_view requirement;
    std::string_view actual;
    std::string_view advice;
    bool holds;         // apart from the time
    TimestampTz from;   // first and last time
    TimestampTz until;

    bool satisfied(TimestampTz now) const { return holds && from <= now && now <= until; }
};

struct JudgedPolicy {
    const text *policy;   // as passed, in the database encoding
    bool holds;           // all requirements do, apart from the time
    TimestampTz from;     // first and last time for all of them
    TimestampTz until;
    const JudgedRequirement *requirements;   // at least one
    std::size_t count;

    bool satisfied(TimestampTz now) const { return holds && from <= now && now <= until; }
};

// Returns the policy's result, valid until the next call. Caches the last 64 policies. 22023 for an invalid policy.
const JudgedPolicy &judged_policy(text *policy);

}   // namespace sslinfo::backend
