#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"
#include "core/tls/certificate_inventory.hpp"

#include <string>
#include <string_view>
#include <vector>

// Client certificates of living sessions, judged anew by the files on disk.
namespace sslinfo::core {

// What a session's verified chain is judged by, as bytes for shared memory: the hash of the root's key, the validity,
// and for each certificate its serial number, a hash of its issuer's name and its key. Empty without a client
// certificate. Keys are left out if that makes it longer than `limit`; then nothing is known about revocation.
std::string chain_evidence(const SSL &ssl, std::size_t limit);

// A session and its evidence. Trivially destructible.
struct SessionEvidence {
    int pid;
    std::string_view evidence;
};

// A row of pg_ssl_recheck().
struct Recheck {
    int pid = 0;
    std::string status;   // ok, expired, revoked, untrusted, unknown
    std::optional<std::string> reason;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("pid", pid);
        visit("status", status);
        visit("reason", reason);
    }
};

// Judges sessions by CA files and CRL files. A CRL counts only if it is current and signed by the issuer of a
// certificate of the chain; with `crl_set` a certificate without such a CRL is unknown.
std::vector<Recheck> recheck(const std::vector<SessionEvidence> &sessions, const std::vector<StoredFile> &files,
                             bool crl_set, Timestamp now);

}   // namespace sslinfo::core
