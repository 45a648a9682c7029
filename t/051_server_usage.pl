# pg_stat_ssl_usage: what it counts, that it survives a restart, that it is bounded, and that no file stops the server.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new(
	'main',
	streaming => 1,
	conf      => "shared_preload_libraries = 'sslinfo_plus'\nsslinfo_plus.usage_max = 20\n");
my $node = $server->node;
my $file = $node->data_dir . '/pg_stat/sslinfo_plus.stat';
my %app  = (cert => 'app', user => 'app', tls => '1.3');
$server->pki->make('app', subject => ['CN=app']);
$server->query('CREATE ROLE app LOGIN REPLICATION; CREATE ROLE other LOGIN; CREATE DATABASE data');

# The monitoring session comes by the socket, so that its own logins are one row that the others leave out.
sub usage
{
	my ($columns, $where) = @_;
	return $server->query(
		"SELECT $columns FROM pg_stat_ssl_usage WHERE transport <> 'socket' AND " . ($where // 'true') . ' ORDER BY 1, 2',
		socket => 1);
}
sub reset_usage { return $server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1); }

reset_usage();
my $before = $server->query('SELECT now()', socket => 1);
$server->query('SELECT 1', %app) for 1 .. 3;
$server->query('SELECT 1', tls => '1.2', user => 'other', dbname => 'data') for 1 .. 2;
$server->query('SELECT 1', sslmode => 'disable', user => 'other');
my $facts = 'usename, datname, transport, version, client_cert, issuer_dn, connections, rejected, would_reject';
is(
	usage($facts),
	"app|postgres|tls|TLSv1.3|t|/O=sslinfo_plus tests/CN=Root CA|3|0|0\n"
	  . "other|data|tls|TLSv1.2|f||2|0|0\n"
	  . 'other|postgres|plain||f||1|0|0',
	'logins with the same facts are counted in one row');
is(usage('last_client_addr, count(*)', 'true GROUP BY last_client_addr'), '127.0.0.1|3', 'a row has the address of its last login');
is(
	usage(
		"first_seen >= '$before' AND first_seen < last_seen AND last_seen <= now(),"
		  . " nearest_not_after = (SELECT client_not_after FROM pg_stat_ssl_plus LIMIT 1)", "usename = 'app'"),
	't|',
	'a row has the times of its first and its last login');
is(
	$server->query(
		"SELECT (SELECT nearest_not_after = last_not_after AND last_not_after = ssl_client_not_after() FROM pg_stat_ssl_usage WHERE usename = 'app')",
		cert => 'app'),
	't',
	'a row has the end of the validity of the certificate');
my $tls = $server->query('SELECT cipher, key_exchange_group, post_quantum_offered FROM ssl_session()', %app);
is(usage('cipher, key_exchange_group, post_quantum_offered', "usename = 'app'"), $tls, 'a row has the same TLS facts as the session');

# How the clients got in, and their handshakes.
reset_usage();
my ($ja4, $slowest, $retry) =
  split /\|/, $server->query('SELECT ja4, handshake_time, hello_retry FROM ssl_session()', %app);
$server->query('SELECT 1', %app, options => "application_name=$_") for qw(batch report);
is(usage('auth_method, hba_file, last_application_name, ja4, connections'),
	"trust|pg_hba.conf|report|$ja4|3", 'a row has the method, the file, the last application_name and the JA4');
is(
	usage(
		"hba_line = (SELECT line_number FROM pg_hba_file_rules WHERE type = 'host' AND database = '{all}'),"
		  . "total_handshake_time > max_handshake_time, max_handshake_time >= $slowest"),
	't|t|t',
	'a row has the line of pg_hba.conf, the sum of the handshakes and the longest of them');
$server->query('SELECT 1', sslmode => 'disable', user => 'other');
is(usage('ja4 IS NULL, total_handshake_time IS NULL, max_handshake_time IS NULL', "transport = 'plain'"),
	't|t|t', 'a login without TLS has no handshake');

# Totals of all logins.
my $totals = 'SELECT connections, rejected, would_reject, handshakes, hello_retries FROM pg_stat_ssl_usage_info';
reset_usage();
$server->query('SELECT 1', %app) for 1 .. 3;
is(
	$server->query($totals, socket => 1),
	'4|0|0|3|' . ($retry eq 't' ? 3 : 0),
	'the totals have all logins, and the handshakes of those over TLS');
is(
	$server->query(
		'SELECT (SELECT sum(total_handshake_time) FROM pg_stat_ssl_usage) = total_handshake_time FROM pg_stat_ssl_usage_info',
		socket => 1),
	't',
	'the totals have the time of the handshakes');

