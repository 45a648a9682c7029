// A module for tests only: functions that misbehave behind the wall in every way that it must hold against.
#include "core/x509/certificate.hpp"
#include "core/base/error.hpp"
#include "backend/wall/guard.hpp"
#include "backend/wall/database_text.hpp"

#include <dlfcn.h>
#include <unistd.h>

using namespace sslinfo;
using namespace sslinfo::backend;

namespace {

int constructed = 0;
int destroyed = 0;

// An object whose destructor somebody would miss.
struct Counted {
    Counted() { ++constructed; }
    ~Counted() { ++destroyed; }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;
};

struct NotAStandardException {};

[[noreturn]] void throw_kind(std::string_view kind)
{
    const Counted local;
    const std::string owned(1000, 'x');   // something that leaks if nobody destroys it
    if (kind == "invalid_argument")
        throw core::Error(core::ErrorCode::invalid_argument, "no such thing");
    if (kind == "invalid_text")
        throw core::Error(core::ErrorCode::invalid_text, "no such text");
    if (kind == "invalid_binary")
        throw core::Error(core::ErrorCode::invalid_binary, "no such bytes");
    if (kind == "not_available")
        throw core::Error(core::ErrorCode::not_available, "not here");
    if (kind == "not_supported")
        throw core::Error(core::ErrorCode::not_supported, "not with this OpenSSL");
    if (kind == "internal")
        throw core::Error(core::ErrorCode::internal, "broken");
    if (kind == "unknown_code")
        throw core::Error(static_cast<core::ErrorCode>(4711), "a code of tomorrow");
    if (kind == "bad_alloc")
        throw std::bad_alloc();
    if (kind == "length_error")
        throw std::length_error("too long");
    if (kind == "runtime_error")
        throw std::runtime_error("some library failed");
    if (kind == "int")
        throw 42;
    if (kind == "struct")
        throw NotAStandardException();
    if (kind == "percent")
        throw core::Error(core::ErrorCode::invalid_argument, "100%s %n");
    if (kind == "long")   // 1023 bytes end within a character
        throw core::Error(core::ErrorCode::invalid_argument, [] {
            std::string message = "x";
            for (int i = 0; i < 1000; ++i)
                message += "\xe2\x82\xac";
            return message;
        }());
    if (kind == "bad_utf8")
        throw core::Error(core::ErrorCode::invalid_argument, "good \xff bad");
    throw std::logic_error("no such kind of exception");
}

std::string_view text_argument(FunctionCallInfo fcinfo, int n)
{
    text *argument = PG_GETARG_TEXT_PP(n);
    return {VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument)};
}

ClientAuthentication_hook_type previous_hook;
emit_log_hook_type previous_log_hook;

void arm(long n)
{
    const auto arm = reinterpret_cast<void (*)(long)>(dlsym(RTLD_DEFAULT, "failing_malloc_arm"));
    if (arm == nullptr)
        elog(ERROR, "the server was started without failing_malloc");
    arm(n);
}

bool disarm()
{
    const auto disarm = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "failing_malloc_disarm"));
    return disarm != nullptr && disarm() != 0;
}

// The hooks before these ones run with their n-th allocation failing if the client calls itself 'fail n'.
template <class Hooks> void short_of_memory(const Port *port, Hooks hooks)
{
    constexpr std::string_view wish = "fail ";
    const char *const name = port != nullptr ? port->application_name : nullptr;
    const std::string_view application = name != nullptr ? name : "";
    const bool armed = application.substr(0, wish.size()) == wish;
    if (armed)
        arm(atol(application.substr(wish.size()).data()));
    hooks();
    if (armed)
        disarm();
}

void authenticated(Port *port, int status)
{
    short_of_memory(port, [&] {
        if (previous_hook != nullptr)
            previous_hook(port, status);
    });
}

// Only for FATAL messages of clients: of those that are refused.
void logged(ErrorData *message)
{
    short_of_memory(message->elevel == FATAL ? MyProcPort : nullptr, [&] {
        if (previous_log_hook != nullptr)
            previous_log_hook(message);
    });
}

}   // namespace

