// A policy: parsed, shown, parsed again and judged for sessions of each kind. Nothing fails open.
#include "core/policy/policy.hpp"

#include "invariants.hpp"

using namespace sslinfo::core;
using fuzz::must;

namespace {

Session tls_session()
{
    Session session;
    session.transport = Transport::tls;
    session.version = "TLSv1.3";
    session.cipher = "TLS_AES_256_GCM_SHA384";
    session.bits = 256;
    session.forward_secrecy = true;
    session.aead = true;
    session.key_exchange_group = "x25519";
    return session;
}

ClientCertificate client_certificate()
{
    ClientCertificate client;
    client.certificate.subject = "CN=app,O=Acme";
    client.certificate.key_strength = 128;
    client.certificate.not_after = Timestamp{std::chrono::seconds{2000000000}};
    client.certificate.extended_key_usage = std::vector<std::string>{"clientAuth"};
    client.certificate.fingerprint = std::string(64, 'a');
    client.names = {{.ordinal = 1, .type = NameType::dns, .value = "app.example", .plain = true},
                    {.ordinal = 2, .type = NameType::uri, .value = "spiffe://prod/app", .plain = true}};
    client.subject = {{.ordinal = 1, .rdn = 1, .name = "O", .oid = "2.5.4.10", .value = "Acme", .plain = true},
                      {.ordinal = 2, .rdn = 2, .name = "CN", .oid = "2.5.4.3", .value = "app", .plain = true}};
    return client;
}

std::string text_of(const Policy &policy)
{
    std::string text = policy.local ? "local" : "";
    for (const Requirement &requirement : policy.requirements)
        text += (text.empty() ? "" : " ") + requirement.text;
    return text;
}

std::string judged(const Policy &policy, const Session &session, const ClientCertificate *client)
{
    const std::vector<Outcome> outcomes = judge(policy, session, client);
    must(!outcomes.empty(), "every policy is judged by something");
    std::string text;
    for (const Outcome &outcome : outcomes)
        for (const std::string &part : {outcome.requirement, outcome.kind, outcome.actual, outcome.advice}) {
            fuzz::check_text(part);
            text += part + (outcome.holds ? '+' : '-');
        }
    return text;
}

std::string facts_of(std::string_view input)
{
    Policy policy;
    try {
        policy = parse_policy(input);
    } catch (const Error &error) {
        must(error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::invalid_text,
             "a policy is refused as invalid", error.what());
        return error.what();
    }
    const std::string shown = text_of(policy);
    fuzz::check_text(shown);
    must(text_of(parse_policy(shown)) == shown, "a policy that is shown parses to the same", shown);

    static const Session tls = tls_session();
    static const ClientCertificate client = client_certificate();
    Session nothing;
    nothing.transport = Transport::none;
    Session plain;
    plain.transport = Transport::plain;
    Session unknown;   // TLS, of which nothing is known
    unknown.transport = Transport::tls;
    for (const Session &session : {nothing, plain})
        must(!satisfied(judge(policy, session, nullptr), Timestamp{std::chrono::seconds{1700000000}}),
             "nothing fails open", shown);
    return shown + judged(policy, nothing, nullptr) + judged(policy, plain, nullptr) +
           judged(policy, unknown, nullptr) + judged(policy, tls, nullptr) + judged(policy, tls, &client);
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    if (!valid_utf8(input) || input.find('\0') != std::string_view::npos)   // no text of PostgreSQL's
        return 0;
    fuzz::run(input, [&] { return facts_of(input); });
    return 0;
}
