#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"
#include "core/tls/certificate_inventory.hpp"

#include <string>
#include <string_view>
#include <vector>

// Check of the server's TLS files and settings before a reload or restart.
namespace sslinfo::core {

// A row of ssl_config_check().
struct ConfigCheck {
    std::string setting;
    std::optional<std::string> host;
    std::optional<std::string> file;
    std::optional<bool> ok;   // does a reload succeed? unknown if that was not checked
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

// TLS settings of the server. Trivially destructible.
struct TlsSettings {
    const char *ciphers;
    const char *ciphersuites;   // for TLS 1.3; null before PostgreSQL 18
    const char *groups;
    const char *groups_setting;   // ssl_groups, or before 18 ssl_ecdh_curve, which is one curve
    const char *min_version;      // the setting's text; empty: any
    const char *max_version;
};

// Files of one host, or of the settings. A file without a name is not set.
struct TlsFiles {
    StoredFile certificate;
    StoredFile key;
    StoredFile ca;
    StoredFile crl;
};

// Build contexts with the calls of be_tls_init() in PostgreSQL's be-secure-openssl.c: one with the files of a host or
// of the settings (init_host_context() in 19), one with the other settings. Return a row with the first problem of each
// setting that is set. ok is false only if the server would refuse it. Set pass_phrase_command if a reload calls one.
std::vector<ConfigCheck> check_files(const TlsFiles &files, bool pass_phrase_command, Timestamp now);
std::vector<ConfigCheck> check_settings(const TlsSettings &settings, const StoredFile &dh_parameters);

// Checks a file of ssl_crl_dir. ok is always true, since OpenSSL reads it only at logins. No row without a problem.
std::vector<ConfigCheck> check_crl_in_directory(const StoredFile &file, Timestamp now);

}   // namespace sslinfo::core
