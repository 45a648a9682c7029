# The server's views under load: 1,000 sessions at once, 50,000 logins, resets meanwhile. Minutes; by SSLINFO_PLUS_LONG=1
# (scripts/test --long).

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use POSIX ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;
use Time::HiRes 'time';

plan skip_all => 'long: SSLINFO_PLUS_LONG=1 (scripts/test --long) runs it' if !$ENV{SSLINFO_PLUS_LONG};

my $held   = 1000;
my $logins = $ENV{SSLINFO_PLUS_LOGINS} || 50000;    # fewer, for a machine that is busy
my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
max_connections = 1020
fsync = off
log_statement = none
log_connections = off
log_disconnections = off
EOC
my $node = $server->node;
$server->pki->make('app', subject => [ 'O=Acme', 'CN=app' ]);
$server->query('CREATE ROLE app LOGIN; CREATE ROLE anonymous LOGIN; CREATE ROLE local LOGIN');
my @clients = (
	$server->connstr(user => 'app',       cert => 'app'),
	$server->connstr(user => 'anonymous', tls  => '1.2'),
	$server->connstr(user => 'local', socket => 1));
my $load = SSLInfoPlus::Server::test_module('load');

# 1,000 sessions over TLS, half of them with a certificate.
my ($in, $out) = ('', '');
my $began = time;
my $holder = IPC::Run::start([ $load, 'hold', $held, @clients[ 0, 1 ] ], '<', \$in, '>', \$out, IPC::Run::timeout(300));
$holder->pump until $out =~ s/^open\n//;
note sprintf '%d sessions opened in %.1f s', $held, time - $began;
$in .= "SELECT pg_backend_pid(), to_jsonb(s) - 'bytes_received' - 'bytes_sent' FROM ssl_session() s\n";
$holder->pump until $out =~ s/done\n\z//;
my %own = map { split /\t/, $_, 2 } split /\n/, $out;
is(scalar keys %own, $held, "each of $held sessions returns its facts");
my %view = map { split /\|/, $_, 2 } split /\n/, $server->query(
	"SELECT pid, to_jsonb(p) - 'pid' - 'visible' - 'expired' - 'hba_file' - 'hba_line' FROM pg_stat_ssl_plus p WHERE transport = 'tls'", socket => 1);
is(scalar keys %view, $held, "pg_stat_ssl_plus has a row for each of $held sessions");
my @other = grep { ($view{$_} // '') ne $own{$_} } sort keys %own;
is(scalar @other, 0, 'pg_stat_ssl_plus has the same facts as each session itself') or diag("the view: $view{$other[0]}\nitself: $own{$other[0]}");
my $columns = 'pid, version, cipher, bits, client_dn, client_serial, issuer_dn';
is(
	$server->query(
		"SELECT count(*) FROM (SELECT $columns FROM pg_stat_ssl INTERSECT SELECT $columns FROM pg_stat_ssl_plus) same",
		socket => 1) >= $held ? 'same' : 'differs',
	'same',
	'pg_stat_ssl has the same facts as pg_stat_ssl_plus');
is($server->query("SELECT count(*) FROM pg_stat_ssl_plus WHERE NOT visible", user => 'app', cert => 'app'),
	$held / 2, 'a plain role sees that the others are there');

# A scan is no slower than one of pg_stat_ssl: in turns, each in a transaction of its own; the medians.
my %times = (pg_stat_ssl => [], pg_stat_ssl_plus => []);
my $session = $server->open_session(socket => 1);
for (1 .. 41)
{
	for my $view (sort keys %times)
	{
		push @{ $times{$view} },
		  $server->say($session, "EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM $view") =~ /Execution Time: ([\d.]+)/;
	}
}
my %median = map { $_ => (sort { $a <=> $b } @{ $times{$_} })[20] } keys %times;
note sprintf 'a scan of %d sessions: %s', $held, join ', ', map { "$_ $median{$_} ms" } sort keys %median;
cmp_ok($median{pg_stat_ssl_plus}, '<=', $median{pg_stat_ssl}, 'a scan of pg_stat_ssl_plus is no slower than one of pg_stat_ssl');
$server->finish($session);
$in = '';
$holder->finish;
ok($server->wait_for('SELECT count(*) = 1 FROM pg_stat_ssl_plus'), "$held sessions leave no slot behind");

# Logins and logouts, from six clients at once, while others look. Most by the socket: handshakes take time.
my @mix = (@clients, ($clients[2]) x 5);
sub memory    # of the postmaster and of all shared memory, in kB
{
	return map { slurp_file("/proc/$node->{_pid}/status") =~ /$_:\s+(\d+) kB/ } qw(RssAnon RssShmem);
}
sub connect_many
{
	my ($total, $clients, @connstrs) = @_;
	my ($report, $errors) = ('', '');
	IPC::Run::run([ $load, 'connect', $total, $clients, @connstrs ], '>', \$report, '2>', \$errors);
	diag $errors if $errors ne '';
	return $report =~ /^connected=(\d+) failed=(\d+) seconds=([\d.]+)$/;
}
connect_many(600, 6, @mix);
$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
my ($anonymous_before) = memory();
my $shared_before = $server->query("SELECT sum(allocated_size) FROM pg_shmem_allocations WHERE name LIKE 'sslinfo_plus%'", socket => 1);
my $watcher = IPC::Run::start(
	[ 'psql', qw(-XAtq -f -), '-d', $server->connstr(socket => 1) ],
	\"SELECT count(*), count(DISTINCT pid), bool_and(visible) FROM pg_stat_ssl_plus \\watch 0.05\n",
	'>', '/dev/null', '2>', \my $watch_errors);
my ($connected, $failed, $seconds) = connect_many($logins, 6, @mix);
$watcher->kill_kill;
is("$connected $failed", "$logins 0", sprintf '%d logins succeed in %.0f s', $logins, $seconds);
ok($server->wait_for("SELECT count(*) = 1 FROM pg_stat_ssl_plus"), "$logins logins leave no slot behind");
is(
	$server->query(
		"SELECT sum(connections), sum(rejected), count(*) FROM pg_stat_ssl_usage WHERE usename IN ('app', 'anonymous', 'local')",
		socket => 1),
	"$logins|0|3", 'the counts of all logins add up exactly');
my ($anonymous_after) = memory();
cmp_ok($anonymous_after - $anonymous_before, '<=', 256, "the postmaster has not grown: $anonymous_before, $anonymous_after kB");
is($server->query("SELECT sum(allocated_size) FROM pg_shmem_allocations WHERE name LIKE 'sslinfo_plus%'", socket => 1),
	$shared_before, "shared memory still has $shared_before bytes");

# Resets while others log in: nothing is lost and nothing counted twice between two of them.
my $pid = fork // die "$!";
if ($pid == 0) { connect_many(3000, 4, @clients); POSIX::_exit(0); }
my ($resets, $sum) = (0, 0);
while (waitpid($pid, POSIX::WNOHANG()) == 0)
{
	$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
	++$resets;
	$sum = $server->query("SELECT coalesce(sum(connections), 0), count(*) <= 4 FROM pg_stat_ssl_usage", socket => 1);
	last if $sum !~ /^\d+\|t$/;
}
like($sum, qr/^\d+\|t$/, "$resets resets succeed under load");
is($server->query("SELECT entries <= 4 FROM pg_stat_ssl_usage_info", socket => 1), 't', 'the table of the usage has at most 4 entries after resets under load');

done_testing();
