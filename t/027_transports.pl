# ssl_transport() for every way to reach the server: TLS, GSSAPI encryption, Unix-domain socket, plain TCP; none is for
# 005_no_client.pl. For GSSAPI the test has a KDC of its own.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Kerberos;
use SSLInfoPlus::Server;
use Test::More;

my $missing = SSLInfoPlus::Kerberos::missing();
my $kdc;
$kdc = SSLInfoPlus::Kerberos->new("$PostgreSQL::Test::Utils::tmp_check/kdc") unless $missing;

my $server = SSLInfoPlus::Server->new(
	'main',
	streaming => 1,
	$kdc ? (conf => "krb_server_keyfile = '${\$kdc->keytab}'\n") : ());
my $node   = $server->node;

my $facts = 'SELECT ssl_transport(), s.transport, ssl_is_used(), ssl_post_quantum(), ssl_client_cert_present() FROM ssl_session() s';
is($server->query($facts), 'tls|tls|t|f|f', 'ssl_transport() is tls over TLS');
is($server->query($facts, sslmode => 'disable'), 'plain|plain|f|f|f', 'ssl_transport() is plain over TCP without TLS');
is($server->query($facts, socket => 1), 'socket|socket|f|f|f', 'ssl_transport() is socket over a Unix-domain socket');

# In a replication connection too.
is($server->query('SELECT ssl_transport()', options => 'replication=database'), 'tls', 'ssl_transport() is tls in a walsender with TLS');
is($server->query('SELECT ssl_transport()', options => 'replication=database', sslmode => 'disable'), 'plain', 'ssl_transport() is plain in a walsender without TLS');

SKIP:
{
	skip "a KDC needs $missing (package krb5-kdc)", 7 if $missing;
	skip 'this PostgreSQL has no GSSAPI', 7 unless $server->query('SELECT count(*) FROM pg_stat_gssapi') && `pg_config --configure` =~ /gssapi/;
	$server->query('CREATE ROLE ' . $kdc->user . ' LOGIN');
	unlink $node->data_dir . '/pg_hba.conf';
	$node->append_conf('pg_hba.conf', <<"EOC");
local all all trust
hostgssenc all ${\$kdc->user} 127.0.0.1/32 gss include_realm=0
host all ${\$kdc->user} 127.0.0.1/32 gss include_realm=0
host all all 127.0.0.1/32 trust
EOC
	$server->reload;
	$kdc->log_in;
	my %alice = (user => $kdc->user);
	is(
		$server->query("$facts, pg_stat_gssapi g WHERE g.pid = pg_backend_pid() AND g.encrypted", %alice,
			sslmode => 'disable', options => 'gssencmode=require'),
		'gss|gss|f|f|f', 'ssl_transport() is gss with GSSAPI encryption');
	is(
		$server->query(
			'SELECT s.version, s.cipher, s.bits, s.post_quantum_offered, s.bytes_sent, s.client_dn FROM ssl_session() s',
			%alice, sslmode => 'disable', options => 'gssencmode=require'),
		'|||||', 'a session with GSSAPI encryption has no facts of TLS');
	is($server->query('SELECT count(*) FROM ssl_client_offer()', %alice, sslmode => 'disable', options => 'gssencmode=require'),
		0, 'ssl_client_offer() has no rows with GSSAPI encryption');
	is($server->query('SELECT ssl_channel_binding() IS NULL', %alice, sslmode => 'disable', options => 'gssencmode=require'),
		't', 'ssl_channel_binding() is NULL with GSSAPI encryption');

	# GSSAPI that authenticates and does not encrypt is no transport.
	is($server->query("$facts, pg_stat_gssapi g WHERE g.pid = pg_backend_pid() AND g.gss_authenticated AND NOT g.encrypted",
			%alice, sslmode => 'disable'), 'plain|plain|f|f|f', 'ssl_transport() is plain with GSSAPI authentication alone');
	is($server->query("$facts, pg_stat_gssapi g WHERE g.pid = pg_backend_pid() AND g.gss_authenticated", %alice),
		'tls|tls|t|f|f', 'ssl_transport() is tls with GSSAPI authentication over TLS');
	is($server->query('SELECT current_user', %alice), 'alice', 'a session with GSSAPI authentication over TLS has the user of the ticket');
}

done_testing();
