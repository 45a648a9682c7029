#include "core/x509/extension.hpp"

#include "core/x509/asn1.hpp"
#include "core/x509/decoded_extension.hpp"
#include "core/openssl/handle.hpp"
#include "core/base/text.hpp"
#include "core/openssl/failure.hpp"

#include <new>

namespace sslinfo::core {

namespace {

std::optional<std::string> print_once(X509_EXTENSION &extension)
{
    const BioHandle out(BIO_new(BIO_s_mem()));
    if (!out)
        throw std::bad_alloc();
    ERR_set_mark();
    if (X509V3_EXT_print(out.get(), &extension, X509V3_EXT_DEFAULT, 0) <= 0) {
        ERR_pop_to_mark();
        return std::nullopt;
    }
    return printable(bio_contents(*out));
}

// Prints an extension. std::nullopt if OpenSSL cannot print it or bytes follow its value. Retries, because an error of
// X509V3_EXT_print() does not identify a memory shortage: OpenSSL 3.0 reports one for a name with a NUL.
std::optional<std::string> print(X509_EXTENSION &extension)
{
    if (X509V3_EXT_get(&extension) != nullptr && !is_one_der_element(extension))
        return std::nullopt;
    std::optional<std::string> text;
    retried([&] {
        text = print_once(extension);
        return text.has_value();
    });
    return text;
}

}   // namespace

std::vector<Extension> extensions(const X509 &certificate)
{
    std::vector<Extension> out;
    const int count = X509_get_ext_count(&certificate);
    for (int i = 0; i < count; ++i) {
        X509_EXTENSION &extension = *mutable_pointer(X509_get_ext(&certificate, i));
        const ASN1_OBJECT &type = *X509_EXTENSION_get_object(&extension);
        const int nid = OBJ_obj2nid(&type);
        const char *known = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
        out.push_back({.ordinal = i + 1,
                       .oid = dotted_oid(type),
                       .name = known != nullptr ? std::optional<std::string>(known) : std::nullopt,
                       .critical = X509_EXTENSION_get_critical(&extension) == 1,
                       .value = print(extension),
                       .der = Bytes{std::string(octets(*X509_EXTENSION_get_data(&extension)))}});
    }
    return out;
}

std::vector<PrintedExtension> printed_extensions(const X509 &certificate)
{
    std::vector<PrintedExtension> out;
    for (Extension &extension : extensions(certificate))
        out.push_back({.name = extension.name.value_or(extension.oid),
                       .value = extension.value.value_or(hex(extension.der.octets)),
                       .critical = extension.critical});
    return out;
}

}   // namespace sslinfo::core
