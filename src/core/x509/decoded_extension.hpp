#pragma once
#include "core/openssl/openssl.hpp"
#include "core/openssl/failure.hpp"

// Decoding of one extension of a certificate.
namespace sslinfo::core {

// X509_get_ext_d2i() returns this in place of the critical flag.
constexpr int extension_absent = -1;

// True if the value is exactly one DER element. X509V3_EXT_d2i() ignores trailing bytes.
inline bool is_one_der_element(const X509_EXTENSION &extension)
{
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(mutable_pointer(&extension));
    const unsigned char *const begin = ASN1_STRING_get0_data(value);
    const unsigned char *content = begin;
    const long size = ASN1_STRING_length(value);
    long length = 0;
    int tag = 0;
    int tag_class = 0;
    ERR_set_mark();   // keep earlier errors: one may be an allocation failure
    const int form = ASN1_get_object(&content, &length, &tag, &tag_class, size);
    const bool readable = (form & 0x80) == 0 && (form & 1) == 0;   // low bit: indefinite length, which is not DER
    ERR_pop_to_mark();
    return readable && content - begin + length == size;
}

// Decodes an extension. Null if the certificate lacks it, has it twice, or it is malformed or followed by other bytes.
// Retries, since OpenSSL 1.1.1 may run out of memory without an error.
template <class Handle> Handle decoded_extension(const X509 &certificate, int nid, int *status = nullptr)
{
    int critical = 0;
    Handle value;
    retried([&] {
        value.reset(static_cast<typename Handle::pointer>(X509_get_ext_d2i(&certificate, nid, &critical, nullptr)));
        return value != nullptr || critical == extension_absent;
    });
    if (value) {
        const X509_EXTENSION *const extension = X509_get_ext(&certificate, X509_get_ext_by_NID(&certificate, nid, -1));
        if (!is_one_der_element(*extension))
            value.reset();
    }
    if (status != nullptr)
        *status = critical;
    return value;
}

}   // namespace sslinfo::core
