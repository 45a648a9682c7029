# pg_stat_ssl_failures under garbage: many failed attempts from few and from many addresses, and processes that end in the middle
# of a handshake. 10,000 attempts and 500 kills by SSLINFO_PLUS_LONG=1 (scripts/test --long), else fewer.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Socket::INET;
use IPC::Run ();
use POSIX ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;
use Time::HiRes qw(time sleep);

my $long = $ENV{SSLINFO_PLUS_LONG};
my $server = SSLInfoPlus::Server->new('main', hba => "host all prompted 127.0.0.1/32 scram-sha-256\n", conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.failures_max = 200
max_connections = 60
log_statement = none
log_connections = off
restart_after_crash = on
EOC
my $node = $server->node;
my $ssl_request = pack 'NN', 8, 80877103;
sub startup_packet
{
	my ($user) = @_;
	my $body = pack('N', 196608) . join("\0", user => $user, database => 'postgres') . "\0\0";
	return pack('N', 4 + length $body) . $body;
}
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
	$server->wait_for("SELECT sum(count) >= " . eval(join '+', values %expected) . ' FROM pg_stat_ssl_failure_totals');
	is($server->query($totals, socket => 1), $want, "$title: the totals are exact");
	is($server->query('SELECT count(*) <= 200 FROM pg_stat_ssl_failures', socket => 1), 't', "$title: the rows are bounded");
}
is($server->query('SELECT entries, evictions > 0 FROM pg_stat_ssl_failures_info', socket => 1), '200|t', 'the table is full and counts its evictions');

# Names of roles are the attacker's choice.
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
for my $i (1 .. 60)
{
	my $socket = connection('127.0.9.9');
	syswrite $socket, startup_packet("nobody$i");
	1 while sysread $socket, my $rest, 4096;
}
is($server->query("SELECT count(*), sum(count), count(*) FILTER (WHERE usename IS NULL), sum(count) FILTER (WHERE usename IS NULL) FROM pg_stat_ssl_failures", socket => 1),
	'32|60|1|29', 'one address has at most 32 rows; the rest is counted without names');

