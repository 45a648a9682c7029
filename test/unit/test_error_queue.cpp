#include "core/base/error.hpp"
#include "core/openssl/error_queue.hpp"

#include <gtest/gtest.h>

using namespace sslinfo::core;

namespace {

void put(int reason, const char *data = nullptr)
{
    ERR_put_error(ERR_LIB_SSL, 0, reason, "there.c", 17);
    if (data != nullptr)
        ERR_add_error_data(1, data);
}

}   // namespace

TEST(ErrorQueue, IsAsItWasFound)
{
    ERR_clear_error();
    put(SSL_R_NO_SHARED_CIPHER, "data");
    put(SSL_R_BAD_LENGTH);
    {
        const ErrorQueue queue;
        EXPECT_EQ(ERR_peek_error(), 0ul);
        put(SSL_R_BAD_SIGNATURE);
    }
    const auto found = take_errors();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(ERR_GET_REASON(found[0].code), SSL_R_NO_SHARED_CIPHER);
    EXPECT_EQ(ERR_GET_LIB(found[0].code), ERR_LIB_SSL);
    EXPECT_EQ(found[0].data, "data");
    EXPECT_EQ(found[0].line, 17);
    EXPECT_EQ(ERR_GET_REASON(found[1].code), SSL_R_BAD_LENGTH);
    EXPECT_EQ(found[1].data, "");
}

TEST(ErrorQueue, OneThatIsEmptyStaysEmpty)
{
    ERR_clear_error();
    {
        const ErrorQueue queue;
        put(SSL_R_BAD_SIGNATURE);
    }
    EXPECT_EQ(ERR_peek_error(), 0ul);
}

// A lack of memory is found wherever it stands on the queue, and outdoes the answer and any error.
TEST(WithOpenssl, TellsALackOfMemory)
{
    EXPECT_EQ(with_openssl([] { return 1; }), 1);
    EXPECT_NO_THROW(with_openssl([] { put(SSL_R_BAD_LENGTH); }));
    EXPECT_THROW(with_openssl([] {
                     put(ERR_R_MALLOC_FAILURE);
                     put(SSL_R_BAD_LENGTH);
                     return 1;
                 }),
                 std::bad_alloc);
    EXPECT_THROW(with_openssl([] { put(ERR_R_MALLOC_FAILURE); }), std::bad_alloc);
    EXPECT_THROW(with_openssl([] {
                     put(ERR_R_MALLOC_FAILURE);
                     throw Error(ErrorCode::internal, "because of it");
                 }),
                 std::bad_alloc);
    EXPECT_THROW(with_openssl([] { throw Error(ErrorCode::internal, "of its own"); }), Error);
    EXPECT_THROW(with_openssl([] { throw std::bad_alloc(); }), std::bad_alloc);
    EXPECT_THROW(with_openssl([] { throw 42; }), int);
    EXPECT_EQ(ERR_peek_error(), 0ul);
}
