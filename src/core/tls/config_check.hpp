#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"
#include "core/tls/certificate_inventory.hpp"

#include <string>
#include <string_view>
#include <vector>

// What a server would do with its TLS files and settings at the next reload or restart.
namespace sslinfo::core {

// A row of ssl_config_check().
struct ConfigCheck {
    std::string setting;
    std::optional<std::string> host;
    std::optional<std::string> file;
    std::optional<bool> ok;   // does a reload succeed? none: it depends on a pass phrase
    std::optional<std::string> problem;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("setting", setting);
        visit("host", host);
        visit("file", file);
        visit("ok", ok);
        visit("problem", problem);
    }
};

// The settings of a server's TLS. Trivially destructible.
struct TlsSettings {
    const char *ciphers;
    const char *ciphersuites;   // of TLS 1.3; null before PostgreSQL 18
    const char *groups;
    const char *groups_setting;   // ssl_groups, or ssl_ecdh_curve before 18, which has one curve
    const char *min_version;      // as the server spells it; empty: any
    const char *max_version;
    bool pass_phrase_command;   // does a reload call ssl_passphrase_command?
};

// The files of one host, or of the settings. A file without a name is not set.
struct TlsFiles {
    StoredFile certificate;
    StoredFile key;
    StoredFile ca;
    StoredFile crl;
    StoredFile dh_parameters;
};

// Builds a context from the files in the order of be_tls_init() of PostgreSQL's be-secure-openssl.c, and returns a row
// for each setting that is set, with the first problem that it has. ok is false only if the server would refuse it.
std::vector<ConfigCheck> check_config(const TlsSettings &settings, const TlsFiles &files, Timestamp now);

}   // namespace sslinfo::core
