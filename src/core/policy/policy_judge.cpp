#include "core/policy/policy.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/x509/dn.hpp"
#include "core/policy/policy_advice.hpp"
#include "core/policy/policy_match.hpp"

#include <algorithm>
#include <ctime>

namespace sslinfo::core {

namespace {

constexpr const char *unknown = "unknown";

// A kind of requirement that a judge does not know must not become another requirement.
[[noreturn]] void no_such_requirement() { throw Error(ErrorCode::internal, "a requirement without a judge"); }

// How the session reaches the server, where a requirement asks for another way.
std::string transport_words(const Session &session)
{
    if (session.transport == "tls")
        return session.version.value_or("TLS");
    if (session.transport == "gss")
        return "GSSAPI encryption, no TLS";
    if (session.transport == "socket")
        return "a Unix-domain socket, no TLS";
    if (session.transport == "plain")
        return "TCP without encryption";
    return "no client connection";
}

// What follows "TLSv1."; 0 for TLS 1.0 and for what is not TLS 1.x.
int tls_minor_version(const Text &version)
{
    constexpr std::string_view prefix = "TLSv1.";
    if (!version || version->size() != prefix.size() + 1 || version->compare(0, prefix.size(), prefix) != 0)
        return 0;
    const char minor = version->back();
    return minor >= '0' && minor <= '9' ? minor - '0' : 0;
}

std::string utc(Timestamp timestamp)
{
    const auto seconds = static_cast<std::time_t>(timestamp.seconds);
    std::tm fields{};
    char text[64] = "";
    if (gmtime_r(&seconds, &fields) == nullptr ||
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &fields) == 0)
        return unknown;
    return text;
}

// The values with commas between; "none" without any. What is beyond actual_max is cut later, so it is not joined
// either.
std::string joined(const std::vector<std::string> &values)
{
    std::string out;
    for (const std::string &value : values) {
        if (out.size() > actual_max)
            break;
        out += (out.empty() ? "" : ", ") + value;
    }
    return out.empty() ? "none" : out;
}

bool any_is(const Requirement &requirement, std::string_view key)
{
    return std::find(requirement.any_of.begin(), requirement.any_of.end(), key) != requirement.any_of.end();
}

bool name_matches(const std::string &wanted, const AlternativeName &name, const Session &session)
{
    const std::size_t colon = wanted.find(':');
    const std::string_view pattern = std::string_view(wanted).substr(colon + 1);
    if (!name.plain || std::string_view(wanted).substr(0, colon) != name.type)
        return false;
    if (name.type == "dns")
        return matches_dns(pattern, name.value);
    if (name.type == "email")
        return matches_email(pattern, name.value);
    if (name.type == "ip")
        return name.value == pattern;
    // A SPIFFE ID counts only where the certificate as a whole is an X.509-SVID: exactly one URI, and that one valid.
    if (pattern.substr(0, 9) == "spiffe://" && session.client_spiffe_id != name.value)
        return false;
    return name.type == "uri" && matches_uri(pattern, name.value);
}

// A certificate may rightly have many alternative names: one that matches is enough.
bool any_name_matches(const Requirement &requirement, const ClientCertificate &client, const Session &session)
{
    for (const std::string &wanted : requirement.any_of)
        for (const AlternativeName &name : client.names)
            if (name_matches(wanted, name, session))
                return true;
    return false;
}

std::string all_names(const ClientCertificate &client)
{
    std::string out;
    for (const AlternativeName &name : client.names) {
        if (out.size() > actual_max)
            break;
        out += (out.empty() ? "" : ", ") + name.type + ":" + name.value;
    }
    return out.empty() ? "none" : out;
}

constexpr const char *common_name_oid = "2.5.4.3";

// A subject has one common name; if it has more, no one of them may slip in something that was not asked for.
bool common_names_match(const Requirement &requirement, const ClientCertificate &client)
{
    bool some = false;
    for (const NameAttribute &attribute : client.subject) {
        if (attribute.oid != common_name_oid)
            continue;
        if (!attribute.plain || !any_is(requirement, attribute.value))
            return false;
        some = true;
    }
    return some;
}

std::string common_names(const ClientCertificate &client)
{
    std::vector<std::string> out;
    for (const NameAttribute &attribute : client.subject)
        if (attribute.oid == common_name_oid)
            out.push_back(attribute.value);
    return joined(out);
}

void judge_transport(const Requirement &requirement, const Session &session, Outcome &out)
{
    switch (requirement.kind) {
    case RequirementKind::tls:
        out.holds = session.transport == "tls" && tls_minor_version(session.version) >= requirement.at_least;
        break;
    case RequirementKind::encrypted:
        // A TLS cipher suite may authenticate without encrypting (RFC 9325, section 4.1).
        out.holds = session.transport == "gss" || (session.transport == "tls" && session.bits.value_or(0) > 0);
        break;
    case RequirementKind::local:
        out.holds = session.transport == "socket";
        break;
    default:
        no_such_requirement();
    }
    const bool unencrypted_tls = requirement.kind == RequirementKind::encrypted && session.transport == "tls";
    out.actual = unencrypted_tls ? session.cipher.value_or(unknown) : transport_words(session);
    if (session.transport != "tls" || requirement.kind == RequirementKind::local)
        out.advice = transport_advice(requirement.kind, session);
}

void judge_handshake(const Requirement &requirement, const Session &session, Outcome &out)
{
    const std::string cipher = session.cipher.value_or(unknown);
    switch (requirement.kind) {
    case RequirementKind::forward_secrecy:
        out.holds = session.forward_secrecy;
        out.actual = cipher;
        break;
    case RequirementKind::aead:
        out.holds = session.aead;
        out.actual = cipher;
        break;
    case RequirementKind::bits:
        out.holds = session.bits.value_or(0) >= requirement.at_least;
        out.actual = session.bits ? std::to_string(*session.bits) : unknown;
        break;
    case RequirementKind::post_quantum:
        out.holds = session.post_quantum;
        out.actual = session.key_exchange_group.value_or(unknown);
        break;
    case RequirementKind::group:
        out.holds = session.key_exchange_group && any_is(requirement, ascii_lower(*session.key_exchange_group));
        out.actual = session.key_exchange_group.value_or(unknown);
        break;
    case RequirementKind::cipher:
        out.holds = (session.cipher && any_is(requirement, ascii_lower(*session.cipher))) ||
                    (session.cipher_iana && any_is(requirement, ascii_lower(*session.cipher_iana)));
        out.actual = cipher;
        break;
    case RequirementKind::alpn:
        out.holds = session.alpn && any_is(requirement, *session.alpn);
        out.actual = session.alpn.value_or("none");
        break;
    case RequirementKind::server_name:
        out.holds = session.server_name &&
                    std::any_of(requirement.any_of.begin(), requirement.any_of.end(),
                                [&](const std::string &pattern) { return matches_dns(pattern, *session.server_name); });
        out.actual = session.server_name.value_or("none");
        break;
    default:
        no_such_requirement();
    }
}

// The span of time in which the certificate is valid and stays so for at least as long as is required.
void judge_validity(const Requirement &requirement, const Certificate &certificate, Outcome &out)
{
    out.holds = certificate.not_before && certificate.not_after;
    out.actual = unknown;
    if (out.holds) {
        out.from = *certificate.not_before;
        out.until = {certificate.not_after->seconds - requirement.at_least};
        out.actual = "from " + utc(*certificate.not_before) + " to " + utc(*certificate.not_after);
    }
}

void judge_certificate(const Requirement &requirement, const Session &session, const ClientCertificate &client,
                       Outcome &out)
{
    const Certificate &certificate = client.certificate;
    Text key;
    switch (requirement.kind) {
    case RequirementKind::client_cert:
        out.holds = true;
        out.actual = certificate.subject;
        break;
    case RequirementKind::client_key_strength:
        out.holds = certificate.key_strength && *certificate.key_strength >= requirement.at_least;
        out.actual = certificate.key_strength ? std::to_string(*certificate.key_strength) : unknown;
        break;
    case RequirementKind::client_valid:
        judge_validity(requirement, certificate, out);
        break;
    case RequirementKind::subject:
        key = dn_key(client.subject);
        out.holds = key && any_is(requirement, *key);
        out.actual = certificate.subject;
        break;
    case RequirementKind::issuer:
        key = dn_key(client.issuer);
        out.holds = key && any_is(requirement, *key);
        out.actual = certificate.issuer;
        break;
    case RequirementKind::cn:
        out.holds = common_names_match(requirement, client);
        out.actual = common_names(client);
        break;
    case RequirementKind::san:
        out.holds = any_name_matches(requirement, client, session);
        out.actual = all_names(client);
        break;
    case RequirementKind::eku:
        for (const std::string &usage : certificate.extended_key_usage.value_or(std::vector<std::string>()))
            out.holds = out.holds || any_is(requirement, usage);
        out.actual = joined(certificate.extended_key_usage.value_or(std::vector<std::string>()));
        break;
    case RequirementKind::fingerprint:
        out.holds = any_is(requirement, certificate.fingerprint);
        out.actual = certificate.fingerprint;
        break;
    case RequirementKind::spki:
        out.holds = any_is(requirement, certificate.spki_fingerprint);
        out.actual = certificate.spki_fingerprint;
        break;
    default:
        no_such_requirement();
    }
}

Outcome judge_one(const Requirement &requirement, const Session &session, const ClientCertificate *client)
{
    Outcome out;
    out.requirement = requirement.text;
    out.kind = requirement.any_of.empty() ? requirement.text : requirement.text.substr(0, requirement.text.find('='));
    out.advice = advice(requirement.kind, session);
    if (requirement.kind <= RequirementKind::local) {
        judge_transport(requirement, session, out);
    } else if (session.transport != "tls") {
        out.actual = transport_words(session);
        out.advice = transport_advice(requirement.kind, session);
    } else if (requirement.kind <= RequirementKind::server_name) {
        judge_handshake(requirement, session, out);
    } else if (client == nullptr) {
        out.actual = "no client certificate";
        out.advice = no_certificate_advice();
    } else {
        judge_certificate(requirement, session, *client, out);
    }
    out.actual = out.actual.empty() ? "(empty)" : escape_controls(shortened(out.actual, actual_max));
    return out;
}

}   // namespace

ClientCertificate read_client_certificate(const X509 &certificate)
{
    return {.certificate = read_certificate(certificate),
            .names = alternative_names(certificate).value_or(std::vector<AlternativeName>()),
            .subject = name_attributes(*X509_get_subject_name(&certificate)),
            .issuer = name_attributes(*X509_get_issuer_name(&certificate))};
}

std::vector<Outcome> judge(const Policy &policy, const Session &session, const ClientCertificate *client)
{
    if (policy.requirements.empty() || (policy.local && session.transport == "socket"))
        return {
            judge_one({.kind = RequirementKind::local, .at_least = 0, .any_of = {}, .text = "local"}, session, client)};
    std::vector<Outcome> out;
    for (const Requirement &requirement : policy.requirements)
        out.push_back(judge_one(requirement, session, client));
    return out;
}

bool satisfied(const std::vector<Outcome> &outcomes, Timestamp now) noexcept
{
    return !outcomes.empty() && std::all_of(outcomes.begin(), outcomes.end(),
                                            [=](const Outcome &outcome) { return outcome.satisfied(now); });
}

}   // namespace sslinfo::core