extern "C" {

SSLINFO_PLUS_MODULE_MAGIC("wall");

extern PGDLLEXPORT void _PG_init(void);

void _PG_init(void)
{
    if (!process_shared_preload_libraries_in_progress)
        return;
    previous_hook = ClientAuthentication_hook;
    ClientAuthentication_hook = authenticated;
    previous_log_hook = emit_log_hook;
    emit_log_hook = logged;
}

// wall_throw(kind text) void: throws inside the guard.
SSLINFO_PLUS_FUNCTION(wall_throw)
{
    const std::string_view kind = text_argument(fcinfo, 0);
    guarded([&] { throw_kind(kind); });
    PG_RETURN_VOID();
}

// wall_nested(kind text) void: throws inside a guard inside a guarded function's objects.
SSLINFO_PLUS_FUNCTION(wall_nested)
{
    const std::string_view kind = text_argument(fcinfo, 0);
    guarded([&] {
        const Counted outer;
        const std::vector<std::string> owned(10, std::string(100, 'y'));
        try {
            throw_kind(kind);
        } catch (const core::Error &error) {
            throw core::Error(error.code(), std::string("again: ") + error.what());
        }
    });
    PG_RETURN_VOID();
}

// wall_value(n integer) integer: a value that passes through the guard.
SSLINFO_PLUS_FUNCTION(wall_value)
{
    const int n = PG_GETARG_INT32(0);
    PG_RETURN_INT32(guarded([&] {
        const Counted local;
        return n + 1;
    }));
}

// wall_stray() void: what nobody may do in there, ereport(ERROR).
SSLINFO_PLUS_FUNCTION(wall_stray)
{
    guarded([&] {
        const Counted local;
        ereport(ERROR, (errcode(ERRCODE_DIVISION_BY_ZERO), errmsg("a stray error")));
    });
    PG_RETURN_VOID();
}

// wall_stack_restored() boolean: is PG_exception_stack, null inside, afterwards what it was before?
SSLINFO_PLUS_FUNCTION(wall_stack_restored)
{
    sigjmp_buf *const before = PG_exception_stack;
    const bool null_inside = guarded([&] { return PG_exception_stack == nullptr; });
    PG_RETURN_BOOL(before != nullptr && null_inside && PG_exception_stack == before);
}

SSLINFO_PLUS_FUNCTION(wall_constructed) { PG_RETURN_INT32(constructed); }
SSLINFO_PLUS_FUNCTION(wall_destroyed) { PG_RETURN_INT32(destroyed); }

// wall_allocate(size bigint) integer: takes memory of a context from inside the guard, and returns the sum of its
// bytes.
SSLINFO_PLUS_FUNCTION(wall_allocate)
{
    const int64 size = PG_GETARG_INT64(0);
    PG_RETURN_INT32(guarded([&] {
        auto *memory = static_cast<unsigned char *>(allocate(CurrentMemoryContext, static_cast<std::size_t>(size)));
        memory[0] = 1;
        memory[size - 1] = 2;
        return memory[0] + memory[size - 1];
    }));
}

// wall_openssl_out_of_memory() integer: an OpenSSL function that ran out of memory and said so on the queue only.
SSLINFO_PLUS_FUNCTION(wall_openssl_out_of_memory)
{
    PG_RETURN_INT32(guarded([&] {
        ERR_put_error(ERR_LIB_ASN1, 0, ERR_R_MALLOC_FAILURE, "wall.cpp", 1);
        ERR_put_error(ERR_LIB_ASN1, 0, ERR_R_NESTED_ASN1_ERROR, "wall.cpp", 2);
        return 1;
    }));
}

// wall_queue_put(data text) void: an error on OpenSSL's queue that somebody else left there.
SSLINFO_PLUS_FUNCTION(wall_queue_put)
{
    char *data = text_to_cstring(PG_GETARG_TEXT_PP(0));
    ERR_put_error(ERR_LIB_SSL, 0, SSL_R_NO_SHARED_CIPHER, "elsewhere.c", 17);
    ERR_add_error_data(1, data);
    PG_RETURN_VOID();
}

// wall_queue_take() text: the errors on the queue as OpenSSL prints them, oldest first; the queue is empty afterwards.
SSLINFO_PLUS_FUNCTION(wall_queue_take)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *data = nullptr;
    ERR_print_errors(out);
    const long length = BIO_get_mem_data(out, &data);
    text *result = cstring_to_text_with_len(data, static_cast<int>(length));
    BIO_free(out);
    PG_RETURN_TEXT_P(result);
}

// wall_resident() bigint: resident memory of this backend in kB (VmRSS).
SSLINFO_PLUS_FUNCTION(wall_resident)
{
    long pages = 0;
    long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == nullptr || fscanf(file, "%ld %ld", &pages, &resident) != 2)
        elog(ERROR, "could not read /proc/self/statm");
    fclose(file);
    PG_RETURN_INT64(resident * (sysconf(_SC_PAGESIZE) / 1024));
}

// wall_arm(n bigint) void, wall_disarm() boolean: see failing_malloc.c, which the server must have preloaded.
SSLINFO_PLUS_FUNCTION(wall_arm)
{
    arm(PG_GETARG_INT64(0));
    PG_RETURN_VOID();
}

SSLINFO_PLUS_FUNCTION(wall_disarm) { PG_RETURN_BOOL(disarm()); }

}   // extern "C"
