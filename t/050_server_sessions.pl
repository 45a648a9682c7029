# pg_stat_ssl_plus: every session, right, beside pg_stat_ssl and what the sessions say of themselves; who may see what; and no
# row is left behind by a session that ended.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new(
	'main',
	streaming => 1,
	conf      => "shared_preload_libraries = 'sslinfo_plus'\nlog_min_messages = debug1\n");
is(
	join('|', $server->log_since(0) =~ /DEBUG:  sslinfo_plus: (\d+) bytes of shared memory, (\d+) for \d+ sessions and (\d+) for 5000 rows/),
	$server->query(<<'EOS'), 'the log has the sizes of the shared memory');
SELECT concat_ws('|', sum(size), sum(size) FILTER (WHERE name LIKE '%sessions'), sum(size) FILTER (WHERE name LIKE '%usage'))
FROM pg_shmem_allocations WHERE name LIKE 'sslinfo_plus%'
EOS
# What docs/server.md promises, within 2 %. Its total is that of 122 processes: PostgreSQL 15 to 17 with default settings.
my ($row, $failure, $total) = slurp_file("$FindBin::RealBin/../docs/server.md") =~ /about (\d+) bytes for each row of `usage_max`, about (\d+) for each.*?([\d.]+) MB by default/s;
my %size = map { split /\|/ } split /\n/, $server->query("SELECT split_part(name, ' ', 2), size FROM pg_shmem_allocations WHERE name LIKE 'sslinfo_plus%'");
for ([ 'a row of the usage', $row, $size{usage} / 5000 ], [ 'a row of the failures', $failure, $size{failures} / 1000 ],
	[ 'shared memory by default', $total * 1e6, 122 * 4096 + $size{usage} + $size{failures} + $size{certificate} ])
{
	my ($what, $documented, $real) = @$_;
	cmp_ok(abs($documented / $real - 1), '<', 0.02, "docs/server.md has the size of $what ($real bytes)");
}
$server->pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme Zürich', 'CN=app' ],
	serial     => '0x1234567890abcdef1234567890abcdef',
	extensions => [ san(uri => 'spiffe://acme.example/app') ]);
$server->query(<<'EOS');
CREATE ROLE reader LOGIN;
CREATE ROLE stranger LOGIN;
CREATE ROLE monitor LOGIN IN ROLE pg_monitor;
CREATE ROLE owner_of_app LOGIN;
CREATE ROLE app LOGIN IN ROLE owner_of_app;
EOS

# One session of each kind.
my %kinds = (
	'TLS 1.2'                 => { tls => '1.2' },
	'TLS 1.3'                 => { tls => '1.3' },
	'TLS 1.2, certificate'    => { tls => '1.2', cert => 'app' },
	'TLS 1.3, certificate'    => { tls => '1.3', cert => 'app', user => 'app' },
	'TCP without TLS'         => { sslmode => 'disable' },
	'Unix-domain socket'      => { socket => 1 },
	'logical walsender, TLS'  => { options => 'replication=database', cert => 'app' },
	'physical walsender, TLS' => { options => 'replication=true', cert => 'app' },);
my %sessions = map { $_ => $server->open_session(%{ $kinds{$_} }) } keys %kinds;
my $facts = "- 'bytes_received' - 'bytes_sent'";
my %pids;
my %own;
for my $kind (sort keys %sessions)
{
	next if $kind =~ /physical/;
	$pids{$kind} = $server->say($sessions{$kind}, 'SELECT pg_backend_pid()');
	$own{$kind} = $server->say($sessions{$kind}, "SELECT to_jsonb(s) $facts FROM ssl_session() s");
	is(
		$server->query(
			"SELECT to_jsonb(p) - 'pid' - 'visible' - 'expired' - 'hba_file' - 'hba_line' FROM pg_stat_ssl_plus p WHERE pid = $pids{$kind}"),
		$own{$kind},
		"$kind: pg_stat_ssl_plus has the same as ssl_session() in the session");
}
like($own{'TLS 1.3, certificate'}, qr{"client_dn": "/C=DE/O=Acme Zürich/CN=app"}, 'a session with a certificate has the DN of its client');
like($own{'TLS 1.3, certificate'}, qr/"client_serial": ${\$server->pki->serial('app')->bstr},/, 'the serial number is a whole number');

