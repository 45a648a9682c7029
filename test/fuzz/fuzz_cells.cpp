// Bytes that are taken for cells, as those of shared memory may be: nothing outside them is read.
#include "invariants.hpp"

using namespace sslinfo::core;

namespace {

int read_all(std::string_view bytes, int depth)
{
    int cells = 0;
    CellReader reader(bytes);
    Cell cell;
    while (reader.next(cell)) {
        ++cells;
        for (const std::string_view part : {cell.name, cell.data})
            fuzz::must(part.empty() || (part.data() >= bytes.data() && part.data() + part.size() <= bytes.data() + bytes.size()),
                       "a cell lies within its bytes");
        fuzz::must(cell.kind <= CellKind::row, "a kind of cell");
        if (depth < 4)
            cells += read_all(cell.data, depth + 1);
    }
    fuzz::must(!reader.next(cell), "the end is for good");
    return cells;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    fuzz::run(bytes, [&] { return read_all(bytes, 0); });
    return 0;
}
