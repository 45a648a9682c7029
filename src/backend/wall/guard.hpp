#pragma once
#include "core/openssl/failure.hpp"
#include "backend/wall/pg.hpp"

// The wall between C++ exceptions and PostgreSQL's longjmp. See CONTRIBUTING.md for its rules.
namespace sslinfo::backend {

// Copy of an exception's message, usable after the catch block.
struct Failure {
    int sqlstate;
    char message[1024];   // UTF-8, cut at a character, as below
    char hint[1024];      // empty if there is none
    // For a syntax error: the text, or the part around the error, and the offset of the error in it.
    bool has_position;
    char text[1024];
    std::size_t position;   // bytes
};

// Describes the current exception. Call it inside a catch block.
Failure current_failure() noexcept;

// Raises the failure with ereport(ERROR). No C++ object with a destructor may exist.
[[noreturn]] void raise(const Failure &failure);

// Marks running C++ code. A stray ereport(ERROR) then ends the session with FATAL instead of jumping over destructors,
// since PostgreSQL promotes an error without a handler.
class CxxZone {
  public:
    CxxZone() noexcept : outer_(PG_exception_stack) { PG_exception_stack = nullptr; }
    ~CxxZone() { PG_exception_stack = outer_; }
    CxxZone(const CxxZone &) = delete;
    CxxZone &operator=(const CxxZone &) = delete;

  private:
    sigjmp_buf *outer_;
};

// Runs `body` like guarded(), for code that must not raise: if `body` throws, sets `failure` and returns false.
template <class Body> bool attempted(Body &&body, Failure &failure) noexcept
{
    static_assert(std::is_trivially_destructible_v<std::remove_reference_t<Body>>, "it captures by reference");
    try {
        const CxxZone zone;
        core::with_openssl(body);
        return true;
    } catch (...) {
        failure = current_failure();
    }
    return false;
}

// Runs `body`, which may throw and own C++ objects, and returns its result. Raises an exception as ereport(ERROR) after
// destroying it. `body` must capture by reference and call no PostgreSQL function that may raise. The result must be
// trivially destructible, since a later error would skip its destructor.
template <class Body> std::invoke_result_t<Body &> guarded(Body &&body)
{
    using Result = std::invoke_result_t<Body &>;
    static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>,
                  "what leaves the guard must be trivially destructible");
    static_assert(std::is_trivially_destructible_v<std::remove_reference_t<Body>>,
                  "a guarded lambda captures by reference");
    Failure failure;
    try {
        const CxxZone zone;
        return core::with_openssl(body);
    } catch (...) {
        failure = current_failure();
    }
    raise(failure);
}

// Allocates memory of a PostgreSQL context inside the guard: throws std::bad_alloc or std::length_error if PostgreSQL
// would raise an error.
inline void *allocate(MemoryContext context, std::size_t size)
{
    if (!AllocSizeIsValid(size))
        throw std::length_error("a value is too long");
    void *memory = MemoryContextAllocExtended(context, size, MCXT_ALLOC_NO_OOM);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

// Copies bytes into such memory.
inline std::string_view copy_to(MemoryContext context, std::string_view bytes)
{
    if (bytes.empty())
        return {};
    char *copy = static_cast<char *>(allocate(context, bytes.size()));
    bytes.copy(copy, bytes.size());
    return {copy, bytes.size()};
}

}   // namespace sslinfo::backend
