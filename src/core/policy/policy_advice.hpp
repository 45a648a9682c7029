#pragma once
#include "core/policy/policy.hpp"

// What to tell whoever meets an unmet requirement: one sentence or two, each naming the side that has to change.
namespace sslinfo::core {

// The session is not of the kind that the requirement asks for: no TLS, or not a Unix socket.
const char *transport_advice(RequirementKind kind, const Session &session) noexcept;
// The client showed no certificate.
const char *no_certificate_advice() noexcept;
// Everything else.
const char *advice(RequirementKind kind, const Session &session) noexcept;

}   // namespace sslinfo::core
