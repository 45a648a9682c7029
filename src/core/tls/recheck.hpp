#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"
#include "core/tls/certificate_inventory.hpp"

#include <string>
#include <string_view>
#include <vector>

// Checks the client certificates of current sessions against the files on disk.
namespace sslinfo::core {

// Returns the data about a session's verified chain that recheck() needs, for shared memory: a hash of the root's key,
// expiry and, for each certificate, serial number, hash of the issuer's name and key. Empty without a client
// certificate. If it would exceed `limit`, the certificates are left out, and revocation is unknown.
std::string chain_evidence(const SSL &ssl, std::size_t limit);

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

// Judges sessions by CA and CRL files. A CRL counts only if it is current and signed by an issuer in the chain. With
// `crl_set`, a session is unknown if a certificate of its chain has no such CRL.
std::vector<Recheck> recheck(const std::vector<SessionEvidence> &sessions, const std::vector<StoredFile> &files,
                             bool crl_set, Timestamp now);

}   // namespace sslinfo::core
