#include "core/error.hpp"
#include "core/text.hpp"
#include "backend/guard.hpp"
#include "backend/text.hpp"

namespace sslinfo::backend {

namespace {

int sqlstate_of(core::ErrorCode code) noexcept
{
    switch (code) {
    case core::ErrorCode::invalid_argument:
        return ERRCODE_INVALID_PARAMETER_VALUE;
    case core::ErrorCode::invalid_text:
        return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case core::ErrorCode::invalid_binary:
        return ERRCODE_INVALID_BINARY_REPRESENTATION;
    case core::ErrorCode::not_available:
        return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
    case core::ErrorCode::not_supported:
        return ERRCODE_FEATURE_NOT_SUPPORTED;
    case core::ErrorCode::internal:
        return ERRCODE_INTERNAL_ERROR;
    }
    return ERRCODE_INTERNAL_ERROR;
}

Failure failure_of(int sqlstate, std::string_view message) noexcept
{
    Failure failure;
    failure.sqlstate = sqlstate;
    std::size_t used = 0;
    while (!message.empty()) {
        const std::size_t length = core::utf8_sequence_length(message);
        if (length == 0 || used + length >= sizeof failure.message)
            break;
        message.copy(failure.message + used, length);
        used += length;
        message.remove_prefix(length);
    }
    failure.message[used] = '\0';
    return failure;
}

} // namespace

Failure current_failure() noexcept
{
    try {
        throw;
    } catch (const core::Error &error) {
        return failure_of(sqlstate_of(error.code()), error.what());
    } catch (const std::bad_alloc &) {
        return failure_of(ERRCODE_OUT_OF_MEMORY, "out of memory");
    } catch (const std::length_error &error) {
        return failure_of(ERRCODE_PROGRAM_LIMIT_EXCEEDED, error.what());
    } catch (const std::exception &error) {
        return failure_of(ERRCODE_INTERNAL_ERROR, error.what());
    } catch (...) {
        return failure_of(ERRCODE_INTERNAL_ERROR, "unknown C++ exception");
    }
}

void raise(const Failure &failure)
{
    ereport(ERROR, (errcode(failure.sqlstate), errmsg_internal("%s", server_cstring(failure.message))));
    pg_unreachable();
}

void *allocate(MemoryContext context, std::size_t size)
{
    if (!AllocSizeIsValid(size))
        throw std::length_error("a value is too long");
    void *memory = MemoryContextAllocExtended(context, size, MCXT_ALLOC_NO_OOM);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

std::string_view keep(MemoryContext context, std::string_view bytes)
{
    if (bytes.empty())
        return {};
    char *copy = static_cast<char *>(allocate(context, bytes.size()));
    bytes.copy(copy, bytes.size());
    return {copy, bytes.size()};
}

} // namespace sslinfo::backend
