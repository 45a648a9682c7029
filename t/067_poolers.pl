# PgBouncer, pgpool-II and HAProxy between client and server: what the session shows, what a login rule judges, and what the client
# sees of a refusal.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Socket::INET ();
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.login_rules = 'app: client-cert cn=pooler'
EOC
my $pki = $server->pki;
$pki->make($_) for qw(app other pooler);
$server->query('CREATE ROLE app LOGIN', socket => 1);
my $dir  = PostgreSQL::Test::Utils::tempdir();
my $port = $server->node->port;
my ($crt, $key, $ca) = ($pki->crt('server'), $pki->key('server'), $pki->crt('root'));
my ($pooler_crt, $pooler_key) = ($pki->crt('pooler'), $pki->key('pooler'));

# The programs between, which this test starts and ends.
my %running;

sub start
{
	my ($name, $listen, @command) = @_;
	$running{$name} = IPC::Run::start([@command], '<', \undef, '>&', "$dir/$name.log");
	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listen);
		select undef, undef, undef, 0.1;
	}
	die "$name does not listen: " . slurp_file("$dir/$name.log");
}

sub stop
{
	my ($name) = @_;
	my $run = delete $running{$name} or return;
	$run->signal('TERM');
	$run->finish;
	return;
}

END
{
	local $?;
	stop($_) for keys %running;
}

sub configure
{
	my ($name, $text) = @_;
	my $file = write_file("$dir/$name", $text);
	chmod 0600, $file;
	return $file;
}

# What a client with the certificate app, or another, is told through a port: rows, or what psql says of a refused login.
sub through
{
	my ($listen, $sql, %want) = @_;
	my ($code, $out, $errors) =
	  $server->run('', command => $sql, user => 'app', cert => 'app', %want, options => "port=$listen");
	return $code ? $errors : $out;
}

sub login_action
{
	my ($action) = @_;
	$server->query("ALTER SYSTEM SET sslinfo_plus.login_action = '$action'", socket => 1);
	$server->reload;
	return;
}

my $facts   = 'SELECT ssl_transport(), ssl_client_dn()';
my $refused = qr/FATAL: .*login refused: this connection does not satisfy/;

# PgBouncer
my $bouncer = PostgreSQL::Test::Cluster::get_free_port();

sub pgbouncer
{
	my ($mode, $server_tls) = @_;
	stop('pgbouncer');
	my $users  = configure('users.txt', qq{"app" ""\n});
	my $config = configure('pgbouncer.ini', <<"EOC");
[databases]
postgres = host=127.0.0.1 port=$port
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $bouncer
unix_socket_dir =
auth_type = trust
auth_file = $users
pool_mode = $mode
default_pool_size = 1
client_tls_sslmode = verify-full
client_tls_ca_file = $ca
client_tls_cert_file = $crt
client_tls_key_file = $key
$server_tls
EOC
	start('pgbouncer', $bouncer, 'pgbouncer', $config);
	return;
}
my $with_certificate = <<"EOC";
server_tls_sslmode = verify-full
server_tls_ca_file = $ca
server_tls_cert_file = $pooler_crt
server_tls_key_file = $pooler_key
EOC

for my $mode ('session', 'transaction')
{
	my $title = "PgBouncer, pool_mode $mode";
	pgbouncer($mode, $with_certificate);
	login_action('reject');
	is(through($bouncer, $facts), 'tls|/CN=pooler', "$title: the session shows the pooler's certificate, and it meets the rule");
	is(through($bouncer, 'SELECT pg_backend_pid()'), through($bouncer, 'SELECT pg_backend_pid()', cert => 'other'),
		"$title: two clients with different certificates get one session after the other");
	like(through($bouncer, q{SELECT ssl_require('cn=app')}), qr/^DETAIL:  cn=app: (?:found )?pooler\nHINT: /m,
		"$title: ssl_require() judges the pooler, and its error arrives whole");
	pgbouncer($mode, 'server_tls_sslmode = disable');
	my $error = through($bouncer, $facts);
	like($error, $refused, "$title: without a certificate the pooler is refused, and the client sees the message");
	unlike($error, qr/DETAIL|HINT/, "$title: the client of a refused pooler sees neither DETAIL nor HINT");
	login_action('off');
	pgbouncer($mode, 'server_tls_sslmode = disable');
	is(through($bouncer, $facts), 'plain|', "$title: TLS of the client ends in the pooler");
}
stop('pgbouncer');

