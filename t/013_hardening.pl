# How the module is built, and who may call what of it: docs/security.md, checked.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $module = $server->query(q{SELECT setting FROM pg_config() WHERE name = 'PKGLIBDIR'}) . "/sslinfo_plus.so";

sub output_of { my ($out, $err) = PostgreSQL::Test::Utils::run_command([@_]); return $out; }

SKIP:
{
	skip 'needs readelf and nm on Linux', 6 if $^O ne 'linux' || system('readelf --version >/dev/null 2>&1') != 0;

	like(output_of('readelf', '-lW', $module), qr/GNU_RELRO/, 'RELRO: relocated tables are read-only');
	like(output_of('readelf', '-dW', $module), qr/BIND_NOW|FLAGS_1.*NOW/, 'BIND_NOW: all of them, from the start');
	like(output_of('readelf', '-lW', $module), qr/GNU_STACK.*\bRW\s+0x/, 'the stack is not executable');
	unlike(output_of('readelf', '-dW', $module), qr/TEXTREL|R(UN)?PATH/, 'no text relocations, no search path of its own');
	my @undefined = map { (split)[-1] } grep { / [Uw] / } split /\n/, output_of('nm', '-D', $module);
	ok((grep { /^__stack_chk_fail/ } @undefined), 'stack protector');

	# Every symbol that it takes comes from the server or from a library that it names.
	my %provided;
	my @providers = ($server->node->config_data('--bindir') . '/postgres', output_of('ldd', $module) =~ m{=> (/\S+)}g);
	push @providers, output_of('ldd', $module) =~ m{^\s*(/\S+)}mg;
	foreach my $file (@providers)
	{
		$provided{ (split)[-1] =~ s/\@.*//r } = 1 foreach grep { / [A-TV-Ziu] / } split /\n/, output_of('nm', '-D', '--defined-only', $file);
	}
	my @weak = map { (split)[-1] } grep { / w / } split /\n/, output_of('nm', '-D', $module);
	my %weak = map { $_ => 1 } @weak;
	is_deeply([ grep { !$provided{ s/\@.*//r } && !$weak{$_} } @undefined ], [], 'no undefined symbols');
}

# What it shows to others is what the extension's script names, and the entry points of a module.
my @exported = sort map { (split)[-1] } grep { / T / } split /\n/, output_of('nm', '-D', '--defined-only', $module);
my @functions = split /\n/, $server->query(<<'EOQ');
SELECT DISTINCT p.prosrc FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'sslinfo_plus' AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
EOQ
my @expected = sort('Pg_magic_func', (grep { $_ eq '_PG_init' } @exported), map { ($_, "pg_finfo_$_") } @functions);
is_deeply(\@exported, \@expected, 'exactly the names of the script are exported');

# Script safety: no object of the extension depends on the caller's search_path, and nothing runs with its owner's rights.
my $of_extension = q{JOIN pg_depend d ON d.objid = o.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'sslinfo_plus'};
is($server->query("SELECT count(*) FROM pg_proc o $of_extension WHERE o.prosecdef"), '0', 'no SECURITY DEFINER function');
is($server->query(
		"SELECT string_agg(o.proname, ' ') FROM pg_proc o $of_extension JOIN pg_language l ON l.oid = o.prolang WHERE l.lanname NOT IN ('c')"),
	'', 'no function in a language that looks names up when it runs');
is($server->query("SELECT string_agg(o.proname, ' ') FROM pg_proc o $of_extension WHERE o.provolatile = 's' AND o.proisstrict = false AND o.pronargs = 0"),
	'', 'functions without arguments are STRICT');
my $script = slurp_file(glob("$FindBin::RealBin/../sslinfo_plus--1.0.sql"));
unlike($script, qr/CREATE OR REPLACE|IF NOT EXISTS/i, 'the script takes over no object that somebody put in its place');
unlike($script, qr/\bSECURITY DEFINER\b|\bDO \$|\bEXECUTE\b\s+'/i, 'and runs no dynamic SQL');

# What a role without privileges may not call.
$server->query('CREATE ROLE nobody LOGIN');
my $revoked = $server->query(
	"SELECT string_agg(o.proname, ' ' ORDER BY o.proname) FROM pg_proc o $of_extension WHERE NOT has_function_privilege('nobody', o.oid, 'EXECUTE')");
is($revoked, 'pg_stat_ssl_usage pg_stat_ssl_usage_reset', 'what tells of or changes something for everybody is revoked from PUBLIC');
is($server->query("SELECT count(*) FROM pg_class o $of_extension WHERE has_table_privilege('nobody', o.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"),
	'0', 'nothing is writable');

done_testing();
