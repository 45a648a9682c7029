#include "backend/pg.hpp"

extern "C" {

SSLINFO_PLUS_MODULE_MAGIC;

} // extern "C"
