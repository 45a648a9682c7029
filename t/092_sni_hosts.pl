# pg_hosts.conf, from PostgreSQL 19 on: pg_ssl_certificates and ssl_config_check(), and two tenants with a CA each.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
plan skip_all => 'before PostgreSQL 19 there is no pg_hosts.conf' if $server->query('SHOW server_version_num') < 190000;
my $pki  = $server->pki;
my $node = $server->node;
$server->query('CREATE ROLE monitor LOGIN IN ROLE pg_monitor');
my @monitor = (socket => 1, user => 'monitor');
$pki->make($_, subject => ["CN=$_.example"], extensions => [ san(dns => "$_.example") ]) for qw(a b renewed);
$node->append_conf('postgresql.conf', "ssl_sni = on\n");
sub hosts
{
	my (@lines) = @_;
	write_file($node->data_dir . '/pg_hosts.conf', join '', map { "$_\n" } @lines);
	return;
}
sub line
{
	my ($name, $pair, $ca) = @_;
	return "$name " . join ' ', map { qq("$_") } $pki->crt($pair), $pki->key($pair), $ca // $pki->trusted;
}
sub rows { return $server->query("SELECT string_agg(concat_ws(' ', host, on_disk, loaded, subject, problems), ';' ORDER BY host, subject, on_disk) FROM pg_ssl_certificates WHERE source = 'server'", @monitor); }
sub not_ok { return $server->query("SELECT string_agg(concat_ws(' ', setting, host, problem), ';' ORDER BY setting) FROM ssl_config_check() WHERE ok IS DISTINCT FROM true", @monitor); }

hosts(line('a.example', 'a'), line('b.example', 'b'));
$node->restart;
is(rows(), 'a.example t t CN=a.example {};b.example t t CN=b.example {}', 'pg_ssl_certificates shows the loaded certificates of the hosts over the Unix-domain socket');
is(not_ok(), '', 'ssl_config_check() refuses nothing at the start');
is($server->query("SELECT count(*) FROM ssl_config_check() WHERE setting IN ('ssl_ciphers', 'ssl_groups', 'ssl_min_protocol_version') AND host IS NULL AND ok", @monitor), '3',
	'the settings that hold for all hosts are checked once');
hosts(line('a.example', 'a'), line('b.example', 'renewed'));
like(rows(), qr/b\.example t f CN=renewed\.example \{"pending reload"\}/, 'the new certificate of a renewed host is pending');
like(rows(), qr/(?:^|;)f t CN=b\.example \{"pending reload"\}/, 'the old certificate of a renewed host is loaded and not on disk');
$server->reload;
is(rows(), 'a.example t t CN=a.example {};b.example t t CN=renewed.example {}', 'after the reload nothing is pending');
hosts(line('a.example', 'a'), sprintf 'b.example "%s" "%s"', $pki->crt('b'), $pki->key('a'));
like(not_ok(), qr/^ssl_key_file b\.example does not match the certificate/, 'a wrong key of a host is reported');
hosts(line('a.example', 'a'), line('A.example', 'b'));
like(not_ok(), qr/^hosts_file multiple entries for host "a\.example"/i, 'a host that is there twice is reported');
is($node->restart(fail_ok => 1), 0, 'a restart fails with a host that is there twice');
hosts(line('a.example', 'a'));
$node->start;
$server->query(q{ALTER SYSTEM SET ssl_ciphers = 'NONSENSE'}, @monitor[0, 1]);
$server->reload;
like(not_ok(), qr/^ssl_ciphers selects no cipher/, 'ciphers that select nothing are reported with hosts too');
$server->query('ALTER SYSTEM RESET ssl_ciphers', socket => 1);
$server->reload;

# A pass phrase has a command for each host.
IPC::Run::run([ qw(openssl pkey -aes128 -passout pass:secret -in), $pki->key('b'), '-out', $pki->key('b') . '.locked' ]) or die;
chmod 0600, $pki->key('b') . '.locked' or die "$!";
my $locked = sprintf 'b.example "%s" "%s.locked" "%s"', $pki->crt('b'), $pki->key('b'), $pki->trusted;
hosts(line('a.example', 'a'), "$locked \"echo secret\" on");
is($server->query("SELECT ok, problem FROM ssl_config_check() WHERE setting = 'ssl_key_file' AND host = 'b.example'", @monitor), '|cannot check: the key has a pass phrase',
	'a key with a pass phrase is unknown if its host has a command that a reload calls');
