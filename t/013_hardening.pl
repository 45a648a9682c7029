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
	skip 'needs readelf and nm on Linux', 7 if $^O ne 'linux' || system('readelf --version >/dev/null 2>&1') != 0;

	like(output_of('readelf', '-lW', $module), qr/GNU_RELRO/, 'RELRO: relocated tables are read-only');
	like(output_of('readelf', '-dW', $module), qr/BIND_NOW|FLAGS_1.*NOW/, 'BIND_NOW: all symbols are bound when the module is loaded');
	like(output_of('readelf', '-lW', $module), qr/GNU_STACK.*\bRW\s+0x/, 'the stack is not executable');
	unlike(output_of('readelf', '-dW', $module), qr/TEXTREL/, 'the module has no text relocations');
	# A server in a prefix of its own gives its modules the path of its libraries.
	my @paths = map { split /:/ } output_of('readelf', '-dW', $module) =~ /R(?:UN)?PATH.*\[(.*)\]/g;
	is_deeply([ grep { $_ ne $server->node->config_data('--libdir') } @paths ], [], 'libraries are searched nowhere but in the directory of the server');
	my @undefined = map { (split)[-1] } grep { / [Uw] / } split /\n/, output_of('nm', '-D', $module);
	ok((grep { /^__stack_chk_fail/ } @undefined), 'the module is built with the stack protector');

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
	is_deeply([ grep { !$provided{ s/\@.*//r } && !$weak{$_} } @undefined ], [], 'every symbol comes from the server or from a library that the module names');
}

# What it shows to others is what the extension's script names, and the entry points of a module.
my @exported = sort map { (split)[-1] } grep { / T / } split /\n/, output_of('nm', '-D', '--defined-only', $module);
my @functions = split /\n/, $server->query(<<'EOQ');
SELECT DISTINCT p.prosrc FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'sslinfo_plus' AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
EOQ
my $script = slurp_file(glob("$FindBin::RealBin/../sslinfo_plus--1.0.sql"));
push @functions, $script =~ /^DROP FUNCTION (\w+)\(\);$/mg;   # the script calls it and drops it
my @expected = sort('Pg_magic_func', (grep { $_ eq '_PG_init' } @exported), map { ($_, "pg_finfo_$_") } @functions);
is_deeply(\@exported, \@expected, 'the module exports exactly the functions that the script names');

# Script safety: no object of the extension depends on the caller's search_path, and nothing runs with its owner's rights.
my $of_extension = q{JOIN pg_depend d ON d.objid = o.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'sslinfo_plus'};
is($server->query("SELECT count(*) FROM pg_proc o $of_extension WHERE o.prosecdef"), '0', 'the extension has no SECURITY DEFINER function');
is($server->query(
		"SELECT string_agg(o.proname, ' ') FROM pg_proc o $of_extension JOIN pg_language l ON l.oid = o.prolang WHERE l.lanname NOT IN ('c')"),
	'', 'the extension has no function in a language that looks names up when it runs');
is($server->query("SELECT string_agg(o.proname, ' ') FROM pg_proc o $of_extension WHERE o.provolatile = 's' AND o.proisstrict = false AND o.pronargs = 0"),
	'', 'functions without arguments are STRICT');
unlike($script, qr/CREATE OR REPLACE|IF NOT EXISTS/i, 'the script has no statement that takes over an existing object');
my $views = join '', $script =~ /^CREATE VIEW.*?;$/gms;
my @unqualified = grep { $_ ne 'OPERATOR' && $script !~ /^CREATE FUNCTION \Q$_\E\(/m } $views =~ /(?<![\w.])(\w+)\(/g;
push @unqualified, $views =~ /\s([<>=!~|+\/%^&-]+)\s/g;
is_deeply(\@unqualified, [], 'the script names functions and operators of the server with their schema');
unlike($script, qr/\bSECURITY DEFINER\b|\bDO \$|\bEXECUTE\b\s+'/i, 'the script runs no dynamic SQL');

# The script runs with the rights of the superuser for whoever may create objects in the database. What such a role has put in the
# schema beforehand is never called or referred to, and never taken over.
$server->query('CREATE ROLE trapper LOGIN');
$server->query('CREATE DATABASE trap OWNER trapper');
my @as_trapper = (dbname => 'trap', user => 'trapper', socket => 1);
$server->query(<<'EOQ', @as_trapper);
CREATE SCHEMA trap;
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
CREATE FUNCTION trap.less(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR trap.< (FUNCTION = trap.less, LEFTARG = timestamptz, RIGHTARG = timestamptz);
CREATE FUNCTION trap.pg_stat_ssl_plus(VARIADIC integer[]) RETURNS SETOF pg_stat_ssl LANGUAGE sql AS 'SELECT * FROM pg_stat_ssl';
CREATE DOMAIN trap.text AS pg_catalog.text;
CREATE DOMAIN trap.timestamptz AS pg_catalog.timestamptz;
SET search_path = trap, pg_catalog;
CREATE EXTENSION sslinfo_plus SCHEMA trap;
EOQ
is($server->query(<<'EOQ', @as_trapper), '', 'the extension refers to no object that was in its schema before');
WITH member AS (
	SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE e.extname = 'sslinfo_plus' AND d.deptype = 'e'),
part AS (
	TABLE member
	UNION SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = r.ev_class
	UNION SELECT 'pg_type'::regclass, t.oid FROM pg_type t JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = t.typrelid
	UNION SELECT 'pg_class'::regclass, t.typrelid FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid)
SELECT pg_describe_object(d.classid, d.objid, 0), pg_describe_object(d.refclassid, d.refobjid, 0)
FROM pg_depend d JOIN part USING (classid, objid)
WHERE d.refobjid >= 16384 AND d.refclassid NOT IN ('pg_namespace'::regclass, 'pg_extension'::regclass)
  AND (d.refclassid, d.refobjid) NOT IN (SELECT classid, objid FROM part)
EOQ
$server->query('DROP EXTENSION sslinfo_plus; CREATE FUNCTION trap.ssl_refuse_beside_sslinfo() RETURNS void LANGUAGE sql AS $$ $$', @as_trapper);
like($server->error('CREATE EXTENSION sslinfo_plus SCHEMA trap', @as_trapper), qr/^42723: function "ssl_refuse_beside_sslinfo" already exists/,
	'the script does not call an existing function that has the name of its own');
$server->query('DROP FUNCTION trap.ssl_refuse_beside_sslinfo(); CREATE FUNCTION trap.ssl_version() RETURNS text LANGUAGE sql AS $$ SELECT NULL $$', @as_trapper);
like($server->error('CREATE EXTENSION sslinfo_plus SCHEMA trap', @as_trapper), qr/^42723: function "ssl_version" already exists/,
	'the script does not take over an existing function that has the name of one of its own');

# What a role without privileges may not call.
$server->query('CREATE ROLE nobody LOGIN');
my $revoked = $server->query(
	"SELECT string_agg(o.proname, ' ' ORDER BY o.proname) FROM pg_proc o $of_extension WHERE NOT has_function_privilege('nobody', o.oid, 'EXECUTE')");
is($revoked, 'pg_ssl_certificates pg_ssl_login_rules pg_ssl_recheck pg_stat_ssl_failure_totals pg_stat_ssl_failures pg_stat_ssl_failures_reset pg_stat_ssl_usage pg_stat_ssl_usage_reset ssl_config_check ssl_login_rule', 'EXECUTE on functions that show or change something of other sessions is revoked from PUBLIC');
is($server->query("SELECT count(*) FROM pg_class o $of_extension WHERE has_table_privilege('nobody', o.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"),
	'0', 'a role without privileges can write to no relation of the extension');

done_testing();
