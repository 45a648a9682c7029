# What a login over TLS costs with the preload: two servers that differ in it alone, by time, page faults and instructions. Minutes;
# by SSLINFO_PLUS_LONG=1 (scripts/test --long).

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Instructions;
use SSLInfoPlus::Server;
use Test::More;

plan skip_all => 'long: SSLINFO_PLUS_LONG=1 (scripts/test --long) runs it' if !$ENV{SSLINFO_PLUS_LONG};

my $conf = "fsync = off\nautovacuum = off\nlog_statement = none\nlog_connections = off\nlog_disconnections = off\n";
my %servers = (
	with    => SSLInfoPlus::Server->new('with', conf => "${conf}shared_preload_libraries = 'sslinfo_plus'\n"),
	without => SSLInfoPlus::Server->new('without', conf => $conf));
for my $server (values %servers)
{
	$server->pki->make('app', subject => [ 'O=Acme', 'CN=app' ]);
	$server->query('CREATE ROLE app LOGIN');
}
my %login = (user => 'app', cert => 'app');

# The median, and the bounds between which it lies with 99.9 % confidence (order statistics).
sub median
{
	my @sorted = sort { $a <=> $b } @_;
	my $half   = int(3.29 / 2 * sqrt @sorted);
	return @sorted[ @sorted / 2, @sorted / 2 - $half, @sorted / 2 + $half ];
}

# By time: logins per second, in turns.
my ($rounds, $logins) = (31, 60);
my $load = SSLInfoPlus::Server::test_module('load');
my @ratios;
for my $round (0 .. $rounds)
{
	my %rate;
	for my $name ($round % 2 ? qw(with without) : qw(without with))
	{
		my $report = '';
		IPC::Run::run([ $load, 'connect', $logins, 1, $servers{$name}->connstr(%login) ], '>', \$report);
		my ($seconds) = $report =~ /^connected=$logins failed=0 seconds=([\d.]+)$/ or die "$name: $report";
		$rate{$name} = $logins / $seconds;
	}
	push @ratios, $rate{with} / $rate{without} if $round > 0;    # the first round warms up
}
my ($ratio, $low, $high) = median(@ratios);
note sprintf 'logins per second, with the preload / without: %.4f (99.9 %%: %.4f to %.4f)', $ratio, $low, $high;
# To be brought back to 0.99. docs/lab/performance.md says what it is made of.
cmp_ok($high, '>=', 0.95, 'logins per second with the preload are not below 0.95 of those without by more than chance');

# By page faults of the backend, until it takes a query: each costs as much as some thousand instructions. They depend on the addresses
# that the postmaster has got, so both are started again and again, in turns.
my @more;
for my $start (1 .. 21)
{
	my %faults;
	for my $name (qw(with without))
	{
		my $server = $servers{$name};
		$server->node->restart;
		my @counts =
		  map { $server->query("SELECT split_part(pg_read_file('/proc/self/stat'), ' ', 10)", cert => 'app') } 0 .. 2;
		($faults{$name}) = median(@counts);
	}
	push @more, $faults{with} - $faults{without};
}
(my $faults, $low, $high) = median(@more);
note "page faults of a login: $faults more with the preload (99.9 %: $low to $high)";
cmp_ok($low, '<=', 16, 'a login with the preload has at most 16 more page faults, but for chance');

# By instructions of the backend, from its start until it takes a query.
SKIP:
{
	if (my $reason = SSLInfoPlus::Instructions->unavailable) { skip $reason, 1; }
	my %instructions;
	for my $name (sort keys %servers)
	{
		my $node = $servers{$name}->node;
		$node->stop;
		mkdir my $outdir = $node->basedir . '/counts' or die "$!";
		my $counted = SSLInfoPlus::Instructions->new(
			bindir  => $node->config_data('--bindir'),
			datadir => $node->data_dir,
			outdir  => $outdir);
		my @counts = map { ($counted->session($servers{$name}->connstr(%login)))[0]{total} } 0 .. 9;
		shift @counts;    # the first one of a server fills its caches
		($instructions{$name}) = median(@counts);
		$counted->stop;
	}
	my $more = $instructions{with} / $instructions{without};
	note sprintf 'instructions of a login: %d with the preload, %d without', @instructions{qw(with without)};
	cmp_ok($more, '<=', 1.01, sprintf 'a login with the preload takes at most 1.01 times the instructions: %.4f', $more);
}

done_testing();
