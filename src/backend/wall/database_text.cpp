#include "core/base/text.hpp"
#include "backend/wall/database_text.hpp"

namespace sslinfo::backend {

namespace {

// Appends bytes in the form "\C3\A9", like the core.
void append_escape(StringInfo out, std::string_view octets)
{
    for (const char octet : octets)
        appendStringInfo(out, "\\%02X", static_cast<unsigned char>(octet));
}

// True if the database encoding accepts all valid UTF-8.
bool utf8_database() { return GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII; }

bool ascii(std::string_view text)
{
    for (const char c : text)
        if (IS_HIGHBIT_SET(c))
            return false;
    return true;
}

// Appends text in the database encoding, and escapes characters that it lacks.
void append_escaped(StringInfo out, std::string_view utf8)
{
    // Outside a transaction the catalog of conversions cannot be read.
    const Oid conversion =
        IsTransactionState() ? FindDefaultConversionProc(PG_UTF8, GetDatabaseEncoding()) : InvalidOid;
    const Size room = utf8.size() * MAX_CONVERSION_GROWTH + 1;
    auto *buffer = static_cast<unsigned char *>(palloc_extended(room, MCXT_ALLOC_HUGE));
    while (!utf8.empty()) {
        if (OidIsValid(conversion)) {
            auto *source = reinterpret_cast<unsigned char *>(const_cast<char *>(utf8.data()));
            const int done = pg_do_encoding_conversion_buf(conversion, PG_UTF8, GetDatabaseEncoding(), source,
                                                           static_cast<int>(utf8.size()), buffer,
                                                           static_cast<int>(std::min<Size>(room, PG_INT32_MAX)), true);
            appendStringInfoString(out, reinterpret_cast<char *>(buffer));
            utf8.remove_prefix(static_cast<std::size_t>(done));
        }
        if (utf8.empty())
            break;
        // The first remaining character has no counterpart.
        const std::size_t length = std::max<std::size_t>(core::utf8_sequence_length(utf8), 1);
        if (length == 1)
            appendStringInfoChar(out, utf8.front());
        else
            append_escape(out, utf8.substr(0, length));
        utf8.remove_prefix(length);
    }
    pfree(buffer);
}

}   // namespace

Datum text_datum(std::string_view utf8, Unmappable unmappable)
{
    if (utf8_database() || ascii(utf8))
        return PointerGetDatum(cstring_to_text_with_len(utf8.data(), static_cast<int>(utf8.size())));
    if (unmappable == Unmappable::error) {
        char *converted = pg_any_to_server(utf8.data(), static_cast<int>(utf8.size()), PG_UTF8);
        return PointerGetDatum(cstring_to_text(converted));
    }
    StringInfoData out;
    initStringInfo(&out);
    append_escaped(&out, utf8);
    return PointerGetDatum(cstring_to_text_with_len(out.data, out.len));
}

const char *server_cstring(std::string_view utf8)
{
    return text_to_cstring(DatumGetTextPP(text_datum(utf8, Unmappable::escape)));
}

std::string_view utf8_argument(text *argument)
{
    const int length = static_cast<int>(VARSIZE_ANY_EXHDR(argument));
    char *data = VARDATA_ANY(argument);
    char *converted = pg_server_to_any(data, length, PG_UTF8);
    return converted == data ? std::string_view(data, static_cast<std::size_t>(length)) : std::string_view(converted);
}

}   // namespace sslinfo::backend
