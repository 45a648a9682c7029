#include "core/tls/client_hello.hpp"

#include "core/tls/tls_names.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

// Reads big-endian numbers and length-prefixed vectors. After the first wrong length all results are zero or empty.
class Reader {
  public:
    explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}
    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return rest_.empty(); }

    std::string_view take(std::size_t length) noexcept
    {
        if (!ok_ || length > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }
    // Reads an unsigned number of `width` bytes, at most 3.
    int number(std::size_t width) noexcept
    {
        int value = 0;
        for (const char c : take(width))
            value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }
    // Reads a vector after its length, which has `width` bytes.
    std::string_view vector(std::size_t width) noexcept { return take(static_cast<std::size_t>(number(width))); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

// Reads all of `bytes` as numbers of `width` bytes. Like the functions below, returns false if the bytes are malformed.
bool read_codes(std::string_view bytes, std::size_t width, std::vector<int> &codes)
{
    codes.reserve(bytes.size() / width);
    Reader reader(bytes);
    while (reader.ok() && !reader.at_end())
        codes.push_back(reader.number(width));
    return reader.ok();
}

// Reads one vector of such numbers, with a length of `length_width` bytes, and nothing after it.
bool read_code_list(std::string_view body, std::size_t length_width, std::size_t width, std::vector<int> &codes)
{
    Reader reader(body);
    const std::string_view list = reader.vector(length_width);
    return reader.ok() && reader.at_end() && read_codes(list, width, codes);
}

// RFC 7301, section 3.1.
bool read_alpn(std::string_view body, std::vector<std::string> &protocols)
{
    Reader reader(body);
    Reader list(reader.vector(2));
    while (list.ok() && !list.at_end())
        protocols.emplace_back(list.vector(1));
    return reader.ok() && reader.at_end() && list.ok();
}

// RFC 8446, section 4.2.8.
bool read_key_shares(std::string_view body, std::vector<int> &groups)
{
    Reader reader(body);
    Reader list(reader.vector(2));
    while (list.ok() && !list.at_end()) {
        groups.push_back(list.number(2));
        list.vector(2);
    }
    return reader.ok() && reader.at_end() && list.ok();
}

// RFC 6066, section 3: the first host_name.
bool read_server_name(std::string_view body, std::optional<std::string> &name)
{
    constexpr int host_name = 0;
    Reader reader(body);
    Reader list(reader.vector(2));
    while (list.ok() && !list.at_end()) {
        const int type = list.number(1);
        const std::string_view value = list.vector(2);
        if (list.ok() && type == host_name && !name)
            name = std::string(value);
    }
    return reader.ok() && reader.at_end() && list.ok();
}

bool read_extension(int type, std::string_view body, ClientHello &hello)
{
    switch (type) {
    case 0:
        return read_server_name(body, hello.server_name);
    case 10:
        return read_code_list(body, 2, 2, hello.groups);
    case 11:
        return read_code_list(body, 1, 1, hello.point_formats);
    case 13:
        return read_code_list(body, 2, 2, hello.signature_algorithms);
    case 16:
        return read_alpn(body, hello.alpn);
    case 43:
        return read_code_list(body, 1, 2, hello.supported_versions);
    case 51:
        return read_key_shares(body, hello.key_shares);
    default:
        return true;
    }
}

// True if an extension read above occurs twice (forbidden by RFC 8446, section 4.2): their values would be mixed.
bool has_twice(const std::vector<int> &extensions)
{
    for (const int type : {0, 10, 11, 13, 16, 43, 51})
        if (std::count(extensions.begin(), extensions.end(), type) > 1)
            return true;
    return false;
}

bool read_extensions(std::string_view bytes, ClientHello &hello)
{
    Reader reader(bytes);
    while (reader.ok() && !reader.at_end()) {
        const int type = reader.number(2);
        const std::string_view body = reader.vector(2);
        if (!reader.ok() || !read_extension(type, body, hello))
            return false;
        hello.extensions.push_back(type);
    }
    return !has_twice(hello.extensions);
}

}   // namespace

std::optional<ClientHello> parse_client_hello(std::string_view message)
{
    constexpr int client_hello = 1;
    constexpr std::size_t random_length = 32;
    if (message.size() > client_hello_max)
        return std::nullopt;
    Reader handshake(message);
    const int type = handshake.number(1);
    Reader reader(handshake.vector(3));
    if (!handshake.ok() || type != client_hello || !handshake.at_end())
        return std::nullopt;

    ClientHello hello;
    hello.legacy_version = reader.number(2);
    reader.take(random_length);
    reader.vector(1);   // legacy_session_id
    const std::string_view ciphers = reader.vector(2);
    reader.vector(1);   // legacy_compression_methods
    // The extensions field is optional (RFC 5246, section 7.4.1.2).
    const std::string_view extensions = reader.at_end() ? std::string_view() : reader.vector(2);
    if (!reader.ok() || !reader.at_end() || !read_codes(ciphers, 2, hello.cipher_suites) ||
        !read_extensions(extensions, hello))
        return std::nullopt;
    return hello;
}

int highest_offered_version(const ClientHello &hello) noexcept
{
    int highest = 0;
    for (const int version : hello.supported_versions)
        if (!grease(version))
            highest = std::max(highest, version);
    return highest != 0 ? highest : hello.legacy_version;
}

std::string version_name(int version) { return tls_version_name(version).value_or(hex_code(version)); }

}   // namespace sslinfo::core
