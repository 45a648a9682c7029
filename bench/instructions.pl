# Counts instructions of what scripts/bench measures in time, for bench.instructions: what, ours, theirs. The server in DATA
# must be stopped; it runs under valgrind meanwhile.
#
#   instructions.pl BINDIR DATA DIRECTORY CONNECTION SCALAR... > counts.tsv
#
# The calls are those of bench.calls() in harness.sql, and the cost of the loop is taken off in the same way.

use strict;
use warnings;

use SSLInfoPlus::Instructions;

my ($bindir, $datadir, $outdir, $connstr, @scalars) = @ARGV;
my $server = SSLInfoPlus::Instructions->new(bindir => $bindir, datadir => $datadir, outdir => $outdir);

sub report { printf "%s\t%.1f\t%.1f\n", @_; return; }

# Instructions of one call of each expression, which a statement of 10 x 50 calls makes, and the next of 50 x 50.
sub per_call
{
	my (@expressions) = @_;
	my $calls = sub {
		my ($expression, $times, $rows) = @_;
		return "SELECT count(num_nonnulls(" . join(', ', ($expression) x $times) . ")) FROM generate_series(1, $rows) i";
	};
	my @statements = ('SET jit = off');
	foreach my $each ([ 'i', 1 ], map { [ $_, 50 ] } @expressions)
	{
		push @statements, map { $calls->(@$each, $_) } 10, 10, 50;
	}
	my @counts = map { $_->{total} } $server->session($connstr, @statements);
	splice @counts, 0, 2;    # the login, and SET
	my @rows;
	while (my ($warm, $ten, $fifty) = splice @counts, 0, 3) { push @rows, ($fifty - $ten) / 40; }
	my $loop = shift @rows;
	my %cost;
	@cost{@expressions} = map { ($_ - $loop) / 50 } @rows;
	return %cost;
}

my @fields = ("ssl_client_dn_field('CN')", "ssl_issuer_field('CN')");
my @slow   = ('ssl_client_dn()', 'ssl_issuer_dn()', 'ssl_client_serial()');
my $policy = "ssl_satisfies('mtls tls>=1.3')";
my ($has_policy) = grep { $_ eq 'ssl_satisfies' } @scalars;
my %is_text = map { /(.*):text$/ ? ($1 => 1) : () } @scalars;
@scalars = map { s/:.*//r } grep { !/^ssl_satisfies$/ } @scalars;

my %cost = per_call('pg_backend_pid()', 'version()', @scalars, @fields, $has_policy ? $policy : ());
my %contrib = per_call(map { "contrib.$_" } @slow, @fields);
report($_, $cost{$_}, $cost{ $is_text{$_} ? 'version()' : 'pg_backend_pid()' }) for @scalars;
report("$_ ", $cost{$_}, $contrib{"contrib.$_"}) for @slow;
report($_, $cost{$_}, $contrib{"contrib.$_"}) for @fields;
report($policy, $cost{$policy}, $cost{'ssl_is_used()'}) if $has_policy;

my ($login, $load, $load_contrib, $one) =
  $server->session($connstr, "LOAD 'sslinfo_plus'", "LOAD 'sslinfo'", 'SELECT ssl_version()');
my (undef, undef, $whole) = $server->session($connstr, "LOAD 'sslinfo_plus'", 'SELECT ssl_session()');
my $handshake = $login->{inclusive}{be_tls_open_server};
report('first call in a session: ssl_version()', $one->{inclusive}{ssl_version}, $handshake);
report('first call in a session: ssl_session(), all facts', $whole->{inclusive}{ssl_session}, $handshake);
report('LOAD', $load->{total}, $load_contrib->{total});

$server->stop;
