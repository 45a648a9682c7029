# pg_stat_ssl_failures under garbage: many failed attempts from few and from many addresses, and processes that end in the middle
# of a handshake. 10,000 attempts and 500 kills by SSLINFO_PLUS_LONG=1 (scripts/test --long), else fewer.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;
use Time::HiRes qw(time sleep);

my $long = $ENV{SSLINFO_PLUS_LONG};
my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.failures_max = 200
max_connections = 60
log_statement = none
log_connections = off
restart_after_crash = on
EOC
my $node = $server->node;
my $ssl_request = pack 'NN', 8, 80877103;
my $pid_file = $node->data_dir . '/postmaster.pid';
my ($postmaster) = slurp_file($pid_file) =~ /^(\d+)/;

sub connection
{
	my ($from) = @_;
	for my $try (1 .. 50)
	{
		my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $node->port, LocalAddr => $from // '127.0.0.1', Timeout => 30);
		return $socket if $socket;
		sleep 0.05;
	}
	die "cannot connect: $!";
}

# One attempt that fails; true once the server has closed the connection.
sub garbage
{
	my ($from, $kind) = @_;
	my $socket = connection($from);
	if ($kind == 0)
	{
		syswrite $socket, "GET / HTTP/1.0\r\n\r\n";
	}
	else
	{
		syswrite $socket, $ssl_request;
		sysread $socket, my $answer, 1;
		# No TLS at all; or a ClientHello that is malformed.
		syswrite $socket, $kind == 1 ? "\x01\xff" . join('', map { chr int rand 256 } 1 .. 50)
		  : pack 'C n n/a*', 22, 0x0301, "\1\0" . pack 'n/a*', pack('n', 0x0303) . 'r' x 40;
	}
	my $rest = '';
	1 while sysread $socket, $rest, 4096;
	return;
}

my $totals = "SELECT string_agg(stage || ' ' || reason || ' ' || count, ', ' ORDER BY stage DESC, reason) FROM pg_stat_ssl_failure_totals WHERE count > 0";
my %expected;
for my $case ([ 'few addresses', 3 ], [ 'many addresses', $long ? 1000 : 500 ])
{
	my ($title, $addresses) = @$case;
	my ($workers, $each) = (6, $long ? 1667 : 250);
	my $begun = time;
	my @children;
	for my $worker (0 .. $workers - 1)
	{
		my $child = fork // die "$!";
		if (!$child)
		{
			srand $worker;
			for my $i (0 .. $each - 1)
			{
				my $n = ($worker * $each + $i) % $addresses;
				garbage(sprintf('127.0.%d.%d', 1 + $n / 250, 1 + $n % 250), $i % 3);
			}
			POSIX::_exit(0);
		}
		push @children, $child;
	}
	# Meanwhile others log in and read.
	my ($logins, $slowest) = (0, 0);
	while (@children)
	{
		my $before = time;
		$logins += $server->query('SELECT count(*) > 0 FROM pg_stat_ssl_failure_totals') eq 't';
		$slowest = time - $before if time - $before > $slowest;
		$server->query('SELECT count(*) FROM pg_stat_ssl_failures', socket => 1);
		@children = grep { waitpid($_, POSIX::WNOHANG()) == 0 } @children;
	}
	note sprintf '%s: %d attempts in %.1f s, %d logins meanwhile, the slowest %.3f s', $title, $workers * $each, time - $begun, $logins, $slowest;
	cmp_ok($logins, '>', 0, "$title: logins work meanwhile");
	$expected{ ('startup not_postgresql', 'handshake not_tls', 'handshake other')[ $_ % 3 ] } += $workers for 0 .. $each - 1;
	my $want = join ', ', map { "$_ $expected{$_}" } 'startup not_postgresql', 'handshake not_tls', 'handshake other';
	$node->poll_query_until('postgres', "SELECT sum(count) >= " . eval(join '+', values %expected) . ' FROM pg_stat_ssl_failure_totals');
	is($server->query($totals, socket => 1), $want, "$title: the totals are exact");
	is($server->query('SELECT count(*) <= 200 FROM pg_stat_ssl_failures', socket => 1), 't', "$title: the rows are bounded");
}
is($server->query('SELECT entries, evictions > 0 FROM pg_stat_ssl_failures_info', socket => 1), '200|t', 'the table is full, and says what it gave up');

