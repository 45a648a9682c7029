// Bytes that are taken for cells, as those of shared memory may be: nothing outside them is read.
#include "cells.hpp"
#include "invariants.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    fuzz::run(bytes,
              [&] { return read_all_cells(bytes, 4, [](bool holds, const char *what) { fuzz::must(holds, what); }); });
    return 0;
}
