# The queries of docs/server.md, as they are printed there, over real sessions, and what they print.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Document qw(is_documented psql_output);
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $document = SSLInfoPlus::Document->new('docs/server.md');
my $file_names;    # since 16 pg_hba_file_rules has them

# The first statement behind a heading.
sub documented
{
	my ($heading) = @_;
	my $sql = ($document->blocks($heading))[0]{text};
	return $file_names ? $sql : $sql =~ s/^ +AND .*file_name.*\n//mr;
}

my $server = SSLInfoPlus::Server->new(
	'main',
	hba  => "hostssl prod mapped 127.0.0.1/32 cert map=machines\nhostssl audit auditor 10.0.0.0/8 scram-sha-256\n",
	conf => "shared_preload_libraries = 'sslinfo_plus'\n");
$server->node->append_conf('pg_ident.conf', 'machines app mapped');
$server->reload;
$file_names = $server->query('SHOW server_version_num') >= 160000;
$server->query(join ';', map { "CREATE ROLE $_ LOGIN" } qw(app batch legacy reporting mapped));
$server->query('CREATE DATABASE prod');
$server->pki->make('app', subject => [ 'O=Acme', 'CN=app' ]);
$server->pki->make('batch', subject => [ 'O=Acme', 'CN=batch' ], not_after => time + 10);
$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);

my $expiring = $server->open_session(cert => 'batch', user => 'batch', dbname => 'prod');
my $pid = $server->say($expiring, 'SELECT pg_backend_pid()');
my $open = $server->open_session(cert => 'app', user => 'app', dbname => 'prod', tls => '1.3');
$server->say($open, 'SELECT 1');
$server->query('SELECT 1', user => 'app', dbname => 'prod', cert => 'app', tls => '1.3') for 1 .. 4;
$server->query('SELECT 1', user => 'legacy', dbname => 'prod', tls => '1.2') for 1 .. 3;
$server->query('SELECT 1', user => 'reporting', dbname => 'prod', sslmode => 'disable') for 1 .. 2;
$server->query('SELECT 1', user => 'reporting', dbname => 'prod', socket => 1);
my $mapped = $server->open_session(cert => 'app', user => 'mapped', dbname => 'prod', tls => '1.3');
$server->say($mapped, 'SELECT 1');
my $offers = $server->query('SELECT post_quantum_offered FROM ssl_session()', tls => '1.3', dbname => 'postgres', user => 'app',
	cert => 'app') eq 't';

