// A small table of atomic words stores the day of each certificate's last warning, because a login must not wait for a
// lock. If more than `probes` certificates of a day compete for a word, a line may be logged twice, but never omitted.
#include "backend/server/certificate_warnings.hpp"
#include "backend/server/settings.hpp"

namespace sslinfo::backend {

namespace {

constexpr std::uint32_t table_size = 4096;
constexpr std::uint32_t probes = 8;
constexpr std::uint64_t day_mask = 0xffff;

// 48 bits of a fingerprint and 16 bits of a day per word; 0 is free.
pg_atomic_uint64 *table;

// True for the first call with this certificate on this day.
bool is_first_today(std::uint64_t number, TimestampTz now)
{
    const std::uint64_t day = static_cast<std::uint64_t>(now / USECS_PER_DAY) & day_mask;
    const std::uint64_t mine = (number & ~day_mask) | day;
    pg_atomic_uint64 *free_word = nullptr;
    for (std::uint32_t i = 0; i < probes; ++i) {
        pg_atomic_uint64 *const word = &table[((number >> 16) + i) % table_size];
        const std::uint64_t value = pg_atomic_read_u64(word);
        if (value == mine)
            return false;
        const bool same = (value & ~day_mask) == (mine & ~day_mask);
        if (same || (free_word == nullptr && (value & day_mask) != day))
            free_word = word;
        if (same)
            break;
    }
    if (free_word == nullptr)
        free_word = &table[(number >> 16) % table_size];
    return pg_atomic_exchange_u64(free_word, mine) != mine;
}

}   // namespace

std::size_t certificate_warnings_size() { return sizeof(pg_atomic_uint64) * table_size; }

void attach_certificate_warnings(void *memory, bool found)
{
    table = static_cast<pg_atomic_uint64 *>(memory);
    for (std::uint32_t i = 0; !found && i < table_size; ++i)
        pg_atomic_init_u64(&table[i], 0);
}

ExpiringCertificate expiring_certificate(const core::Session &session, core::Timestamp now)
{
    if (settings.client_cert_warning <= 0 || !session.client_not_after || !session.client_fingerprint)
        return {};
    const std::int64_t left = (*session.client_not_after - now).count();
    if (left > settings.client_cert_warning)
        return {};
    const std::string digits = session.client_fingerprint->substr(0, 12);
    return {std::stoull(digits, nullptr, 16) << 16 | 1, left};
}

void warn_of_expiry(const ExpiringCertificate &certificate, const char *subject, TimestampTz now)
{
    if (certificate.number == 0)
        return;
    const auto days = static_cast<int>(certificate.seconds_left / SECS_PER_DAY);
    const auto hours = static_cast<int>(certificate.seconds_left % SECS_PER_DAY / SECS_PER_HOUR);
    if (is_first_today(certificate.number, now))
        ereport(LOG, (errmsg("client certificate \"%s\" expires in %d days and %d hours", subject, days, hours),
                      errhidestmt(true)));
    MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
    store_connection_warning(pstrdup("client certificate expires soon"),
                             psprintf("The certificate expires in %d days and %d hours.", days, hours));
    MemoryContextSwitchTo(caller);
}

}   // namespace sslinfo::backend
