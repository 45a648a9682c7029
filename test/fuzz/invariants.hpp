#pragma once
#include "core/base/cells.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/base/types.hpp"
#include "core/tls/session.hpp"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

// What must hold of everything that the core tells, whatever it was told.
namespace fuzz {

inline void must(bool ok, const char *what, std::string_view shown = {})
{
    if (ok)
        return;
    std::fprintf(stderr, "does not hold: %s: %.*s\n", what, static_cast<int>(shown.size()), shown.data());
    std::abort();
}

inline void check_text(std::string_view text)
{
    must(sslinfo::core::valid_utf8(text), "text is valid UTF-8", text);
    must(text.find('\0') == std::string_view::npos, "text holds no NUL", text);
}

// A visitor of columns(), or of whatever else is made of facts.
struct Check {
    template <class Name> void operator()(const Name &, const std::string &text) const { check_text(text); }
    template <class Name> void operator()(const Name &, const sslinfo::core::Decimal &number) const
    {
        const std::string_view digits = number.digits;
        const bool negative = digits.substr(0, 1) == "-";
        must(digits.size() > (negative ? 1u : 0u) &&
                 digits.find_first_not_of("0123456789", negative ? 1 : 0) == std::string_view::npos,
             "a number is made of digits", digits);
    }
    template <class Name> void operator()(const Name &, const sslinfo::core::Bytes &) const {}
    template <class Name, class T>
    requires std::is_enum_v<T>
    void operator()(const Name &, T value) const { check_text(cell_text(value)); }
    template <class Name> void operator()(const Name &, const sslinfo::core::Timestamp &) const {}
    template <class Name> void operator()(const Name &, const sslinfo::core::Instant &) const {}
    template <class Name> void operator()(const Name &, const sslinfo::core::Address &address) const
    {
        check_text(address.text);
    }
    template <class Name> void operator()(const Name &, const sslinfo::core::Addresses &addresses) const
    {
        for (const std::string &address : addresses.list)
            must(address.find_first_not_of("0123456789abcdef.:") == std::string::npos, "an address", address);
    }
    template <class Name, class T> void operator()(const Name &name, const std::vector<T> &list) const
    {
        for (const T &item : list)
            (*this)(name, item);
    }
    template <class Name, class T> void operator()(const Name &name, const std::optional<T> &value) const
    {
        if (value)
            (*this)(name, *value);
    }
    template <class Name, sslinfo::core::Row T> void operator()(const Name &, const T &row) const
    {
        row.columns(*this);
    }
    template <class Name, std::integral T> void operator()(const Name &, T) const {}
    template <class Name> void operator()(const Name &, double number) const
    {
        must(std::isfinite(number), "a number is finite");
    }
};

template <class T> void check(const T &value) { Check{}("", value); }

// Gathers the facts of an input; of one input in eight again, for two runs agree. Which ones, the input alone decides,
// so that what was found is found again.
template <class Facts> void run(std::string_view input, Facts facts)
{
    const auto first = facts();
    if (std::hash<std::string_view>{}(input) % 8 == 0)
        must(facts() == first, "two runs agree");
}

}   // namespace fuzz
