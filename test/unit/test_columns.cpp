// The columns that the core fills and those that the extension script declares are the same: none is silently NULL,
// none is computed for nothing. Reads the script itself.
#include "core/base/cells.hpp"
#include "core/x509/certificate.hpp"
#include "core/x509/extension.hpp"
#include "core/tls/library.hpp"
#include "core/x509/name.hpp"
#include "core/tls/offer.hpp"
#include "core/x509/san.hpp"
#include "core/policy/policy.hpp"
#include "core/policy/requirements.hpp"
#include "core/tls/session.hpp"
#include "core/logins/failure_table.hpp"
#include "core/logins/usage_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

using namespace sslinfo::core;

namespace {

template <class T> const char *sql_type = nullptr;
template <> const char *sql_type<bool> = "boolean";
template <> const char *sql_type<int> = "integer";
template <> const char *sql_type<std::int64_t> = "bigint";
template <> const char *sql_type<double> = "double precision";
template <> const char *sql_type<Instant> = "timestamptz";
template <> const char *sql_type<Address> = "inet";
template <> const char *sql_type<std::string> = "text";
template <> const char *sql_type<Transport> = "text";
template <> const char *sql_type<NameType> = "text";
template <> const char *sql_type<Decimal> = "numeric";
template <> const char *sql_type<Timestamp> = "timestamptz";
template <> const char *sql_type<Bytes> = "bytea";
template <> const char *sql_type<std::vector<std::string>> = "text[]";
template <> const char *sql_type<Addresses> = "inet[]";
template <> const char *sql_type<Certificate> = "ssl_certificate";
template <class T> const char *sql_type<std::optional<T>> = sql_type<T>;

struct Lister {
    std::string &out;
    template <class T> void operator()(std::string_view name, const T &) const
    {
        out += std::string(name) + " " + (sql_type<T> != nullptr ? sql_type<T> : "?") + "\n";
    }
};

template <Row T> std::string columns_of(const T &row)
{
    std::string out;
    row.columns(Lister{out});
    return out;
}

std::string file(const std::string &name)
{
    std::ifstream in(SSLINFO_PLUS_SOURCE "/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string script() { return file(SSLINFO_PLUS_SCRIPT); }

// The OUT arguments of a function, or the attributes of a type, one "name type" a line.
std::string declared(const std::string &what)
{
    const std::string text = script();
    const std::string::size_type begin = text.find(what);
    if (begin == std::string::npos)
        return "no " + what;
    const std::string list = text.substr(begin + what.size(), text.find(';', begin) - begin - what.size());
    const std::regex column(R"((?:^|[(,])\s*(?:OUT )?(\w+) ((?:double )?[a-z_]+(?:\[\])?)(?=\s*[,)]))");
    std::string out;
    for (std::sregex_iterator i(list.begin(), list.end(), column), end; i != end; ++i)
        out += (*i)[1].str() + " " + (*i)[2].str() + "\n";
    return out;
}

std::string without(std::string text, const std::string &part)
{
    const std::string::size_type at = text.find(part);
    return at == std::string::npos ? "no " + part : text.erase(at, part.size());
}

}   // namespace

TEST(Columns, OfSession)
{
    // the byte counters change, so they are no facts
    EXPECT_EQ(columns_of(Session{}),
              without(declared("CREATE TYPE ssl_session AS ("), "bytes_received bigint\nbytes_sent bigint\n"));
}

TEST(Columns, OfCertificate) { EXPECT_EQ(columns_of(Certificate{}), declared("CREATE TYPE ssl_certificate AS (")); }

TEST(Columns, OfSets)
{
    EXPECT_EQ(columns_of(ChainCertificate{}), declared("CREATE FUNCTION ssl_client_chain("));
    EXPECT_EQ(columns_of(ChainCertificate{}), declared("CREATE FUNCTION ssl_server_chain("));
    EXPECT_EQ(columns_of(Offer{}), declared("CREATE FUNCTION ssl_client_offer("));
    EXPECT_EQ(columns_of(AlternativeName{}), declared("CREATE FUNCTION ssl_client_san("));
    EXPECT_EQ(columns_of(Extension{}), declared("CREATE FUNCTION ssl_client_extensions("));
    EXPECT_EQ(columns_of(AlternativeName{}),
              declared("CREATE FUNCTION ssl_certificate_san(certificate ssl_certificate, "));
    EXPECT_EQ(columns_of(Extension{}),
              declared("CREATE FUNCTION ssl_certificate_extensions(certificate ssl_certificate, "));
    EXPECT_EQ(columns_of(PrintedExtension{}), declared("CREATE FUNCTION ssl_extension_info("));
    EXPECT_EQ(columns_of(NameAttribute{}), declared("CREATE FUNCTION ssl_client_dn_fields("));
    EXPECT_EQ(columns_of(NameAttribute{}), declared("CREATE FUNCTION ssl_issuer_dn_fields("));
    EXPECT_EQ(columns_of(library()), declared("CREATE FUNCTION ssl_library("));
}

TEST(Columns, OfTheServer)
{
    EXPECT_EQ("pid integer\nvisible boolean\n" + columns_of(LoginFacts{}),
              declared("CREATE FUNCTION pg_stat_ssl_plus("));
    EXPECT_EQ(columns_of(UsageEntry{}), declared("CREATE FUNCTION pg_stat_ssl_usage("));
    EXPECT_EQ(columns_of(UsageInfo{}), declared("CREATE FUNCTION pg_stat_ssl_usage_info("));
    EXPECT_EQ(columns_of(FailureEntry{}), declared("CREATE FUNCTION pg_stat_ssl_failures("));
    EXPECT_EQ(columns_of(FailureTotal{}), declared("CREATE FUNCTION pg_stat_ssl_failure_totals("));
    EXPECT_EQ(columns_of(TableInfo{}), declared("CREATE FUNCTION pg_stat_ssl_failures_info("));
}

// Each word and preset of a policy has a line of its table.
TEST(Columns, PolicyWordsAreInTheReference)
{
    const std::string reference = file("docs/policy.md");
    for (const std::string_view name : word_names())
        EXPECT_NE(reference.find("\n| `" + std::string(name)), std::string::npos) << name;
    for (const std::string_view name : preset_names())
        EXPECT_NE(reference.find("\n| `" + std::string(name) + "` |"), std::string::npos) << name;
}

// Each function of ours by its name and each column as `column`.
TEST(Columns, AreInTheReference)
{
    const std::string reference = file("docs/reference.md") + file("docs/policy.md");
    const std::string text = script();
    const std::regex function(R"(CREATE FUNCTION (ssl_\w+)\()");
    for (std::sregex_iterator i(text.begin(), text.end(), function), end; i != end; ++i)
        EXPECT_NE(reference.find((*i)[1].str() + "("), std::string::npos) << (*i)[1];
    std::istringstream columns(declared("CREATE TYPE ssl_session AS (") + declared("CREATE TYPE ssl_certificate AS (") +
                               declared("CREATE FUNCTION ssl_client_offer(") +
                               declared("CREATE FUNCTION ssl_library("));
    int count = 0;
    for (std::string name, type; columns >> name && std::getline(columns, type); ++count)
        EXPECT_NE(reference.find("`" + name + "`"), std::string::npos) << name;
    EXPECT_GE(count, 29 + 28 + 4 + 5);
}