# A client for each stage of a handshake. Each returns once the server has come so far, and stays connected until what it
# returned is gone.
sub asked_for_tls { my $socket = connection(); syswrite $socket, $ssl_request; sysread $socket, my $answer, 1; return $socket }
sub with_tls    # waits until the output of a TLS client that was sent $input matches
{
	my ($until, $input, @options) = @_;
	my ($in, $out) = ($input, '');
	my $client = IPC::Run::start([ qw(openssl s_client -starttls postgres -connect), '127.0.0.1:' . $node->port, @options ],
		'<', \$in, '>&', \$out, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$client->pump until $out =~ $until;
	return bless { client => $client, in => \$in, out => \$out }, 'Connected';
}
sub Connected::DESTROY { my ($self) = @_; $self->{client}->kill_kill; return; }
my $extensions = pack 'n n/a* n n/a* n n/a*', 10, pack('n/a*', pack 'n', 23), 13, pack('n/a*', pack 'n', 0x0403), 11, "\1\0";
my $hello = "\1\0" . pack 'n/a*', pack('n', 0x0303) . 'r' x 32 . "\0" . pack('n/a*', pack 'n', 0xc02b) . "\1\0" . pack 'n/a*', $extensions;
my @stages = (
	[ 'before the first byte',    sub { return connection() } ],
	[ 'after the request for TLS', sub { return asked_for_tls() } ],
	[ 'after half a ClientHello', sub { my $socket = asked_for_tls(); syswrite $socket, pack('C n n', 22, 0x0301, 200) . "\1\0"; return $socket } ],
	[ 'after the ServerHello',
		sub { my $socket = asked_for_tls(); syswrite $socket, pack 'C n n/a*', 22, 0x0301, $hello; sysread $socket, my $answer, 65536; return $socket } ],
	[ 'after the handshake',         sub { return with_tls(qr/Verif.*return code/i, '') } ],
	[ 'after half a startup packet', sub { my $socket = connection(); syswrite $socket, substr startup_packet('prompted'), 0, 20; return $socket } ],
	[ 'at the password prompt', sub { my $socket = connection(); syswrite $socket, startup_packet('prompted'); sysread $socket, my $answer, 100; return $socket } ],
	[ 'at the password prompt, over TLS', sub { return with_tls(qr/SCRAM-SHA-256/, startup_packet('prompted'), '-quiet') } ]);
$server->query('CREATE ROLE prompted LOGIN PASSWORD $$secret$$', socket => 1);

sub backends    # processes of clients that have not logged in
{
	my @pids = grep { $_ ne '' } split /\s+/, `ps -o pid= --ppid $postmaster`;
	# PostgreSQL 18 shows a client that is still logging in.
	my %other = map { $_ => 1 } split /\n/, $server->query("SELECT pid FROM pg_stat_activity WHERE state IS DISTINCT FROM 'starting'", socket => 1);
	return grep { !$other{$_} } @pids;
}
sub counts_ok    # checks that attempts are still counted, each once
{
	my ($title) = @_;
	$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
	garbage('127.0.0.1', 1) for 1 .. 5;
	$server->wait_for("SELECT count >= 5 FROM pg_stat_ssl_failure_totals WHERE reason = 'not_tls'");
	is($server->query($totals, socket => 1), 'handshake not_tls 5', $title);
	return;
}

# Processes that end there: by authentication_timeout, which ends most of them in a signal handler, ...
$server->query("ALTER SYSTEM SET authentication_timeout = '2s'", socket => 1);
$server->reload;
$server->query('SELECT pg_stat_ssl_failures_reset()', socket => 1);
my @open = map { map { $_->[1]->() } @stages } 1 .. ($long ? 10 : 3);
my $waiting = backends();
ok(wait_until(sub { !backends() }), 'authentication_timeout ends the process at every stage');
note "$waiting of " . @open . ' processes were there at the same time';
is($server->query($totals, socket => 1), '', 'an attempt that authentication_timeout ends is not counted, as documented');
@open = ();
counts_ok('attempts are counted after authentication_timeout: no process left a lock behind');
$server->query('ALTER SYSTEM RESET authentication_timeout', socket => 1);
$server->reload;

sub wait_until
{
	my ($condition) = @_;
	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return 1 if $condition->();
		sleep 0.1;
	}
	return 0;
}

# ... by SIGTERM while others fail beside them, ...
for my $round (1 .. ($long ? 10 : 2))
{
	for my $stage (@stages)
	{
		my ($title, $open) = @$stage;
		my @clients = map { $open->() } 1 .. 4;
		my $there = wait_until(sub { backends() >= 4 });
		kill 'TERM', backends();
		garbage('127.0.0.1', $_) for 0 .. 2;
		ok($there, "all processes were there for SIGTERM $title") if $round == 1;
	}
}
counts_ok('attempts are counted after SIGTERM: no process left a lock behind');

# ... and by SIGKILL, after which PostgreSQL starts all processes anew. (A killed process takes the others with it, so that not
# each round kills ten.)
my %killed;
my $all = 0;
for my $round (0 .. 400)
{
	my ($title, $open) = @{ $stages[ $round % @stages ] };
	last if $round >= @stages && $all >= ($long ? 500 : 30);
	my @clients = map { $open->() } 1 .. 10;
	wait_until(sub { backends() >= 10 });
	my $killed = kill 'KILL', backends();
	$killed{$title} += $killed;
	$all += $killed;
	undef @clients;
	$server->wait_for('SELECT true') or die 'no server';
	garbage('127.0.0.1', 1);
	$server->wait_for("SELECT count >= 1 FROM pg_stat_ssl_failure_totals WHERE reason = 'not_tls'") or die 'not counted';
}
cmp_ok($killed{ $_->[0] } // 0, '>=', 1, "SIGKILL $_->[0]: the server comes back and counts") for @stages;
cmp_ok($all, '>=', $long ? 500 : 30, "$all processes were killed");
$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|stuck spinlock/, 'no process panicked');
done_testing();
