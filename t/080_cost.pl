# What the functions cost, in instructions: a guard against regressions, and for the bounds of docs/lab/performance.md that
# instructions can tell. Times are for scripts/bench.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Instructions;
use SSLInfoPlus::Server;
use PostgreSQL::Test::Utils 'slurp_file';
use Test::More;

if (my $reason = SSLInfoPlus::Instructions->unavailable) { plan skip_all => $reason; }

my $server = SSLInfoPlus::Server->new('main', conf => "autovacuum = off\n");
$server->pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme', 'OU=Payments', 'OU=Clearing', 'CN=app' ],
	extensions => [
		key_usage('digitalSignature'), extended_key_usage('clientAuth'),
		san(uri => 'spiffe://example.org/app', dns => 'app.example.org')
	]);
$server->reload;
plan skip_all => 'this server has no contrib/sslinfo to compare with'
  unless $server->query("SELECT count(*) FROM pg_available_extensions WHERE name = 'sslinfo'");
$server->query('CREATE SCHEMA contrib; CREATE EXTENSION sslinfo SCHEMA contrib');

open my $list, '<', "$FindBin::RealBin/../bench/scalar_list.sql" or die "scalar_list.sql: $!";
my @scalars = split /\n/, $server->query(join '', <$list>);
$server->query("\\set volatility VOLATILE\n" . slurp_file("$FindBin::RealBin/../bench/keep_calls.sql"));
# OpenSSL 3.6 shakes hands in 5.9 million instructions, of which a first call is a larger share than of 3.0's 9.4 million.
my $share = $server->query('SELECT post_quantum FROM ssl_library()') eq 't' ? 1.5 : 1;
my $node = $server->node;
# Clang's code takes 11,900 instructions for a first call, GCC's 6,200.
$share *= 1.5 if slurp_file($node->config_data('--pkglibdir') . '/sslinfo_plus.so') =~ /clang version/;
# A server with ICU has the C++ library in memory already; with another one, LOAD brings it: 37 times what contrib/sslinfo takes.
# With ICU it is 3.2 times on 15 of Debian 12, and 3.4 times on 18 of Debian's testing.
my $load = `ldd '${\$node->config_data('--bindir')}/postgres'` =~ /libstdc\+\+/ ? 3.5 : 40;
$node->stop;
mkdir my $outdir = $node->basedir . '/counts' or die "$!";
my ($out, $errors) = ('', '');
IPC::Run::run(
	[
		$^X, "-I$FindBin::RealBin/lib", "$FindBin::RealBin/../bench/instructions.pl", $node->config_data('--bindir'),
		$node->data_dir, $outdir, $server->connstr(cert => 'app'), @scalars
	],
	\'', \$out, \$errors) or die "instructions.pl: $errors";

# What is reached (docs/lab/performance.md), and a little more. A statement that reads the whole row is mostly parsed, planned and printed
# column by column: 37 columns here by 8 of pg_stat_ssl.
my %bound = (
	'first call in a session: ssl_version()'            => $share / 1000,
	'first call in a session: ssl_session(), all facts' => $share * 1.75 / 100,
	'first call in a session with the preload: ssl_session(), all facts' => $share / 300,
	'ssl_session(), whole row, at 1 connection'         => 1.0,
	'LOAD'                                              => $load,
	q{ssl_satisfies('mtls tls>=1.3')}                   => 2.3,
	q{ssl_client_dn_field('CN')}                        => 1 / 25,
	q{ssl_issuer_field('CN')}                           => 1 / 25,);

my %ratio;
foreach my $line (split /\n/, $out)
{
	my ($what, $ours, $theirs) = split /\t/, $line;
	my $bound = $bound{$what} // ($what =~ / $/ ? 1 / 100 : (grep { $_ eq "$what:text" } @scalars) ? 0.5 : 1.5);
	cmp_ok($ours / $theirs, '<=', $bound, sprintf('%s stays within its bound: %.0f by %.0f instructions', $what, $ours, $theirs));
	$ratio{$what} = $ours / $theirs;
}
is(scalar(grep { !exists $ratio{$_} } keys %bound), 0, 'everything with a bound was counted');
cmp_ok(scalar(keys %ratio), '>', 25, 'more than 25 statements were counted');

done_testing();
