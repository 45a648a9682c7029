#pragma once
#include "core/openssl/openssl.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

// All certificates and CRLs of the server's TLS, on disk and in memory.
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

// A file's contents. Trivially destructible; the views must outlive it.
struct StoredFile {
    std::string_view setting{};   // ssl_cert_file, ssl_key_file, ssl_ca_file, ssl_crl_file, ssl_crl_dir
    std::string_view host{};      // empty if the file belongs to a setting
    std::string_view name{};
    std::string_view bytes{};
    std::string_view problem{};   // empty if the file was read
    bool too_large = false;       // the problem is the size; the server would read the file
};

// Returns rows for the contexts of new sessions, with on_disk false. An object shared by contexts is one row.
std::vector<InventoryRow> loaded_rows(const std::vector<SSL_CTX *> &contexts, Timestamp now);

// Returns rows for one connection: from PostgreSQL 19 on it has its own certificate and CAs, not those of its context.
std::vector<InventoryRow> loaded_rows(const SSL &ssl, Timestamp now);

// Returns the rows of one file, without `loaded`; for a bad file one row with a problem "unreadable: …".
std::vector<InventoryRow> file_rows(const StoredFile &file, Timestamp now);

// Returns a mark for each row with a fingerprint: source and fingerprint, in a fixed number of bytes.
std::string marks(const std::vector<InventoryRow> &rows);
// Returns the same marks in ascending order.
std::string sorted_marks(std::string_view marks);
// True if the row's mark is among sorted marks.
bool is_marked(std::string_view sorted, const InventoryRow &row);

// Sets `loaded` to true for rows with a mark among `loaded`; the others get the problem 'pending reload'.
void compare_with_loaded(std::vector<InventoryRow> &on_disk, std::string_view loaded);

}   // namespace sslinfo::core