# Each process that connects is a login: also replication, and those that the server turns away after their authentication.
reset_usage();
$server->query('IDENTIFY_SYSTEM', options => 'replication=true', user => 'app', cert => 'app');
$server->error('', command => 'SELECT 1', dbname => 'no_such_database', user => 'app');
is(usage('usename, coalesce(datname, $$none$$), client_cert, connections'),
	"app|no_such_database|f|1\napp|none|t|1", 'replication has no database; one that does not exist is counted');

# Who may see it, who may reset it.
like($server->error('SELECT * FROM pg_stat_ssl_usage', user => 'other'), qr/^42501: /, 'not everybody may read the view of the usage');
like($server->error('SELECT * FROM pg_stat_ssl_usage()', user => 'other'), qr/^42501: /, 'not everybody may call the function of the usage');
like($server->error('SELECT pg_stat_ssl_usage_reset()', user => 'other'), qr/^42501: /, 'not everybody may reset the usage');
$server->query('GRANT pg_read_all_stats TO other');
cmp_ok($server->query('SELECT count(*) FROM pg_stat_ssl_usage', user => 'other'), '>', 1, 'pg_read_all_stats may read the usage');
like($server->error('SELECT pg_stat_ssl_usage_reset()', user => 'other'), qr/^42501: /, 'pg_read_all_stats may not reset the usage');

# track = off
$server->query('ALTER SYSTEM SET sslinfo_plus.track = off');
$server->reload;
reset_usage();
$server->query('SELECT 1', %app);
is(usage('count(*), 1'), '0|1', 'nothing is counted with track = off');
is($server->query('SELECT count(*) FROM pg_stat_ssl_plus', %app), '1', 'pg_stat_ssl_plus has the sessions also with track = off');
$server->query('ALTER SYSTEM RESET sslinfo_plus.track');
$server->reload;

# A restart keeps everything.
reset_usage();
$server->query('SELECT 1', %app) for 1 .. 2;
my $all  = "SELECT * FROM pg_stat_ssl_usage WHERE transport = 'tls'";
my $info = 'SELECT stats_reset, evictions, rejected, handshakes, total_handshake_time FROM pg_stat_ssl_usage_info';
my ($all_before, $info_before) = map { $server->query($_, socket => 1) } $all, $info;
like($all_before, qr/\|2\|0\|0\|/, 'there are rows before the restart');
$node->stop('fast');
ok(-s $file, 'a shutdown writes the file');
$node->start;
ok(!-e $file, 'a start removes the file');
is($server->query($all, socket => 1), $all_before, 'a restart keeps the rows');
is($server->query($info, socket => 1), $info_before, 'a restart keeps the time of the reset and the totals');
$server->query('SELECT 1', %app);
is(usage('connections, 1', "usename = 'app'"), '3|1', 'counting goes on after a restart');
$node->restart;
is(usage('connections, 1', "usename = 'app'"), '3|1', 'a second restart keeps the rows');

# A start takes the files of counts away durably: after a power failure the old counts must not come back.
{
	my $calls = $node->basedir . '/calls';
	$node->append_conf('postgresql.conf', "fsync = on\n");
	{
		local $ENV{LD_PRELOAD} = join ' ', grep { defined } $ENV{LD_PRELOAD}, SSLInfoPlus::Server::test_module('wall') =~ s/wall$/file_calls.so/r;
		local $ENV{FILE_CALLS} = $calls;
		$node->restart;
	}
	my $done = slurp_file($calls);
	like($done, qr{^unlink pg_stat/sslinfo_plus$_\.stat\nfsync \S+/pg_stat$}m, "the directory is synced after the removal of sslinfo_plus$_.stat")
	  for '', '_failures';
	$node->append_conf('postgresql.conf', "fsync = off\n");
	$node->restart;
}

# More kinds of logins than there is room for.
reset_usage();
$server->query(join '', map { "CREATE ROLE u$_ LOGIN;" } 1 .. 30);
$server->query('SELECT 1', user => "u$_") for 1 .. 30;
is(usage('count(*), bool_and(usename ~ $$^u(1[2-9]|2.|30)$$)'), '19|t', 'the least recently seen rows are evicted');
is($server->query('SELECT entries FROM pg_stat_ssl_usage_info', socket => 1), '20', 'the table stays bounded');
cmp_ok($server->query('SELECT evictions FROM pg_stat_ssl_usage_info', socket => 1), '>=', 11, 'evictions are counted');
cmp_ok($server->query('SELECT connections FROM pg_stat_ssl_usage_info', socket => 1), '>=', 30, 'the totals keep the logins of evicted rows');
my $logins = $server->query('SELECT evictions FROM pg_stat_ssl_usage_info', socket => 1);
$node->stop;
$node->append_conf('postgresql.conf', 'sslinfo_plus.usage_max = 10');
$node->start;
is($server->query('SELECT entries, evictions FROM pg_stat_ssl_usage_info', socket => 1),
	'10|' . ($logins + 10), 'a smaller table keeps the most recent rows of the file');
