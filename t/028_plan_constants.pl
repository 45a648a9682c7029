# Plans with the values of scalar facts in place of the calls: right for each session, role and moment, and only in plans.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Document qw(is_documented psql_output);
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
jit = off
autovacuum = off
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
max_parallel_workers_per_gather = 2
EOC
my $node = $server->node;
$server->pki->make($_, subject => [ 'O=Acme', "CN=$_" ], extensions => [ san(uri => "spiffe://example.org/$_") ]) for qw(alice bob);
my %alice = (user => 'app', cert => 'alice');
my %bob   = (user => 'app', cert => 'bob');
$server->query('CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE ROLE staff; CREATE ROLE definer;'
	  . ' GRANT other, staff TO app; GRANT CREATE ON SCHEMA public TO app, definer', socket => 1);

sub explain { my ($statement, %want) = @_; return $server->query("EXPLAIN (COSTS OFF, VERBOSE) $statement", %want); }

# Which functions have a support function. The others are sets, rows or arrays, depend on the clock, or speak of the server.
my $with = $server->query(<<'EOS');
SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY p.proname) FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
WHERE p.prosupport = 'ssl_support(internal)'::regprocedure
EOS
my $scalars = $server->query(<<'EOS');
SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY p.proname) FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refobjid = e.oid AND e.extname = 'sslinfo_plus'
WHERE p.provolatile = 's' AND p.proparallel = 'r' AND NOT p.proretset AND t.typtype = 'b' AND t.typcategory <> 'A'
  AND p.proname NOT IN ('ssl_satisfies', 'ssl_require', 'ssl_channel_binding', 'ssl_client_auth_dn')
EOS
$scalars =~ s/(?=ssl_client_cert_present)/ssl_client_auth_dn() /;
is($with, $scalars, 'every scalar fact has the support function, and nothing else has it');

# The value in the plan is the value of the call. In the schema "plain" the same functions have no support function.
my @calls = map { s/\(text\)/('sha1')/r } map { /_field\(text\)/ ? s/text/'CN'/r : $_ } split / /, $with;
$server->query(<<'EOS', socket => 1);
CREATE SCHEMA plain;
DO $$
DECLARE
	f record;
BEGIN
	FOR f IN SELECT * FROM pg_proc WHERE prosupport = 'ssl_support(internal)'::regprocedure LOOP
		EXECUTE format('CREATE FUNCTION plain.%I(%s) RETURNS %s AS %L, %L LANGUAGE C STABLE STRICT PARALLEL RESTRICTED', f.proname,
			pg_get_function_identity_arguments(f.oid), f.prorettype::regtype, 'sslinfo_plus', f.prosrc);
	END LOOP;
END
$$;
CREATE TABLE one AS SELECT 1 AS n;
GRANT USAGE ON SCHEMA plain TO app;
GRANT SELECT ON one TO app, other, definer;
EOS
my $list = join ', ', @calls;
for my $as (\%alice, \%bob, { user => 'app' }, { user => 'app', sslmode => 'disable' }, { user => 'app', socket => 1 })
{
	my $title = join ' ', map { "$_=$as->{$_}" } sort keys %$as;
	is($server->query("SELECT $list FROM one", %$as), $server->query('SELECT ' . join(', ', map { "plain.$_" } @calls) . ' FROM one', %$as),
		"a plan has the same values as calls: $title");
	unlike(explain("SELECT $list FROM one", %$as), qr/ssl_/, "all calls are constants in the plan: $title");
}
is(scalar(() = explain('SELECT plain.ssl_version(), plain.ssl_bits() FROM one', %alice) =~ /plain\./g), 2, 'a function without the support function stays a call');
like(explain('SELECT ssl_bits(), ssl_client_serial(), ssl_client_not_after(), ssl_version() FROM one', user => 'app', socket => 1),
	qr/Output: NULL::integer, NULL::numeric, NULL::timestamp with time zone, NULL::text/, 'a fact that is NULL is a constant of its type');
