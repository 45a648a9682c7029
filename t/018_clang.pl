# The module compiles with Clang without a warning, whatever compiler the other tests use.

use strict;
use warnings;
use FindBin;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

IPC::Run::run([ 'sh', '-c', 'command -v clang++' ], '>', \my $clang) or plan skip_all => 'there is no clang++';

my $dir = PostgreSQL::Test::Utils::tempdir();
my $top = "$FindBin::RealBin/..";
PostgreSQL::Test::Utils::system_or_bail('cp', '-r', (map { "$top/$_" } qw(Makefile sslinfo_plus.control sslinfo_plus--1.0.sql src)), $dir);
PostgreSQL::Test::Utils::system_or_bail('find', "$dir/src", '-name', '*.o', '-delete');
local %ENV = %ENV;
delete @ENV{qw(MAKEFLAGS MAKEOVERRIDES MFLAGS)};    # of the make that runs the tests
my $ok = IPC::Run::run([ 'make', '-j2', '-C', $dir, qw(CXX=clang++ CC=clang WERROR=1 all) ], '<', \'', '>&', \my $output);
ok($ok, 'the module compiles with Clang without a warning') or diag join "\n", grep { /(?:error|warning): / } split /\n/, $output;
done_testing();
