#include "core/tls/offer.hpp"

#include "core/tls/tls_names.hpp"

namespace sslinfo::core {

namespace {

Text cipher_suite_name(const SSL &ssl, std::uint16_t code)
{
    const unsigned char octets[2] = {static_cast<unsigned char>(code >> 8), static_cast<unsigned char>(code)};
    const SSL_CIPHER *cipher = SSL_CIPHER_find(mutable_pointer(&ssl), octets);
    const char *name = cipher != nullptr ? SSL_CIPHER_standard_name(cipher) : nullptr;
    return name != nullptr ? Text(name) : std::nullopt;
}

Text offered_group_name(const SSL &ssl, int code)
{
    const Text name = group_name(code);
    if (name)
        return name;
    const char *other = group_to_name(ssl, group_without_nid | code);
    return other != nullptr ? Text(other) : std::nullopt;
}

class Offers {
  public:
    explicit Offers(std::vector<Offer> &out) : out_(out) {}
    void start(const char *kind)
    {
        kind_ = kind;
        ordinal_ = 0;
    }
    void add(int code, Text name)
    {
        out_.push_back({kind_, ++ordinal_, code, grease(code) ? Text("GREASE") : std::move(name)});
    }

  private:
    std::vector<Offer> &out_;
    const char *kind_ = "";
    int ordinal_ = 0;
};

}   // namespace

std::vector<int> offered_group_codes(const SSL &ssl)
{
    std::vector<int> codes;
    for (const int group : offered_groups(ssl)) {
        if ((group & group_without_nid) != 0)
            codes.push_back(group & 0xffff);
        else if (const std::optional<int> code = group_code(group))
            codes.push_back(*code);
    }
    return codes;
}

std::vector<Offer> client_offer(const SSL &ssl)
{
    std::vector<Offer> out;
    Offers offers(out);

    offers.start("cipher");
    for (const std::uint16_t code : offered_ciphers(ssl))
        offers.add(code, cipher_suite_name(ssl, code));

    offers.start("group");
    for (const int code : offered_group_codes(ssl))
        offers.add(code, offered_group_name(ssl, code));

    offers.start("signature_algorithm");
    const int count = SSL_get_sigalgs(mutable_pointer(&ssl), 0, nullptr, nullptr, nullptr, nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
        unsigned char signature = 0;
        unsigned char hash = 0;
        SSL_get_sigalgs(mutable_pointer(&ssl), i, nullptr, nullptr, nullptr, &signature, &hash);
        const int code = hash << 8 | signature;
        offers.add(code, signature_scheme_name(code));
    }
    return out;
}

}   // namespace sslinfo::core
