#include "core/base/cells.hpp"
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
    MemoryContext context;   // of all of it; null in an empty slot
    std::uint64_t used;      // when, by the count of calls
};
constexpr std::size_t slot_count = 64;
constexpr Size kept_bytes_max = 65536;   // of one result; a larger one is computed anew each time
constinit Slot slots[slot_count]{};
std::uint64_t calls;

// The policy judged, as cells in `context`.
std::string_view judge_in(MemoryContext context, std::string_view policy)
{
    return guarded([&] {
        const core::Connection client = connection();
        std::optional<core::ClientCertificate> certificate;
        if (client.client != nullptr)
            certificate = core::read_client_certificate(*client.client);
        return keep(context, core::flat(core::judge(core::parse_policy(policy), core::read_session(client),
                                                    certificate ? &*certificate : nullptr)));
    });
}

void sum_up(JudgedPolicy &judged)
{
    judged.holds = true;
    judged.from = DT_NOBEGIN;
    judged.until = DT_NOEND;
    core::CellReader rows(judged.rows);
    for (core::Cell row; rows.next(row);) {
        core::CellReader cells(row.data);
        for (core::Cell cell; cells.next(cell);) {
            if (cell.name == "holds")
                judged.holds = judged.holds && cell.number != 0;
            else if (cell.name == "from")
                judged.from = std::max(judged.from, timestamp_of(core::Timestamp{cell.number}));
            else if (cell.name == "until")
                judged.until = std::min(judged.until, timestamp_of(core::Timestamp{cell.number}));
        }
    }
}

Slot &least_recently_used()
{
    return *std::min_element(std::begin(slots), std::end(slots),
                             [](const Slot &a, const Slot &b) { return a.used < b.used; });
}

// Judges a policy into a new context below the current one.
Slot judge_anew(text *policy)
{
    Slot fresh{};
    fresh.context = AllocSetContextCreate(CurrentMemoryContext, "sslinfo_plus policy", ALLOCSET_SMALL_SIZES);
    fresh.judged.rows = judge_in(fresh.context, utf8_argument(policy));
    MemoryContext caller = MemoryContextSwitchTo(fresh.context);
    // Not DatumGetTextP(), which makes a second copy of a short value.
    fresh.judged.policy = reinterpret_cast<text *>(DatumGetPointer(datumCopy(PointerGetDatum(policy), false, -1)));
    MemoryContextSwitchTo(caller);
    sum_up(fresh.judged);
    return fresh;
}

}   // namespace

const JudgedPolicy &judged_policy(text *policy, std::size_t &hint)
{
    const auto is_it = [=](const Slot &slot) {
        return slot.context != nullptr && same_bytes(slot.judged.policy, policy);
    };
    Slot *slot = &slots[hint];
    if (!is_it(*slot))
        slot = std::find_if(std::begin(slots), std::end(slots), is_it);
    if (slot == std::end(slots)) {
        const Slot fresh = judge_anew(policy);
        if (MemoryContextMemAllocated(fresh.context, true) > kept_bytes_max) {
            static JudgedPolicy unkept;   // its memory is the caller's
            return unkept = fresh.judged;
        }
        slot = &least_recently_used();
        if (slot->context != nullptr)
            MemoryContextDelete(slot->context);
        MemoryContextSetParent(fresh.context, TopMemoryContext);
        *slot = fresh;
    }
    slot->used = ++calls;
    hint = static_cast<std::size_t>(slot - slots);
    return slot->judged;
}

}   // namespace sslinfo::backend
