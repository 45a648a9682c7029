#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "backend/wall/guard.hpp"
#include "backend/wall/database_text.hpp"

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
    case core::ErrorCode::limit_exceeded:
        return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case core::ErrorCode::internal:
        return ERRCODE_INTERNAL_ERROR;
    }
    return ERRCODE_INTERNAL_ERROR;
}

// Copies UTF-8 up to its first NUL, with control characters escaped, and cuts it to fit.
template <std::size_t Room> void copy_cut(char (&to)[Room], std::string_view text) noexcept
{
    std::size_t used = 0;
    char buffer[8];
    while (!text.empty() && text.front() != '\0') {
        const std::string_view shown = core::escape_first(text, buffer);
        if (used + shown.size() >= Room)
            break;
        shown.copy(to + used, shown.size());
        used += shown.size();
    }
    to[used] = '\0';
}

// Like copy_cut(), but replaces each control character other than white space by one '?', to keep the caret's position.
// Returns the new offset of `position`; npos if it was cut off.
template <std::size_t Room>
std::size_t copy_shown(char (&to)[Room], std::string_view text, std::size_t position) noexcept
{
    std::size_t used = 0;
    std::size_t result = std::string_view::npos;
    char buffer[8];
    const char *const begin = text.data();
    for (;;) {
        if (static_cast<std::size_t>(text.data() - begin) == position)
            result = used;
        if (text.empty() || text.front() == '\0')
            break;
        const bool space = core::ascii_spaces.find(text.front()) != core::ascii_spaces.npos;
        const std::string_view first = text.substr(0, 1);
        const std::string_view escaped = core::escape_first(text, buffer);
        const std::string_view shown = space ? first : escaped.data() == buffer ? "?" : escaped;
        if (used + shown.size() >= Room)
            break;
        shown.copy(to + used, shown.size());
        used += shown.size();
    }
    to[used] = '\0';
    return result;
}

Failure failure_of(int sqlstate, std::string_view message) noexcept
{
    Failure failure{};
    failure.sqlstate = sqlstate;
    copy_cut(failure.message, message);
    return failure;
}

Failure failure_of(const core::Error &error) noexcept
{
    Failure failure = failure_of(sqlstate_of(error.code()), error.what());
    copy_cut(failure.hint, error.hint());
    return failure;
}

Failure failure_of(const core::SyntaxError &error) noexcept
{
    Failure failure = failure_of(static_cast<const core::Error &>(error));
    // Of a long text keep only the part around the error, from the start of a character.
    std::string_view text = error.text();
    std::size_t begin = text.size() < sizeof failure.text || error.position() < 400 ? 0 : error.position() - 400;
    while (begin < error.position() && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
        ++begin;
    text = text.substr(begin, text.size() < sizeof failure.text ? text.npos : 800);
    failure.position = copy_shown(failure.text, text, error.position() - begin);
    failure.has_position = failure.position != std::string_view::npos;
    return failure;
}

}   // namespace

Failure current_failure() noexcept
{
    try {
        throw;
    } catch (const core::SyntaxError &error) {
        return failure_of(error);
    } catch (const core::Error &error) {
        return failure_of(error);
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
    // psql shows an internal query with a caret. Positions are characters, from 1.
    const std::string_view before(failure.text, failure.position);
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
    const auto characters =
        before.size() - static_cast<std::size_t>(std::count_if(before.begin(), before.end(), continues));
    ereport(ERROR, (errcode(failure.sqlstate), errmsg_internal("%s", server_cstring(failure.message)),
                    failure.hint[0] != '\0' ? errhint("%s", server_cstring(failure.hint)) : 0,
                    failure.has_position ? internalerrquery(server_cstring(failure.text)) : 0,
                    failure.has_position ? internalerrposition(static_cast<int>(characters) + 1) : 0));
    pg_unreachable();
}

}   // namespace sslinfo::backend
