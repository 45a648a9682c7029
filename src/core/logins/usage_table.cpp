#include "core/logins/usage_table.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <bit>

namespace sslinfo::core {

namespace {

// The file of counts holds the hash: another order or encoding here makes two rows of one after a restart.
void add_text(Fnv1a &hash, const std::optional<std::string> &text)
{
    hash.add_byte(text ? 1 : 0);
    if (text)
        hash.add(text->data(), text->size());
    hash.add_byte(0);
}

}   // namespace

template <std::size_t N> std::string ShortText<N>::shortened_to(const std::string &text) { return shortened(text, N); }
template struct ShortText<6>;
template struct ShortText<15>;
template struct ShortText<45>;
template struct ShortText<63>;
template struct ShortText<36>;
template struct ShortText<254>;

UsageKey usage_key(const std::optional<std::string> &database, const std::optional<std::string> &user,
                   const Session &session)
{
    Fnv1a hash;
    for (const std::optional<std::string> &text :
         {database, user, std::optional<std::string>(session.transport), session.version, session.cipher,
          session.key_exchange_group, session.issuer_dn})
        add_text(hash, text);
    const auto offered = static_cast<std::int8_t>(session.post_quantum_offered ? *session.post_quantum_offered : -1);
    hash.add_byte(static_cast<unsigned char>(offered));
    hash.add_byte(session.client_cert_present);

    UsageKey key{};
    key.hash = hash.value();
    key.database = key.database.of(database);
    key.user = key.user.of(user);
    key.transport = key.transport.of(session.transport);
    key.version = key.version.of(session.version);
    key.cipher = key.cipher.of(session.cipher);
    key.key_exchange_group = key.key_exchange_group.of(session.key_exchange_group);
    key.issuer_dn = key.issuer_dn.of(session.issuer_dn);
    key.post_quantum_offered.value = offered;
    key.client_cert = session.client_cert_present;
    return key;
}

void UsageTable::record(const UsageKey &key, const UsageEvent &event) noexcept
{
    BoundedTable::record(key, [&](UsageEntry &entry, bool is_new) {
        if (is_new) {
            entry.first_seen = event.when;
            entry.nearest_not_after.seconds = MaybeExpiry::none;
        }
        entry.connections += event.outcome != LoginOutcome::rejected;
        entry.rejected += event.outcome == LoginOutcome::rejected;
        entry.would_reject += event.outcome == LoginOutcome::would_reject;
        entry.last_seen = event.when;
        entry.last_client_address = event.client_address;
        entry.last_not_after = event.not_after;
        // A certificate that has expired since cannot log in again: it gives way to those that can.
        if (entry.nearest_not_after.seconds <
                std::chrono::floor<std::chrono::seconds>(event.when).time_since_epoch().count() ||
            event.not_after.seconds < entry.nearest_not_after.seconds)
            entry.nearest_not_after = event.not_after;
    });
}

}   // namespace sslinfo::core
