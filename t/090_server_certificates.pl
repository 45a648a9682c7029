# pg_ssl_certificates and ssl_config_check(): every outage is reported one query before it happens. Each check is compared with a
# real reload and a real restart of the server.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Copy ();
use IPC::Run ();
use POSIX ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;
use Time::HiRes ();

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki    = $server->pki;
my $node   = $server->node;
my $dir    = $node->basedir . '/tls';
mkdir $dir or die "$!";
$server->query('CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE stranger LOGIN');

# The socket and a monitoring role, as an exporter connects.
my @monitor = (socket => 1, user => 'monitor');
sub certificates { my ($columns, $where) = @_; return $server->query("SELECT $columns FROM pg_ssl_certificates WHERE " . ($where // 'true'), @monitor); }
sub problems { return certificates("string_agg(source || ': ' || array_to_string(problems, ', '), '; ' ORDER BY source, file, ordinal)", "problems <> '{}'"); }
sub not_ok { return $server->query("SELECT string_agg(setting || ': ' || problem, '; ' ORDER BY setting) FROM ssl_config_check() WHERE ok IS DISTINCT FROM true", @monitor); }
sub noted { return $server->query("SELECT string_agg(setting || ': ' || problem, '; ' ORDER BY setting) FROM ssl_config_check() WHERE ok", @monitor); }
sub copy { my ($from, $to) = @_; File::Copy::cp($from, $to) or die "$from, $to: $!"; return; }
sub write_file { my ($file, $text) = @_; open my $h, '>:raw', $file or die "$file: $!"; print $h $text; close $h or die "$!"; return; }
sub install_server { my ($name) = @_; copy($pki->crt($name), "$dir/server.crt"); copy($pki->key($name), "$dir/server.key"); chmod 0600, "$dir/server.key"; return; }

install_server('server');
copy($pki->crt('root'), "$dir/ca.crt");
$node->append_conf('postgresql.conf', "ssl_cert_file = '$dir/server.crt'\nssl_key_file = '$dir/server.key'\nssl_ca_file = '$dir/ca.crt'\n");
$server->reload;

# What is there, over the Unix-domain socket.
is(certificates("string_agg(concat_ws(' ', source, ordinal, on_disk, loaded, subject, problems), ';' ORDER BY source DESC)"),
	'server 1 t t CN=localhost {};client_ca 1 t t CN=Root CA,O=sslinfo_plus tests {}', 'the certificates on disk, which are loaded');
is(certificates('fingerprint', "source = 'server'"), $server->query('SELECT server_fingerprint FROM ssl_session()'), 'the fingerprint of the server certificate');
is(not_ok(), '', 'nothing would fail');
is(noted(), '', '… and there is nothing to note');
like($server->error('SELECT * FROM pg_ssl_certificates', user => 'stranger'), qr/^42501/, 'pg_ssl_certificates is for pg_monitor');
like($server->error('SELECT * FROM ssl_config_check()', user => 'stranger'), qr/^42501/, 'ssl_config_check() is for pg_monitor');

# A reload loads the files if the log has no complaint; a restart either works or not.
sub reload_works
{
	my $offset = -s $node->logfile;
	$server->reload;
	Time::HiRes::sleep(0.2);
	return $server->log_since($offset) !~ /SSL configuration was not reloaded|could not load|cannot be reloaded/ ? 1 : 0;
}
sub restart_works { $node->stop('fast'); my $works = $node->start(fail_ok => 1); return $works; }

# Outage 1: the certificate was renewed and the server not reloaded.
$pki->make('renewed', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
install_server('renewed');
is(problems(), 'server: pending reload; server: pending reload', 'renewed but not reloaded: the new one on disk and the old one in memory');
is(certificates("string_agg(concat_ws(' ', on_disk, loaded), ';' ORDER BY on_disk)", "source = 'server'"), 'f t;t f', '… are two rows');
$server->reload;
is(problems(), '', 'after the reload nothing is pending');
my $old = $server->open_session(@monitor);
$server->say($old, 'SELECT 1');
$server->reload;
is($server->say($old, "SELECT loaded IS NULL FROM pg_ssl_certificates WHERE source = 'server'"), 't', 'a session that is older than the last reload cannot know what is loaded');
$server->finish($old);

# Outage 2: an expired leaf. The server takes it, and its clients refuse it.
$pki->make('expired', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ], not_after => time - 60);
install_server('expired');
like(noted(), qr/^ssl_cert_file: server 1: expired/, 'an expired certificate is reported before the reload');
is(not_ok(), '', '… and the server would take it');
is(reload_works(), 1, '… which it does');
is(restart_works(), 1, '… also at a restart');
isnt($server->error('SELECT 1'), '', '… but no client that verifies it connects');
is(problems(), 'server: expired', '… and pg_ssl_certificates shows it over the socket');
$pki->make('future', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ], not_before => time + 86400);
install_server('future');
like(noted(), qr/^ssl_cert_file: server 1: not yet valid/, 'a certificate that is not yet valid is reported');
$pki->make('weak', subject => ['CN=localhost'], key => 'RSA:1024', digest => 'sha1');
copy($pki->crt('weak'), "$dir/server.crt");
like(problems(), qr/server: weak key, weak signature, no alternative name, pending reload/, 'a weak certificate without an alternative name');
write_file("$dir/server.crt", slurp_file($pki->crt('server')) . slurp_file($pki->crt('weak')));
like(problems(), qr/server_chain: .*not a CA, broken chain/, 'a chain whose certificates did not sign each other');
install_server('server');
like(problems(), qr/pending reload/, 'pending again');
$server->reload;

# Outage 3: an expired CRL. The server takes it, and refuses every client certificate.
my $ca = "$dir/openssl.cnf";
write_file($ca, "[ca]\ndefault_ca = c\n[c]\ndatabase = $dir/index.txt\ncrlnumber = $dir/crlnumber\ndefault_md = sha256\n");
sub crl
{
	my ($file, @arguments) = @_;
	my $said = '';
	write_file("$dir/crlnumber", "01\n");
	IPC::Run::run([ qw(openssl ca -gencrl -config), $ca, '-keyfile', $pki->key('root'), '-cert', $pki->crt('root'), '-out', $file, @arguments ], '2>', \$said) or die $said;
	return;
}
write_file("$dir/index.txt", '');
$pki->make('app', subject => ['CN=app']);
crl("$dir/good.crl", '-crldays', 30);
crl("$dir/old.crl", '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z');
copy("$dir/good.crl", "$dir/server.crl");
$node->append_conf('postgresql.conf', "ssl_crl_file = '$dir/server.crl'\n");
$server->reload;
is(problems(), '', 'a good CRL has no problem');
is(certificates("concat_ws(' ', source, issuer, entries, on_disk, loaded)", "source = 'crl'"), 'crl CN=Root CA,O=sslinfo_plus tests 0 t t', '… and is loaded');
is($server->query('SELECT ssl_client_cert_present()', cert => 'app'), 't', '… and lets a client in');
copy("$dir/old.crl", "$dir/server.crl");
like(noted(), qr/^ssl_crl_file: crl 1: expired \(no client certificate of its issuer would be accepted\)$/, 'an expired CRL is reported before the reload');
is(reload_works(), 1, '… which works');
isnt($server->error('SELECT 1', cert => 'app'), '', '… and then no client with a certificate gets in');
is(problems(), 'crl: expired', '… and pg_ssl_certificates shows it');
copy("$dir/good.crl", "$dir/server.crl");
$server->reload;

# What the server refuses, it refuses at a reload and at a restart.
my %files = map { $_ => slurp_file("$dir/$_") } qw(server.crt server.key ca.crt server.crl);
my %modes = (server => 0600);
sub restore
{
	for my $file (keys %files)
	{
		unlink "$dir/$file";
		rmdir "$dir/$file";
		write_file("$dir/$file", $files{$file});
		chmod 0600, "$dir/$file";
	}
	return;
}
sub replaced { my ($file, $text) = @_; return sub { write_file("$dir/$file", $text) }; }
my $garbage = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
my ($encrypted, $errors) = ('', '');
IPC::Run::run([ qw(openssl pkey -aes128 -passout pass:secret -in), "$dir/server.key" ], '>', \$encrypted, '2>', \$errors) or die $errors;
my @refused = (
	[ 'a missing certificate', qr/^ssl_cert_file: unreadable: No such file/, sub { unlink "$dir/server.crt" } ],
	[ 'an empty certificate file', qr/^ssl_cert_file: no start line/, replaced('server.crt', '') ],
	[ 'garbage in the certificate file', qr/^ssl_cert_file: /, replaced('server.crt', $garbage) ],
	[ 'a directory instead of the certificate', qr/^ssl_cert_file: unreadable: is a directory/, sub { unlink "$dir/server.crt"; mkdir "$dir/server.crt" } ],
	[ 'a symbolic link to itself', qr/^ssl_cert_file: unreadable: Too many levels/, sub { unlink "$dir/server.crt"; symlink "$dir/server.crt", "$dir/server.crt" } ],
	[ 'a missing key', qr/^ssl_key_file: No such file/, sub { unlink "$dir/server.key" } ],
	[ 'an empty key file', qr/^ssl_key_file: /, replaced('server.key', '') ],
	[ 'a key that others may read', qr/^ssl_key_file: has group or world access$/, sub { chmod 0640, "$dir/server.key" } ],
	[ 'a key of another certificate', qr/^ssl_key_file: does not match the certificate: /, replaced('server.key', slurp_file($pki->key('root'))) ],
	[ 'a key with a pass phrase', qr/^ssl_key_file: cannot check: the key has a pass phrase$/, replaced('server.key', $encrypted), 'reload' ],
	[ 'a missing CA file', qr/^ssl_ca_file: unreadable: No such file/, sub { unlink "$dir/ca.crt" } ],
	[ 'an empty CA file', qr/^ssl_ca_file: no certificate/, replaced('ca.crt', '') ],
	[ 'garbage in the CA file', qr/^ssl_ca_file: /, replaced('ca.crt', $garbage) ],
	[ 'a missing CRL', qr/^ssl_crl_file: unreadable: No such file/, sub { unlink "$dir/server.crl" } ],
	[ 'an empty CRL', qr/^ssl_crl_file: no certificate or CRL/, replaced('server.crl', '') ],
	[ 'garbage in the CRL file', qr/^ssl_crl_file: /, replaced('server.crl', $garbage) ],);
for my $case (@refused)
{
	my ($name, $reason, $break, $only) = @$case;
	$break->();
	like(not_ok(), $reason, "$name is reported");
	is(reload_works(), 0, '… and a reload fails');
	is(restart_works(), 0, '… and a restart fails') unless $only;
	restore();
	$only ? $server->reload : $node->start;
}
is(not_ok(), '', 'all is well again');

# Settings. A reload keeps the old ones; a restart would fail.
for my $case (
	[ 'an empty range of versions', "ssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.2'", qr/^ssl_min_protocol_version: / ],
	[ 'ciphers that select nothing', "ssl_ciphers = 'NONSENSE'", qr/^ssl_ciphers: selects no cipher$/ ],
	[ 'an unknown group', "ssl_ecdh_curve = 'nonsense'", qr/^ssl_(?:groups|ecdh_curve): unknown (?:group|curve)$/ ])
{
	my ($name, $lines, $reason) = @$case;
	my $conf = slurp_file($node->data_dir . '/postgresql.conf');
	$node->append_conf('postgresql.conf', "$lines\n");
	is(reload_works(), 0, "$name: a reload fails");
	like(not_ok(), $reason, '… which is reported while the server still runs');
	is(restart_works(), 0, '… and a restart fails');
	write_file($node->data_dir . '/postgresql.conf', $conf);
	$node->start;
}

# Files that are none: never waited for.
sub within_a_second { my ($sql) = @_; my $start = Time::HiRes::time(); my $out = $server->query($sql, @monitor); cmp_ok(Time::HiRes::time() - $start, '<', 1.5, '… within a second'); return $out; }
my $unreadable = "SELECT string_agg(array_to_string(problems, ','), ';') FROM pg_ssl_certificates WHERE source = 'crl' AND on_disk IS false AND loaded IS NULL";
unlink "$dir/server.crl";
POSIX::mkfifo("$dir/server.crl", 0600) or die "$!";
is(within_a_second($unreadable), 'unreadable: is not a regular file', 'a FIFO is not read');
like(within_a_second("SELECT problem FROM ssl_config_check() WHERE setting = 'ssl_crl_file'"), qr/is not a regular file/, 'a FIFO is reported');
restore();
for my $byte ("\n", 'x')
{
	write_file("$dir/server.crl", $byte x (64 << 20));
	like(within_a_second($unreadable), qr/^unreadable: no certificate or CRL/, '64 MB of garbage are one row');
}
write_file("$dir/server.crl", 'x' x (65 << 20));
is(within_a_second($unreadable), 'unreadable: larger than 64 MB', 'a larger file is not read');
restore();

# A large CRL.
my $index = join '', map { sprintf "R\t301231235959Z\t251101000000Z\t%08X\tunknown\t/CN=%d\n", $_ + 16, $_ } 1 .. 100_000;
write_file("$dir/index.txt", $index);
crl("$dir/server.crl", '-crldays', 30);
is(within_a_second("SELECT entries FROM pg_ssl_certificates WHERE source = 'crl' AND on_disk"), '100000', 'a CRL with 100,000 entries');
restore();

# Without the preload.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
is(certificates('count(*) > 1 AND count(loaded) = 0'), 't', 'without the preload and without TLS: what is on disk');
is($server->query('SELECT bool_and(on_disk AND loaded) FROM pg_ssl_certificates'), 't', '… and in a session with TLS what is loaded too, CAs and CRLs as well');

done_testing();
