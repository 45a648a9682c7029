#pragma once
#include "core/base/cells.hpp"
#include "backend/wall/database_text.hpp"

// Cells as datums. Outside the guard: all of these may raise.
namespace sslinfo::backend {

// The SQL type that a kind of cell has where nothing else is asked for.
Oid natural_type(core::CellKind kind) noexcept;

// The error that somebody declared a function of this library with other result types than its extension script does.
[[noreturn]] void report_wrong_type(std::string_view column);

// A cell that is not null, as a value of the SQL type `type`. report_wrong_type() where the two do not go together.
Datum cell_datum(const core::Cell &cell, Oid type, Unmappable unmappable);

// The cells of one row as a composite value; each goes to the attribute of its name, so that the library also serves
// the functions that an older extension script declared.
Datum row_datum(std::string_view cells, TupleDesc descriptor, Unmappable unmappable);

// The result of a set-returning function, materialized. Trivially destructible, so that an error may pass it.
class RowSet {
  public:
    explicit RowSet(FunctionCallInfo fcinfo);
    // Memory for what one row needs: add() empties it.
    MemoryContext row_context() const noexcept { return row_context_; }
    // Adds the cells of one row. Interruptible.
    void add(std::string_view cells, Unmappable unmappable);

  private:
    ReturnSetInfo *result_;
    MemoryContext row_context_;
    Datum *values_;
    bool *nulls_;
};

// Returns a set of rows from a set-returning function, materialized.
Datum return_rows(FunctionCallInfo fcinfo, std::string_view rows, Unmappable unmappable);

// Returns one row from a function whose result is composite; NULL where there are no cells.
Datum return_row(FunctionCallInfo fcinfo, std::string_view cells, Unmappable unmappable);

// Fills values[] and nulls[] of `descriptor` as row_datum() does. Unnamed cells take their names from `names`.
void fill_attributes(std::string_view cells, TupleDesc descriptor, Unmappable unmappable, Datum *values, bool *nulls,
                     std::span<const std::string_view> names = {});

}   // namespace sslinfo::backend
