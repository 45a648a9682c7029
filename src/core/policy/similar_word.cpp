#include "core/policy/similar_word.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

// `a` must not be longer than `b`.
bool one_mistake_apart(std::string_view a, std::string_view b)
{
    const std::size_t same =
        static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    a.remove_prefix(same);
    b.remove_prefix(same);
    if (a.size() + 1 == b.size())
        return a == b.substr(1);
    if (a.size() != b.size())
        return false;
    return a.substr(std::min<std::size_t>(1, a.size())) == b.substr(std::min<std::size_t>(1, b.size())) ||
           (a.size() >= 2 && a[0] == b[1] && a[1] == b[0] && a.substr(2) == b.substr(2));
}

std::string without_separators(std::string word)
{
    std::erase_if(word, [](char c) { return c == '-' || c == '_' || c == '.'; });
    return word;
}

}   // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view> &known)
{
    const std::string wrong = ascii_lower(word);
    for (const std::string_view candidate : known) {
        const std::string right = ascii_lower(candidate);
        const bool similar =
            wrong.size() <= right.size() ? one_mistake_apart(wrong, right) : one_mistake_apart(right, wrong);
        if (wrong.size() > 2 && (similar || without_separators(wrong) == without_separators(right)))
            return "Did you mean \"" + std::string(candidate) + "\"?";
    }
    return {};
}

}   // namespace sslinfo::core
