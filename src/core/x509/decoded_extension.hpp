#pragma once
#include "core/openssl/openssl.hpp"

// One extension of a certificate as the structure that OpenSSL decodes it to.
namespace sslinfo::core {

// What X509_get_ext_d2i() reports in place of whether the extension is critical.
constexpr int extension_absent = -1;

// Null: the certificate has no such extension, has it twice, or OpenSSL cannot decode it. OpenSSL 1.1.1 can run out of
// memory while it decodes and say nothing; hence the second try.
template <class Handle> Handle decoded_extension(const X509 &certificate, int nid, int *status = nullptr)
{
    int critical = 0;
    Handle value;
    succeeds([&] {
        value.reset(static_cast<typename Handle::pointer>(X509_get_ext_d2i(&certificate, nid, &critical, nullptr)));
        return value != nullptr || critical == extension_absent;
    });
    if (status != nullptr)
        *status = critical;
    return value;
}

}   // namespace sslinfo::core
