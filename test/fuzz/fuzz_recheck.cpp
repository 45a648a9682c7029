// The evidence of a session in shared memory, and files to judge it by: two bytes of length, the evidence, and a file
// that is both the CA file and the CRL.
#include "core/openssl/failure.hpp"
#include "core/tls/recheck.hpp"

#include "invariants.hpp"

using namespace sslinfo::core;
using fuzz::must;

namespace {

constexpr Timestamp now{std::chrono::seconds{1750000000}};

std::string judged(std::string_view evidence, std::string_view file)
{
    std::string out;
    for (const bool crl_set : {false, true}) {
        const std::vector<Recheck> rows = recheck({{4711, evidence}},
                                                  {{.setting = "ssl_ca_file", .name = "ca.crt", .bytes = file},
                                                   {.setting = "ssl_crl_file", .name = "server.crl", .bytes = file}},
                                                  crl_set, now);
        must(rows.size() == 1 && rows[0].pid == 4711, "a row for each session");
        fuzz::check(rows[0]);
        const std::string &status = rows[0].status;
        must(status == "ok" || status == "expired" || status == "revoked" || status == "untrusted" ||
                 status == "unknown",
             "a known status", status);
        must(rows[0].reason.has_value() == (status != "ok"), "whatever is not ok has a reason", status);
        must(crl_set || status != "revoked", "without a CRL nothing is revoked");
        out += to_cells(rows);
    }
    return out;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    if (size < 2)
        return 0;
    const std::size_t length = data[0] | data[1] << 8;
    const std::string_view evidence = input.substr(2, length);
    const std::string_view file = input.substr(2 + evidence.size());
    fuzz::run(input, [&] { return with_openssl([&] { return judged(evidence, file); }); });
    return 0;
}
