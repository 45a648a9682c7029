#pragma once
#include "core/base/no_postgres.hpp"

#include <string>

namespace sslinfo::core {

// The loaded TLS library.
struct Library {
    std::string name;              // OpenSSL
    std::string runtime_version;   // of the loaded library: 3.5.1
    std::string build_version;     // of the headers at compile time
    bool fips;                     // only FIPS-approved algorithms by default
    bool post_quantum;             // has ML-KEM-768 (OpenSSL 3.5 or later)

    template <class Visitor> void columns(Visitor &&visit) const
    {
        visit("name", name);
        visit("runtime_version", runtime_version);
        visit("build_version", build_version);
        visit("fips", fips);
        visit("post_quantum", post_quantum);
    }
};
Library library();

}   // namespace sslinfo::core
