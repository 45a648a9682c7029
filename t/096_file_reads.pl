# How the server's TLS files are read: never waited for, within a second and within bounds of memory, while they are replaced, and
# without leaving a key in memory.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use POSIX ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::ProcessMemory;
use SSLInfoPlus::Server;
use SSLInfoPlus::TlsFiles;
use Test::More;

my $server  = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki     = $server->pki;
my $node    = $server->node;
my $files   = SSLInfoPlus::TlsFiles->new($server);
my @monitor = @SSLInfoPlus::TlsFiles::monitor;
$pki->make('app');
$files->write('server.crl', $pki->crl('root'));
$server->set(ssl_crl_file => $files->path('server.crl'));
$files->save;
my $client = $server->open_session(cert => 'app');
my $pid    = $server->say($client, 'SELECT pg_backend_pid()');

# The answers of a new session to each of the three functions, about one setting. Each takes less than a second of processor time.
my %call = (
	inventory => "SELECT string_agg(DISTINCT array_to_string(problems, ','), ';') FROM pg_ssl_certificates WHERE %s",
	check     => "SELECT concat(ok, ' ', problem) FROM ssl_config_check() WHERE setting = '%s'",
	recheck   => "SELECT concat(status, ' ', reason) FROM pg_ssl_recheck() WHERE pid = $pid");
my %source = (ssl_cert_file => "source = 'server' AND file IS NOT NULL", ssl_ca_file => "source = 'client_ca' AND file IS NOT NULL", ssl_crl_file => "source = 'crl' AND file IS NOT NULL", ssl_key_file => 'false');
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub processor_time { my ($pid) = @_; my @fields = split ' ', slurp_file("/proc/$pid/stat") =~ s/^.*\) //r; return ($fields[11] + $fields[12]) / $ticks; }
sub status_kb { my ($pid, $field) = @_; return slurp_file("/proc/$pid/status") =~ /^$field:\s+(\d+) kB/m ? $1 : die "no $field"; }
sub measured
{
	my ($session, $sql) = @_;
	my $pid    = $server->say($session, 'SELECT pg_backend_pid()');
	my $before = processor_time($pid);
	my $answer = $server->say($session, $sql);
	return ($answer, processor_time($pid) - $before);
}
sub answers
{
	my ($title, $setting, %wanted) = @_;
	my $session = $server->open_session(@monitor);
	for my $name (sort keys %wanted)
	{
		my $sql = $name eq 'recheck' ? $call{recheck} : sprintf $call{$name}, $name eq 'check' ? $setting : $source{$setting};
		my ($answer, $time) = measured($session, $sql);
		like($answer, $wanted{$name}, "$title as $setting: $name has the expected answer");
		cmp_ok($time, '<', 1, "$title as $setting: $name takes less than a second");
	}
	$server->finish($session);
	$files->restore;
	return;
}

my @settings = ([ 'ssl_cert_file', 'server.crt' ], [ 'ssl_key_file', 'server.key' ], [ 'ssl_ca_file', 'ca.crt' ], [ 'ssl_crl_file', 'server.crl' ]);
for (@settings)
{
	my ($setting, $name) = @$_;
	my $path = $files->path($name);
	my @inventory = $setting eq 'ssl_key_file' ? () : (inventory => qr/^unreadable: is not a regular file$/);
	my @recheck   = $setting =~ /ca|crl/ ? (recheck => qr/^unknown .*is not a regular file$/) : (recheck => qr/^ok $/);
	unlink $path;
	POSIX::mkfifo($path, 0600) or die "$!";
	answers('a FIFO', $setting, @inventory, @recheck, check => qr/^f .*is not a regular file$/);
	unlink $path;
	symlink '/dev/zero', $path or die "$!";
	answers('a device', $setting, @inventory, @recheck, check => qr/^f .*is not a regular file$/);
	next if $setting eq 'ssl_key_file';
	s/is not a regular file/Too many levels of symbolic links/ for @inventory, @recheck;
	unlink $path;
	symlink $path, $path or die "$!";
	answers('a symbolic link to itself', $setting, inventory => qr/^unreadable: Too many levels/, check => qr/^f unreadable: Too many levels/);
	unlink $path;
	mkdir $path or die "$!";
	answers('a directory', $setting, inventory => qr/^unreadable: is a directory$/, check => qr/^f unreadable: is a directory$/);
	chmod 0000, $path;
	answers('a file that may not be read', $setting, inventory => qr/^unreadable: Permission denied$/, check => qr/^f unreadable: Permission denied$/);

	my $size = 64 << 20;
	my $good = slurp_file($path);
	for my $garbage ([ 'line feeds', "\n" ], [ 'letters', 'x' ], [ 'lines that begin like a block', "-----BEGIN x\n" ])
	{
		my ($what, $unit) = @$garbage;
		my $check = $unit =~ /BEGIN/ ? qr/^ cannot check: more than 2000000 lines$/ : qr/^f /;
		$files->write($name, substr $unit x ($size / length($unit) + 1), 0, $size);
		answers("64 MB of $what", $setting, inventory => qr/^unreadable: (?:no certificate or CRL|more than 2000000 lines)/, check => $check, $setting eq 'ssl_crl_file' ? (recheck => qr/^unknown CRL: /) : ());
	}
	$files->write($name, $good . "\n" x ($size - 2 * length $good) . $good);
	answers('64 MB of line feeds between two good blocks', $setting, check => qr/^t /);
	$files->write($name, 'x' x ($size + 1));
	answers('a file of more than 64 MB', $setting, inventory => qr/^unreadable: larger than 64 MB$/, check => qr/^ cannot check: larger than 64 MB$/);
}
$files->write('ca.crt', slurp_file($pki->crt('root')) x 2_000);
answers('a file of 2,000 certificates', 'ssl_ca_file', inventory => qr/^$/, check => qr/^t $/, recheck => qr/^ok $/);
$files->write('ca.crt', slurp_file($pki->crt('root')) x 2_001);
answers('a file of 2,001 certificates', 'ssl_ca_file', inventory => qr/^unreadable: more than 2000 certificates/, check => qr/^ cannot check: more than 2000 certificates/);

