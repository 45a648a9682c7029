#include "core/policy/requirements.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"
#include "core/policy/policy_match.hpp"
#include "core/tls/known_names.hpp"
#include "core/tls/tls_names.hpp"
#include "core/x509/dn.hpp"

#include <algorithm>
#include <ctime>

namespace sslinfo::core {

namespace {

constexpr const char *unknown = "unknown";

bool over_tls(const Session &session) { return session.transport == Transport::tls; }

// Returns the digit after "TLSv1."; 0 for other versions.
int tls_minor_version(const std::optional<std::string> &version)
{
    constexpr std::string_view prefix = "TLSv1.";
    if (!version || version->size() != prefix.size() + 1 || version->compare(0, prefix.size(), prefix) != 0)
        return 0;
    const char minor = version->back();
    return is_ascii_digit(minor) ? minor - '0' : 0;
}

std::string utc(Timestamp timestamp)
{
    const std::time_t seconds = timestamp.time_since_epoch().count();
    std::tm fields{};
    char text[64] = "";
    if (gmtime_r(&seconds, &fields) == nullptr ||
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &fields) == 0)
        return unknown;
    return text;
}

// Joins values with commas; "none" if empty. The caller cuts the result at actual_max.
std::string joined_or_none(const std::vector<std::string> &values)
{
    const std::string out = joined(values, actual_max);
    return out.empty() ? "none" : out;
}

bool is_listed(const Requirement &requirement, std::string_view key)
{
    return std::find(requirement.any_of.begin(), requirement.any_of.end(), key) != requirement.any_of.end();
}

bool is_listed_in_lower_case(const Requirement &requirement, const std::optional<std::string> &fact)
{
    return fact && is_listed(requirement, ascii_lower(*fact));
}

Finding judge_number(const Requirement &requirement, const std::optional<int> &fact)
{
    return {.holds = fact && *fact >= requirement.at_least, .actual = fact ? std::to_string(*fact) : unknown};
}

Finding judge_tls(const Requirement &requirement, const Evidence &evidence)
{
    const Session &session = evidence.session;
    return {.holds = tls_minor_version(session.version) >= requirement.at_least, .actual = transport_words(session)};
}

// Some cipher suites authenticate without encrypting (RFC 9325, section 4.1).
Finding judge_encrypted(const Requirement &, const Evidence &evidence)
{
    const Session &session = evidence.session;
    if (over_tls(session))
        return {.holds = session.bits.value_or(0) > 0, .actual = session.cipher.value_or(unknown)};
    return {.holds = session.transport == Transport::gss, .actual = transport_words(session)};
}

Finding judge_local(const Requirement &, const Evidence &evidence)
{
    return {.holds = evidence.session.transport == Transport::socket, .actual = transport_words(evidence.session)};
}

Finding judge_cipher(const Requirement &requirement, const Evidence &evidence)
{
    const Session &session = evidence.session;
    return {.holds = is_listed_in_lower_case(requirement, session.cipher) ||
                     is_listed_in_lower_case(requirement, session.cipher_iana),
            .actual = session.cipher.value_or(unknown)};
}

Finding judge_server_name(const Requirement &requirement, const Evidence &evidence)
{
    const std::optional<std::string> &name = evidence.session.server_name;
    return {.holds = name && std::any_of(requirement.any_of.begin(), requirement.any_of.end(),
                                         [&](const std::string &pattern) { return matches_dns(pattern, *name); }),
            .actual = name.value_or("none")};
}

Finding judge_kem(const Requirement &requirement, const Evidence &evidence)
{
    const std::optional<std::string> &group = evidence.session.key_exchange_group;
    const std::optional<int> set = group ? ml_kem_parameter_set(*group) : std::nullopt;
    return {.holds = set && *set >= requirement.at_least, .actual = group.value_or(unknown)};
}

Finding judge_auth(const Requirement &requirement, const Evidence &evidence)
{
    return {.holds = !evidence.auth_method.empty() && is_listed(requirement, evidence.auth_method),
            .actual = evidence.auth_method.empty() ? unknown : std::string(evidence.auth_method)};
}

// Returns the period in which the certificate is valid for at least the required time.
Finding judge_validity(const Requirement &requirement, const Evidence &evidence)
{
    const Certificate &certificate = evidence.client->certificate;
    if (!certificate.not_before || !certificate.not_after)
        return {.holds = false, .actual = unknown};
    return {.holds = true,
            .actual = "from " + utc(*certificate.not_before) + " to " + utc(*certificate.not_after),
            .from = *certificate.not_before,
            .until = *certificate.not_after - std::chrono::seconds{requirement.at_least}};
}

Finding judge_name(const Requirement &requirement, const std::vector<NameAttribute> &name, const std::string &shown)
{
    const std::optional<std::string> key = dn_key(name);
    return {.holds = key && is_listed(requirement, *key), .actual = shown};
}

// All attributes in a value must be in the subject, in any order.
Finding judge_attributes(const Requirement &requirement, const Evidence &evidence)
{
    const std::vector<NameAttribute> &subject = evidence.client->subject;
    const auto in_subject = [&](std::string_view wanted) {
        return std::any_of(subject.begin(), subject.end(), [&](const NameAttribute &attribute) {
            return attribute.plain && attribute_key(attribute) == wanted;
        });
    };
    const auto has_all = [&](std::string_view key) {
        for (; !key.empty(); key.remove_prefix(key.find('\0') + 1))
            if (!in_subject(key.substr(0, key.find('\0') + 1)))
                return false;
        return true;
    };
    return {.holds = std::any_of(requirement.any_of.begin(), requirement.any_of.end(), has_all),
            .actual = evidence.client->certificate.subject};
}

constexpr const char *common_name_oid = "2.5.4.3";

// If the subject has several common names, all must be in the list.
Finding judge_common_name(const Requirement &requirement, const Evidence &evidence)
{
    std::vector<std::string> names;
    bool all = true;
    for (const NameAttribute &attribute : evidence.client->subject) {
        if (attribute.oid != common_name_oid)
            continue;
        all = all && attribute.plain && is_listed(requirement, attribute.value);
        names.push_back(attribute.value);
    }
    return {.holds = all && !names.empty(), .actual = joined_or_none(names)};
}

bool name_matches(const std::string &wanted, const AlternativeName &name, const ClientCertificate &client)
{
    const std::size_t colon = wanted.find(':');
    const std::string_view pattern = std::string_view(wanted).substr(colon + 1);
    const std::string_view type = std::string_view(wanted).substr(0, colon);
    if (!name.plain)
        return false;
    // A user principal name is an otherName with this label.
    constexpr std::string_view label = "UPN:";
    if (type == "upn")
        return name.type == NameType::other && name.value.starts_with(label) &&
               matches_email(pattern, std::string_view(name.value).substr(label.size()));
    if (type != cell_text(name.type))
        return false;
    switch (name.type) {
    case NameType::dns:
        return matches_dns(pattern, name.value);
    case NameType::email:
        return matches_email(pattern, name.value);
    case NameType::ip:
        return name.value == pattern;
    case NameType::uri:
        // A SPIFFE ID counts only in a valid X.509-SVID, with exactly one URI.
        return (!pattern.starts_with("spiffe://") || client.spiffe_id == name.value) &&
               matches_uri(pattern, name.value);
    default:   // other types do not occur in policies
        return false;
    }
}

// One matching name suffices: certificates usually have several.
Finding judge_alternative_name(const Requirement &requirement, const Evidence &evidence)
{
    Finding out{.holds = false, .actual = {}};
    for (const AlternativeName &name : evidence.client->names) {
        out.holds = out.holds ||
                    std::any_of(requirement.any_of.begin(), requirement.any_of.end(), [&](const std::string &wanted) {
                        return name_matches(wanted, name, *evidence.client);
                    });
        if (out.actual.size() <= actual_max)
            out.actual += (out.actual.empty() ? "" : ", ") + cell_text(name.type) + ":" + name.value;
    }
    if (out.actual.empty())
        out.actual = "none";
    return out;
}

Finding judge_any(const Requirement &requirement, const std::vector<std::string> &values)
{
    return {.holds = std::any_of(values.begin(), values.end(),
                                 [&](const std::string &value) { return is_listed(requirement, value); }),
            .actual = joined_or_none(values)};
}

const char *advise_version(const Session &)
{
    return "Client: use a TLS library with that version, and no lower ssl_max_protocol_version. "
           "Server: raise ssl_min_protocol_version, and check ssl_max_protocol_version.";
}

const char *advise_ciphers(const Session &)
{
    return "Server: set ssl_ciphers (and, from PostgreSQL 18 on, ssl_tls13_ciphers) to cipher suites that meet the "
           "policy. "
           "Client: ssl_client_offer() shows what it offered.";
}

const char *advise_encryption(const Session &session)
{
    return over_tls(session) ? advise_ciphers(session) : advise_transport(session);
}

const char *advise_local(const Session &session)
{
    return session.transport == Transport::none ? advise_transport(session)
                                                : "Client: connect through the server's Unix-domain socket.";
}

const char *advise_post_quantum(const Session &session)
{
    return session.post_quantum_offered.value_or(false)
               ? "Server: use OpenSSL 3.5 or newer, and put X25519MLKEM768 first in ssl_groups (PostgreSQL 18 or "
                 "newer)."
               : "Client: use a TLS library that offers X25519MLKEM768, such as OpenSSL 3.5 or newer.";
}

const char *advise_group(const Session &)
{
    return "Server: set ssl_groups (before PostgreSQL 18: ssl_ecdh_curve) to groups that meet the policy. "
           "Client: ssl_client_offer() shows what it offered.";
}

const char *advise_signature(const Session &)
{
    return "Server: use a certificate (ssl_cert_file, ssl_key_file) whose key uses that algorithm. "
           "Client: ssl_client_offer() shows which signature algorithms it offered.";
}

const char *advise_auth(const Session &)
{
    return "Server: let the role authenticate by that method in pg_hba.conf. "
           "On PostgreSQL 15, set shared_preload_libraries, without which the method is unknown.";
}

const char *advise_alpn(const Session &)
{
    return "Client and server: use PostgreSQL 17 or newer, which ALPN requires on both sides.";
}

const char *advise_server_name(const Session &)
{
    return "Client: connect to the server by that name (host=…), with sslsni=1.";
}

const char *advise_key(const Session &) { return "Client: use a certificate with a stronger key."; }
const char *advise_renewal(const Session &) { return "Client: renew the certificate, and connect again."; }

const char *advise_other_certificate(const Session &)
{
    return "Client: use a certificate that meets the policy (sslcert, sslkey); "
           "ssl_client_certificate() shows this one.";
}

std::vector<std::string_view> auth_methods()
{
    // As in pg_hba_file_rules, except "reject", which admits nobody.
    return {"trust", "ident", "peer", "password", "md5",  "scram-sha-256", "gss",
            "sspi",  "pam",   "bsd",  "ldap",     "cert", "radius",        "oauth"};
}
bool known_auth_method(const std::string &name)
{
    const std::vector<std::string_view> methods = auth_methods();
    return std::find(methods.begin(), methods.end(), name) != methods.end();
}

constexpr Names group_registry{known_group, group_names};
constexpr Names cipher_registry{known_cipher, cipher_names};
constexpr Names signature_registry{known_signature, signature_names};
constexpr Names auth_registry{known_auth_method, auth_methods};

// Columns: name, example, form, needs, judge, advise. In the order of docs/policy.md, since a message lists them.
constexpr Word words[] = {
    {"tls", "tls>=1.3", AtLeast{tls_version_value, AtLeast::optional}, Needs::tls, judge_tls, advise_version},
    {"encrypted", "encrypted", NoValue{}, Needs::nothing, judge_encrypted, advise_encryption},
    {"local", "local", NoValue{}, Needs::nothing, judge_local, advise_local},
    {"auth", "auth=scram-sha-256|cert", OneOf{lower_case_value, OneOf::if_needed, &auth_registry}, Needs::nothing,
     judge_auth, advise_auth},
    {"forward-secrecy", "forward-secrecy", NoValue{}, Needs::tls,
     [](const Requirement &, const Evidence &e) {
         return Finding{.holds = e.session.forward_secrecy, .actual = e.session.cipher.value_or(unknown)};
     },
     advise_ciphers},
    {"aead", "aead", NoValue{}, Needs::tls,
     [](const Requirement &, const Evidence &e) {
         return Finding{.holds = e.session.aead, .actual = e.session.cipher.value_or(unknown)};
     },
     advise_ciphers},
    {"bits", "bits>=128", AtLeast{count_value, AtLeast::required}, Needs::tls,
     [](const Requirement &r, const Evidence &e) { return judge_number(r, e.session.bits); }, advise_ciphers},
    {"post-quantum", "post-quantum", NoValue{}, Needs::tls,
     [](const Requirement &, const Evidence &e) {
         return Finding{.holds = e.session.post_quantum, .actual = e.session.key_exchange_group.value_or(unknown)};
     },
     advise_post_quantum},
    {"group-kind", "group-kind=hybrid|post-quantum", OneOf{group_kind_value, OneOf::if_needed, nullptr}, Needs::tls,
     [](const Requirement &r, const Evidence &e) {
         return Finding{.holds = e.session.group_kind && is_listed(r, *e.session.group_kind),
                        .actual = e.session.group_kind.value_or(unknown)};
     },
     advise_group},
    {"kem", "kem>=768", AtLeast{kem_value, AtLeast::required}, Needs::tls, judge_kem, advise_post_quantum},
    {"group", "group=X25519MLKEM768|x25519", OneOf{group_value, OneOf::if_needed, &group_registry}, Needs::tls,
     [](const Requirement &r, const Evidence &e) {
         return Finding{.holds = is_listed_in_lower_case(r, e.session.key_exchange_group),
                        .actual = e.session.key_exchange_group.value_or(unknown)};
     },
     advise_group},
    {"cipher", "cipher=TLS_AES_256_GCM_SHA384", OneOf{cipher_value, OneOf::if_needed, &cipher_registry}, Needs::tls,
     judge_cipher, advise_ciphers},
    {"signature", "signature=ecdsa_secp256r1_sha256|ed25519",
     OneOf{signature_value, OneOf::if_needed, &signature_registry}, Needs::tls,
     [](const Requirement &r, const Evidence &e) {
         return Finding{.holds = is_listed_in_lower_case(r, e.session.signature_algorithm),
                        .actual = e.session.signature_algorithm.value_or(unknown)};
     },
     advise_signature},
    {"alpn", "alpn=postgresql", OneOf{protocol_value, OneOf::if_needed, nullptr}, Needs::tls,
     [](const Requirement &r, const Evidence &e) {
         return Finding{.holds = e.session.alpn && is_listed(r, *e.session.alpn),
                        .actual = e.session.alpn.value_or("none")};
     },
     advise_alpn},
    {"server-name", "server-name=db.example|*.db.example", OneOf{dns_value, OneOf::if_needed, nullptr}, Needs::tls,
     judge_server_name, advise_server_name},
    {"client-cert", "client-cert", NoValue{}, Needs::certificate,
     [](const Requirement &, const Evidence &e) {
         return Finding{.holds = true, .actual = e.client->certificate.subject};
     },
     advise_certificate},
    {"client-key-strength", "client-key-strength>=112", AtLeast{count_value, AtLeast::required}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) { return judge_number(r, e.client->certificate.key_strength); },
     advise_key},
    {"client-key-bits", "client-key-bits>=2048", AtLeast{count_value, AtLeast::required}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) { return judge_number(r, e.client->certificate.key_bits); },
     advise_key},
    {"client-signature", "client-signature=ecdsa_secp256r1_sha256|ed25519",
     OneOf{signature_value, OneOf::if_needed, &signature_registry}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) {
         return Finding{.holds = is_listed_in_lower_case(r, e.session.client_signature_algorithm),
                        .actual = e.session.client_signature_algorithm.value_or(unknown)};
     },
     advise_key},
    {"client-valid", "client-valid>=7d", AtLeast{duration_value, AtLeast::required}, Needs::certificate, judge_validity,
     advise_renewal},
    {"subject", "subject=\"CN=app,O=Acme\"", OneOf{dn_value, OneOf::always, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) {
         return judge_name(r, e.client->subject, e.client->certificate.subject);
     },
     advise_other_certificate},
    {"subject-has", "subject-has=\"O=Acme,OU=Payments\"", OneOf{attributes_value, OneOf::always, nullptr},
     Needs::certificate, judge_attributes, advise_other_certificate},
    {"issuer", "issuer=\"CN=Root CA,O=Acme\"", OneOf{dn_value, OneOf::always, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) {
         return judge_name(r, e.client->issuer, e.client->certificate.issuer);
     },
     advise_other_certificate},
    {"cn", "cn=app|web", OneOf{common_name_value, OneOf::if_needed, nullptr}, Needs::certificate, judge_common_name,
     advise_other_certificate},
    {"san", "san=uri:spiffe://prod/*", OneOf{san_value, OneOf::if_needed, nullptr}, Needs::certificate,
     judge_alternative_name, advise_other_certificate},
    {"eku", "eku=clientAuth", OneOf{usage_value, OneOf::if_needed, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) {
         return judge_any(r, e.client->certificate.extended_key_usage.value_or(std::vector<std::string>()));
     },
     advise_other_certificate},
    {"cert-policy", "cert-policy=1.3.6.1.4.1.99999.1", OneOf{oid_value, OneOf::if_needed, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) {
         return judge_any(r, e.client->certificate.policies.value_or(std::vector<std::string>()));
     },
     advise_other_certificate},
    {"fingerprint", "fingerprint=HEX|HEX", OneOf{digest_value, OneOf::if_needed, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) { return judge_any(r, {e.client->certificate.fingerprint}); },
     advise_other_certificate},
    {"spki", "spki=HEX|HEX", OneOf{digest_value, OneOf::if_needed, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) { return judge_any(r, {e.client->certificate.spki_fingerprint}); },
     advise_other_certificate},
    {"ca-spki", "ca-spki=HEX|HEX", OneOf{digest_value, OneOf::if_needed, nullptr}, Needs::certificate,
     [](const Requirement &r, const Evidence &e) { return judge_any(r, e.client->ca_spki_fingerprints); },
     advise_other_certificate},
};

}   // namespace

