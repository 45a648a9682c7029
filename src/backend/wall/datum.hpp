#pragma once
#include "core/base/cells.hpp"
#include "backend/wall/database_text.hpp"

// Conversion of cells to datums. All functions may raise: call them outside the guard.
namespace sslinfo::backend {

// Returns the default SQL type of a kind of cell.
Oid natural_type(core::CellKind kind) noexcept;

// Raises an error: a function is declared with another result type than in the extension script.
[[noreturn]] void report_wrong_type(std::string_view column);

// Returns a cell that is not null as a value of `type`. Calls report_wrong_type() if they do not match.
Datum cell_datum(const core::Cell &cell, Oid type, Unmappable unmappable);

// Returns a row's cells as a composite value, matched by name, so that an older extension script works too.
Datum row_datum(std::string_view cells, TupleDesc descriptor, Unmappable unmappable);

// Materializes the result of a set-returning function. Trivially destructible, since errors may skip its destructor.
class RowSet {
  public:
    explicit RowSet(FunctionCallInfo fcinfo);
    // Memory for one row. add() resets it.
    MemoryContext row_context() const noexcept { return row_context_; }
    // Adds a row. Interruptible.
    void add(std::string_view cells, Unmappable unmappable);

  private:
    ReturnSetInfo *result_;
    MemoryContext row_context_;
    Datum *values_;
    bool *nulls_;
};

// Returns rows from a set-returning function.
Datum return_rows(FunctionCallInfo fcinfo, std::string_view rows, Unmappable unmappable);

// Returns one row from a function with a composite result; NULL if `cells` is empty.
Datum return_row(FunctionCallInfo fcinfo, std::string_view cells, Unmappable unmappable);

// Fills values[] and nulls[] like row_datum(). `names` are the names of unnamed cells.
void fill_attributes(std::string_view cells, TupleDesc descriptor, Unmappable unmappable, Datum *values, bool *nulls,
                     std::span<const std::string_view> names = {});

}   // namespace sslinfo::backend