# Without TLS pg_stat_ssl has NULL where we know that the answer is no.
my $clients = "(SELECT pid FROM pg_stat_activity WHERE client_port IS NOT NULL)";
my $differ  = <<"EOS";
SELECT count(*) FROM (
	(SELECT pid, ssl, version, cipher, bits, client_dn, client_serial, issuer_dn FROM pg_stat_ssl WHERE pid IN $clients
	 EXCEPT
	 SELECT pid, transport = 'tls', version, cipher, bits, client_dn, client_serial, issuer_dn FROM pg_stat_ssl_plus)
	UNION ALL
	(SELECT pid, transport = 'tls', version, cipher, bits, client_dn, client_serial, issuer_dn FROM pg_stat_ssl_plus
	 EXCEPT
	 SELECT pid, ssl, version, cipher, bits, client_dn, client_serial, issuer_dn FROM pg_stat_ssl)) difference
EOS
is($server->query($differ), '0', 'pg_stat_ssl_plus has the same sessions and facts as pg_stat_ssl');
is($server->query('SELECT count(*) FROM pg_stat_ssl_plus'), 1 + keys %kinds, 'pg_stat_ssl_plus has a row for each session, walsenders too');
is(
	$server->query(
		"SELECT p.client_dn FROM pg_stat_ssl_plus p JOIN pg_stat_activity a USING (pid)"
		  . " WHERE a.backend_type = 'walsender' AND a.datname IS NULL"),
	'/C=DE/O=Acme Zürich/CN=app',
	'pg_stat_ssl_plus has the DN of the client of physical replication');

# The lines of pg_hba.conf that admitted the sessions.
my $lines = <<'EOS';
SELECT string_agg(DISTINCT r.type || ' ' || array_to_string(r.database, ','), '; ' ORDER BY r.type || ' ' || array_to_string(r.database, ','))
FROM pg_stat_ssl_plus p JOIN pg_hba_file_rules r ON p.hba_file = 'pg_hba.conf' AND p.hba_line = r.line_number
EOS
is($server->query($lines), 'host all; host replication; local all', 'each session has the line that admitted it');
is($server->query('SELECT count(*) FROM pg_stat_ssl_plus WHERE hba_line IS NULL'), '0', 'no session is without a line');
is($server->query('SELECT count(hba_file), count(hba_line) FROM pg_stat_ssl_plus', user => 'app', cert => 'app'),
	'0|0', 'a role without pg_read_all_stats sees no line, not even its own');
is($server->query('SELECT count(hba_file), count(hba_line) FROM pg_stat_ssl_plus', user => 'monitor'),
	'9|9', 'a member of pg_monitor sees every line');

# Who sees what: one's own, those of roles one has the privileges of, all with pg_read_all_stats; and always all rows.
sub visible
{
	my ($user) = @_;
	return $server->query(
		'SELECT count(*), count(*) FILTER (WHERE visible), count(*) FILTER (WHERE NOT visible AND transport IS NULL),'
		  . ' count(transport), count(expired) + count(server_dn) + count(*) FILTER (WHERE client_cert_present) > count(*)'
		  . ' FROM pg_stat_ssl_plus',
		user => $user,
		cert => 'app');
}
is(visible('stranger'),     '9|1|8|1|f', 'another role sees that the others are there');
is(visible('owner_of_app'), '9|1|8|1|f', 'a role sees the sessions of a role that it is a member of');
is(visible('app'),          '9|2|7|2|f', 'a role sees its own sessions whole');
is(visible('monitor'),      '9|9|0|9|t', 'a member of pg_monitor sees all');
is($server->query('SELECT count(*) FROM pg_stat_ssl_plus WHERE visible', socket => 1), '9', 'a superuser sees all');
$server->query('GRANT app TO reader');
is(visible('reader'), '9|2|7|2|f', 'a member of a role sees its sessions');

# Settings are not for plain users; neither is the usage.
like(
	$server->error("SET sslinfo_plus.$_->[0] = '$_->[1]'", user => 'stranger'),
	qr/^55P02: parameter "sslinfo_plus\.$_->[0]" cannot be changed/,
	"$_->[0] cannot be set in a session")
  for [ track => 'off' ], [ login_rules => '' ], [ login_action => 'off' ], [ log_connections => 'on' ], [ usage_max => 10 ];
like(
	$server->error("ALTER SYSTEM SET sslinfo_plus.track = off", user => 'stranger'),
	qr/^42501: /,
	'a plain user cannot change a setting for the server');