hosts(line('a.example', 'a'), $locked);
like(not_ok(), qr/^ssl_key_file b\.example cannot check: the key has a pass phrase/, 'a key with a pass phrase is refused if its host has no command');

# Two tenants: each host has its own CA for clients, and pg_hba.conf knows no host. So the CA of one tenant can issue a certificate
# with the name of a role of the other tenant.
$pki->make("ca_$_", ca => 1, issuer => "ca_$_", subject => ["CN=CA of tenant $_"]) for qw(a b);
$pki->make('app_a', issuer => 'ca_a', subject => ['CN=app_a']);
$pki->make('app_b', issuer => 'ca_b', subject => ['CN=app_b']);
$pki->make('stolen', issuer => 'ca_a', subject => ['CN=app_b']);
hosts(map { line("$_.example", $_, $pki->crt("ca_$_")) } qw(a b));
$server->query('CREATE ROLE app_a LOGIN; CREATE ROLE app_b LOGIN', socket => 1);
my $hba = $node->data_dir . '/pg_hba.conf';
my $lines = slurp_file($hba);
unlink $hba;
$node->append_conf('pg_hba.conf', "hostssl all app_a,app_b 127.0.0.1/32 cert\n$lines");
$server->reload;
sub tenant { my ($host, $cert, $user) = @_; return (user => $user, cert => $cert, options => "host=$host.example"); }

for my $tenant (qw(a b))
{
	is($server->query('SELECT (ssl_server_certificate()).subject, server_name, ssl_auth_method() FROM ssl_session()',
			tenant($tenant, "app_$tenant", "app_$tenant")),
		"CN=$tenant.example|$tenant.example|cert",
		"tenant $tenant logs in to its host, and ssl_server_certificate() is the one that was served");
}
like($server->error('', command => 'SELECT 1', tenant('b', 'stolen', 'app_b')), qr/unknown ca/i, 'the host of tenant b does not accept the CA of tenant a');
is($server->query('SELECT session_user', tenant('a', 'stolen', 'app_b')),
	'app_b', 'without a login rule the CA of tenant a lets somebody in as a role of tenant b');

# The recipe of docs/policy.md, with the keys of these CAs.
my ($recipe) = slurp_file("$FindBin::RealBin/../docs/policy.md") =~ /^    sslinfo_plus\.login_rules = '(app_a: [^']*)'$/m;
my %key = map { $_ => $server->query("SELECT client_root_spki FROM ssl_session()", tenant($_, "app_$_", "app_$_")) } qw(a b);
isnt($key{a}, $key{b}, 'client_root_spki differs between the CAs of the tenants');
sub rules
{
	my ($rules) = @_;
	$server->query("ALTER SYSTEM SET sslinfo_plus.login_rules = '$rules'", socket => 1);
	return $server->reload;
}
$server->query("ALTER SYSTEM SET sslinfo_plus.login_action = 'reject'", socket => 1);
my $refused = qr/FATAL:  login refused: this connection does not satisfy /;
rules($recipe =~ s/ca-spki=KEY_OF_CA_(\w)/ca-spki=$key{lc $1}/gr);
like($server->error('', command => 'SELECT 1', tenant('a', 'stolen', 'app_b')), qr/${refused}server-name, ca-spki$/m,
	'the login rule refuses the certificate that the CA of tenant a issued in the name of tenant b');
is($server->query('SELECT session_user', tenant($_, "app_$_", "app_$_")), "app_$_", "the login rule lets tenant $_ in") for qw(a b);
rules('app_b: server-name=b.example');
like($server->error('', command => 'SELECT 1', tenant('a', 'stolen', 'app_b')), qr/${refused}server-name$/m, 'a rule with server-name= alone refuses the certificate that the CA of tenant a issued');
rules("app_b: ca-spki=$key{b}");
like($server->error('', command => 'SELECT 1', tenant('a', 'stolen', 'app_b')), qr/${refused}ca-spki$/m, 'a rule with ca-spki= alone refuses the certificate that the CA of tenant a issued');

hosts(line('a.example', 'a'), 'b.example');
like(not_ok(), qr/^hosts_file /, 'a pg_hosts.conf that does not parse is reported');
is($node->restart(fail_ok => 1), 0, 'a restart fails with a pg_hosts.conf that does not parse');

done_testing();
