# What the wall refuses when it is compiled: each of these programs must be refused, and for the reason that is meant.

use strict;
use warnings;
use FindBin;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

my $src = "$FindBin::RealBin/../src";
my $compiler = $ENV{CXX} // 'g++';
(my $server_headers = `pg_config --includedir-server`) =~ s/\n//;
my @with_postgres = ('-isystem', $server_headers);

# Compiles a program; returns whether that worked, and what the compiler said.
sub compile
{
	my ($program, @options) = @_;
	my ($out, $errors) = ('', '');
	my $ok = IPC::Run::run(
		[ $compiler, qw(-std=c++20 -fsyntax-only -x c++ -D_GNU_SOURCE -Wno-pedantic), "-I$src", @options, '-' ],
		\$program, \$out, \$errors);
	return ($ok, $errors);
}

sub refused
{
	my ($program, $reason, $name, @options) = @_;
	my ($ok, $errors) = compile($program, @options);
	ok(!$ok, "the compiler refuses $name");
	like($errors, $reason, "the compiler refuses $name for the intended reason");
	return;
}

my $guard = qq{#include "core/x509/certificate.hpp"\n#include "core/base/error.hpp"\n#include "backend/wall/guard.hpp"\nusing namespace sslinfo;\nusing namespace sslinfo::backend;\n};

my ($ok, $errors) = compile($guard . <<'EOC', @with_postgres);
int f(int n) { return guarded([&] { std::string s(10, 'x'); return n + static_cast<int>(s.size()); }); }
void g(const std::string &s) { guarded([&] { if (s.empty()) throw core::Error(core::ErrorCode::internal, s); }); }
std::string_view h(const X509 &x) { return guarded([&] { return copy_to(CurrentMemoryContext, core::der(x)); }); }
EOC
ok($ok, 'code that the wall allows compiles') or diag($errors);

refused("$guard void f() { guarded([&] { return std::string(100, 'x'); }); }\n",
	qr/what leaves the guard must be trivially destructible/, 'a result with a destructor', @with_postgres);
refused("$guard void f(const X509 &x) { guarded([&] { return core::parse_der(core::der(x)); }); }\n",
	qr/what leaves the guard must be trivially destructible/, 'a handle that leaves the guard', @with_postgres);
refused("$guard int f() { std::string s; return guarded([s] { return static_cast<int>(s.size()); }); }\n",
	qr/a guarded lambda captures by reference/, 'a lambda that owns something', @with_postgres);
refused("#include \"backend/wall/pg.hpp\"\n#include \"core/x509/certificate.hpp\"\n",
	qr/core headers come before/, 'a core header after those of PostgreSQL', @with_postgres);
refused("extern \"C\" {\n#include \"postgres.h\"\n}\n#include \"core/x509/name.hpp\"\n",
	qr/core headers come before/, 'a core file that includes postgres.h first', @with_postgres);
refused("#include \"core/x509/name.hpp\"\n#include \"postgres.h\"\n",
	qr/postgres\.h/, 'a core file that includes postgres.h with the include path of the core');

# Only one file includes PostgreSQL's headers, and every header of the core refuses to come after them.
my @sources = glob("$src/*.?pp $src/*/*.?pp $src/*/*/*.?pp");
my @includers = grep { slurp_file($_) =~ /^#\s*include\s*"postgres\.h"/m } @sources;
is_deeply([ map { s/.*src\///r } @includers ], ['backend/wall/pg.hpp'], 'backend/wall/pg.hpp alone includes postgres.h');
my @bare = grep { m{/core/.*\.hpp$} && !/no_postgres/ && slurp_file($_) !~ m{include "core/[\w/]+\.hpp"} } @sources;
is_deeply(\@bare, [], 'every core header includes no_postgres.hpp, itself or through another');
my @try = grep { slurp_file($_) =~ /\bPG_TRY\b/ } @sources;
is_deeply(\@try, [], 'no source file uses PG_TRY');

done_testing();
