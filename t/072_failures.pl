# pg_stat_ssl_failures: every reason for which an attempt does not become a session, each from a real client.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Socket::INET;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.login_rules = 'ruled: client-cert'
sslinfo_plus.login_action = reject
EOC
my ($node, $pki) = ($server->node, $server->pki);
my $major = int($server->query('SHOW server_version_num', socket => 1) / 10000);
my $me = getpwuid $>;
my $dir = $node->basedir . '/tls';
mkdir $dir or die "$!";

$server->query("CREATE ROLE $_ LOGIN PASSWORD 'right'", socket => 1)
  for qw(tls_only needs_cert rejected cert_role full_role with_password cleartext ruled stranger monitor nobody_special);
$server->query("GRANT pg_monitor TO monitor; ALTER ROLE stranger SET application_name = ''", socket => 1);
write_file($node->data_dir . '/pg_hba.conf', <<"EOC");
local   all $me,stranger,monitor trust
hostssl all tls_only 127.0.0.1/32 trust
hostssl all needs_cert 127.0.0.1/32 trust clientcert=verify-ca
host    all rejected 127.0.0.1/32 reject
hostssl all cert_role 127.0.0.1/32 cert
hostssl all full_role 127.0.0.1/32 scram-sha-256 clientcert=verify-full
host    all with_password 127.0.0.1/32 scram-sha-256
host    all cleartext 127.0.0.1/32 password
host    all $me,ruled,no_such_role,nobody_special 127.0.0.1/32 trust
EOC
$pki->make($_) for qw(app cert_role ruled);
$pki->make('other_root', issuer => 'other_root');
$pki->make('stray',   issuer     => 'other_root');
$pki->make('expired', not_before => time - 86400 * 9, not_after => time - 86400);
$pki->make('future',  not_before => time + 86400);
$pki->make('server_only', extensions => [ extended_key_usage('serverAuth') ]);
$pki->make('forged');
{
	# A certificate whose last byte, in the signature, is another one.
	my $der = $pki->der('forged');
	substr($der, -1) ^= "\x01";
	require MIME::Base64;
	write_file($pki->crt('forged'), "-----BEGIN CERTIFICATE-----\n" . MIME::Base64::encode($der) . "-----END CERTIFICATE-----\n");
}

sub set
{
	my (%settings) = @_;
	$server->query(defined $settings{$_} ? "ALTER SYSTEM SET $_ = '$settings{$_}'" : "ALTER SYSTEM RESET $_", socket => 1)
	  for keys %settings;
	$server->reload;
	return;
}
$server->reload;

# A CRL of a CA.
write_file("$dir/ca.cnf", "[ca]\ndefault_ca = c\n[c]\ndatabase = $dir/index.txt\ncrlnumber = $dir/crlnumber\ndefault_md = sha256\n");
sub crl
{
	my ($issuer, $revoked, @arguments) = @_;
	my ($out, $said) = ('', '');
	write_file("$dir/index.txt", join '', map { sprintf "R\t391231235959Z\t250101000000Z\t%s\tunknown\t/CN=$_\n", _hex($pki->serial($_)) } @$revoked);
	write_file("$dir/crlnumber", "01\n");
	IPC::Run::run([ qw(openssl ca -gencrl -config), "$dir/ca.cnf", '-keyfile', $pki->key($issuer), '-cert', $pki->crt($issuer),
			@arguments ? @arguments : ('-crldays', 30) ], '>', \$out, '2>', \$said) or die $said;
	return $out;
}
sub _hex { my ($serial) = @_; my $hex = uc substr $serial->as_hex, 2; return length($hex) % 2 ? "0$hex" : $hex; }

