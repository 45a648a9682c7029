# Counts instructions of the process that serves a failed handshake, with the preload and without, for bench.instructions: what,
# with, without. Both servers must be stopped; each runs under valgrind meanwhile.
#
#   failed_attempts.pl BINDIR DIRECTORY CONNECTION DATA-WITH PORT-WITH DATA-WITHOUT PORT-WITHOUT > counts.tsv
#
# The connection must be one that the client ends, since it does not accept the server's certificate. t/074_failure_cost.pl holds
# this and other failures to a limit.

use strict;
use warnings;

use IPC::Run ();
use SSLInfoPlus::Instructions;

my ($bindir, $outdir, $connstr, @servers) = @ARGV;
my @medians;
while (my ($datadir, $port) = splice @servers, 0, 2)
{
	my $server = SSLInfoPlus::Instructions->new(bindir => $bindir, datadir => $datadir, outdir => $outdir);
	my @counts = map {
		$server->attempt(sub { IPC::Run::run([ "$bindir/psql", '-XAtqc', 'SELECT 1', "$connstr port=$port" ], '>&', \my $out) })->{total}
	} 0 .. 5;
	shift @counts;    # the first one of a server fills its caches
	push @medians, (sort { $a <=> $b } @counts)[2];
	$server->stop;
}
printf "%s\t%d\t%d\n", 'failed handshake with the preload', @medians;
