#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// Every certificate and CRL that TLS of a server uses, on disk and in memory.
namespace sslinfo::core {

// A row of pg_ssl_certificates.
struct InventoryRow {
    std::string source;   // server, server_chain, client_ca, crl
    std::optional<std::string> host;
    std::optional<std::string> file;
    std::optional<int> ordinal;   // from 1, in the file
    bool on_disk = false;
    std::optional<bool> loaded;
    std::optional<std::string> subject;
    std::optional<std::string> issuer;
    std::optional<Decimal> serial;
    std::optional<Timestamp> not_before;
    std::optional<Timestamp> not_after;
    std::optional<std::string> fingerprint;
    std::optional<std::string> spki_fingerprint;
    std::optional<std::string> key_algorithm;
    std::optional<int> key_bits;
    std::optional<int> key_strength;
    std::optional<std::string> signature_algorithm;
    std::optional<int> entries;
    std::vector<std::string> problems;

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("source", source);
        visit("host", host);
        visit("file", file);
        visit("ordinal", ordinal);
        visit("on_disk", on_disk);
        visit("loaded", loaded);
        visit("subject", subject);
        visit("issuer", issuer);
        visit("serial", serial);
        visit("not_before", not_before);
        visit("not_after", not_after);
        visit("fingerprint", fingerprint);
        visit("spki_fingerprint", spki_fingerprint);
        visit("key_algorithm", key_algorithm);
        visit("key_bits", key_bits);
        visit("key_strength", key_strength);
        visit("signature_algorithm", signature_algorithm);
        visit("entries", entries);
        visit("problems", problems);
    }
};

// One file as it was read. Trivially destructible; the views must live as long.
struct StoredFile {
    std::string_view setting{};   // ssl_cert_file, ssl_key_file, ssl_ca_file, ssl_crl_file, ssl_crl_dir
    std::string_view host{};      // empty for the settings
    std::string_view name{};
    std::string_view bytes{};
    std::string_view problem{};   // empty if the file was read
    bool too_large = false;       // the problem is its size: the server would read it
};

// The rows of the contexts that new sessions use: on_disk is false. A certificate or CRL that several contexts have is
// one row.
std::vector<InventoryRow> loaded_rows(const std::vector<SSL_CTX *> &contexts, Timestamp now);

// The rows that one connection uses: from PostgreSQL 19 on its own settings, and not those of its context.
std::vector<InventoryRow> loaded_rows(const SSL &ssl, Timestamp now);

// The rows of one file, without `loaded`. A file that was not read, or cannot be parsed, is one row with a problem
// that starts with "unreadable: ".
std::vector<InventoryRow> file_rows(const StoredFile &file, Timestamp now);

// Marks of rows as bytes of equal length, in the order of the rows: their sources and fingerprints. Rows without a
// fingerprint have none.
std::string marks(const std::vector<InventoryRow> &rows);
// The same marks in ascending order.
std::string sorted_marks(std::string_view marks);
// Is the row's mark among sorted marks?
bool is_marked(std::string_view sorted, const InventoryRow &row);

// Sets `loaded` of rows on disk, true if their marks are among `loaded`, and adds 'pending reload' to the others.
void compare_with_loaded(std::vector<InventoryRow> &on_disk, std::string_view loaded);

}   // namespace sslinfo::core
