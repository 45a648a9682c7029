# What make and the scripts print if the machine lacks something that they need: one clear sentence, before anything is compiled.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use Test::More;

my $top = "$FindBin::RealBin/..";

# Exit code and output of a command.
sub run
{
	my (@command) = @_;
	IPC::Run::run([@command], '<', \'', '>&', \my $output);
	return ($?, $output);
}

foreach my $case (
	[ 'no pg_config', ['PG_CONFIG=/nowhere/pg_config'], qr/pg_config names no PGXS makefile: install postgresql-server-dev/ ],
	[ 'no server headers', ['includedir_server=/nowhere'], qr{^sslinfo_plus: no /nowhere/postgres\.h: install postgresql-server-dev-}m ],
	[ 'a compiler without C++20', ['CXX=false'], qr/^sslinfo_plus: false is no C\+\+20 compiler: install g\+\+ 10/m ])
{
	my ($name, $arguments, $message) = @$case;
	my ($exit, $output) = run('make', '-C', $top, 'prerequisites', @$arguments);
	isnt($exit, 0, "make fails with $name");
	like($output, $message, "make names the package to install with $name");
}

# Trees: the sources, by a link, and a Makefile of their own.
my $dir = PostgreSQL::Test::Utils::tempdir();
foreach my $name ('tree', 'a tree')
{
	mkdir "$dir/$name";
	run('cp', "$top/Makefile", "$top/sslinfo_plus.control", "$dir/$name");
	run('cp', '-r', "$top/src", "$dir/$name/src");
	unlink glob "'$dir/$name/src/*.o'";
}
my ($exit, $output) = run('make', '-C', "$dir/a tree", 'src/module.o');
is($exit, 0, 'the module compiles in a path with a space') or diag $output;
($exit, $output) = run('make', '-f', "$dir/a tree/Makefile", 'src/module.o');
isnt($exit, 0, 'make from outside a path with a space fails');
like($output, qr/sslinfo_plus: there is a space in the path of this Makefile, which make cannot handle: build in its directory/,
	'make reports that it cannot handle the space');

# A second PostgreSQL.
($exit, $output) = run('make', '-C', "$dir/tree", 'src/module.o');
like($output, qr/^sslinfo_plus: building for PostgreSQL \S+ in .*bin\n.*-o src\/module\.o/ms, 'make names the server that it builds for');
($exit, $output) = run('make', '-C', "$dir/tree", 'src/module.o');
unlike($output, qr/building|module\.cpp/, 'nothing is compiled twice for one server');
($exit, $output) = run('make', '-C', "$dir/tree", 'src/module.o', 'VERSION=99.1');
like($output, qr/^sslinfo_plus: building for PostgreSQL 99\.1 in .*-o src\/module\.o/ms, 'objects for another server are compiled again');
($exit, $output) = run('make', '-C', "$dir/tree", 'announce');
like($output, qr/^sslinfo_plus: installing for PostgreSQL \S+ in .*; PG_CONFIG=\S+ selects another server$/m,
	'make install names the server that it installs for');

# A tree that may not be written.
unlink "$dir/tree/built_for";
chmod 0555, "$dir/tree";
($exit, $output) = run('make', '-C', "$dir/tree", 'src/module.o');
isnt($exit, 0, 'make fails in a directory that may not be written');
like($output, qr{^sslinfo_plus: \S+/tree may not be written: build elsewhere, by make -f \S+/tree/Makefile$}m, 'make prints the command that builds elsewhere');
my ($elsewhere) = $output =~ /build elsewhere, by make -f (\S+)/;
mkdir "$dir/elsewhere";
($exit, $output) = run('make', '-C', "$dir/elsewhere", '-f', $elsewhere, 'src/module.o');
is($exit, 0, 'the command that make prints builds elsewhere') or diag $output;
chmod 0755, "$dir/tree";

# The scripts. Programs that are first in PATH stand for another machine: one without a package, without sudo, without a network,
# and one whose unprivileged user cannot reach a directory.
sub machine
{
	my ($name, %programs) = @_;
	mkdir "$dir/$name";
	foreach my $program (keys %programs)
	{
		write_file("$dir/$name/$program", "#!/bin/bash\n$programs{$program}\n");
		chmod 0755, "$dir/$name/$program";
	}
	return "$dir/$name";
}

sub run_script
{
	my ($path, $command, %environment) = @_;
	local @ENV{ 'PATH', keys %environment } = ($path, values %environment);
	delete local @ENV{ grep { !defined $environment{$_} } keys %environment };
	return run('/bin/bash', '-c', ". '$top/scripts/lib.sh'; $command");
}

