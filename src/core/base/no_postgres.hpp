// Included by every header of the core, without an include guard, to check that PostgreSQL's headers come later: they
// redefine names such as snprintf.
#ifdef POSTGRES_H
#error "core headers come before backend/wall/pg.hpp, and the core includes no PostgreSQL header"
#endif