# A CRL with 100,000 entries: time and memory of a fresh session for each function.
$files->write('server.crl', $pki->crl('root', revoked => [ map { \tlv(0x02, pack 'N', $_) } 1 << 24 .. (1 << 24) + 99_999 ]));
for my $case ([ inventory => "SELECT entries FROM pg_ssl_certificates WHERE source = 'crl' AND on_disk", '100000' ], [ check => "SELECT ok FROM ssl_config_check() WHERE setting = 'ssl_crl_file'", 't' ],
	[ recheck => "SELECT status FROM pg_ssl_recheck() WHERE pid = $pid", 'ok' ])
{
	my ($name, $sql, $wanted) = @$case;
	my $session = $server->open_session(@monitor);
	$server->say($session, $sql =~ s/ WHERE .*/ LIMIT 0/r);
	my $backend = $server->say($session, 'SELECT pg_backend_pid()');
	my $before  = status_kb($backend, 'VmHWM');
	my ($answer, $time) = measured($session, $sql);
	my $memory = status_kb($backend, 'VmHWM') - $before;
	is($answer, $wanted, "a CRL with 100,000 entries: $name has the expected answer");
	cmp_ok($time, '<', 1, "a CRL with 100,000 entries: $name takes less than a second ($time s)");
	cmp_ok($memory, '<', 64 << 10, "a CRL with 100,000 entries: $name takes less than 64 MB ($memory kB)");
	$server->finish($session);
}
$files->restore;

# All files together: pg_ssl_recheck() has them in memory at the same time, so it reads no more than a few of the largest.
my $many = $node->basedir . '/many';
mkdir $many or die "$!";
for my $number (0 .. 9)
{
	write_file("$many/00000000.r$number", '');
	truncate "$many/00000000.r$number", 64 << 20 or die "$!";    # zeros, which take no place on the disk
}
$server->set(ssl_crl_file => '', ssl_crl_dir => $many);
{
	my $session = $server->open_session(@monitor);
	my $backend = $server->say($session, 'SELECT pg_backend_pid()');
	my $before  = status_kb($backend, 'VmHWM');
	is($server->say($session, $call{recheck}), 'unknown CRL: too many files', 'ten CRLs of 64 MB are too many files');
	my $memory = (status_kb($backend, 'VmHWM') - $before) >> 10;
	cmp_ok($memory, '<', 256, "pg_ssl_recheck() reads less than 256 MB of ten CRLs of 64 MB ($memory MB)");
	$server->finish($session);
}
$server->set(ssl_crl_file => $files->path('server.crl'), ssl_crl_dir => '');
unlink glob "$many/*";

