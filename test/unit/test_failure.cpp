#include "core/base/error.hpp"
#include "core/openssl/failure.hpp"

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

TEST(WithOpenssl, StartsAndEndsWithAnEmptyQueue)
{
    put(SSL_R_NO_SHARED_CIPHER, "data");
    put(ERR_R_MALLOC_FAILURE);
    EXPECT_EQ(with_openssl([] { return ERR_peek_error(); }), 0ul);
    EXPECT_EQ(ERR_peek_error(), 0ul);
    with_openssl([] { put(SSL_R_BAD_SIGNATURE); });
    EXPECT_EQ(ERR_peek_error(), 0ul);
    EXPECT_THROW(with_openssl([] {
                     put(SSL_R_BAD_SIGNATURE);
                     throw std::bad_alloc();
                 }),
                 std::bad_alloc);
    EXPECT_EQ(ERR_peek_error(), 0ul);
}

TEST(Retried, TriesTwiceAndNoMore)
{
    ERR_clear_error();
    for (const int failures : {0, 1, 2, 3}) {
        int calls = 0;
        EXPECT_EQ(retried([&] { return calls++ >= failures; }), failures < 2);
        EXPECT_EQ(calls, failures == 0 ? 1 : 2);
    }
    EXPECT_THROW(retried([] {
                     put(ERR_R_MALLOC_FAILURE);
                     return false;
                 }),
                 std::bad_alloc);
    EXPECT_FALSE(retried([] {
        ERR_clear_error();
        put(SSL_R_BAD_LENGTH);
        return false;
    }));
    EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_BAD_LENGTH) << "the last attempt's errors stay";
    ERR_clear_error();
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
    EXPECT_THROW(with_openssl([] {
                     ERR_put_error(0, 0, 0, "there.c", 17);
                     put(SSL_R_BAD_LENGTH);
                     put(ERR_R_MALLOC_FAILURE);
                 }),
                 std::bad_alloc)
        << "after an error 0, as OpenSSL 3.2 leaves it";
    EXPECT_EQ(ERR_peek_last_error(), 0ul);
    EXPECT_THROW(with_openssl([] { throw Error(ErrorCode::internal, "of its own"); }), Error);
    EXPECT_THROW(with_openssl([] { throw std::bad_alloc(); }), std::bad_alloc);
    EXPECT_THROW(with_openssl([] { throw 42; }), int);
    EXPECT_EQ(ERR_peek_error(), 0ul);
}