# Clients that are not psql.
my $ssl_request = pack 'NN', 8, 80877103;
sub tcp
{
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $node->port, Timeout => 30) // die "$!";
}
sub raw    # sends each part after the server's answer to the one before, and closes
{
	my (@parts) = @_;
	my $socket = tcp();
	while (@parts)
	{
		syswrite $socket, shift @parts or die "$!";
		sysread $socket, my $answer, 65536 if @parts;    # the answer to what was sent, in one piece
	}
	shutdown $socket, 1;
	sysread $socket, my $rest, 65536;
	close $socket;
	return;
}
sub s_client
{
	my (@options) = @_;
	my $said = '';
	IPC::Run::run([ qw(openssl s_client -starttls postgres -connect), '127.0.0.1:' . $node->port, @options ],
		'<', \'', '>&', \$said, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $said;
}
sub psql { my (%want) = @_; my ($code, $out, $errors) = $server->run('', command => 'SELECT 1', %want); return $errors; }
sub record { my ($type, $body, $version) = @_; return pack "C n n/a*", $type, $version // 0x0301, $body; }
sub client_hello    # of TLS 1.2, by hand
{
	my ($extensions) = @_;
	my $body = pack('n', 0x0303) . 'r' x 32 . "\0" . pack('n/a*', pack 'n*', 0xc02b, 0xc02c) . "\1\0" . pack 'n/a*', $extensions;
	my $message = "\1" . substr(pack('N', length $body), 1) . $body;
	return join '', map { record(22, $_) } $message =~ /(.{1,16000})/gs;
}
my $usable = pack 'n n/a* n n/a* n n/a*', 10, pack('n/a*', pack 'n', 23), 13, pack('n/a*', pack 'n', 0x0403), 11, "\1\0";

sub startup_packet
{
	my ($user, $database) = @_;
	my $body = pack('N', 196608) . join("\0", user => $user, database => $database // 'postgres') . "\0\0";
	return pack('N', 4 + length $body) . $body;
}
sub response { my ($body) = @_; return 'p' . pack('N', 4 + length $body) . $body; }

# What is counted for one attempt. Fails the test if it is not exactly one.
sub attempt
{
	my ($title, $stage, $reason, $client, %expected) = @_;
	$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
	my $before = -s $node->logfile;
	my $said = $client->();
	$server->wait_for('SELECT sum(count) > 0 FROM pg_stat_ssl_failure_totals') or note 'nothing is counted';
	my $rows = $server->query(
		'SELECT stage, reason, count, host(client_addr), usename, datname, alert_from, alert, offered_version, left(ja4, 3), server_name'
		  . ' FROM pg_stat_ssl_failures', socket => 1);
	my %row;
	@row{qw(stage reason count client_addr usename datname alert_from alert offered_version ja4 server_name)} = split /\|/, $rows, -1;
	is("$row{stage}: $row{reason} $row{count}", "$stage: $reason 1", "an attempt is counted as $stage: $reason: $title") or note "$rows\n" . ($said // '') . $server->log_since($before);
	$expected{client_addr} //= '127.0.0.1';
	for my $column (sort keys %expected)
	{
		like($row{$column}, ref $expected{$column} ? $expected{$column} : qr/\A\Q$expected{$column}\E\z/, "the attempt has the right $column: $title");
	}
	is($server->query("SELECT string_agg(stage || ': ' || reason || ' ' || count, ',') FROM pg_stat_ssl_failure_totals WHERE count > 0", socket => 1),
		"$stage: $reason 1", "the attempt is counted once in the totals: $title");
	return;
}

# startup
my @startup = (
	[ 'no PostgreSQL client', 'startup', 'not_postgresql', sub { raw("GET / HTTP/1.0\r\n\r\n") }, usename => '', alert => '', ja4 => '' ],
	[ 'another protocol version', 'startup', 'not_postgresql', sub { raw(pack 'N N', 8, 0x00010002) } ],
	[ 'a startup packet without a role', 'startup', 'not_postgresql', sub { raw(startup_packet('')) } ],
	[ 'a startup packet that does not end', 'startup', 'not_postgresql',
		sub { raw(pack('N N', 18, 196608) . "user\0x\0yes") }, usename => qr/^x?$/ ]);
attempt(@$_) for @startup;

# handshake
my $no_tls = sub { raw($ssl_request, "GET / HTTP/1.1\r\n\r\n") };
attempt('no TLS after the request for it', 'handshake', 'not_tls', $no_tls, ja4 => '');
attempt('a record of TLS that is no ClientHello', 'handshake', 'not_tls', sub { raw($ssl_request, record(22, "\2\0\0\4abcd")) });
set(ssl_min_protocol_version => 'TLSv1.3');
attempt('a client without TLS 1.3', 'handshake', 'protocol_version', sub { psql(tls => '1.2') },
	alert_from => 'server', alert => 'protocol_version', offered_version => 'TLSv1.2', ja4 => 't12', server_name => 'localhost', usename => '');
set(ssl_min_protocol_version => undef);
attempt('no cipher suite in common, TLS 1.2', 'handshake', 'no_shared_cipher', sub { s_client(qw(-tls1_2 -cipher AES128-SHA)) },
	alert => 'handshake_failure', alert_from => 'server', offered_version => 'TLSv1.2');
attempt('no cipher suite in common, TLS 1.3', 'handshake', 'no_shared_cipher', sub { s_client(qw(-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256)) },
	alert => 'handshake_failure', offered_version => 'TLSv1.3');
set($major >= 18 ? 'ssl_groups' : 'ssl_ecdh_curve', 'prime256v1');
attempt('no group in common', 'handshake', 'no_shared_group', sub { s_client(qw(-tls1_3 -groups X25519)) }, alert => 'handshake_failure');
set($major >= 18 ? 'ssl_groups' : 'ssl_ecdh_curve', undef);
attempt('no signature algorithm in common', 'handshake', 'no_shared_signature_algorithm', sub { s_client(qw(-tls1_3 -sigalgs RSA-PSS+SHA256)) });
for my $case (
	[ expired => 'client_certificate_expired',       'certificate_expired' ],
	[ future  => 'client_certificate_not_yet_valid', qr/^(bad_certificate|certificate_expired)$/ ],
	[ stray   => 'client_certificate_unknown_ca',    'unknown_ca' ],
	[ forged  => 'client_certificate_invalid',       qr/./ ],
	[ server_only => 'client_certificate_invalid',   'unsupported_certificate' ])
{
	my ($name, $reason, $alert) = @$case;
	attempt("a client certificate that is $name", 'handshake', $reason, sub { psql(cert => $name, tls => $_) }, alert => $alert, alert_from => 'server')
	  for '1.2', '1.3';
}
write_file("$dir/crl", crl('root', ['app']));
set(ssl_crl_file => "$dir/crl");
attempt('a revoked client certificate', 'handshake', 'client_certificate_revoked', sub { psql(cert => 'app') }, alert => 'certificate_revoked');
write_file("$dir/crl", crl('root', [], '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z'));
$server->reload;
attempt('an expired CRL', 'handshake', 'crl_expired', sub { psql(cert => 'app') });
write_file("$dir/crl", crl('other_root', []));
$server->reload;
attempt('no CRL of the CA', 'handshake', 'crl_unavailable', sub { psql(cert => 'app') });
set(ssl_crl_file => undef);
attempt('a client that does not trust the server', 'handshake', 'server_certificate_refused',
	sub { psql(sslmode => 'verify-ca', options => "sslrootcert='" . $pki->crt('other_root') . "'") },
	alert_from => 'client', alert => 'unknown_ca', server_name => 'localhost');
attempt('another alert of the client', 'handshake', 'client_alert', sub { raw($ssl_request, client_hello($usable), record(21, "\2\x50", 0x0303)) },
	alert_from => 'client', alert => 'internal_error', offered_version => 'TLSv1.2');
attempt('a client that closes in mid-handshake', 'handshake', 'closed', sub { raw($ssl_request, client_hello($usable)) }, alert => qr/^(|decode_error)$/);
attempt('a client that closes before the handshake', 'handshake', 'closed', sub { my $socket = tcp(); syswrite $socket, $ssl_request; sysread $socket, my $answer, 1; close $socket });
attempt('a client that does not find the server\'s name in its certificate', 'handshake', 'closed_after_handshake',
	sub { psql(options => 'host=elsewhere.example') }, server_name => 'elsewhere.example', ja4 => 't13');
attempt('a malformed ClientHello', 'handshake', 'other', sub { raw($ssl_request, client_hello("\0\x0a\0\3\0\1x")) },
	alert => 'decode_error', ja4 => '');
# Beyond 16,384 bytes a ClientHello is not read, and the handshake goes on.
for my $padding (100, 60_000)
{
	attempt("a ClientHello with $padding bytes of padding", 'handshake', 'client_alert',
		sub { raw($ssl_request, client_hello($usable . pack 'n n/a*', 21, "\0" x $padding), record(21, "\2\x50", 0x0303)) },
		offered_version => $padding < 16_384 ? 'TLSv1.2' : '', ja4 => $padding < 16_384 ? 't12' : '', alert => 'internal_error');
}
attempt('a server name with a NUL', 'handshake', 'server_name',
	sub { raw($ssl_request, client_hello($usable . pack 'n n/a*', 0, pack 'n/a*', pack 'C n/a*', 0, "db.example\0.evil")) },
	alert => 'unrecognized_name', server_name => 'db.example\00.evil');
SKIP:
{
	skip 'ALPN came with PostgreSQL 17', 6 if $major < 17;
	attempt('another application protocol', 'handshake', 'alpn', sub { s_client(qw(-alpn h2)) }, alert => 'no_application_protocol');
	attempt('direct TLS without an application protocol', 'handshake', 'alpn',
		sub { my $in = ''; IPC::Run::run([ 'openssl', 's_client', '-connect', '127.0.0.1:' . $node->port ], '<', \$in, '>&', \(my $out = '')) });
}

# pg_hba.conf, authentication, login rules: the reasons that come from messages of PostgreSQL.
$server->query('ALTER ROLE nobody_special NOLOGIN', socket => 1);
my @by_message = (
	[ 'no line for a connection without TLS', 'hba', 'no_encryption', sub { psql(user => 'tls_only', sslmode => 'disable') },
		usename => 'tls_only', datname => 'postgres' ],
	[ 'no line', 'hba', 'no_entry', sub { psql(user => 'stranger') }, usename => 'stranger', ja4 => 't13', offered_version => 'TLSv1.3' ],
	[ 'no line for a Unix-domain socket', 'hba', 'no_entry', sub { psql(user => 'tls_only', socket => 1) }, client_addr => '', usename => 'tls_only' ],
	[ 'a line that rejects', 'hba', 'reject', sub { psql(user => 'rejected') }, usename => 'rejected' ],
	[ 'a line that wants a client certificate', 'hba', 'client_certificate_required', sub { psql(user => 'needs_cert') } ],
	[ 'another name in the certificate', 'authentication', 'certificate_identity', sub { psql(user => 'cert_role', cert => 'app') } ],
	[ 'another name in the certificate, beside a password', 'authentication', 'certificate_identity',
		sub { psql(user => 'full_role', cert => 'app', options => 'password=right') } ],
	[ 'a wrong password', 'authentication', 'password', sub { psql(user => 'with_password', options => 'password=wrong') }, alert => '' ],
	[ 'a wrong password in clear text', 'authentication', 'password', sub { psql(user => 'cleartext', options => 'password=wrong') } ],
	[ 'a role that does not exist', 'authentication', 'other', sub { psql(user => 'no_such_role') }, usename => 'no_such_role' ],
	[ 'a role that may not log in', 'authentication', 'other', sub { psql(user => 'nobody_special') } ],
	[ 'a malformed answer to the request for a password', 'authentication', 'other',
		sub { raw(startup_packet('with_password'), response("SCRAM-SHA-256\0" . pack 'N/a*', 'not SCRAM')) }, usename => 'with_password' ],
	[ 'another message than the answer', 'authentication', 'other', sub { raw(startup_packet('with_password'), "Q\0\0\0\5\0") } ],
	[ 'a login rule', 'login rule', 'rule', sub { psql(user => 'ruled') }, usename => 'ruled', datname => 'postgres' ]);
attempt(@$_) for @by_message;
is($server->query("SELECT sum(rejected) FROM pg_stat_ssl_usage WHERE usename = 'ruled'", socket => 1), '1', 'a login that a rule refused is counted in pg_stat_ssl_usage');

# Not counted.
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
psql();
psql(sslmode => 'disable');
psql(cert => 'ruled', user => 'ruled');
psql(dbname => 'no_such_database');
psql(user => 'with_password');    # leaves at the prompt
{
	my $session = $server->open_session();
	my $pid = $server->say($session, 'SELECT pg_backend_pid()');
	$server->say($session, 'SELECT 1/0');
	$server->query("SELECT pg_terminate_backend($pid)", socket => 1);
	eval { $server->finish($session) };
}
{
	my $said = '';    # a cancel request over TLS
	my $key = pack 'N4', 16, 80877102, 1, 2;
	IPC::Run::run([ qw(openssl s_client -quiet -starttls postgres -connect), '127.0.0.1:' . $node->port, $major >= 17 ? (-alpn => 'postgresql') : () ],
		'<', \$key, '>&', \$said, IPC::Run::timeout(60));
}
not_counted('sessions, a database that does not exist, a client that leaves at the password prompt, a cancelled session and a cancel request are no failures');

sub not_counted    # checks that nothing was counted since the reset
{
	my ($title) = @_;
	sleep 1;
	is($server->query("SELECT string_agg(stage || ': ' || reason || ' ' || count, ',') FROM pg_stat_ssl_failure_totals WHERE count > 0", socket => 1), '', $title)
	  or note $server->query('SELECT * FROM pg_stat_ssl_failures', socket => 1);
	return;
}

# libpq's sslmode=prefer tries twice, and both attempts count.
set(ssl_min_protocol_version => 'TLSv1.3');
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
psql(tls => '1.2', sslmode => 'prefer', user => 'tls_only');
$server->wait_for('SELECT sum(count) >= 2 FROM pg_stat_ssl_failure_totals');
is($server->query("SELECT string_agg(stage || ': ' || reason || ' ' || count, ', ' ORDER BY stage) FROM pg_stat_ssl_failures", socket => 1),
	'handshake: protocol_version 1, hba: no_encryption 1', 'sslmode=prefer makes two attempts');
set(ssl_min_protocol_version => undef);

# Texts of strangers.
attempt('a name with control characters', 'hba', 'no_encryption', sub { raw(startup_packet("no\x1b[2J\nsuch\xff")) }, usename => qr/^no\\u001b\[2J\\u000asuch\\FF$/);

# Secrets: whatever the client answers to the request for a password is in no column, and later in no file.
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
psql(user => $_, options => 'password=hunter2') for qw(with_password cleartext);
raw(startup_packet('with_password'), response("SCRAM-SHA-256\0" . pack 'N/a*', 'n,,n=*,r=hunter2'), response('c=biws,r=hunter2,p=hunter2'));
raw(startup_packet('with_password'), response("hunter2\0"));
raw(startup_packet('cleartext'), response('hunter2'));
raw(startup_packet('cleartext'), response("hunter2\0hunter2\0"));
$server->wait_for('SELECT sum(count) >= 6 FROM pg_stat_ssl_failure_totals');
is($server->query("SELECT sum(count), bool_or(f::text ~ 'hunter2') FROM pg_stat_ssl_failures f", socket => 1), '6|f', 'no column holds the answer of a client to a request for its password')
  or note $server->query('SELECT * FROM pg_stat_ssl_failures', socket => 1);
$node->stop;
unlike(slurp_file($node->data_dir . '/pg_stat/sslinfo_plus_failures.stat'), qr/hunter2/, 'the file of the failures does not hold the answer of a client to a request for its password');
$node->start;

# Privileges.
my @views = ('pg_stat_ssl_failures', 'pg_stat_ssl_failure_totals', 'pg_stat_ssl_failures()', 'pg_stat_ssl_failure_totals()');
like($server->error("SELECT * FROM $_", socket => 1, user => 'stranger'), qr/^42501/, "$_ is not for everybody") for @views;
is($server->error("SELECT * FROM $_", socket => 1, user => 'monitor'), '', "$_ is for pg_monitor") for @views;
is($server->query('SELECT entries > 0, evictions FROM pg_stat_ssl_failures_info', socket => 1, user => 'stranger'), 't|0', 'pg_stat_ssl_failures_info is for everybody');
like($server->error('SELECT pg_stat_ssl_failures_reset()', socket => 1, user => 'monitor'), qr/^42501/, 'pg_stat_ssl_failures_reset() is not for pg_monitor');

# Nothing is kept when it is turned off.
set('sslinfo_plus.track_failures' => 'off');
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
psql(user => 'with_password', options => 'password=wrong');
is($server->query('SELECT sum(count) FROM pg_stat_ssl_failure_totals', socket => 1), '0', 'nothing is counted with track_failures = off');
set('sslinfo_plus.track_failures' => undef);

# What log_min_messages hides: a failed handshake is then known by its alert alone, ...
set(log_min_messages => 'fatal', ssl_min_protocol_version => 'TLSv1.3');
attempt('log_min_messages = fatal', 'handshake', 'protocol_version', sub { psql(tls => '1.2') }, alert => 'protocol_version');
set(ssl_min_protocol_version => undef);
attempt('log_min_messages = fatal, a malformed ClientHello', 'handshake', 'other', sub { raw($ssl_request, client_hello("\0\x0a\0\3\0\1x")) }, alert => 'decode_error');
attempt('log_min_messages = fatal, no TLS: there is no alert', 'handshake', 'closed', $no_tls);
for my $case (@by_message)
{
	my ($title, $stage, $reason, $client) = @$case;
	# PostgreSQL writes a LOG message that the certificate has another name, and a FATAL one that the password is wrong.
	$reason = 'password' if $title =~ /beside a password/;
	attempt("log_min_messages = fatal, $title", $stage, $reason, $client, $title =~ /Unix/ ? (client_addr => '') : ());
}
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
$startup[0][3]->();
not_counted('log_min_messages = fatal hides bytes that are no startup packet');
# ... and the rest not at all.
set(log_min_messages => 'panic');
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
$_->[3]->() for @startup, @by_message;
not_counted('log_min_messages = panic hides the stages startup, hba, authentication and login rule');
attempt('log_min_messages = panic, a failed handshake', 'handshake', 'client_certificate_unknown_ca', sub { psql(cert => 'stray') });
set(log_min_messages => undef);

# The reason does not depend on the language of the messages. (The packages of PostgreSQL bring the translations, and glibc's locales.)
{
	mkdir "$dir/locales";
	my $said = '';
	IPC::Run::run([ qw(localedef -i de_DE -f UTF-8), "$dir/locales/de_DE.UTF-8" ], '>&', \$said);
	local $ENV{LOCPATH} = "$dir/locales";
	$node->append_conf('postgresql.conf', "lc_messages = 'de_DE.UTF-8'\n");
	$node->restart;
	for my $case (@startup, [ 'no TLS', 'handshake', 'not_tls', $no_tls ],
		[ 'a client that closes', 'handshake', 'closed', sub { raw($ssl_request, client_hello($usable)) } ], @by_message)
	{
		my ($title, $stage, $reason, $client) = @$case;
		attempt("German messages, $title", $stage, $reason, $client, $title =~ /Unix/ ? (client_addr => '') : ());
	}
	attempt('German messages, a wrong password again', 'authentication', 'password', sub { psql(user => 'with_password', options => 'password=wrong') });
	SKIP:
	{
		skip 'the server was built without translations (--enable-nls)', 1 if $node->config_data('--configure') !~ /--enable-nls/;
		like($server->query('SELECT message FROM pg_stat_ssl_failures', socket => 1), qr/Passwort/, 'the message of a failure is in German') or note $said;
	}
	$node->append_conf('postgresql.conf', "lc_messages = 'C'\n");
}

# Without the observer the reasons of a failed handshake are not known, and those of other stages are.
$node->append_conf('postgresql.conf', "sslinfo_plus.read_client_hello = off\n");
$node->restart;
attempt('read_client_hello = off, a client certificate of an unknown CA', 'handshake', 'other', sub { psql(cert => 'stray') }, alert => '', ja4 => '');
attempt("read_client_hello = off, $_->[0]", @$_[1 .. 3], $_->[0] =~ /Unix/ ? (client_addr => '') : ()) for @startup, @by_message;
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
psql(options => 'host=elsewhere.example');
not_counted('read_client_hello = off: a client that closes after the handshake is not seen');
$node->append_conf('postgresql.conf', "sslinfo_plus.read_client_hello = on\n");
$node->restart;

# Several hosts on one server.
SKIP:
{
	skip 'ssl_sni came with PostgreSQL 19', 12 if $major < 19;
	my ($crt, $key) = ($pki->crt('server'), $pki->key('server'));
	write_file($node->data_dir . '/pg_hosts.conf', qq{one.example "$crt" "$key"\ntwo.example "$crt" "$key"\n});
	$node->append_conf('postgresql.conf', "ssl_sni = on\n");
	$node->restart;
	attempt('no such host', 'handshake', 'server_name', sub { psql(sslmode => 'require', options => 'host=three.example') },
		alert => 'unrecognized_name', alert_from => 'server', server_name => 'three.example', ja4 => 't13');
	attempt('a host, and a version that it does not have', 'handshake', 'protocol_version',
		sub { s_client(qw(-servername one.example -tls1_1 -cipher), 'ALL:@SECLEVEL=0') }, server_name => 'one.example');
	is($server->query("SELECT left(ja4, 4), server_name FROM ssl_session()", sslmode => 'require', options => 'host=two.example'),
		't13d|two.example', 'the ClientHello of a session with one of several hosts is recorded');
	$node->append_conf('postgresql.conf', "ssl_sni = off\n");
	$node->restart;
}

# The question of an administrator who turned on ssl_min_protocol_version = TLSv1.3.
set(ssl_min_protocol_version => 'TLSv1.3');
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
psql(tls => '1.2') for 1 .. 3;
my $who = "SELECT client_addr, sum(count), min(first_seen) < max(last_seen), max(ja4) ~ '^t12d', max(offered_version), max(server_name) "
  . "FROM pg_stat_ssl_failures WHERE reason = 'protocol_version' GROUP BY 1";
$server->wait_for("SELECT sum(count) = 3 FROM pg_stat_ssl_failures");
is($server->query($who, socket => 1), '127.0.0.1|3|t|t|TLSv1.2|localhost', 'the query finds the client that is locked out, since when, and with which library');

# A restart keeps the counts, a damaged file costs only them.
$node->restart;
is($server->query($who, socket => 1), '127.0.0.1|3|t|t|TLSv1.2|localhost', 'a restart keeps the rows of the failures');
is($server->query("SELECT count FROM pg_stat_ssl_failure_totals WHERE reason = 'protocol_version'", socket => 1), '3', 'a restart keeps the totals of the failures');
ok(!-e $node->data_dir . '/pg_stat/sslinfo_plus_failures.stat', 'a restart removes the file of the failures');
$node->stop;
my $file = $node->data_dir . '/pg_stat/sslinfo_plus_failures.stat';
my $bytes = slurp_file($file);
substr($bytes, 500, 1) ^= "\1";
write_file($file, $bytes);
$node->start;
is($server->query('SELECT sum(count) FROM pg_stat_ssl_failure_totals', socket => 1), '0', 'a server with a damaged file of the failures starts without counts');
ok(-e "$file.damaged", 'a damaged file of the failures is set aside');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, 'no process panicked');
done_testing();
