#include "core/policy/policy.hpp"
#include "core/tls/session.hpp"
#include "backend/session/client.hpp"
#include "backend/wall/guard.hpp"
#include "backend/session/memo.hpp"
#include "backend/session/judged_policy.hpp"
#include "backend/wall/database_text.hpp"
#include "backend/wall/time.hpp"

namespace sslinfo::backend {

namespace {

struct Slot {
    JudgedPolicy judged;
    MemoryContext context;   // owns the result; null in an empty slot
    std::uint64_t used;      // value of `calls` at the last use
};
constexpr std::size_t slot_count = 64;
constexpr Size kept_bytes_max = 65536;   // larger results are not cached
constinit Slot slots[slot_count]{};
std::uint64_t calls;

JudgedRequirement copy_outcome(MemoryContext context, const core::Outcome &outcome)
{
    return {.requirement = copy_to(context, outcome.requirement),
            .actual = copy_to(context, outcome.actual),
            .advice = copy_to(context, outcome.advice),
            .holds = outcome.holds,
            .from = timestamp_of(outcome.from),
            .until = timestamp_of(outcome.until)};
}

// Judges the policy, with all but the policy's text in `context`.
JudgedPolicy judge_in(MemoryContext context, std::string_view policy)
{
    return guarded([&] {
        const core::Connection client = connection();
        const std::vector<core::Outcome> outcomes =
            core::judge(core::parse_policy(policy), core::read_session(client), client);
        auto *const requirements =
            static_cast<JudgedRequirement *>(allocate(context, outcomes.size() * sizeof(JudgedRequirement)));
        JudgedPolicy judged{.policy = nullptr,
                            .holds = !outcomes.empty(),
                            .from = DT_NOBEGIN,
                            .until = DT_NOEND,
                            .requirements = requirements,
                            .count = outcomes.size()};
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            const JudgedRequirement &one =
                *new (&requirements[i]) JudgedRequirement(copy_outcome(context, outcomes[i]));
            judged.holds = judged.holds && one.holds;
            judged.from = std::max(judged.from, one.from);
            judged.until = std::min(judged.until, one.until);
        }
        return judged;
    });
}

Slot &least_recently_used()
{
    return *std::min_element(std::begin(slots), std::end(slots),
                             [](const Slot &a, const Slot &b) { return a.used < b.used; });
}

// Judges a policy in a new child of the current context.
Slot judge_anew(text *policy)
{
    Slot fresh{};
    fresh.context = AllocSetContextCreate(CurrentMemoryContext, "sslinfo_plus policy", ALLOCSET_SMALL_SIZES);
    fresh.judged = judge_in(fresh.context, utf8_argument(policy));
    MemoryContext caller = MemoryContextSwitchTo(fresh.context);
    fresh.judged.policy = copy_text(policy);
    MemoryContextSwitchTo(caller);
    return fresh;
}

}   // namespace

const JudgedPolicy &judged_policy(text *policy)
{
    Slot *slot = std::find_if(std::begin(slots), std::end(slots), [=](const Slot &each) {
        return each.context != nullptr && same_bytes(each.judged.policy, policy);
    });
    if (slot == std::end(slots)) {
        const Slot fresh = judge_anew(policy);
        if (MemoryContextMemAllocated(fresh.context, true) > kept_bytes_max) {
            static JudgedPolicy unkept;   // in the caller's memory
            return unkept = fresh.judged;
        }
        slot = &least_recently_used();
        if (slot->context != nullptr)
            MemoryContextDelete(slot->context);
        MemoryContextSetParent(fresh.context, TopMemoryContext);
        *slot = fresh;
    }
    slot->used = ++calls;
    return slot->judged;
}

}   // namespace sslinfo::backend
