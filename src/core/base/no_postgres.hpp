// Included by every header of the core, each time (no include guard on purpose): the core knows nothing of PostgreSQL,
// and its headers come before PostgreSQL's, which redefine names such as snprintf.
#ifdef POSTGRES_H
#error "core headers come before backend/wall/pg.hpp, and the core includes no PostgreSQL header"
#endif