const Word *find_word(std::string_view name) noexcept
{
    const auto *const found =
        std::find_if(std::begin(words), std::end(words), [=](const Word &word) { return word.name == name; });
    return found != std::end(words) ? found : nullptr;
}

const Word &local_word() noexcept { return words[2]; }
static_assert(words[2].name == "local");

std::vector<std::string_view> word_names()
{
    std::vector<std::string_view> out;
    for (const Word &word : words)
        out.push_back(word.name);
    return out;
}

std::string transport_words(const Session &session)
{
    if (over_tls(session))
        return session.version.value_or("TLS");
    if (session.transport == Transport::gss)
        return "GSSAPI encryption, no TLS";
    if (session.transport == Transport::socket)
        return "a Unix-domain socket, no TLS";
    if (session.transport == Transport::plain)
        return "TCP without encryption";
    return "no client connection";
}

const char *advise_transport(const Session &session)
{
    if (session.transport == Transport::none)
        return "Call the function in a client's session: this process has no client.";
    if (session.transport == Transport::socket)
        return "Client: connect over TCP (host=…, sslmode=verify-full); or add \"local\" to the policy.";
    if (session.transport == Transport::gss)
        return "Client: connect with gssencmode=disable and sslmode=verify-full.";
    return "Client: connect with sslmode=verify-full. Server: set ssl = on, and use hostssl lines in pg_hba.conf.";
}

const char *advise_certificate(const Session &)
{
    return "Client: set sslcert and sslkey. Server: set ssl_ca_file to the CA that issued the certificate.";
}

}   // namespace sslinfo::core
