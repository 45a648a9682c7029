# In processes that have no client connection every function answers: booleans false, sets empty, everything else NULL. And in
# a walsender, which has one, they tell about it. Nothing crashes.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Catalog 'callable_functions';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new(
	'main',
	streaming => 'logical',
	conf      => "autovacuum_naptime = 1s\nlog_autovacuum_min_duration = 0\n");
my $node = $server->node;
$server->pki->make('app', subject => ['CN=app']);

# probe() asks every fact function of the extension, those with one text argument too, and returns the number of functions
# asked and the answers that differ from what a process without a client must say. It claims to be parallel safe, so that a
# parallel worker calls it.
my $schema = callable_functions() . <<'EOS';
CREATE FUNCTION probe() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
DECLARE
	f record;
	call text;
	asked int := 0;
	answer text;
	wrong text := '';
BEGIN
	FOR f IN
		SELECT p.proname, p.proretset, p.prorettype, p.needs_text
		FROM callable_function p
		WHERE p.provolatile = 's' AND p.prorettype <> 'void'::regtype
		  -- these speak of the library, a given certificate or a given policy, or have something to say everywhere
		  AND p.proname NOT IN ('ssl_library', 'ssl_parse_certificate', 'ssl_satisfies', 'ssl_check', 'ssl_require',
		                        'ssl_session', 'ssl_transport')
		ORDER BY 1
	LOOP
		asked := asked + 1;
		call := format('public.%I(%s)', f.proname,
			CASE WHEN f.proname = 'ssl_client_san_values' THEN quote_literal('dns')
			     WHEN f.needs_text THEN quote_literal('CN') END);
		IF f.proretset THEN
			EXECUTE 'SELECT count(*) FROM ' || call INTO answer;
			IF answer <> '0' THEN wrong := wrong || ' ' || call || '=' || answer || ' rows'; END IF;
		ELSE
			EXECUTE 'SELECT (' || call || ')::text' INTO answer;
			IF answer IS DISTINCT FROM (CASE WHEN f.prorettype = 'bool'::regtype THEN 'false' END) THEN
				wrong := wrong || ' ' || call || '=' || coalesce(answer, 'NULL');
			END IF;
		END IF;
	END LOOP;
	-- one row, which says that there is no client
	SELECT string_agg(s.transport || (to_jsonb(s) - 'transport')::text, ' ') INTO answer
	FROM public.ssl_session() s
	WHERE s.transport <> 'none' OR s.post_quantum OR s.client_cert_present OR
		EXISTS (SELECT FROM jsonb_each(to_jsonb(s) - 'transport') WHERE value NOT IN ('null', 'false'));
	wrong := wrong || coalesce(' ssl_session()=' || answer, '');
	RETURN asked || ' asked, wrong:' || wrong;
END $$;

CREATE FUNCTION process() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
	'SELECT backend_type FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()';
EOS
$server->query($schema);

# The probe itself: where there is TLS it must find something.
my $with_tls = $server->query('SELECT probe()', cert => 'app');
like($with_tls, qr/wrong:.* public.ssl_is_used\(\)=true/, 'the probe reports answers in a session with TLS');
my ($functions) = $with_tls =~ /^(\d+) asked/;
cmp_ok($functions, '>=', 10, "the probe calls all functions: $functions");
my $all_well = "$functions asked, wrong:";

# Autovacuum's ANALYZE computes the expression of an index.
my $offset = -s $node->logfile;
$server->query(<<'EOS');
CREATE FUNCTION indexed(int) RETURNS int LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public AS $$
BEGIN
	IF process() = 'autovacuum worker' THEN RAISE LOG 'in autovacuum worker: %', probe(); END IF;
	RETURN $1;
