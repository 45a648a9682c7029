#pragma once
#include "core/policy/policy.hpp"

#include <string>

// The values behind the "=" and ">=" of a requirement, their quotes taken off. A SyntaxError of these has the value as
// its text.
namespace sslinfo::core {

// One value in the form in which the judge compares it, and in the form in which it is shown.
struct PolicyValue {
    std::string key;
    std::string shown;
};

// A value of a list, not empty. Throws SyntaxError.
PolicyValue parse_list_value(RequirementKind kind, const std::string &value);

// The number behind ">=": of TLS versions what follows "1.", of client-valid seconds. Throws SyntaxError. `shown`
// becomes its normal form.
std::int64_t parse_number(RequirementKind kind, const std::string &value, std::string &shown);

}   // namespace sslinfo::core
