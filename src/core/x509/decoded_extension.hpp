#pragma once
#include "core/openssl/openssl.hpp"
#include "core/openssl/failure.hpp"

// One extension of a certificate as the structure that OpenSSL decodes it to.
namespace sslinfo::core {

// What X509_get_ext_d2i() reports in place of whether the extension is critical.
constexpr int extension_absent = -1;

// True if the extension's value is one complete DER element and nothing else. X509V3_EXT_d2i() ignores what follows it.
inline bool is_one_der_element(const X509_EXTENSION &extension)
{
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(mutable_pointer(&extension));
    const unsigned char *const begin = ASN1_STRING_get0_data(value);
    const unsigned char *content = begin;
    const long size = ASN1_STRING_length(value);
    long length = 0;
    int tag = 0;
    int tag_class = 0;
    ERR_set_mark();   // errors of before stay: one of them may be a lack of memory
    const int form = ASN1_get_object(&content, &length, &tag, &tag_class, size);
    const bool readable = (form & 0x80) == 0 && (form & 1) == 0;   // 1: indefinite length, which DER does not have
    ERR_pop_to_mark();
    return readable && content - begin + length == size;
}

// Null if the certificate has no such extension, has it twice, if OpenSSL cannot decode it, or if bytes follow it.
// OpenSSL 1.1.1 may run out of memory during decoding and report nothing; hence the second attempt.
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
