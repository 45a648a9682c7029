# A backend whose n-th allocation fails, for every n, wherever it is asked for: in PostgreSQL, in C++ or in OpenSSL. Each
# function then answers as ever or raises 53200, and the next call works.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $wall = SSLInfoPlus::Server::test_module('wall');
my $preload = SSLInfoPlus::Server::test_module('wall') =~ s/wall$/failing_malloc.so/r;
my $server = do
{
	local $ENV{LD_PRELOAD} = $preload;
	SSLInfoPlus::Server->new('main', hba => "host all nobody 127.0.0.1/32 reject\n");
};
$server->pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme', 'CN=app' ],
	extensions => [
		san(dns => 'app.example', uri => 'spiffe://prod/app', ip => '127.0.0.1'),
		key_usage('digitalSignature'), extended_key_usage('clientAuth')
	]);

$server->query(<<"EOQ");
CREATE FUNCTION wall_arm(bigint) RETURNS void AS '$wall' LANGUAGE C;
CREATE FUNCTION wall_disarm() RETURNS bool AS '$wall' LANGUAGE C;

-- Asks once for each allocation that the query makes, until none fails any more; says what was wrong, if anything was.
CREATE FUNCTION fail_everywhere(query text, OUT refused int, OUT answered int, OUT wrong text) LANGUAGE plpgsql AS \$\$
DECLARE
	expected text;
	answer text;
	failed bool;
	n bigint := 0;
BEGIN
	refused := 0; answered := 0; wrong := '';
	LOOP
		n := n + 1;
		BEGIN
			answer := NULL;
			PERFORM wall_arm(n);
			EXECUTE query INTO answer;
			failed := wall_disarm();
			answered := answered + 1;
			IF expected IS NULL THEN
				EXECUTE query INTO expected;
			END IF;
			IF answer IS DISTINCT FROM expected THEN
				wrong := wrong || format(' allocation %s: %s', n, answer);
			END IF;
		EXCEPTION WHEN OTHERS THEN
			failed := wall_disarm();
			refused := refused + 1;
			IF SQLSTATE <> '53200' THEN
				wrong := wrong || format(' allocation %s: %s %s', n, SQLSTATE, SQLERRM);
			END IF;
		END;
		EXIT WHEN NOT failed OR n > 20000;
	END LOOP;
END \$\$;
EOQ

my $pem = slurp_file($server->pki->crt('app'));
my @queries = (
	"SELECT to_jsonb(s) - 'bytes_received' - 'bytes_sent' FROM ssl_session() s",
	'SELECT ssl_client_certificate()',
	'SELECT ssl_server_certificate()',
	"SELECT ssl_parse_certificate('$pem'::text)",
	'SELECT jsonb_agg(c) FROM ssl_client_chain() c',
	'SELECT jsonb_agg(c) FROM ssl_server_chain() c',
	"SELECT jsonb_agg(n) FROM ssl_certificate_san(ssl_parse_certificate('$pem'::text)) n",
	'SELECT jsonb_agg(o) FROM ssl_client_offer() o',
	'SELECT jsonb_agg(e) FROM ssl_extension_info() e',
	'SELECT jsonb_agg(e) FROM ssl_client_extensions() e',
	'SELECT jsonb_agg(n) FROM ssl_client_san() n',
	'SELECT jsonb_agg(f) FROM ssl_client_dn_fields() f',
	'SELECT jsonb_agg(f) FROM ssl_issuer_dn_fields() f',
	q{SELECT ssl_client_dn_field('CN')},
	q{SELECT ssl_client_dn_values('O')},
	q{SELECT ssl_client_san_values('uri')},
	q{SELECT ssl_client_fingerprint('sha512')},
	q{SELECT ssl_client_spki_fingerprint()},
	q{SELECT ssl_channel_binding('tls-server-end-point')},
	q{SELECT ssl_channel_binding()},
	'SELECT ssl_library()',
	'SELECT jsonb_agg(c) FROM pg_ssl_certificates c',
	'SELECT jsonb_agg(c) FROM ssl_config_check() c',
	q{SELECT jsonb_agg(c) FROM ssl_check('tls>=1.2 client-cert cn=app san=uri:spiffe://prod/*') c});
my $offset = -s $server->node->logfile;
my ($refused, $answered) = (0, 0);

