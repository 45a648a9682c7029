// A file of the server's TLS settings, taken for each kind of file.
#include "core/openssl/failure.hpp"
#include "core/tls/certificate_inventory.hpp"
#include "core/tls/config_check.hpp"

#include "invariants.hpp"

using namespace sslinfo::core;
using fuzz::must;

namespace {

constexpr Timestamp now{std::chrono::seconds{1750000000}};

std::string inventory(std::string_view input)
{
    std::string out;
    for (const std::string_view setting : {"ssl_cert_file", "ssl_ca_file", "ssl_crl_file", "ssl_crl_dir"}) {
        std::vector<InventoryRow> rows = file_rows({.setting = setting, .name = "file", .bytes = input}, now);
        const std::string sorted = sorted_marks(marks(rows));
        compare_with_loaded(rows, sorted);
        for (const InventoryRow &row : rows) {
            fuzz::check(row);
            must(row.on_disk == row.fingerprint.has_value(), "what is on disk has a fingerprint");
            must(is_marked(sorted, row) == row.on_disk, "a mark is found again");
            must(row.on_disk || (rows.size() == 1 && row.problems.at(0).rfind("unreadable: ", 0) == 0),
                 "a file that cannot be read is one row");
        }
        out += to_cells(rows);
    }
    return out;
}

std::string check(std::string_view input)
{
    TlsFiles files;
    files.certificate = {.setting = "ssl_cert_file", .name = "server.crt", .bytes = input};
    files.key = {.setting = "ssl_key_file", .name = "server.key", .bytes = input};
    files.ca = {.setting = "ssl_ca_file", .name = "ca.crt", .bytes = input};
    files.crl = {.setting = "ssl_crl_file", .name = "server.crl", .bytes = input};
    const std::vector<ConfigCheck> rows = check_files(files, false, now);
    must(rows.size() == 4, "a row for each file");
    for (const ConfigCheck &row : rows) {
        fuzz::check(row);
        must(row.ok.has_value() && (*row.ok || row.problem), "what is refused has a reason");
    }
    return to_cells(rows);
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    fuzz::run(input, [&] { return with_openssl([&] { return inventory(input) + check(input); }); });
    return 0;
}
