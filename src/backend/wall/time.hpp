#pragma once
#include "core/base/types.hpp"
#include "backend/wall/pg.hpp"

// Conversion between PostgreSQL's time (epoch 2000) and the core's (epoch 1970). Out of range: infinity or the limit.
namespace sslinfo::backend {

// PostgreSQL's epoch in Unix time.
inline constexpr std::int64_t epoch_seconds = std::int64_t(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
inline constexpr std::int64_t epoch_microseconds = epoch_seconds * USECS_PER_SEC;

constexpr TimestampTz timestamp_of(core::Instant instant)
{
    const std::int64_t microseconds = instant.time_since_epoch().count();
    if (microseconds < MIN_TIMESTAMP + epoch_microseconds)
        return DT_NOBEGIN;
    const TimestampTz time = microseconds - epoch_microseconds;
    return time < END_TIMESTAMP ? time : DT_NOEND;
}

constexpr TimestampTz timestamp_of(core::Timestamp unix_time)
{
    const std::int64_t seconds = unix_time.time_since_epoch().count();
    if (seconds < MIN_TIMESTAMP / USECS_PER_SEC + epoch_seconds)
        return DT_NOBEGIN;
    if (seconds >= END_TIMESTAMP / USECS_PER_SEC + epoch_seconds)
        return DT_NOEND;
    return (seconds - epoch_seconds) * USECS_PER_SEC;
}

constexpr core::Instant instant_of(TimestampTz time)
{
    const std::int64_t latest = PG_INT64_MAX - epoch_microseconds;
    return core::Instant{std::chrono::microseconds{std::min(time, latest) + epoch_microseconds}};
}

}   // namespace sslinfo::backend
