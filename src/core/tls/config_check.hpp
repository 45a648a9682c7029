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
};

// The files of one host, or of the settings. A file without a name is not set.
struct TlsFiles {
    StoredFile certificate;
    StoredFile key;
    StoredFile ca;
    StoredFile crl;
};

// Two contexts are built by the calls of be_tls_init() of PostgreSQL's be-secure-openssl.c: one from the files of a
// host or of the settings, as init_host_context() of 19 does, one from the other settings. Each function returns a row
// for each setting that is set, with the first problem that it has. ok is false only if the server would refuse it.
// `pass_phrase_command`: does a reload call a command for a pass phrase?
std::vector<ConfigCheck> check_files(const TlsFiles &files, bool pass_phrase_command, Timestamp now);
std::vector<ConfigCheck> check_settings(const TlsSettings &settings, const StoredFile &dh_parameters);

// A file of ssl_crl_dir, which OpenSSL reads at each login, so that ok is always true. No row if it has no problem.
std::vector<ConfigCheck> check_crl_in_directory(const StoredFile &file, Timestamp now);

}   // namespace sslinfo::core