# Names of roles are the attacker's choice.
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
for my $i (1 .. 60)
{
	my $body = pack('N', 196608) . join("\0", user => "nobody$i", database => 'postgres') . "\0\0";
	my $socket = connection('127.0.9.9');
	syswrite $socket, pack('N', 4 + length $body) . $body;
	1 while sysread $socket, my $rest, 4096;
}
is($server->query("SELECT count(*), sum(count), count(*) FILTER (WHERE usename IS NULL), sum(count) FILTER (WHERE usename IS NULL) FROM pg_stat_ssl_failures", socket => 1),
	'32|60|1|29', 'one address has at most 32 rows; the rest is counted without names');

# Processes that end in mid-handshake: by authentication_timeout, which ends them in a signal handler, ...
my @stages = (
	sub { },
	sub { syswrite $_[0], $ssl_request; sysread $_[0], my $answer, 1 },
	sub { $_[0]->autoflush; syswrite $_[0], $ssl_request; sysread $_[0], my $answer, 1; syswrite $_[0], pack('C n n', 22, 0x0301, 200) . "\1\0" },
	sub {
		syswrite $_[0], pack('N', 16) . pack('N', 196608) . "user\0x\0\0";
	});
$server->query("ALTER SYSTEM SET authentication_timeout = '1s'", socket => 1);
$server->reload;
my @open = map { my $socket = connection(); $stages[ $_ % 3 ]->($socket); $socket } 1 .. 30;
sleep 2;
for my $socket (@open) { 1 while sysread $socket, my $rest, 4096 }
is($server->query("SELECT count(*) FROM pg_stat_ssl_failures", socket => 1) >= 0, 1, 'authentication_timeout: the server is there');
garbage('127.0.0.1', 1) for 1 .. 20;
$node->poll_query_until('postgres', "SELECT count >= 20 FROM pg_stat_ssl_failure_totals WHERE reason = 'not_tls'");
is($server->query("SELECT count FROM pg_stat_ssl_failure_totals WHERE reason = 'not_tls'", socket => 1), '20', '... and nobody left a lock behind');

# ... by SIGTERM while others fail beside them, ...
$server->query('ALTER SYSTEM RESET authentication_timeout', socket => 1);
$server->reload;
sub backends    # of clients that have not logged in
{
	my @pids = grep { $_ ne '' } split /\s+/, `ps -o pid= --ppid $postmaster`;
	my %other = map { $_ => 1 } split /\n/, $server->query('SELECT pid FROM pg_stat_activity', socket => 1);
	return grep { !$other{$_} } @pids;
}
my $terminated = 0;
for my $round (1 .. ($long ? 50 : 10))
{
	my @sockets = map { my $socket = connection(); $stages[ $_ % 3 ]->($socket); $socket } 1 .. 10;
	$terminated += kill 'TERM', backends();
	garbage('127.0.0.1', $_ % 3) for 1 .. 3;
}
note "$terminated processes terminated";
is($server->query('SELECT count(*) > 0 FROM pg_stat_ssl_failures', socket => 1), 't', 'SIGTERM in mid-handshake: nobody left a lock behind');

# ... and by SIGKILL, after which PostgreSQL starts all processes anew.
my $killed = 0;
# (A killed process takes the others with it, so that not each round kills ten.)
for my $round (1 .. 200)
{
	last if $killed >= ($long ? 450 : 20);
	my @sockets = map { my $socket = connection(); $stages[ $_ % 3 ]->($socket); $socket } 1 .. 10;
	my @victims = backends();
	$killed += kill 'KILL', @victims[ 0 .. ($#victims < 9 ? $#victims : 9) ];
	$node->poll_query_until('postgres', 'SELECT true') or die 'no server';
	garbage('127.0.0.1', 1);
	$node->poll_query_until('postgres', "SELECT count >= 1 FROM pg_stat_ssl_failure_totals WHERE reason = 'not_tls'") or die 'not counted';
}
note "$killed processes killed";
cmp_ok($killed, '>=', $long ? 450 : 20, 'SIGKILL in mid-handshake: the server comes back and counts');
$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|stuck spinlock/, 'nothing panicked');
done_testing();
