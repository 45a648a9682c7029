#include "certificates.hpp"

#include <stdexcept>

using namespace sslinfo::core;

namespace {

using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

void must(bool ok)
{
    if (!ok)
        throw std::runtime_error("OpenSSL: " + last_openssl_reason());
}

} // namespace

PkeyHandle new_key(int type, int option)
{
    const PkeyContext context(EVP_PKEY_CTX_new_id(type, nullptr));
    must(context && EVP_PKEY_keygen_init(context.get()) == 1);
    if (type == EVP_PKEY_EC)
        must(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), option != 0 ? option : NID_X9_62_prime256v1) == 1 &&
             EVP_PKEY_CTX_set_ec_param_enc(context.get(), OPENSSL_EC_NAMED_CURVE) == 1);
    if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS)
        must(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), option != 0 ? option : 2048) == 1);
    EVP_PKEY *key = nullptr;
    must(EVP_PKEY_keygen(context.get(), &key) == 1);
    return PkeyHandle(key);
}

const EVP_PKEY &ec_key()
{
    static const PkeyHandle key = new_key(EVP_PKEY_EC);
    return *key;
}

std::string spki(const EVP_PKEY &key)
{
    unsigned char *der = nullptr;
    const int length = i2d_PUBKEY(mutable_pointer(&key), &der);
    const OpensslMemory<unsigned char> owner(der);
    must(length > 0);
    return {reinterpret_cast<const char *>(der), static_cast<std::size_t>(length)};
}

X509Handle signed_certificate(const der::Certificate &certificate, const EVP_PKEY &issuer_key, const EVP_MD *digest)
{
    X509Handle x = parsed(certificate);
    must(X509_sign(x.get(), mutable_pointer(&issuer_key), digest) > 0);
    return x;
}