# Each in a session of its own, in which nothing is cached yet.
foreach my $query (@queries)
{
	my $result = $server->query(qq{SELECT refused, answered, wrong FROM fail_everywhere(\$q\$$query\$q\$)}, cert => 'app');
	my ($n_refused, $n_answered, $wrong) = split /\|/, $result, 3;
	$refused  += $n_refused;
	$answered += $n_answered;
	is($wrong, '', substr($query =~ s/\n.*//sr, 0, 70) . " answers as usual or raises 53200 ($n_refused refused, $n_answered answered)");
}
cmp_ok($refused, '>', 300, "$refused allocations failed and were reported, $answered calls answered all the same");
unlike($server->log_since($offset), qr/was terminated by signal|PANIC|FATAL/, 'no session was lost');

# A login: what cannot be judged for lack of memory is refused where it would be judged, and let in where rules only report.
$server->node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'sslinfo_plus, $wall'\nsslinfo_plus.login_rules = '*: client-cert'\nsslinfo_plus.login_action = 'reject'\n");
{
	local $ENV{LD_PRELOAD} = $preload;
	$server->node->restart;
}

# Logs in again and again, until no allocation fails any more; returns how often which answer came.
sub logins
{
	my ($ordinary, %how) = @_;
	my %count;
	for (my $n = 1; ($count{ordinary} // 0) < 20 && $n < 3000; $n++)
	{
		my ($code, $out, $errors) = $server->run(
			'',
			command => 'SELECT count(*), ssl_client_dn() FROM pg_stat_ssl_plus WHERE pid = pg_backend_pid()',
			options => "application_name='fail $n'",
			%how);
		my $answer = "$code $out $errors";
		# without memory TLS may also end before the client is told
		my $short = $code == 2 && $errors =~ /could not judge login: out of memory|FATAL:  (53200: )?out of memory|SSL error: /;
		my $kind = $answer =~ $ordinary ? 'ordinary' : $short ? 'short' : $answer;
		$count{ordinary} = 0 if $kind ne 'ordinary';    # twenty in a row
		$count{$kind}++;
	}
	return \%count;
}

$offset = -s $server->node->logfile;
my $refusals = logins(qr/^2 .*FATAL: .*login refused: this connection does not satisfy client-cert/s);
cmp_ok(delete $refusals->{short} // 0, '>', 10, 'logins that could not be judged were refused');
is_deeply($refusals, { ordinary => 20 }, 'all other logins were refused by the rule: lack of memory lets nobody in');
my $accepted = logins(qr/^0 1\|\/CN=app\b|^0 1\|\/C=DE/, cert => 'app');
cmp_ok(delete $accepted->{short} // 0, '>', 10, 'logins that meet the rule were refused when they could not be judged');
is_deeply($accepted, { ordinary => 20 }, 'logins that meet the rule succeed with enough memory');
$server->query(q{ALTER SYSTEM SET sslinfo_plus.login_action = 'log'}, cert => 'app');
$server->reload;
my $reported = logins(qr/^0 [01]\|/);
is_deeply([ grep { !/^(ordinary|short)$/ } keys %$reported ], [], 'if rules only report, the session goes on or runs out of memory itself');
like($server->log_since($offset), qr/LOG:  (53200: )?could not judge login: out of memory/, 'the log reports a login that could not be judged');

# An attempt that fails is counted once, whatever is short; what is then not known is NULL.
$server->query('SELECT pg_stat_ssl_failures_reset()', cert => 'app');
my $attempts = 80;
$server->run('', user => 'nobody', options => "application_name='fail $_'", command => 'SELECT 1') for 1 .. $attempts;
is($server->query('SELECT sum(count) FROM pg_stat_ssl_failure_totals', cert => 'app'), $attempts, "$attempts failed attempts are counted, each once");
my ($known, $unknown) = split /\|/, $server->query(
	q{SELECT sum(count) FILTER (WHERE usename = 'nobody' AND ja4 IS NOT NULL), sum(count) FILTER (WHERE usename IS NULL) FROM pg_stat_ssl_failures}, cert => 'app');
cmp_ok($unknown, '>', 5, "$unknown failed attempts are counted without names for lack of memory");
cmp_ok($known, '>', 5, "$known failed attempts are counted with all their facts");
unlike($server->log_since($offset), qr/was terminated by signal|PANIC/, 'no process crashed');

done_testing();