# Files that are replaced, and written in place, while sessions read them: each answer is about whole files.
$pki->make('renewed', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
my $writer = fork // die "$!";
if ($writer == 0)
{
	for (my $i = 0;; ++$i)
	{
		my $pair = $i % 2 ? 'server' : 'renewed';
		for my $file ([ crt => 'server.crt' ], [ key => 'server.key' ])
		{
			my ($kind, $name) = @$file;
			write_file($files->path("new.$name"), slurp_file($kind eq 'crt' ? $pki->crt($pair) : $pki->key($pair)));
			chmod 0600, $files->path("new.$name");
			rename $files->path("new.$name"), $files->path($name);
		}
		write_file($files->path('server.crl'), $i % 2 ? '' : $pki->crl('root'));
		$i % 10 == 0 ? kill(HUP => (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0]) : select undef, undef, undef, 0.002;
	}
	POSIX::_exit(0);
}
my %seen;
my $session = $server->open_session(@monitor);
for (1 .. 100)
{
	$seen{"certificate: $_"}++ for split /\n/, $server->say($session, "SELECT DISTINCT concat(subject, problems) FROM (SELECT subject, to_jsonb(problems) - 'pending reload' AS problems FROM pg_ssl_certificates WHERE source = 'server') s");
	$seen{"crl: $_"}++ for split /\n/, $server->say($session, "SELECT concat(entries, to_jsonb(problems) - 'pending reload') FROM pg_ssl_certificates WHERE source = 'crl' AND file IS NOT NULL");
	$seen{"check: $_"}++ for split /\n/, $server->say($session, "SELECT concat(setting, ' ', problem) FROM ssl_config_check() WHERE ok IS DISTINCT FROM true AND setting <> 'ssl_crl_file'");
	$seen{"recheck: $_"}++ for split /\n/, $server->say($session, "SELECT status FROM pg_ssl_recheck() WHERE pid = $pid");
}
kill KILL => $writer;    # at SIGTERM, a test of PostgreSQL 17 stops the server
waitpid $writer, 0;
my $read = join '; ', map { "$_ ($seen{$_})" } sort keys %seen;
delete @seen{ 'certificate: CN=localhost[]', 'crl: 0[]', 'check: ssl_key_file does not match the certificate: key values mismatch', 'recheck: ok', 'recheck: unknown', 'crl: ["unreadable: no certificate or CRL in PEM"]' };
is_deeply([ sort keys %seen ], [], 'while files are replaced and the server reloads, only whole files are read') or diag($read);
note($read);
$server->finish($session);
$files->restore;
$server->reload;

# A key that the server has not loaded, so that only our functions have read it. Pieces of its text, from all lines but the last, are
# searched for in the memory of the backend. (OpenSSL's own copies of what is decoded are OpenSSL's to wipe: see docs/security.md.)
for my $type (qw(EC RSA))
{
	$pki->make("new_$type", key => $type, subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
	$files->install("new_$type");
	my ($text) = slurp_file($pki->key("new_$type")) =~ /KEY-----\n(.*)\n.*\n-----END/s;
	my @pieces = map { unpack '(A16)*', $_ } split /\n/, $text;
	my $keys   = $server->open_session(socket => 1);
	my $memory = SSLInfoPlus::ProcessMemory->new($server, $keys);
	is($server->say($keys, "SELECT problem IS NULL FROM ssl_config_check() WHERE setting = 'ssl_key_file'"), 't', "ssl_config_check() has read the new $type key");
	is($memory->contains(@pieces), 0, "ssl_config_check() leaves no text of the $type key in memory");
	my ($certificate, $key) = map { slurp_file($_) } $pki->crt("new_$type"), $pki->key("new_$type");
	$files->write('server.crt', $certificate . $key);
	is($server->say($keys, "SELECT count(*) FROM pg_ssl_certificates WHERE source = 'server' AND on_disk"), '1', "pg_ssl_certificates has read a file with a certificate and its $type key");
	is($server->say($keys, "SELECT problem FROM ssl_config_check() WHERE setting = 'ssl_cert_file'"), '', "ssl_config_check() has read a file with a certificate and its $type key");
	is($memory->contains(@pieces), 0, "no text of the $type key in a certificate file is left in memory");
	$files->write('server.crt', $certificate . $key =~ s/^-----END.*//mr);
	like($server->say($keys, "SELECT problem FROM ssl_config_check() WHERE setting = 'ssl_cert_file'"), qr/./, "ssl_config_check() has read a certificate file whose $type key is cut off");
	is($memory->contains(@pieces), 0, "no text of the $type key is left in memory after an error");
	is($server->say($keys, "SELECT length(set_config('test.key', pg_read_file('" . $files->path('server.key') . "'), false)) > 100"), 't', "a setting has the $type key");
	cmp_ok($memory->contains(@pieces), '==', @pieces, "the search finds all of the $type key that is in memory");
	$server->finish($keys);
}
is($server->say($client, 'SELECT 1'), '1', 'the session of the client goes on');

done_testing();
