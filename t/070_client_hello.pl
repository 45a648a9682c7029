# What is recorded of a handshake with the preload: JA4, the second ClientHello, the time, and all that the client offered. What
# is expected of a ClientHello comes from the openssl command's own record of it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::RawClient 'ask';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
ssl_ecdh_curve = 'prime256v1'
EOC
my $node = $server->node;

my $facts = 'SELECT ja4, hello_retry, handshake_time > 0 AND handshake_time < 60000, group_kind FROM ssl_session()';
like($server->query($facts), qr/^t13d\d{4}\w\w_[0-9a-f]{12}_[0-9a-f]{12}\|[tf]\|t\|classical$/, 'the facts of a handshake with TLS 1.3 are recorded');
like($server->query($facts, tls => '1.2'), qr/^t12d\d{4}\w\w_[0-9a-f]{12}_[0-9a-f]{12}\|f\|t\|classical$/, 'the facts of a handshake with TLS 1.2 are recorded');
is($server->query($facts, sslmode => 'disable'), '|||', 'nothing is recorded without TLS');
is($server->query($facts, socket => 1), '|||', 'nothing is recorded over a Unix-domain socket');
is($server->query('SELECT ssl_ja4() = ja4, ssl_group_kind() = group_kind FROM ssl_session()'), 't|t', 'ssl_ja4() and ssl_group_kind() return the columns of ssl_session()');
is($server->query('SELECT ssl_ja4()'), $server->query('SELECT ssl_ja4()'), 'one client has one fingerprint');
isnt($server->query('SELECT ssl_ja4()'), $server->query('SELECT ssl_ja4()', tls => '1.2'), 'one client has another fingerprint with other settings');
is($server->query('SELECT ja4 = ssl_ja4(), hello_retry IS NOT NULL, handshake_time > 0 FROM pg_stat_ssl_plus WHERE pid = pg_backend_pid()'),
	't|t|t', 'pg_stat_ssl_plus has the facts of the handshake');

# A client that sends a key share of a group that the server does not have is asked again, and pays a round trip.
for my $case ([ 'X25519:P-256' => 't' ], [ 'P-256:X25519' => 'f' ])
{
	my ($groups, $retry) = @$case;
	my ($rows) = ask($server, 'SELECT hello_retry FROM ssl_session()', '-tls1_3', '-groups' => $groups);
	is("@$rows", $retry, "hello_retry is $retry for a client with -groups $groups");
}

# From PostgreSQL 18 on a list of groups ends it.
SKIP:
{
	skip 'ssl_groups came with PostgreSQL 18', 1 if $server->query('SHOW server_version_num') < 180000;
	$server->query("ALTER SYSTEM SET ssl_groups = 'X25519:prime256v1'");
	$server->reload;
	my ($rows) = ask($server, 'SELECT hello_retry FROM ssl_session()', '-tls1_3', '-groups' => 'X25519:P-256');
	is("@$rows", 'f', 'a list of groups in ssl_groups avoids a second ClientHello');
	$server->query("ALTER SYSTEM RESET ssl_groups");
	$server->reload;
}

# The first ClientHello is the one that counts.
my ($rows, $hello) = ask($server,
	"SELECT kind, string_agg(coalesce(code::text, name), ',' ORDER BY ordinal) FROM ssl_client_offer() GROUP BY kind",
	'-tls1_3', '-groups' => 'X25519:P-256', '-alpn' => 'postgresql,h2', '-servername' => 'db.example');
my %offer = map { split /\|/ } @$rows;
is($offer{cipher}, join(',', @{ $hello->{ciphers} }), 'ssl_client_offer() has the ciphers of the ClientHello');
is($offer{group}, join(',', @{ $hello->{groups} }), 'ssl_client_offer() has the groups of the ClientHello');
is($offer{version}, '772', 'ssl_client_offer() has the version of the ClientHello');
is($offer{alpn}, 'postgresql,h2', 'ssl_client_offer() has the application protocols of the ClientHello');
is($offer{key_share}, '29', 'ssl_client_offer() has the key share of the first ClientHello');
is($offer{shared_group}, '23', 'ssl_client_offer() has the group that client and server share');
like(",$offer{extension},", qr/,$_,/, "ssl_client_offer() has the extension $_") for 0, 10, 13, 16, 43, 51;
($rows) = ask($server, "SELECT name FROM ssl_client_offer() WHERE kind IN ('version', 'point_format') ORDER BY kind, ordinal",
	'-tls1_2', '-cipher' => 'ECDHE-ECDSA-AES256-GCM-SHA384');
is($rows->[0], 'uncompressed', 'ssl_client_offer() has the point format of a TLS 1.2 client');
is($rows->[-1], 'TLSv1.2', 'a ClientHello without supported_versions has one version');

# A reload makes new contexts, which are watched too.
$server->reload;
like($server->query('SELECT ssl_ja4()'), qr/^t13d/, 'a handshake after a reload is recorded');

# A session that is a TLS client itself (postgres_fdw) keeps the facts of its own client.
SKIP:
{
	skip 'postgres_fdw is not installed', 1
	  if $server->query("SELECT count(*) FROM pg_available_extensions WHERE name IN ('dblink')") ne '1';
	my $connstr = $server->connstr(tls => '1.2') =~ s/'/''/gr;
	is($server->query(
			"CREATE EXTENSION dblink; SELECT hello_retry, ja4 FROM ssl_session(); "
			  . "SELECT left(ja4, 3) FROM dblink('$connstr', 'SELECT ja4 FROM ssl_session()') AS d (ja4 text); "
			  . 'SELECT left(ssl_ja4(), 3), ssl_version() FROM ssl_session()') =~ /\nt12\nt13\|TLSv1.3$/ ? 1 : 0, 1, 'a session that is itself a TLS client keeps its own facts');
}

# Turned off.
$node->append_conf('postgresql.conf', "sslinfo_plus.read_client_hello = off\n");
$node->restart;
is($server->query($facts), '|||classical', 'read_client_hello = off: nothing is recorded');
is($server->query("SELECT count(*) FROM ssl_client_offer() WHERE kind IN ('version', 'alpn', 'extension', 'key_share', 'point_format')"),
	'0', 'read_client_hello = off: the offer has no kinds that OpenSSL does not keep');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
is($server->query($facts), '|||classical', 'nothing is recorded without the preload');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, 'no process panicked');
done_testing();
