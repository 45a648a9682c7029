#pragma once
#include "backend/wall/pg.hpp"

// Policies judged in this backend. What becomes of a policy does not change within a session but for its clock, so that
// a policy is parsed and judged once and then costs a comparison of its text.
namespace sslinfo::backend {

struct JudgedPolicy {
    const text *policy;   // as it was asked, in the database encoding
    bool holds;           // every requirement is met, but for the time
    TimestampTz from;     // and this is the time
    TimestampTz until;
    std::string_view rows;   // a row of core::Outcome for each requirement, as cells

    bool satisfied(TimestampTz now) const { return holds && from <= now && now <= until; }
};

// The last policies asked for are kept, 64 of them. `hint`, which the caller keeps for a call site and sets to 0 at
// first, saves the search. 22023 for a text that is no policy. The result is good until the next call.
const JudgedPolicy &judged_policy(text *policy, std::size_t &hint);

}   // namespace sslinfo::backend
