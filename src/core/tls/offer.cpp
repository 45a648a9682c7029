#include "core/tls/offer.hpp"

#include "core/base/text.hpp"
#include "core/tls/client_hello.hpp"
#include "core/tls/tls_names.hpp"

namespace sslinfo::core {

namespace {

std::optional<std::string> cipher_suite_name(const SSL &ssl, std::uint16_t code)
{
    const unsigned char octets[2] = {static_cast<unsigned char>(code >> 8), static_cast<unsigned char>(code)};
    const SSL_CIPHER *cipher = SSL_CIPHER_find(mutable_pointer(&ssl), octets);
    const char *name = cipher != nullptr ? SSL_CIPHER_standard_name(cipher) : nullptr;
    return name != nullptr ? std::optional<std::string>(name) : std::nullopt;
}

std::optional<int> code_of(const OfferedGroup &group)
{
    return group.code >= 0 ? std::optional<int>(group.code) : group_code(group.nid);
}

std::optional<std::string> offered_group_name(const SSL &ssl, const OfferedGroup &group)
{
    const std::optional<int> code = code_of(group);
    if (code) {
        const std::optional<std::string> name = group_name(*code);
        const char *const other = name ? nullptr : group_to_name(ssl, group_without_nid | *code);
        return other != nullptr ? std::optional<std::string>(other) : name;
    }
    const char *const name = OBJ_nid2sn(group.nid);
    return name != nullptr ? std::optional<std::string>(name) : std::nullopt;
}

class Offers {
  public:
    explicit Offers(std::vector<Offer> &out) : out_(out) {}
    void start(const char *kind)
    {
        kind_ = kind;
        ordinal_ = 0;
    }
    void add(std::optional<int> code, std::optional<std::string> name)
    {
        out_.push_back(
            {kind_, ++ordinal_, code, code && grease(*code) ? std::optional<std::string>("GREASE") : std::move(name)});
    }
    void add_name(std::optional<std::string> name)
    {
        out_.push_back({kind_, ++ordinal_, std::nullopt, std::move(name)});
    }
    // Adds all codes, with names from name_of(code).
    template <class NameOf> void add_all(const char *kind, const std::vector<int> &codes, NameOf name_of)
    {
        start(kind);
        for (const int code : codes)
            add(code, name_of(code));
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
    for (const OfferedGroup &group : offered_groups(ssl))
        if (const std::optional<int> code = code_of(group))
            codes.push_back(*code);
    return codes;
}

namespace {

void add_recorded(const SSL &ssl, const ClientHello &hello, Offers &offers)
{
    // Without supported_versions (RFC 8446, section 4.2.1) the client offers only its legacy version.
    offers.add_all("version",
                   hello.supported_versions.empty() ? std::vector{hello.legacy_version} : hello.supported_versions,
                   tls_version_name);
    offers.start("alpn");
    for (const std::string &protocol : hello.alpn)
        offers.add_name(printable(protocol));
    offers.add_all("extension", hello.extensions, extension_name);
    offers.add_all("key_share", hello.key_shares, [&](int code) { return offered_group_name(ssl, {code, NID_undef}); });
    offers.add_all("point_format", hello.point_formats, point_format_name);
}

// Adds the groups that both sides support (SSL_get_shared_group), preferred ones first.
void add_shared_groups(const SSL &ssl, Offers &offers)
{
    offers.start("shared_group");
    const auto count = SSL_get_shared_group(mutable_pointer(&ssl), -1);
    for (int i = 0; i < count; ++i) {
        const OfferedGroup group = offered_group(static_cast<int>(SSL_get_shared_group(mutable_pointer(&ssl), i)));
        offers.add(code_of(group), offered_group_name(ssl, group));
    }
}

}   // namespace

std::vector<Offer> client_offer(const SSL &ssl, const RecordedHandshake *handshake)
{
    std::vector<Offer> out;
    Offers offers(out);

    offers.start("cipher");
    for (const std::uint16_t code : offered_ciphers(ssl))
        offers.add(code, cipher_suite_name(ssl, code));

    offers.start("group");
    for (const OfferedGroup &group : offered_groups(ssl))
        offers.add(code_of(group), offered_group_name(ssl, group));

    offers.start("signature_algorithm");
    const int count = SSL_get_sigalgs(mutable_pointer(&ssl), 0, nullptr, nullptr, nullptr, nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
        unsigned char signature = 0;
        unsigned char hash = 0;
        SSL_get_sigalgs(mutable_pointer(&ssl), i, nullptr, nullptr, nullptr, &signature, &hash);
        const int code = hash << 8 | signature;
        offers.add(code, signature_scheme_name(code));
    }

    add_shared_groups(ssl, offers);
    if (handshake != nullptr)
        if (const std::optional<ClientHello> hello = parse_client_hello(handshake->client_hello))
            add_recorded(ssl, *hello, offers);
    return out;
}

}   // namespace sslinfo::core
