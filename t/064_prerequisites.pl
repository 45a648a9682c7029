# What make prints if something that it needs is not installed: one sentence, before anything is compiled.

use strict;
use warnings;
use FindBin;
use IPC::Run ();
use Test::More;

foreach my $case (
	[ 'no pg_config', ['PG_CONFIG=/nowhere/pg_config'], qr/pg_config names no PGXS makefile: install postgresql-server-dev/ ],
	[ 'no server headers', ['includedir_server=/nowhere'], qr{^sslinfo_plus: no /nowhere/postgres\.h: install postgresql-server-dev-}m ],
	[ 'a compiler without C++20', ['CXX=false'], qr/^sslinfo_plus: false is no C\+\+20 compiler: install g\+\+ 10/m ])
{
	my ($name, $arguments, $message) = @$case;
	IPC::Run::run([ 'make', '-C', "$FindBin::RealBin/..", 'prerequisites', @$arguments ], '>&', \my $output);
	isnt($?, 0, "make fails with $name");
	like($output, $message, "make names what to install with $name");
}

done_testing();