like($server->error('SHOW sslinfo_plus.login_rules', user => 'stranger'), qr/^42501: /, 'a plain user cannot read the rules');

# A session whose certificate runs out while it goes on.
$server->pki->make('short', not_after => time + 12);
my $short = $server->open_session(cert => 'short');
my $short_pid = $server->say($short, 'SELECT pg_backend_pid()');
my $expired = "SELECT expired FROM pg_stat_ssl_plus WHERE pid = $short_pid";
is($server->query($expired), 'f', 'a session whose certificate is valid is not expired');
ok($server->wait_for($expired), 'a session whose certificate ends is expired');
is($server->query('SELECT count(*) FILTER (WHERE expired), count(*) FILTER (WHERE expired IS NULL) > 0 FROM pg_stat_ssl_plus'),
	'1|t', 'no other session is expired, and expired is NULL without a certificate');
$server->finish($short);

# Names longer than a slot takes are cut at a character and marked; everything else of the session stays.
$server->pki->make('long', subject => [ ('OU=' . 'é' x 60) x 40, 'CN=' . 'x' x 60 ]);
my $long = $server->open_session(cert => 'long');
my $whole = $server->say($long, 'SELECT ssl_client_dn()');
cmp_ok(length $whole, '>', 2500, 'a long name is whole in ssl_client_dn()');
my $cut = $server->query('SELECT client_dn FROM pg_stat_ssl_plus WHERE pid = '
	  . $server->say($long, 'SELECT pg_backend_pid()'));
like($cut, qr/^\/OU=é+.*…$/, 'a long name is cut at a character and marked in the view');
is(substr($cut, 0, -1), substr($whole, 0, length($cut) - 1), 'the view has the beginning of a long name');
# A slot has no names of columns: with them 1,093 characters would be left.
cmp_ok(length $cut, '>', 1300, 'the view has 1,300 characters of a long name');
is(
	$server->query(
		"SELECT to_jsonb(p) - 'pid' - 'visible' - 'expired' - 'hba_file' - 'hba_line' - 'client_dn' FROM pg_stat_ssl_plus p WHERE client_dn LIKE '%…'"),
	$server->say($long, "SELECT to_jsonb(s) $facts - 'client_dn' FROM ssl_session() s"),
	'the view has the other facts of such a session whole');
$server->finish($long);

# In a database of another encoding what it does not have is escaped.
$server->create_database('latin1', 'LATIN1');
$server->query('CREATE EXTENSION sslinfo_plus', dbname => 'latin1');
$server->create_database('latin2', 'LATIN2');
$server->query('CREATE EXTENSION sslinfo_plus', dbname => 'latin2');
$server->pki->make('dansk', subject => ['CN=Ørsted']);
my $dansk = $server->open_session(cert => 'dansk');
$server->say($dansk, 'SELECT 1');
is($server->query("SELECT client_dn FROM pg_stat_ssl_plus WHERE client_dn LIKE '%rsted'", dbname => 'latin1'),
	'/CN=Ørsted', 'a character that LATIN1 has is shown there');
is($server->query("SELECT client_dn FROM pg_stat_ssl_plus WHERE client_dn LIKE '%rsted'", dbname => 'latin2'),
	'/CN=\C3\98rsted', 'a character that LATIN2 does not have is escaped there');
$server->finish($dansk);

# However a session ends, its row goes.
my $terminated = $server->open_session(cert => 'app');
my $terminated_pid = $server->say($terminated, 'SELECT pg_backend_pid()');
my $is_there = "SELECT count(*) FROM pg_stat_ssl_plus WHERE pid = $terminated_pid";
is($server->query($is_there), '1', 'a session has a row');
$server->query("SELECT pg_terminate_backend($terminated_pid, 60000)");
is($server->query($is_there), '0', 'a terminated session has no row');
$server->query('CREATE ROLE limited LOGIN CONNECTION LIMIT 0');
like($server->error('', command => 'SELECT 1', user => 'limited'), qr/too many connections/, 'a session may end right after its authentication');
like($server->error('', command => 'SELECT 1', user => 'nobody_knows'), qr/role "nobody_knows" does not exist/, 'a session of a role that does not exist ends after its authentication');
$server->finish($sessions{$_}) for keys %sessions;
my $alone = 'SELECT count(*) = 1 FROM pg_stat_ssl_plus';
ok($server->wait_for($alone), 'no row of an ended session is left behind');

done_testing();
