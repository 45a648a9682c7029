#include "core/base/cells.hpp"
#include "backend/wall/datum.hpp"
#include "backend/wall/time.hpp"

namespace sslinfo::backend {

namespace {

using core::Cell;
using core::CellKind;

Datum bytes_datum(std::string_view octets)
{
    auto *out = static_cast<bytea *>(palloc(VARHDRSZ + octets.size()));
    SET_VARSIZE(out, VARHDRSZ + octets.size());
    octets.copy(VARDATA(out), octets.size());
    return PointerGetDatum(out);
}

// Calls a type's input function without a type modifier.
Datum input(PGFunction function, std::string_view text)
{
    return DirectFunctionCall3(function, CStringGetDatum(pnstrdup(text.data(), text.size())),
                               ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum array_datum(std::string_view items, Oid element, Unmappable unmappable)
{
    ArrayBuildState *state = initArrayResult(element, CurrentMemoryContext, false);
    core::CellReader reader(items);
    Cell item;
    while (reader.next(item)) {
        CHECK_FOR_INTERRUPTS();
        const Datum value = element == INETOID ? input(inet_in, item.data) : text_datum(item.data, unmappable);
        state = accumArrayResult(state, value, false, element, CurrentMemoryContext);
    }
    return makeArrayResult(state, CurrentMemoryContext);
}

int attribute_named(TupleDesc descriptor, std::string_view name, int expected)
{
    // Avoids strlen(), since this runs for each cell of each row.
    const auto matches = [&](int i) {
        const char *const attribute = NameStr(TupleDescAttr(descriptor, i)->attname);
        return name.size() < NAMEDATALEN && memcmp(attribute, name.data(), name.size()) == 0 &&
               attribute[name.size()] == '\0';
    };
    if (expected < descriptor->natts && matches(expected))
        return expected;
    for (int i = 0; i < descriptor->natts; ++i)
        if (matches(i))
            return i;
    return -1;
}

}   // namespace

Oid natural_type(CellKind kind) noexcept
{
    switch (kind) {
    case CellKind::boolean:
        return BOOLOID;
    case CellKind::integer:
        return INT4OID;
    case CellKind::real:
        return FLOAT8OID;
    case CellKind::timestamp:
    case CellKind::instant:
        return TIMESTAMPTZOID;
    case CellKind::text:
        return TEXTOID;
    case CellKind::numeric:
        return NUMERICOID;
    case CellKind::bytes:
        return BYTEAOID;
    case CellKind::texts:
        return TEXTARRAYOID;
    case CellKind::address:
        return INETOID;
    case CellKind::addresses:
        return INETARRAYOID;
    case CellKind::null:
    case CellKind::row:
        break;
    }
    return InvalidOid;
}

void report_wrong_type(std::string_view column)
{
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("unexpected data type of column \"%s\"", pnstrdup(column.data(), column.size()))));
    pg_unreachable();
}

Datum cell_datum(const Cell &cell, Oid type, Unmappable unmappable)
{
    if (cell.kind == CellKind::row) {
        TupleDesc descriptor = lookup_rowtype_tupdesc_copy(type, -1);
        return row_datum(cell.data, descriptor, unmappable);
    }
    if (natural_type(cell.kind) != type && !(cell.kind == CellKind::integer && type == INT8OID))
        report_wrong_type(cell.name);
    switch (cell.kind) {
    case CellKind::boolean:
        return BoolGetDatum(cell.number != 0);
    case CellKind::integer:
        return type == INT8OID ? Int64GetDatum(cell.number) : Int32GetDatum(static_cast<int32>(cell.number));
    case CellKind::real:
        return Float8GetDatum(core::double_of(cell.number));
    case CellKind::timestamp:
        return TimestampTzGetDatum(timestamp_of(core::Timestamp{std::chrono::seconds{cell.number}}));
    case CellKind::instant:
        return TimestampTzGetDatum(timestamp_of(core::Instant{std::chrono::microseconds{cell.number}}));
    case CellKind::text:
        return text_datum(cell.data, unmappable);
    case CellKind::numeric:
        return input(numeric_in, cell.data);
    case CellKind::bytes:
        return bytes_datum(cell.data);
    case CellKind::texts:
        return array_datum(cell.data, TEXTOID, unmappable);
    case CellKind::address:
        return input(inet_in, cell.data);
    case CellKind::addresses:
        return array_datum(cell.data, INETOID, unmappable);
    case CellKind::null:
    case CellKind::row:
        break;
    }
    elog(ERROR, "a NULL cell has no datum");
    pg_unreachable();
}

void fill_attributes(std::string_view cells, TupleDesc descriptor, Unmappable unmappable, Datum *values, bool *nulls,
                     std::span<const std::string_view> names)
{
    for (int i = 0; i < descriptor->natts; ++i)
        nulls[i] = true;
    core::CellReader reader(cells);
    Cell cell;
    std::size_t number = 0;
    for (int expected = 0; reader.next(cell); ++number) {
        if (number < names.size())
            cell.name = names[number];
        const int i = attribute_named(descriptor, cell.name, expected);
        if (i < 0)
            continue;
        expected = i + 1;
        if (cell.kind == CellKind::null)
            continue;
        values[i] = cell_datum(cell, TupleDescAttr(descriptor, i)->atttypid, unmappable);
        nulls[i] = false;
    }
}

Datum row_datum(std::string_view cells, TupleDesc descriptor, Unmappable unmappable)
{
    auto *values = static_cast<Datum *>(palloc0(sizeof(Datum) * static_cast<Size>(descriptor->natts)));
    auto *nulls = static_cast<bool *>(palloc(sizeof(bool) * static_cast<Size>(descriptor->natts)));
    fill_attributes(cells, descriptor, unmappable, values, nulls);
    return HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls));
}

Datum return_row(FunctionCallInfo fcinfo, std::string_view cells, Unmappable unmappable)
{
    TupleDesc descriptor;
    if (cells.empty())
        PG_RETURN_NULL();
    if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    return row_datum(cells, BlessTupleDesc(descriptor), unmappable);
}

RowSet::RowSet(FunctionCallInfo fcinfo)
{
    InitMaterializedSRF(fcinfo, 0);
    result_ = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    row_context_ = AllocSetContextCreate(CurrentMemoryContext, "sslinfo_plus row", ALLOCSET_DEFAULT_SIZES);
    const auto natts = static_cast<Size>(result_->setDesc->natts);
    values_ = static_cast<Datum *>(palloc0(sizeof(Datum) * natts));
    nulls_ = static_cast<bool *>(palloc(sizeof(bool) * natts));
}

void RowSet::add(std::string_view cells, Unmappable unmappable)
{
    CHECK_FOR_INTERRUPTS();
    MemoryContext caller = MemoryContextSwitchTo(row_context_);
    fill_attributes(cells, result_->setDesc, unmappable, values_, nulls_);
    tuplestore_putvalues(result_->setResult, result_->setDesc, values_, nulls_);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(row_context_);
}

Datum return_rows(FunctionCallInfo fcinfo, std::string_view rows, Unmappable unmappable)
{
    RowSet set(fcinfo);
    core::CellReader reader(rows);
    Cell row;
    while (reader.next(row))
        set.add(row.data, unmappable);
    return Datum(0);
}

}   // namespace sslinfo::backend