my %no_package = ('dpkg-query' => 'exit 1');
my $bare = machine('no_sudo', %no_package);
symlink "/usr/bin/$_", "$bare/$_" for qw(dirname id grep);
($exit, $output) = run_script($bare, 'need_packages valgrind g++');
isnt($exit, 0, 'a script fails without sudo if a package is missing');
like($output, qr/^\S+: there is no sudo, and these packages are missing; as root: apt-get install valgrind g\+\+$/m,
	'the script prints the command that installs the packages as root');
($exit, $output) = run_script($bare, 'install_server');
like($output, qr/^\S+: there is no sudo, .* apt-get install postgresql$/m, 'the script prints the command that installs the server as root');

my $offline = machine(
	'offline', %no_package,
	sudo      => 'exec "$@"',
	'apt-get' => 'printf "%s\n" "Reading package lists..." "E: Failed to fetch http://deb.example/valgrind.deb"; exit 100');
($exit, $output) = run_script("$offline:$ENV{PATH}", 'need_packages valgrind');
isnt($exit, 0, 'a script fails without a network if a package is missing');
like($output, qr/^E: Failed to fetch \S+\n\S+: apt-get could not install valgrind: see above; is there a network\? By hand, as root: apt-get install valgrind$/m,
	"the script prints apt's errors and the command to run by hand");
unlike($output, qr/Reading package lists/, "the rest of apt's output is left out");

# npm: the second try counts.
my $npm = 'echo "$NODE_EXTRA_CA_CERTS $*" >>"$0.calls"; if [ $(wc -l <"$0.calls") = FAILS ]; then exit 0; fi; echo "npm ERR! code ECONNRESET" >&2; exit 1';
for my $works (2, 3)
{
	my $registry = machine("registry$works", sudo => 'exec "$@"', sleep => 'exit 0', npm => $npm =~ s/FAILS/$works/r);
	($exit, $output) = run_script("$registry:$ENV{PATH}", "install_node_packages $dir/prefix pg\@8 || die 'no packages'", NODE_EXTRA_CA_CERTS => undef);
	my @calls = split /\n/, slurp_file("$registry/npm.calls");
	is(scalar @calls, 2, "npm is tried twice if try $works would succeed");
	like($calls[-1], qr{^/etc/ssl/certs/ca-certificates\.crt install --global --prefix \S+/prefix .* pg\@8$}, 'npm trusts the CAs of the machine');
	is($exit == 0, $works == 2, 'the script goes on only if npm succeeded') or diag $output;
	like($output, qr/^npm ERR! code ECONNRESET$/m, "npm's errors are shown");
	like($output, qr{^error: npm cannot install pg\@8: see above\. Without a network, install them by hand: npm install --global --prefix \S+/prefix pg\@8$}m,
		'the script prints how to install the packages by hand') if $works == 3;
}

($exit, $output) = run_script($ENV{PATH}, 'start_work', TMPDIR => "$dir/a tree");
like($output, qr/^\S+: there is a space in TMPDIR, \S+ tree, which make cannot handle; set another$/m, 'a script refuses a TMPDIR with a space');
($exit, $output) = run_script($ENV{PATH}, 'start_work', TMPDIR => "$dir/nowhere");
like($output, qr{^\S+: cannot make a directory in \S+/nowhere; set TMPDIR to one that exists and may be written$}m,
	'a script refuses a TMPDIR that does not exist');

my $closed = machine('closed', id => 'echo 0', chown => 'exit 0', runuser => 'echo "Permission denied" >&2; exit 1');
($exit, $output) = run_script("$closed:$ENV{PATH}", 'start_work', TMPDIR => "$dir/tree");
isnt($exit, 0, "a script fails if the server's user cannot reach TMPDIR");
like($output, qr/: the user \w+ cannot reach \S+; set TMPDIR to a directory that it can$/m, "the script prints that the server's user cannot reach TMPDIR");
unlike($output, qr/line \d+ failed/, 'the script prints no raw shell error');
is_deeply([ glob "$dir/tree/sslinfo_plus.*/" ], [], 'a failed script leaves no directory behind');

# scripts/bench has no PGXS around it.
{
	local $ENV{PERL5LIB} = '';
	($exit, $output) = run($^X, "-I$FindBin::RealBin/lib", '-e', 'use SSLInfoPlus::Certificates; use SSLInfoPlus::Instructions;');
	is($exit, 0, "scripts/bench can load its modules without PostgreSQL's") or diag $output;
}

done_testing();