like(explain(q{SELECT ssl_client_dn_field('CN'), ssl_client_cert_present() FROM one}, %alice), qr/Output: 'alice'::text, true/, 'EXPLAIN shows the values');
like(explain(q{SELECT ssl_satisfies('tls'), ssl_session(), ssl_client_dn_values('CN'), ssl_channel_binding() FROM one}, %alice),
	qr/ssl_satisfies\(.*ssl_session\(.*ssl_client_dn_values\(.*ssl_channel_binding\(/, 'a function that depends on the clock or is no scalar stays a call');
like(explain(q{SELECT ssl_client_dn_field(CASE n WHEN 1 THEN 'CN' END) FROM one}, %alice), qr/ssl_client_dn_field\(/, 'a call with an argument that is not constant stays a call');

# Row security: a plain call is planned like a literal, with an index and with workers.
$server->query(<<'EOS', socket => 1);
CREATE TABLE own (owner text, n int);
INSERT INTO own SELECT (ARRAY['alice', 'bob', 'carol'])[n % 3 + 1], n FROM generate_series(1, 3000) n;
CREATE TABLE few (owner text, n int);
INSERT INTO few SELECT CASE n WHEN 1 THEN 'alice' WHEN 2 THEN 'bob' ELSE 'x' || n END, n FROM generate_series(1, 20000) n;
CREATE INDEX ON few (owner);
ALTER TABLE own ENABLE ROW LEVEL SECURITY;
ALTER TABLE few ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON own USING (owner = ssl_client_dn_field('CN'));
CREATE POLICY few ON few USING (owner = ssl_client_dn_field('CN'));
GRANT SELECT ON own, few TO app, other;
VACUUM ANALYZE own, few;
EOS
like(explain('SELECT sum(n) FROM own', %alice), qr/Parallel Seq Scan on public\.own\n.*\n.*Filter: \(own\.owner = 'alice'::text\)/, 'a plain call in a policy is a parallel scan');
like(explain('SELECT n FROM few', %bob), qr/Index Scan.*Index Cond: \(few\.owner = 'bob'::text\)/s, 'a plain call in a policy is an index scan');
is($server->query('SELECT sum(n), count(DISTINCT owner), min(owner) FROM own', %alice), '1500500|1|alice' =~ s/1500500/$server->query(q{SELECT sum(n) FROM own WHERE owner = 'alice'}, socket => 1)/er,
	'the workers have the value of the session');
is($server->query('SELECT n FROM few', %bob), '2', 'the index scan has the value of the session');

like(explain(q{SELECT sum(n) FROM own WHERE owner = ANY ((SELECT ssl_client_dn_values('CN'))::text[])}, socket => 1), qr/Parallel Seq Scan on public\.own/,
	'an array as a sub-select is a parallel scan');

# The policy of docs/performance.md, and its plan.
my ($policy, $statement, $plan) = map { $_->{text} } SSLInfoPlus::Document->new('docs/performance.md')->blocks('Row security and parallel plans');
$server->query('CREATE TABLE t AS SELECT owner AS tenant, n AS amount FROM own; ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON t TO app', socket => 1);
$server->query($policy, socket => 1);
$server->pki->make('payments', subject => [ 'O=Acme', 'CN=payments-app' ]);
is_documented(psql_output($server->connstr(user => 'app', cert => 'payments', options => "options='-c parallel_tuple_cost=0.1'"), $statement), $plan, 'the plan is the documented one');

# Two sessions over the same view, functions, prepared statement and generic plan.
$server->query(<<'EOS', %alice);
CREATE VIEW mine AS SELECT owner, n FROM few WHERE owner = ssl_client_dn_field('CN') AND ssl_client_spiffe_id() LIKE 'spiffe://%';
CREATE FUNCTION who() RETURNS text LANGUAGE sql STABLE AS $$SELECT ssl_client_dn_field('CN')$$;
CREATE FUNCTION who_kept() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	found text;
BEGIN
	SELECT owner INTO found FROM few WHERE owner = ssl_client_dn_field('CN');
	RETURN found || ' ' || ssl_client_spiffe_id();
END
$$;
CREATE FUNCTION who_atomic() RETURNS SETOF text STABLE BEGIN ATOMIC SELECT owner FROM few WHERE owner = ssl_client_dn_field('CN'); END;
EOS
my $prepared = <<'EOS';
SET plan_cache_mode = force_generic_plan;
PREPARE p (int) AS SELECT m.owner, who(), who_kept(), who_atomic(), (SELECT ssl_client_dn_field('CN')) FROM mine m WHERE n < $1;
EXECUTE p (100);
EXECUTE p (100);
EXPLAIN (COSTS OFF) EXECUTE p (100);
EOS
for my $name (qw(alice bob alice))
{
	my $out = $server->query($prepared, user => 'app', cert => $name);
	my $row = "$name|$name|$name spiffe://example.org/$name|$name|$name\n";
	like($out, qr/^\Q$row$row\E/, "a view, functions and a generic plan answer $name about $name");
	like($out, qr/= '$name'::text/, "the plan has the value of $name");
}

# Roles. EXECUTE is checked whenever a role comes to a plan.
$server->query(<<'EOS', socket => 1);
REVOKE EXECUTE ON FUNCTION ssl_bits(), ssl_group(), ssl_alpn() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ssl_bits() TO app;
GRANT EXECUTE ON FUNCTION ssl_group() TO staff;
CREATE FUNCTION bits_as_definer() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN (SELECT ssl_bits() FROM one); END';
CREATE FUNCTION alpn_as_definer() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN (SELECT coalesce(ssl_alpn(), '''') IS NOT NULL FROM one); END';
ALTER FUNCTION bits_as_definer() OWNER TO definer;
ALTER FUNCTION alpn_as_definer() OWNER TO definer;
GRANT EXECUTE ON FUNCTION ssl_alpn() TO definer;
EOS
like(explain('SELECT ssl_bits() FROM one', %alice), qr/Output: \d+/, 'a role to which EXECUTE is granted has the value in its plan');
like($server->error('SELECT ssl_bits() FROM one', user => 'other'), qr/^42501: .*ssl_bits/, 'a role without EXECUTE gets 42501');
my ($code, $out, $errors) = $server->run(<<'EOS', %alice);
\set ON_ERROR_STOP off
SET plan_cache_mode = force_generic_plan;
PREPARE p AS SELECT ssl_bits() > 0 FROM one;
EXECUTE p;
SET ROLE other;
EXECUTE p;
RESET ROLE;
EXECUTE p;
SELECT alpn_as_definer();
SELECT bits_as_definer();
EOS
is($out, "t\nt\nt", 'a kept plan answers the role that may execute the function, also after SET ROLE and back');
is(scalar(() = $errors =~ /ERROR:  42501/g), 2, 'a kept plan is 42501 after SET ROLE and for a definer without EXECUTE');
like(explain('SELECT ssl_group() FROM one', %alice), qr/ssl_group\(\)/, 'EXECUTE by membership leaves the call in the plan');

# One session of a superuser who becomes app, so that privileges change while a plan is kept.
sub after
{
	my ($statement, $change) = @_;
	my (undef, $out, $errors) = $server->run(<<"EOS", cert => 'alice');
\\set ON_ERROR_STOP off
SET plan_cache_mode = force_generic_plan;
SET SESSION AUTHORIZATION app;
PREPARE p AS $statement;
EXECUTE p;
EXECUTE p;
RESET SESSION AUTHORIZATION;
BEGIN;
$change;
SET SESSION AUTHORIZATION app;
SAVEPOINT s;
EXECUTE p;
ROLLBACK;
EOS
	return "$out $errors";
}
like(after('SELECT ssl_client_dn_field($$CN$$) FROM one', 'REVOKE EXECUTE ON FUNCTION ssl_client_dn_field(text) FROM PUBLIC'),
	qr/^alice\nalice .*ERROR:  42501/s, 'a kept plan is made anew when EXECUTE is revoked from PUBLIC');
like(after('SELECT who() FROM one', 'REVOKE EXECUTE ON FUNCTION ssl_client_dn_field(text) FROM PUBLIC'),
	qr/^alice\nalice .*ERROR:  42501/s, 'a kept plan with a call from an inlined function is made anew when EXECUTE is revoked from PUBLIC');
like(after('SELECT ssl_bits() > 0 FROM one', 'REVOKE EXECUTE ON FUNCTION ssl_bits() FROM app'), qr/^t\nt .*ERROR:  42501/s, 'a kept plan is made anew when EXECUTE is revoked from the role');
like(after('SELECT ssl_group() <> $$$$ FROM one', 'REVOKE staff FROM app'), qr/^t\nt .*ERROR:  42501/s, 'a kept plan is made anew when a membership ends');
like(after('SELECT who() FROM one', q{CREATE OR REPLACE FUNCTION ssl_client_dn_field(field text) RETURNS text LANGUAGE sql STABLE STRICT AS 'SELECT ''replaced''::text'}),
	qr/^alice\nalice\nreplaced /, 'a kept plan is made anew when the function is replaced');
like($server->query('BEGIN; ALTER FUNCTION ssl_bits() VOLATILE; EXPLAIN (VERBOSE) SELECT ssl_bits() FROM one', socket => 1), qr/ssl_bits\(\)/, 'a function that was made VOLATILE is called');

# An error waits for the execution.
is($server->query(q{SELECT CASE WHEN n = 1 THEN 'first' ELSE ssl_client_dn_field('no such attribute') || ssl_client_fingerprint('no such digest') END FROM one}, %alice), 'first',
	'a wrong name is no error if its call is not executed');
like($server->error(qq{SELECT $_('no such name') FROM one}, %alice), qr/^22023: /, "a wrong name is an error of $_ when it is executed") for qw(ssl_client_dn_field ssl_issuer_field ssl_client_fingerprint ssl_client_spki_fingerprint);
like($server->error(q{SELECT ssl_client_dn_field(repeat('x', 300)) FROM one}, %alice), qr/^22023: .*too long/, 'a name that is too long is an error when it is executed');
is($server->query(q{SELECT ssl_client_dn_field(NULL), ssl_client_dn_field('L') FROM one}, %alice), '|', 'no name and no such attribute are NULL');

# What is stored in the catalog has the call, and works for whoever comes.
$server->query(<<'EOS', socket => 1);
CREATE TABLE signed (id int, owner text DEFAULT ssl_client_dn_field('CN') CHECK (owner = ssl_client_dn_field('CN')), seen boolean DEFAULT ssl_is_used());
CREATE TABLE part (owner text CHECK (owner = ssl_client_dn_field('CN'))) PARTITION BY LIST (owner);
CREATE TABLE part_of_all PARTITION OF part DEFAULT;
GRANT SELECT, INSERT ON signed, part TO app;
EOS
$server->query("INSERT INTO signed (id) VALUES (1), (2); INSERT INTO part VALUES ('$_'); COPY signed (id) FROM STDIN;\n3\n\\.\n", user => 'app', cert => $_) for qw(alice bob);
is($server->query('SELECT owner, count(*), bool_and(seen) FROM signed GROUP BY 1 ORDER BY 1', %alice), "alice|3|t\nbob|3|t", 'a default has the value of the session that inserts');
like($server->error(q{INSERT INTO signed (owner) VALUES ('bob')}, %alice), qr/^23514: /, 'a CHECK constraint has the value of the session that inserts');
# The planner may skip a table whose constraint contradicts the query, but not because of a constraint that depends on the session.
for my $table (qw(signed part))
{
	is($server->query("SET constraint_exclusion = on; SELECT count(*) > 0 FROM $table WHERE owner = 'bob'", %alice), 't',
		"a CHECK constraint that another session has met hides none of its rows: $table");
}
like($server->error("CREATE $_", socket => 1), qr/^42P17: /, "an expression that must not change is refused as before: $_")
  for 'INDEX ON one ((ssl_client_dn()))', 'INDEX ON one (n) WHERE ssl_is_used()', q{TABLE g (a text GENERATED ALWAYS AS (ssl_client_dn_field('CN')) STORED)},
  'TABLE g (a int) PARTITION BY LIST ((a || ssl_client_dn()))';
my $definitions = <<'EOS';
SELECT pg_get_viewdef('mine') UNION ALL SELECT pg_get_functiondef('who_atomic'::regproc) UNION ALL
SELECT pg_get_expr(polqual, polrelid) FROM pg_policy UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef UNION ALL
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname ~ 'signed|part'
EOS
my $definition = $server->query($definitions, cert => 'alice');
is($definition, $server->query($definitions, cert => 'bob'), 'definitions are the same in every session');
unlike($definition, qr/alice/, 'definitions have no value of a session');
my $dump = '';
IPC::Run::run([ 'pg_dump', '--schema-only', '-d', $server->connstr(cert => 'alice') ], '>', \$dump) or die;
like($dump, qr/CREATE VIEW public\.mine AS\n SELECT \S+,\n\s+\S+\n   FROM public\.few\n  WHERE \(\(\S+ = public\.ssl_client_dn_field\('CN'::text\)\) AND \(public\.ssl_client_spiffe_id\(\) ~~/, 'pg_dump writes the view with its calls');
unlike($dump, qr/'alice/, 'pg_dump writes no value of a session');

done_testing();
