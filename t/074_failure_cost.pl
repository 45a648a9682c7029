# What a failed handshake costs with the preload, by instructions of its process: two servers that differ in it alone. The whole
# process is held to a limit of two percent more, and what the library itself executes to one. By SSLINFO_PLUS_LONG=1
# (scripts/test --long).

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use SSLInfoPlus::Instructions;
use SSLInfoPlus::Server;
use Test::More;

plan skip_all => 'long: SSLINFO_PLUS_LONG=1 (scripts/test --long) runs it' if !$ENV{SSLINFO_PLUS_LONG};
if (my $reason = SSLInfoPlus::Instructions->unavailable) { plan skip_all => $reason; }

my $conf = "fsync = off\nautovacuum = off\nlog_statement = none\nlog_connections = off\nlog_disconnections = off\n";
my %cases = (
	'a server certificate that the client refuses' => sub { my ($s) = @_; (sslmode => 'verify-ca', options => "sslrootcert='" . $s->pki->crt('other') . "'") },
	'a client certificate of an unknown CA'        => sub { (cert => 'stray') },
	'a TLS version that the server does not have'  => sub { (options => 'ssl_min_protocol_version=TLSv1.1 ssl_max_protocol_version=TLSv1.1') });
# glibc keeps small free chunks apart (fastbins), and merges them all in a free() at exit or not, by how the heap happens to lie:
# 120,000 instructions, two percent.
local $ENV{GLIBC_TUNABLES} = 'glibc.malloc.mxfast=0';
my (%instructions, %own);
for my $name (qw(with without))
{
	my $server = SSLInfoPlus::Server->new($name, conf => $conf . ($name eq 'with' ? "shared_preload_libraries = 'sslinfo_plus'\n" : ''));
	my ($node, $pki) = ($server->node, $server->pki);
	$pki->make('other', issuer => 'other');
	$pki->make('stray', issuer => 'other');
	$node->stop;
	mkdir my $outdir = $node->basedir . '/counts' or die "$!";
	my $counted = SSLInfoPlus::Instructions->new(bindir => $node->config_data('--bindir'), datadir => $node->data_dir, outdir => $outdir);
	for my $case (sort keys %cases)
	{
		my $connstr = $server->connstr($cases{$case}->($server));
		my @all = map {
			$counted->attempt(sub { IPC::Run::run([ 'psql', '-XAtqc', 'SELECT 1', $connstr ], '>&', \my $out) })
		} 0 .. 6;
		shift @all;    # the first one of a server fills its caches
		my @counts = map { $_->{total} } @all;
		my $inclusive = $all[3]{inclusive};
		$own{$case} += $inclusive->{$_} for grep { /::(observe_log_message|observe_message|read_closed_connection)\(/ } keys %$inclusive;
		$instructions{$case}{$name} = (sort { $a <=> $b } @counts)[3];
	}
	$counted->stop;
}
for my $case (sort keys %cases)
{
	my $more = $instructions{$case}{with} / $instructions{$case}{without};
	note sprintf '%s: %d instructions with the preload, %d without', $case, @{ $instructions{$case} }{qw(with without)};
	cmp_ok($more, '<=', 1.02, sprintf '%s takes at most 1.02 times the instructions with the preload: %.4f', $case, $more);
	my $share = ($own{$case} // 0) / $instructions{$case}{without};
	ok($share > 0 && $share <= ($case =~ /version/ ? 0.02 : 0.01), sprintf "$case: the library itself executes a small share of the instructions: %.4f", $share);
}
done_testing();
