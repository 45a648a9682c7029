# What drivers tell their application: of a login that a rule refused, and of a session that does not satisfy ssl_require().

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use SSLInfoPlus::Server;
use Test::More;

my $python = '/usr/bin/python3';    # whose packages are Debian's
IPC::Run::run([ $python, '-c', 'import asyncpg, psycopg' ], '>&', \my $missing)
  or plan skip_all => 'needs the packages python3-asyncpg and python3-psycopg';

my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.login_rules = 'app: client-cert tls>=1.2; plain: tls'
sslinfo_plus.login_action = reject
EOC
$server->pki->make('app', subject => ['CN=app']);
$server->query('CREATE ROLE app LOGIN; CREATE ROLE plain LOGIN; CREATE ROLE other LOGIN', socket => 1);

# What login.py prints: SQLSTATE, a tab and the message.
sub login
{
	my ($out, $errors) = ('', '');
	IPC::Run::run([ $python, "$FindBin::RealBin/../test/drivers/login.py", @_ ], '>', \$out, '2>', \$errors)
	  or die "login.py @_: $errors";
	return $out;
}
sub psycopg { my ($sql, %login) = @_; return login('psycopg', $server->connstr(%login), $sql); }

sub asyncpg
{
	my ($sql, $user, $ca) = @_;
	return login('asyncpg', 'localhost', $server->node->port, $user, $ca // '', $sql);
}
my $ca = $server->pki->crt('root');
my $unsatisfied = 'this connection does not satisfy the TLS policy "client-cert"';

is(psycopg('SELECT ssl_client_dn()', user => 'app', cert => 'app'), "00000\t/CN=app\n", 'psycopg: a login that meets its rule');
like(
	psycopg('SELECT 1', user => 'app'),
	qr/FATAL:  login refused: this connection does not satisfy client-cert\n.*DETAIL:  client-cert: .*HINT:  /s,
	'… one that does not: the message, the detail and the hint');
like(psycopg("SELECT ssl_require('client-cert')", user => 'other'), qr/^28000\t$unsatisfied\nDETAIL: /, '… ssl_require()');

is(asyncpg('SELECT ssl_version()', 'plain', $ca), "00000\tTLSv1.3\n", 'asyncpg: a login that meets its rule');
like(
	asyncpg('SELECT 1', 'plain'),
	qr/^28000\tlogin refused: this connection does not satisfy tls\nDETAIL:  tls: .*\nHINT:  Client: /,
	'… one that does not');
like(asyncpg('SELECT 1', 'app', $ca), qr/^28000\tlogin refused: this connection does not satisfy client-cert\n/, '… and over TLS');
like(asyncpg("SELECT ssl_require('client-cert')", 'other', $ca), qr/^28000\t$unsatisfied\n/, '… ssl_require()');

done_testing();