# pgpool-II: its TLS to the server has no certificate.
my ($pgpool, $pcp) = (PostgreSQL::Test::Cluster::get_free_port(), PostgreSQL::Test::Cluster::get_free_port());
my $config = configure('pgpool.conf', <<"EOC");
backend_clustering_mode = 'raw'
listen_addresses = '127.0.0.1'
port = $pgpool
unix_socket_directories = '$dir'
pcp_listen_addresses = ''
pcp_port = $pcp
pcp_socket_dir = '$dir'
backend_hostname0 = 'localhost'
backend_port0 = $port
num_init_children = 2
pid_file_name = '$dir/pgpool.pid'
logdir = '$dir'
work_dir = '$dir'
health_check_period = 0
sr_check_period = 0
ssl = on
ssl_cert = '$crt'
ssl_key = '$key'
ssl_ca_cert = '$ca'
EOC
start('pgpool', $pgpool, 'pgpool', '-n', '-f', $config, map { ("-$_->[0]", configure($_->[1], '')) } [ a => 'pool_hba.conf' ], [ F => 'pcp.conf' ]);
is(through($pgpool, $facts), 'tls|', 'pgpool-II: the session shows TLS without a certificate, whatever the client has');
login_action('reject');
my $start = -s $server->node->logfile;
my $error = through($pgpool, $facts);
unlike($error, qr/DETAIL:  client-cert|HINT:  Client/, 'pgpool-II: the client sees neither DETAIL nor HINT of a refusal');
like($server->log_since($start), qr/FATAL:  login refused: .*\n.*DETAIL:  client-cert: /, 'pgpool-II: the log of the server has the DETAIL of a refusal');
login_action('off');
stop('pgpool');

# HAProxy, mode tcp: it passes PostgreSQL's TLS on, or ends a client's TLS that has no PostgreSQL packet before it.
my ($passed, $ended, $again) = map { PostgreSQL::Test::Cluster::get_free_port() } 1 .. 3;
configure('haproxy.pem', slurp_file($crt) . slurp_file($key));
configure('pooler.pem',  slurp_file($pooler_crt) . slurp_file($pooler_key));
my $bind = "ssl crt $dir/haproxy.pem ca-file $ca verify required";
start('haproxy', $passed, 'haproxy', '-db', '-f', configure('haproxy.cfg', <<"EOC"));
defaults
    mode tcp
    timeout connect 10s
    timeout client 1m
    timeout server 1m
listen passed
    bind 127.0.0.1:$passed
    server pg 127.0.0.1:$port
listen ended
    bind 127.0.0.1:$ended $bind
    server pg 127.0.0.1:$port
listen again
    bind 127.0.0.1:$again $bind
    server pg 127.0.0.1:$port ssl verify required ca-file $ca crt $dir/pooler.pem alpn postgresql
EOC

# asyncpg begins with TLS at once.
sub directly
{
	my ($listen) = @_;
	my $program = configure('directly.py', <<"EOS");
import asyncio, asyncpg, ssl
async def main():
    context = ssl.create_default_context(cafile="$ca")
    context.load_cert_chain("${\$pki->crt('app')}", "${\$pki->key('app')}")
    try:
        connection = await asyncpg.connect(host="localhost", port=$listen, user="app", database="postgres", ssl=context, direct_tls=True)
        print(*await connection.fetchrow("$facts"))
        await connection.close()
    except asyncpg.PostgresError as error:
        print(error.sqlstate, error.message, error.detail, sep="\\n")
asyncio.run(main())
EOS
	IPC::Run::run([ '/usr/bin/python3', $program ], '<', \undef, '>&', \my $out);
	return $out;
}
is(through($passed, $facts), 'tls|/CN=app', 'HAProxy that passes TLS on: the session shows the certificate of the client');
is(directly($ended), "plain None\n", 'HAProxy that ends TLS: the session is plain');
SKIP:
{
	skip 'TLS without a PostgreSQL packet before it: from PostgreSQL 17 on', 1 if $server->node->pg_version < 17;
	is(directly($again), "tls /CN=pooler\n", 'HAProxy that ends TLS and begins its own: the session shows the certificate of HAProxy');
}
login_action('reject');
like(through($passed, $facts), qr/$refused cn\nDETAIL:  cn: app\nHINT: /, 'HAProxy that passes TLS on: the rule judges the client, who sees all of the refusal');
like(directly($ended), qr/^28000\nlogin refused: .*client-cert, cn\nclient-cert: TCP without encryption/,
	'HAProxy that ends TLS: the rule judges a plain connection, and the client sees all of the refusal');

done_testing();
