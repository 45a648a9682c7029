# A server under valgrind's memcheck: a session with a client certificate calls every function, and memcheck reports nothing in
# which a function of ours stands.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Socket::INET ();
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Catalog 'callable_functions';
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

plan skip_all => 'needs valgrind' if system('valgrind --version >/dev/null 2>&1') != 0;

my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.log_connections = on
sslinfo_plus.login_rules = 'nobody@*: mtls; *@*: tls>=1.2'
sslinfo_plus.login_action = 'log'
EOC
my $node   = $server->node;
$server->query(callable_functions());
$server->pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme', 'CN=app' ],
	extensions => [
		san(dns => 'app.example', uri => 'spiffe://prod/app', ip => '127.0.0.1', dns => "a\0b"),
		key_usage('digitalSignature'), extended_key_usage('clientAuth'), extension('1.3.6.1.4.1.99999.1', 'odd')
	]);
my $pem = slurp_file($server->pki->crt('app'));
# For the functions that read the server's files: a good CRL, and a directory of CRLs with garbage.
my $crls = $node->basedir . '/crls';
mkdir $crls or die "$!";
write_file("$crls/root.crl", $server->pki->crl('root', revoked => [4711]));
write_file("$crls/00000000.r0", "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n");
$server->set(ssl_crl_file => "$crls/root.crl", ssl_crl_dir => $crls);
$node->stop;

# One process writes one log; valgrind follows the forks of the postmaster.
my $logs = $node->basedir . '/memcheck';
mkdir $logs or die "$!";
my ($out, $errors) = ('', '');
my $run = IPC::Run::start(
	[
		qw(valgrind --quiet --trace-children=yes --leak-check=no --track-origins=yes --error-limit=no --num-callers=40),
		"--log-file=$logs/%p", 'postgres', '-D', $node->data_dir
	],
	'<', \undef, '>', $node->basedir . '/postgres.out', '2>&1');
my $up = 0;
for (1 .. 180)
{
	$up = system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) == 0 and last;
	sleep 1;
}
ok($up, 'the server runs under valgrind');

my $calls = join "\n", map { s/\n/ /gr } split /\n\n/, <<'EOQ';
SELECT string_agg(format('SELECT %s;',
	CASE WHEN p.proretset THEN format('count(x) FROM %s(%s) x', p.proname, CASE WHEN p.needs_text THEN '''tls client-cert cn=app san=uri:spiffe://prod/* client-valid>=1d''' END)
	     ELSE format('(%s(%s))::text IS NULL', p.proname, CASE WHEN p.needs_text THEN CASE p.proname WHEN 'ssl_client_san_values' THEN '''dns''' WHEN 'ssl_satisfies' THEN '''mozilla-modern''' WHEN 'ssl_require' THEN '''tls''' ELSE '''CN''' END END) END), E'\n')
FROM callable_function p
WHERE p.proname <> 'ssl_parse_certificate' AND p.proname !~ '_reset$'
EOQ
$ENV{PGCONNECT_TIMEOUT} = 120;
my $statements = $server->query($calls, socket => 1);
cmp_ok(scalar(split /\n/, $statements), '>', 30, 'more than 30 statements call the functions under valgrind');

# Attempts that fail: no role, a client that refuses the server's certificate, a ClientHello that ends in the middle, and no TLS.
$server->run('', command => 'SELECT 1', user => 'nobody');
$server->run('', command => 'SELECT 1', options => "sslrootcert='" . $server->pki->crt('app') . "'");
for my $bytes ("\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x03" . 'r' x 57, 'GET / HTTP/1.1')
{
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $node->port) // die "$!";
	$socket->syswrite(pack 'NN', 8, 80877103);
	$socket->sysread(my $answer, 1);
	$socket->syswrite($bytes);
	close $socket;
}
my $totals = q{SELECT string_agg(concat(stage, ': ', reason, ' ', count), ', ' ORDER BY stage, reason) FROM pg_stat_ssl_failure_totals WHERE count > 0};
is($server->query($totals, socket => 1), 'authentication: other 1, handshake: closed 1, handshake: not_tls 1, handshake: server_certificate_refused 1',
	'each failed attempt is counted under valgrind');
my ($code, $answers, $problems) = $server->run(
	"$statements\nSELECT (ssl_parse_certificate('$pem'::text)).subject;\n"
	  . "DO \$\$ BEGIN PERFORM ssl_parse_certificate('\\x3003020100'::bytea); EXCEPTION WHEN OTHERS THEN NULL; END \$\$;\n"
	  . "DO \$\$ BEGIN PERFORM ssl_client_dn_field('nonsense'); EXCEPTION WHEN OTHERS THEN NULL; END \$\$;\n"
	  . "SELECT count(p) FROM pg_stat_ssl_plus p;\nSELECT count(u) FROM pg_stat_ssl_usage u;\nSELECT i IS NULL FROM pg_stat_ssl_usage_info i;\n"
	  . "SELECT status FROM pg_ssl_recheck();\nSELECT concat('CRL with ', entries) FROM pg_ssl_certificates WHERE source = 'crl' AND loaded;\n"
	  . "SELECT problem FROM ssl_config_check() WHERE setting = 'ssl_crl_dir';\n"
	  . "SELECT pg_stat_ssl_usage_reset();\nSELECT pg_stat_ssl_failures_reset();\n"
	  . "$statements",
	cert => 'app');
is($code, 0, 'every function answers under valgrind') or diag($problems);
like($answers, qr/^CN=app,O=Acme,C=DE$/m, 'the session under valgrind has the client certificate');
like($answers, qr{^ok\nCRL with 1\n\s*unreadable: }m, 'the functions under valgrind judge a session, read a CRL and find a broken file');

system('pg_ctl', 'stop', '-D', $node->data_dir, '-m', 'fast', '-t', '180', '-s');
$run->finish;

my $reports = join '', map { slurp_file($_) } glob "$logs/*";
# A frame of ours: by the source file, as the module has debug information, or else by the module.
my @of_ours = grep { /\(\w+\.(?:[ch]pp|def):\d+\)|sslinfo_plus\.so/ } split /^==\d+== *\n/m, $reports;
is(scalar @of_ours, 0, 'memcheck reports no error in our code') or diag(join '', @of_ours[ 0 .. ($#of_ours > 4 ? 4 : $#of_ours) ]);
cmp_ok(scalar(() = glob "$logs/*"), '>', 5, 'memcheck watched more than 5 processes');

done_testing();
