#pragma once
#include "core/openssl/failure.hpp"
#include "backend/wall/pg.hpp"

// The wall between C++ exceptions and PostgreSQL's longjmp. See CONTRIBUTING.md for its rules.
namespace sslinfo::backend {

// What is left of an exception once it is gone.
struct Failure {
    int sqlstate;
    char message[1024];   // UTF-8, cut at a character; so are the others
    char hint[1024];      // empty where there is none
    // A mistake in a text: what stands around it, or all of a short text, and where in that.
    bool has_position;
    char text[1024];
    std::size_t position;   // in bytes
};

// To be called inside a catch block: what the current exception says.
Failure current_failure() noexcept;

// ereport(ERROR) with the failure. Call it with no C++ object alive.
[[noreturn]] void raise(const Failure &failure);

// While an object of this class lives, C++ runs: an ereport(ERROR) that strays into it ends the session (FATAL) instead
// of jumping over destructors, since PostgreSQL promotes an error that nobody waits for.
class CxxZone {
  public:
    CxxZone() noexcept : outer_(PG_exception_stack) { PG_exception_stack = nullptr; }
    ~CxxZone() { PG_exception_stack = outer_; }
    CxxZone(const CxxZone &) = delete;
    CxxZone &operator=(const CxxZone &) = delete;

  private:
    sigjmp_buf *outer_;
};

// Runs `body`, which may throw and may own C++ objects. False where it threw: then `failure` says what. For where
// nothing may be raised; the body keeps the rules of guarded().
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

// Runs `body`, which may throw and may own C++ objects, and returns what it returns; an exception becomes
// ereport(ERROR) after it has been destroyed. The body captures by reference, calls nothing of PostgreSQL's that can
// raise, and returns nothing with a destructor, for an error raised later would jump over it.
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

// Memory of a PostgreSQL context from inside the guard: throws std::bad_alloc where PostgreSQL would raise an error.
void *allocate(MemoryContext context, std::size_t size);
// A copy of `bytes` there.
std::string_view copy_to(MemoryContext context, std::string_view bytes);

}   // namespace sslinfo::backend
