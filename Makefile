# sslinfo_plus: PGXS makefile. PG_CONFIG=… selects the server, WERROR=1 makes warnings errors.

EXTENSION = sslinfo_plus
MODULE_big = sslinfo_plus
DATA = sslinfo_plus--1.0.sql
PGFILEDESC = "sslinfo_plus - TLS facts of this session, of every session and of every login"

# The source folder, which is that of this file. PGXS sets srcdir only later.
TOP := $(dir $(lastword $(MAKEFILE_LIST)))
ifeq ($(wildcard $(TOP)$(EXTENSION).control),)
$(error sslinfo_plus: there is a space in the path of this Makefile, which make cannot handle: build in its directory, or rename that)
endif
OBJS := $(patsubst $(TOP)%.cpp,%.o,$(wildcard $(TOP)src/*.cpp $(TOP)src/*/*.cpp $(TOP)src/*/*/*.cpp))
# Objects used by every login, linked side by side: in a preloaded library a new backend has a page fault for each 64 kB of code
# that it runs and each 4 kB of variables that it writes. t/057 counts them.
LOGIN = session/client session/facts server/failure_watch server/tls_observer server/login_hook server/login_usage server/session_slots \
        server/certificate_warnings wall/guard base/cells base/text logins/usage_table tls/session tls/offer tls/client_hello tls/ja4 \
        tls/tls_names x509/asn1 x509/name x509/san x509/certificate x509/certificate_extensions x509/key tls/recheck
LOGIN_OBJS := $(foreach name,$(LOGIN),$(filter %/$(name).o,$(OBJS)))
OBJS := $(LOGIN_OBJS) $(filter-out $(LOGIN_OBJS),$(OBJS))

EXTRA_CLEAN = $(OBJS:.o=.d) test/wall/wall.d test/load/load test/wall/wall.o test/wall/wall$(DLSUFFIX) test/wall/failing_malloc$(DLSUFFIX) test/wall/file_calls$(DLSUFFIX) built_for
REGRESS = install drop_in session parse policy server uninstall

PG_CONFIG ?= pg_config
# The version comes from the control file. (VERSION is a variable of PGXS.)
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(TOP)$(EXTENSION).control)

PG_CPPFLAGS = -I$(srcdir)/src -DSSLINFO_PLUS_VERSION='"$(EXTVERSION)"'
PG_CXXFLAGS = -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden -fstack-protector-strong \
              -MMD -MP -Wall -Wextra -Wpedantic -Wshadow $(if $(WERROR),-Werror) \
              $(if $(findstring clang,$(CXX)),$(CLANG_FLAGS))
# A server built with GCC passes on GCC's warning options, and PostgreSQL's macros are GNU statement expressions. Valgrind before
# 3.20 cannot read clang's DWARF 5.
CLANG_FLAGS = -Wno-unknown-warning-option -Wno-gnu-statement-expression -fdebug-default-version=4

# No bitcode: its rules omit PG_CXXFLAGS, so C++20 does not compile, and inlining these functions into queries would gain nothing.
override with_llvm := no

PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(wildcard $(PGXS)),)
$(error $(PG_CONFIG) names no PGXS makefile: install postgresql-server-dev-NN of the server's version, or pass PG_CONFIG=/path/to/pg_config)
endif
include $(PGXS)

# Link as C++, with the server's TLS library.
override COMPILER = $(CXX) $(CXXFLAGS)
SHLIB_LINK += $(filter -lssl -lcrypto, $(LIBS)) -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--version-script=$(srcdir)/src/exports.map

# Suppress warnings from the server's headers.
override CPPFLAGS := $(patsubst -I$(includedir_server),-isystem $(includedir_server),$(CPPFLAGS))

# Debian's PGXS does not track dependencies, so the compiler writes them (-MMD). A VPATH build needs folders for its objects. They
# are no prerequisites themselves, since VPATH would find those of the sources.
-include $(OBJS:.o=.d) test/wall/wall.d
$(OBJS) test/wall/wall.o: $(srcdir)/$(EXTENSION).control built_for | folders
# Reports a missing prerequisite before the first file is compiled. libpq-be.h includes gssapi.h if the server has GSSAPI.
$(OBJS) test/wall/wall.o: | prerequisites
.PHONY: prerequisites
prerequisites:
	@test -f '$(includedir_server)/postgres.h' || { \
	  echo 'sslinfo_plus: no $(includedir_server)/postgres.h: install postgresql-server-dev-$(MAJORVERSION)' >&2; exit 1; }
	@echo '#include <concepts>' | $(CXX) -std=c++20 -fsyntax-only -x c++ - 2>/dev/null || { \
	  echo 'sslinfo_plus: $(CXX) is no C++20 compiler: install g++ 10 or newer, or pass CXX=...' >&2; exit 1; }
	@printf '#include "pg_config.h"\n#ifdef ENABLE_GSS\n#if !__has_include(<gssapi/gssapi.h>) && !__has_include(<gssapi.h>)\n#error\n#endif\n#endif\n' | \
	  $(CXX) $(CPPFLAGS) -fsyntax-only -x c++ - 2>/dev/null || { \
	  echo 'sslinfo_plus: this server is built with GSSAPI, and its headers are missing: install libkrb5-dev' >&2; exit 1; }
	@echo '#include <openssl/ssl.h>' | $(CXX) $(CPPFLAGS) -fsyntax-only -x c++ - 2>/dev/null || { \
	  echo "sslinfo_plus: OpenSSL's headers are missing: install libssl-dev" >&2; exit 1; }

# Contains the server for which the objects are compiled. For another one they are compiled again.
BUILT_FOR = PostgreSQL $(VERSION) in $(bindir)
built_for: always | prerequisites
	@echo '$(BUILT_FOR)' | cmp -s - $@ || { \
	  test -w . || { \
	    echo 'sslinfo_plus: $(CURDIR) may not be written: build elsewhere, by make -f $(abspath $(TOP))/Makefile' >&2; exit 1; }; \
	  echo 'sslinfo_plus: building for $(BUILT_FOR)'; echo '$(BUILT_FOR)' >$@; }
.PHONY: always announce
always:
install: announce
announce:
	@echo 'sslinfo_plus: installing for $(BUILT_FOR); PG_CONFIG=/path/to/pg_config selects another server'

.PHONY: folders
folders:
	@$(MKDIR_P) $(sort $(dir $(OBJS))) test/wall

# Compiles C programs of the tests, without the server's flags.
TEST_CC = $(CC) -O2 -Wall -Wextra $(if $(WERROR),-Werror)

# A test module whose C++ code breaks the rules of the guard, built from the same objects with the same flags.
WALL_OBJS = test/wall/wall.o $(filter src/core/%.o src/backend/wall/guard.o src/backend/wall/database_text.o, $(OBJS))
test/wall/wall$(DLSUFFIX): $(WALL_OBJS)
	$(LINK.shared) -o $@ $(WALL_OBJS) $(LDFLAGS) $(LDFLAGS_SL) $(filter -lssl -lcrypto, $(LIBS))
# Libraries for LD_PRELOAD in tests.
PRELOADED = $(patsubst %,test/wall/%$(DLSUFFIX), failing_malloc file_calls)
$(PRELOADED): test/wall/%$(DLSUFFIX): test/wall/%.c | folders
	$(TEST_CC) -fPIC -shared -o $@ $< -ldl
.PHONY: wall
wall: test/wall/wall$(DLSUFFIX) $(PRELOADED)

# A program for tests that opens many connections.
test/load/load: test/load/load.c
	$(MKDIR_P) $(@D)
	$(TEST_CC) -I$(includedir) -o $@ $< -L$(libdir) -lpq

# Tests of servers over real TLS. Do not run them as root. PROVE_TESTS="t/001_….pl" selects.
.PHONY: tap
tap: wall test/load/load
	$(prove_installcheck)

# Documents and scripts, in the folders of the tree, so that links between files work. (DOCS of PGXS would put all files into one folder.)
EXTDOCDIR ?= $(docdir)/$(docmoduledir)/$(EXTENSION)
DOCUMENTS = $(patsubst $(TOP)%,%,$(wildcard $(TOP)*.md $(TOP)LICENSE $(TOP)docs/*.md $(TOP)docs/*.svg $(TOP)docs/lab/*.md $(TOP)monitoring/*))
PROGRAMS = scripts/migrate-from-sslinfo scripts/report
.PHONY: install-documents uninstall-documents
install: install-documents
install-documents:
	$(MKDIR_P) $(addprefix '$(DESTDIR)$(EXTDOCDIR)'/,$(sort $(dir $(DOCUMENTS)))) '$(DESTDIR)$(EXTDOCDIR)/examples'
	for file in $(DOCUMENTS); do $(INSTALL_DATA) '$(TOP)'"$$file" '$(DESTDIR)$(EXTDOCDIR)'/"$$file" || exit; done
	$(INSTALL_SCRIPT) $(addprefix '$(TOP)',$(PROGRAMS)) '$(DESTDIR)$(EXTDOCDIR)/examples/'
uninstall: uninstall-documents
uninstall-documents:
	rm -rf '$(DESTDIR)$(EXTDOCDIR)'

# The archive for PGXN, sslinfo_plus-VERSION.zip.
.PHONY: dist
dist:
	$(srcdir)/scripts/dist