unlike($document->text, qr/^ *[=-][#>] /m, 'no block of docs/server.md has a prompt');

sub ask { return $server->query(documented($_[0]), socket => 1); }

# The first statement behind a heading, and the output that is printed behind it.
sub check_output
{
	my ($heading) = @_;
	my (undef, $output) = $document->blocks($heading);
	my $psql = psql_output($server->connstr(socket => 1), documented($heading));
	my $printed = $output->{text};
	$psql =~ s/^ *\Q$pid\E /12629 /mg;
	s/ [\d.]+$/ MS/m for grep { /^ hello_retry/ } $psql, $printed;
	s/\|[^|\n]*$//mg for grep { /^ +stage / } $psql, $printed;    # OpenSSL's messages differ from version to version
	is_documented($psql, $printed, "the output is the documented one: $heading");
	return;
}

ok($server->wait_for('SELECT count(*) = 1 FROM pg_stat_ssl_plus WHERE expired'), 'a certificate expires during its session');
like(ask('Which sessions hold a certificate that has expired?'),
	qr{^$pid\|batch\|prod\|127\.0\.0\.1\|/O=Acme/CN=batch\|[^\n]+$}, 'the session with an expired certificate is found');
is(
	ask('Who still logs in by trust or md5?') =~ s/\|\d{4}-[^\n]*//gr,
	"app|prod|tls|trust|5|5\nlegacy|prod|tls|trust|5|3\nreporting|prod|plain|trust|5|2\napp|postgres|tls|trust|5|1\nbatch|prod|tls|trust|5|1",
	'the logins by trust over the network are found');
is(
	ask('Which lines of pg_hba.conf does nobody use?'),
	"2|hostssl|{audit}|{auditor}|10.0.0.0|scram-sha-256\n4|local|{replication}|{all}||trust\n6|host|{replication}|{all}|127.0.0.1|trust",
	'the lines that admitted nobody are found');
like(
	ask('Whose certificate is mapped to which role, and by which line?'),
	qr/^CN=app,O=Acme\|mapped\|1\|cert\|\{map=machines,clientcert=verify-full\}$/,
	'the certificate, its role and the line are found');
like(ask('Who still logs in with TLS 1.2?'), qr/^legacy\|prod\|127\.0\.0\.1\|3\|[^\n]+$/, 'the client that still has TLS 1.2 is found');
is(
	ask('Which clients could do post-quantum?'),
	join("\n", map { join '|', @$_, $offers ? $_->[1] : 0 } [ 'app', 6 ], [ 'batch', 1 ], [ 'legacy', 3 ], [ 'mapped', 1 ]) =~ s/legacy\|3\|\K\d/0/r,
	'the clients that could do post-quantum are found');
is(
	ask('What would break if we required a certificate?') =~ s/\|\d{4}-[^\n]*//gr,
	"legacy|prod|tls|127.0.0.1|3\nreporting|prod|plain|127.0.0.1|2",
	'the clients without a certificate are found');

check_output($_) for 'Which sessions hold a certificate that has expired?', 'Who still logs in by trust or md5?',
  'Which lines of pg_hba.conf does nobody use?', 'Whose certificate is mapped to which role, and by which line?', 'Who still logs in with TLS 1.2?',
  ($offers ? () : 'Which clients could do post-quantum?'), 'What would break if we required a certificate?';

# The runbook: its blocks, one after another.
my ($prefix, $log_only, $look, $found, $evictions, $logged, $reject, $refused) =
  map { $_->{text} } $document->blocks('Runbook: require TLS 1.3, or a certificate, without an outage');
my $socket = $server->connstr(socket => 1);
my $offset = -s $server->node->logfile;
psql_output($socket, $prefix);
psql_output($socket, $log_only);
$server->reload;
$server->query('SELECT 1', user => 'legacy', dbname => 'prod', tls => '1.2', options => 'application_name=nightly') for 1 .. 2;
$server->query('SELECT 1', user => 'app', dbname => 'prod', cert => 'app', tls => '1.3');
is_documented(psql_output($socket, $look), $found, 'the query of the runbook prints the logins that its rule would refuse, as documented');
like(psql_output($socket, $evictions), qr/^ +\d+ \| +0 \| /m, 'no row of the usage was evicted during the runbook');
my ($message, $detail) = $server->log_since($offset) =~ /^.*? 127\.0\.0\.1 legacy\@prod (LOG:  login would be refused.*\n)[^\n]*? (DETAIL: .*\n)/m;
is_documented(($message // '') . ($detail // ''), $logged, 'the log names the reason, the host and the application of such a login, as documented');
psql_output($socket, $reject);
$server->query('ALTER SYSTEM SET sslinfo_plus.log_connections = on', socket => 1);
$server->reload;
my ($code, undef, $errors) = $server->run('', command => 'SELECT 1', user => 'legacy', dbname => 'prod', tls => '1.2');
is($code, 2, 'the login is refused at the end of the runbook');
is_documented($errors, $refused, 'the refused client gets the documented error');
$server->query('SELECT 1', user => 'app', dbname => 'prod', cert => 'app', tls => '1.3');
note grep { /sslinfo_plus login/ } map { "$_\n" } split /\n/, $server->log_since(0);
is($server->query("SELECT sum(rejected) FROM pg_stat_ssl_usage WHERE usename = 'legacy'", socket => 1), '1', 'the refused login is counted');
my ($shown, $ask_rule, $rule) = map { $_->{text} } $document->blocks('Login rules');
is_documented($errors, $shown, 'the refused client gets the error that is documented with the login rules');
my ($rules) = $document->section('Login rules') =~ /^    sslinfo_plus\.login_rules = '(.*)'$/m;
psql_output($socket, "ALTER SYSTEM SET sslinfo_plus.login_rules = '$rules'");
$server->reload;
is_documented(psql_output($socket, $ask_rule), $rule, 'ssl_login_rule() prints the documented rule');
$server->finish($_) for $expiring, $open, $mapped;

# A second round trip, and how clients avoid it.
my $major = int($server->query('SHOW server_version_num', socket => 1) / 10000);
my $round_trips = 'A second round trip';
my @sessions = map { my $session = $server->open_session(tls => '1.3'); $server->say($session, 'SELECT 1'); $session } 1, 2;
like(ask($round_trips), $major < 18 ? qr/^t\|2\|[\d.]+$/ : qr/^f\|2\|[\d.]+$/, 'the query finds who pays a second round trip');
check_output($round_trips) if $major < 18;
$server->finish($_) for @sessions;
{
	local $ENV{OPENSSL_CONF} = write_file($server->node->basedir . '/openssl.cnf', <<"EOC");
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = default
[default]
Groups = P-256:X25519
EOC
	is($server->query('SELECT hello_retry FROM ssl_session()', tls => '1.3'), 'f', 'a client with P-256 first has no second round trip');
}

# Why can this client not connect?
$server->query("ALTER SYSTEM SET sslinfo_plus.login_action = 'off'", socket => 1);
$server->reload;
$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
my %legacy = (user => 'legacy', dbname => 'prod', tls => '1.2', options => "application_name='nightly report'");
$server->query('SELECT 1', %legacy) for 1, 2;
$server->query('SELECT 1', user => 'app', dbname => 'prod', tls => '1.3');
$server->query("ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.3'", socket => 1);
$server->reload;
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
$server->pki->make($_, issuer => 'other_root') for 'other_root', 'partner';
my @attempts = (
	[ 3 => %legacy ],
	[ 1 => user => 'app', cert => 'partner' ],
	[ 2 => user => 'reporting', sslmode => 'verify-ca', options => "sslrootcert='" . $server->pki->crt('other_root') . "'" ],
	[ 1 => user => 'intern' ]);
for my $attempt (@attempts)
{
	my ($times, %want) = @$attempt;
	$server->run('', command => 'SELECT 1', %want) for 1 .. $times;
}
ok($server->wait_for('SELECT sum(count) = 7 FROM pg_stat_ssl_failure_totals'), 'seven attempts have failed');
my $why = 'Why can this client not connect?';
is(join("\n", map { s/\|[^|]*$//r } split /\n/, ask($why)),
	join("\n",
		'authentication|other|127.0.0.1|intern|1||',
		'handshake|server_certificate_refused|127.0.0.1||2|unknown_ca|client',
		'handshake|client_certificate_unknown_ca|127.0.0.1||1|unknown_ca|server',
		'handshake|protocol_version|127.0.0.1||3|protocol_version|server'),
	'the query finds the failed attempts and their reasons');
my $who = 'Who is locked out, since when, with which library?';
like(ask($who), qr/^127\.0\.0\.1\|3\|[^|]+\|[^|]+\|TLSv1\.2\|t12d[^|]+\|legacy \(nightly report\)$/, 'the query finds who is locked out, since when, with which library');
check_output($who);
check_output($why);

# A renewal: the blocks, one after another, as an exporter sees them.
my $renewing = SSLInfoPlus::Server->new('renewing', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki = $renewing->pki;
my %name = (subject => ['CN=localhost'], extensions => [ san(dns => 'localhost', ip => '127.0.0.1') ]);
$pki->make('server', %name, not_after => time + 9 * 86400);
$pki->make('renewed', %name, not_after => time + 90 * 86400);
sub copy_in { my ($from, $to) = @_; unlink "${\$renewing->node->data_dir}/$to"; append_to_file("${\$renewing->node->data_dir}/$to", slurp_file($from)); chmod 0600, "${\$renewing->node->data_dir}/$to"; return; }
copy_in($pki->crt('server'), 'server.crt');
copy_in($pki->key('server'), 'server.key');
copy_in($pki->trusted, 'ca.crt');
$renewing->set(ssl_cert_file => 'server.crt', ssl_key_file => 'server.key', ssl_ca_file => 'ca.crt');
my ($exporter) = $document->section('Renew a certificate without an outage') =~ /^    (CREATE ROLE .*;)$/m;
$renewing->query($exporter, socket => 1);
my @renewal = map { $_->{text} } $document->blocks('Renew a certificate without an outage');
for my $step (
	[ 'before' => sub { } ],
	[ 'without the key' => sub { copy_in($pki->crt('renewed'), 'server.crt') } ],
	[ 'with the key' => sub { copy_in($pki->key('renewed'), 'server.key') } ],
	[ 'before the reload' => sub { } ],
	[ 'after the reload' => sub { $renewing->reload } ])
{
	my ($title, $change) = @$step;
	my ($statement, $printed) = splice @renewal, 0, 2;
	$change->();
	my $psql = psql_output($renewing->connstr(socket => 1, user => 'exporter'), $statement);
	s/^ ssl_(?!\w+_file).*\n//mg, s/^\(\d+ rows?\)$//m for $psql, $printed;    # settings of other versions
	is_documented($psql, $printed, "a renewal has the documented certificates: $title");
}

done_testing();