END $$;
CREATE TABLE vacuumed (n int) WITH (autovacuum_analyze_threshold = 1, autovacuum_analyze_scale_factor = 0);
CREATE INDEX ON vacuumed (indexed(n));
INSERT INTO vacuumed SELECT generate_series(1, 10);
EOS
ok($node->wait_for_log(qr/in autovacuum worker: \d/, $offset), 'autovacuum computes the expression of the index');
like($server->log_since($offset), qr/in autovacuum worker: $all_well\n/, 'no function reports a client in an autovacuum worker');

# A parallel worker of a session that itself has TLS and a certificate.
my $force = $server->query("SELECT count(*) FROM pg_settings WHERE name = 'debug_parallel_query'")
  ? 'debug_parallel_query'
  : 'force_parallel_mode';
is(
	$server->query(<<"EOS", cert => 'app'),
CREATE TABLE scanned AS SELECT generate_series(1, 100) n;
SET $force = on;
SET parallel_leader_participation = off;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT DISTINCT process(), probe() FROM scanned;
EOS
	"parallel worker|$all_well",
	'no function reports a client in a parallel worker');

# Marked as restricted, the functions themselves stay with the leader.
is(
	$server->query(<<"EOS", cert => 'app'),
SET $force = on;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT DISTINCT ssl_client_dn(), ssl_is_used() FROM scanned;
EOS
	'/CN=app|t',
	'functions called directly in a parallel query report the client of the session');

# A trigger in the worker that applies logical replication.
$server->create_database('subscriber');
$server->query('CREATE TABLE replicated (n int); CREATE PUBLICATION p FOR TABLE replicated;'
	  . " SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
$server->query("CREATE EXTENSION sslinfo_plus; $schema", dbname => 'subscriber');
$server->query(<<"EOS", dbname => 'subscriber');
CREATE TABLE replicated (n int);
CREATE TABLE result (process text, probe text);
CREATE FUNCTION applied() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS \$\$
BEGIN
	INSERT INTO result VALUES (process(), probe());
	RETURN NEW;
END \$\$;
CREATE TRIGGER t BEFORE INSERT ON replicated FOR EACH ROW EXECUTE FUNCTION applied();
ALTER TABLE replicated ENABLE ALWAYS TRIGGER t;
CREATE SUBSCRIPTION s CONNECTION '${\($node->connstr('postgres') =~ s/'/''/gr)}' PUBLICATION p
	WITH (create_slot = false, slot_name = 's', copy_data = false);
EOS
$server->query('INSERT INTO replicated VALUES (1)');
ok($node->poll_query_until('subscriber', 'SELECT count(*) = 1 FROM result'), 'the replicated row arrives at the subscriber');
like($server->query('SELECT * FROM result', dbname => 'subscriber'),
	qr/^logical replication (apply )?worker\|$all_well$/, 'no function reports a client in a logical-replication apply worker');

# A walsender has a client.
my %replication = (options => 'replication=database');
is(
	$server->query('SELECT ssl_is_used(), ssl_version(), ssl_client_dn()', %replication, cert => 'app', tls => '1.3'),
	't|TLSv1.3|/CN=app',
	'functions in a walsender with TLS and a certificate report both');
is($server->query('SELECT ssl_is_used(), ssl_version(), ssl_client_dn()', %replication, %$_), 'f||', 'functions in a walsender without TLS return false or NULL')
  for { socket => 1 }, { sslmode => 'disable' };

# Nothing of this ended a process, nor does the single-user mode.
$server->query('DROP SUBSCRIPTION s', dbname => 'subscriber');
$node->stop;
unlike(
	$server->log_since(0),
	qr/PANIC|terminated by signal|crash|server process .* exited with exit code|FATAL:  (?!terminating|the database)/,
	'no process crashed');

my ($out, $errors) = ('', '');
IPC::Run::run([ 'postgres', '--single', '-D', $node->data_dir, 'postgres' ],
	\"SELECT process(), probe() FROM (SELECT 1) one\n", \$out, \$errors);
is($?, 0, 'postgres --single exits with code 0');
like($out, qr/probe = "$all_well"/, 'no function reports a client in postgres --single') or diag $errors;

done_testing();
