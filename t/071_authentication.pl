# How PostgreSQL let the role in: auth_method and authn_id, with the preload and without, compared with what the server itself logs
# and shows.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Server;
use Test::More;

my $hba = <<'EOC';
hostssl all scram_role 127.0.0.1/32 scram-sha-256
hostssl all md5_role 127.0.0.1/32 md5
hostssl all plain_role 127.0.0.1/32 password
hostssl all cert_role 127.0.0.1/32 cert map=m
hostssl all mapped_role 127.0.0.1/32 cert clientname=DN map=dn
EOC

for my $preload (1, 0)
{
	my $with = $preload ? 'with the preload' : 'without the preload';
	my $server = SSLInfoPlus::Server->new(
		"preload$preload",
		hba  => $hba,
		conf => $preload ? "shared_preload_libraries = 'sslinfo_plus'\n" : '');
	my $major = $server->query('SHOW server_version_num') / 10000;
	$server->query("CREATE ROLE $_ LOGIN PASSWORD 'secret'") for qw(scram_role md5_role plain_role cert_role mapped_role);
	$server->pki->make('app', subject => [ 'O=Zoë', 'CN=app' ]);
	$server->node->append_conf('pg_ident.conf', qq{m app cert_role\ndn "CN=app,O=Zo\\\\C3\\\\AB" mapped_role\n} =~ s/\\\\/\\/gr);
	$server->reload;
	my $sql = 'SELECT auth_method, authn_id FROM ssl_session()';

	# The identity and the method that PostgreSQL itself writes to the log for this login.
	$server->query('ALTER SYSTEM SET log_connections = on', socket => 1);
	$server->reload;

	for my $case (
		[ scram_role  => 'scram-sha-256', 'scram_role' ],
		[ md5_role    => 'md5',           'md5_role' ],
		[ plain_role  => 'password',      'plain_role' ],
		[ cert_role   => 'cert',          qr/CN=app/, cert => 'app' ],
		[ mapped_role => 'cert',          qr/CN=app/, cert => 'app' ])
	{
		my ($role, $method, $id, %want) = @$case;
		my $start = -s $server->node->logfile;
		my ($seen_method, $seen_id) =
		  split /\|/, $server->query($sql, user => $role, options => 'password=secret', %want), -1;
		my ($logged) = $server->log_since($start) =~ /connection authenticated: identity="(.*)" method=\S+ \(/;
		is($seen_method, $preload || $major >= 16 ? $method : '', "$with the method of $role is $method");
		like($seen_id, ref $id ? $id : qr/^\Q$id\E$/, "$with $role has an identity");
		is($seen_id, $logged, "$with the identity of $role is the one in PostgreSQL's log");
		is($server->query("SELECT ssl_auth_method() IS NOT DISTINCT FROM auth_method FROM ssl_session()",
				user => $role, options => 'password=secret', %want),
			't', "$with ssl_auth_method() is the column for $role");
	}
	is($server->query($sql), 'trust|', "$with a login by trust has no identity");
	is($server->query($sql, cert => 'app'), 'trust|', "$with a certificate alone is no identity if the method is trust");
	is($server->query($sql, sslmode => 'disable'), 'trust|', "$with trust is shown without TLS too");
	is($server->query($sql, socket  => 1),         'trust|', "$with trust is shown over a Unix-domain socket too");
	next if !$preload;
	is(
		$server->query(
			'SELECT auth_method, authn_id FROM pg_stat_ssl_plus WHERE pid = pg_backend_pid()',
			user    => 'scram_role',
			options => 'password=secret'),
		'scram-sha-256|scram_role',
		'pg_stat_ssl_plus shows the method and the identity');
}

done_testing();
