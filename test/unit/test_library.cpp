#include "core/tls/library.hpp"
#include "core/openssl/openssl.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

TEST(Library, TellsWhatIsLoaded)
{
    const Library l = library();
    EXPECT_EQ(l.name, "OpenSSL");
    EXPECT_EQ(std::string(OpenSSL_version(OPENSSL_VERSION)).find("OpenSSL " + l.runtime_version + " "), 0u);
    EXPECT_EQ(std::string(OPENSSL_VERSION_TEXT).find("OpenSSL " + l.build_version + " "), 0u);
    EXPECT_FALSE(l.fips);
    EXPECT_EQ(l.post_quantum, OPENSSL_VERSION_NUMBER >= 0x30500000L);
}
