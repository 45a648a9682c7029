#include "core/policy/policy.hpp"

#include "core/base/text.hpp"
#include "core/policy/requirements.hpp"

#include <algorithm>

namespace sslinfo::core {

namespace {

Outcome judge_one(const Requirement &requirement, const Evidence &evidence)
{
    const Word &word = *requirement.word;
    Outcome out;
    out.requirement = requirement.text;
    out.kind = requirement.any_of.empty() ? requirement.text : word.name;
    if (word.needs != Needs::nothing && evidence.session.transport != Transport::tls) {
        out.actual = transport_words(evidence.session);
        out.advice = advise_transport(evidence.session);
    } else if (word.needs == Needs::certificate && evidence.client == nullptr) {
        out.actual = "no client certificate";
        out.advice = advise_certificate(evidence.session);
    } else {
        Finding finding = word.judge(requirement, evidence);
        out.holds = finding.holds;
        out.from = finding.from;
        out.until = finding.until;
        out.actual = std::move(finding.actual);
        out.advice = word.advise(evidence.session);
    }
    out.actual = out.actual.empty() ? "(empty)" : escape_controls(shortened(out.actual, actual_max));
    return out;
}

}   // namespace

namespace {

std::vector<std::string> ca_spki_fingerprints(const SSL *ssl)
{
    std::vector<std::string> out;
    STACK_OF(X509) *const chain = ssl != nullptr ? SSL_get0_verified_chain(ssl) : nullptr;
    for (int depth = 1; chain != nullptr && depth < sk_X509_num(chain); ++depth)
        out.push_back(sha256_spki_fingerprint(*sk_X509_value(chain, depth)));
    return out;
}

}   // namespace

ClientCertificate read_client_certificate(const X509 &certificate, const SSL *ssl)
{
    return {.certificate = read_certificate(certificate),
            .names = alternative_names(certificate).value_or(std::vector<AlternativeName>()),
            .subject = name_attributes(*X509_get_subject_name(&certificate)),
            .issuer = name_attributes(*X509_get_issuer_name(&certificate)),
            .spiffe_id = certificate_spiffe_id(certificate),
            .ca_spki_fingerprints = ca_spki_fingerprints(ssl)};
}

bool needs_certificate(const Policy &policy) noexcept
{
    return std::any_of(policy.requirements.begin(), policy.requirements.end(),
                       [](const Requirement &requirement) { return requirement.word->needs == Needs::certificate; });
}

std::vector<Outcome> judge(const Policy &policy, const Session &session, const ClientCertificate *client,
                           std::string_view auth_method)
{
    const Evidence evidence{session, client, auth_method};
    if (policy.requirements.empty() || (policy.local && session.transport == Transport::socket)) {
        const Word &local = local_word();
        return {judge_one({.word = &local, .at_least = 0, .any_of = {}, .text = std::string(local.name)}, evidence)};
    }
    std::vector<Outcome> out;
    for (const Requirement &requirement : policy.requirements)
        out.push_back(judge_one(requirement, evidence));
    return out;
}

std::vector<Outcome> judge(const Policy &policy, const Session &session, const Connection &connection)
{
    std::optional<ClientCertificate> client;
    if (connection.client != nullptr && needs_certificate(policy))
        client = read_client_certificate(*connection.client, connection.ssl);
    return judge(policy, session, client ? &*client : nullptr,
                 connection.auth_method != nullptr ? connection.auth_method : "");
}

bool satisfied(const std::vector<Outcome> &outcomes, Timestamp now) noexcept
{
    return !outcomes.empty() && std::all_of(outcomes.begin(), outcomes.end(),
                                            [=](const Outcome &outcome) { return outcome.satisfied(now); });
}

}   // namespace sslinfo::core