is(usage('count(*), bool_and(usename ~ $$^u(2[2-9]|30)$$)'), '9|t', 'a smaller table has no older rows');

# A reset.
reset_usage();
is(usage('count(*), 1'), '0|1', 'a reset removes the rows');
is($server->query('SELECT entries, evictions, connections, handshakes FROM pg_stat_ssl_usage_info', socket => 1),
	'1|0|2|0', 'a reset sets the totals to zero');

# Damaged files: the server starts, empty, says so, and keeps the file aside.
$server->query('SELECT 1', %app);
$node->stop;
my $good = slurp_file($file);

# CRC-32C (RFC 3720), bit by bit.
sub crc32c
{
	my $crc = 0xffffffff;
	for my $octet (unpack 'C*', $_[0])
	{
		$crc ^= $octet;
		$crc = $crc & 1 ? $crc >> 1 ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
	}
	return $crc ^ 0xffffffff;
}
# An address of five bytes, with the checksum made right again: each field is checked when it is read.
my $no_address = $good =~ s/\x04\x7f\0\0\x01/\x05\x7f\0\0\x01/gr;
isnt($no_address, $good, 'the file has the address of a login over TCP');
substr($no_address, 12, 4) = pack 'L', crc32c(substr $no_address, 24);
my %damage = (
	'an address that is none' => [ $no_address, 'invalid entry \d+' ],
	'other bytes with a right checksum' =>
	  [ substr($good, 0, 12) . pack('LQ', crc32c('nonsense'), 8) . 'nonsense', 'wrong length' ],
	'a bit'            => [ substr($good, 0, 100) . chr(ord(substr $good, 100, 1) ^ 4) . substr($good, 101), 'wrong checksum' ],
	'the end missing'  => [ substr($good, 0, -10), 'wrong length' ],
	'more at the end'  => [ $good . 'x', 'wrong length' ],
	'empty'            => [ '', 'truncated header' ],
	'other bytes'      => [ 'x' x 1000, 'unrecognized file format' ],
	'another version'  => [ substr($good, 0, 8) . pack('L', 99) . substr($good, 12), 'written by another version of sslinfo_plus' ],
	'a length beyond any file' => [ substr($good, 0, 16) . "\xff" x 8 . substr($good, 24), 'too long' ]);
for my $name (sort keys %damage)
{
	my ($content, $reason) = @{ $damage{$name} };
	unlink "$file.damaged";
	write_file($file, $content);
	my $offset = -s $node->logfile;
	$node->start;
	is(usage('count(*), 1'), '0|1', "a damaged file ($name): the server starts without the usage");
	like(
		$server->log_since($offset),
		qr/LOG:  could not load statistics file "pg_stat\/sslinfo_plus.stat": .*$reason/,
		"a damaged file ($name): the log has the reason");
	is(-s "$file.damaged", length $content, "a damaged file ($name): the file is kept under another name");
	$node->stop;
}

# A disk that is full.
$node->start;
symlink '/dev/full', "$file.tmp" or die "$!";
my $full = -s $node->logfile;
$node->stop;
like($server->log_since($full), qr/LOG:  could not write file "pg_stat\/sslinfo_plus.stat.tmp": No space left on device/, 'the log has that the disk is full');
ok(!-e $file && !-l "$file.tmp", 'a full disk leaves no incomplete file');

# A directory that cannot be written: the shutdown goes on.
SKIP:
{
	skip 'root writes everywhere', 5 if $> == 0;
	$node->start;
	chmod 0500, $node->data_dir . '/pg_stat' or die "$!";
	my $offset = -s $node->logfile;
	$node->stop;
	like($server->log_since($offset), qr/LOG:  could not write file "pg_stat\/sslinfo_plus.stat.tmp": Permission denied/, 'the log has that the file cannot be written');
	like($server->log_since($offset), qr/database system is shut down/, 'the server shuts down if the file cannot be written');
	chmod 0700, $node->data_dir . '/pg_stat' or die "$!";
	$node->start;
	is(usage('count(*), 1'), '0|1', 'the server starts without a file');
	$node->stop;
	chmod 0000, $file or die "$!";
	$offset = -s $node->logfile;
	$node->start;
	is(usage('count(*), 1'), '0|1', 'the server starts without the usage if the file cannot be read');
	like($server->log_since($offset), qr/LOG:  could not open file "pg_stat\/sslinfo_plus.stat": Permission denied/, 'the log has that the file cannot be read');
}

done_testing();
