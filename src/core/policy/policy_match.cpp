#include "core/policy/policy_match.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

// Backtracking to the most recent '*' suffices: earlier ones have matched as little as possible.
template <class Same> bool matches_glob(std::string_view pattern, std::string_view text, Same same) noexcept
{
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && same(pattern[p], text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// Matches segment by segment, with equal separators.
template <class Same>
bool matches_segments(std::string_view pattern, std::string_view text, std::string_view separators, Same same) noexcept
{
    for (;;) {
        const std::size_t p = std::min(pattern.find_first_of(separators), pattern.size());
        const std::size_t t = std::min(text.find_first_of(separators), text.size());
        if ((p == 0) != (t == 0) || !matches_glob(pattern.substr(0, p), text.substr(0, t), same))
            return false;
        if (p == pattern.size() || t == text.size())
            return p == pattern.size() && t == text.size();
        if (pattern[p] != text[t])
            return false;
        pattern.remove_prefix(p + 1);
        text.remove_prefix(t + 1);
    }
}

bool plain_ascii(std::string_view name) noexcept
{
    return std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

}   // namespace

bool matches_dns(std::string_view pattern, std::string_view name)
{
    return !name.empty() && plain_ascii(name) && name.find("..") == std::string_view::npos && name.front() != '.' &&
           name.back() != '.' &&
           matches_segments(pattern, name, ".", [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

bool matches_uri(std::string_view pattern, std::string_view uri) noexcept
{
    return matches_segments(pattern, uri, "/?#", [](char a, char b) { return a == b; });
}

bool matches_email(std::string_view wanted, std::string_view email)
{
    const std::size_t at = wanted.rfind('@');
    return at != std::string_view::npos && at == email.rfind('@') && wanted.substr(0, at) == email.substr(0, at) &&
           ascii_lower(wanted.substr(at)) == ascii_lower(email.substr(at));
}

}   // namespace sslinfo::core
