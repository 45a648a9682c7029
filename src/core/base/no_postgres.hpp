// Included by every header of the core, without an include guard: PostgreSQL's headers must come later.
#ifdef POSTGRES_H
#error "core headers come before backend/wall/pg.hpp, and the core includes no PostgreSQL header"
#endif
