# Counts instructions of what scripts/bench measures in time, for bench.instructions: what, ours, theirs. The server in DATA
# must be stopped; it runs under valgrind meanwhile.
#
#   instructions.pl BINDIR DATA DIRECTORY CONNECTION SCALAR... > counts.tsv
#
# The scalars are 'name():type', as scalar_list.sql lists them.
#
# The calls are those of bench.calls() in harness.sql, and the cost of the loop is taken off in the same way.

use strict;
use warnings;

use SSLInfoPlus::Instructions;

my ($bindir, $datadir, $outdir, $connstr, @scalars) = @ARGV;
my $server = SSLInfoPlus::Instructions->new(bindir => $bindir, datadir => $datadir, outdir => $outdir);

sub report { printf "%s\t%.1f\t%.1f\n", @_; return; }

# Instructions of one call of each expression: what a statement of 5 x $rows x 50 calls takes more than one of $rows x 50.
sub per_call
{
	my ($rows, @expressions) = @_;
	my $calls = sub {
		my ($expression, $times, $n) = @_;
		return "SELECT count(num_nonnulls(" . join(', ', ($expression) x $times) . ")) FROM generate_series(1, $n) i";
	};
	my @statements = ('SET jit = off');
	foreach my $each ([ 'i', 1 ], map { [ $_, 50 ] } @expressions)
	{
		push @statements, map { $calls->(@$each, $_) } $rows, $rows, 5 * $rows;
	}
	my @counts = $server->session($connstr, @statements);
	splice @counts, 0, 2;    # the login, and SET
	my @row;
	while (my ($warm, $few, $many) = splice @counts, 0, 3)
	{
		push @row, ($many->{total} - $few->{total}) / (4 * $rows);
		my ($function) = @row > 1 && $expressions[ $#row - 1 ] =~ /(ssl_\w+)/;
		die "the loop does not call $function for each row\n" if $function && $many->{calls}{$function} != 250 * $rows;
	}
	my $loop = shift @row;
	my %cost;
	@cost{@expressions} = map { ($_ - $loop) / 50 } @row;
	return %cost;
}

my @fields = ("ssl_client_dn_field('CN')", "ssl_issuer_field('CN')");
my @slow   = ('ssl_client_dn()', 'ssl_issuer_dn()', 'ssl_client_serial()');
my $policy = "ssl_satisfies('mtls tls>=1.3')";
my %type   = map { split /:/ } @scalars;
@scalars = sort keys %type;

my %cost = per_call(100, 'pg_backend_pid()', 'version()', @scalars, @fields, $policy);
my %contrib = per_call(2, map { "contrib.$_" } @slow, @fields);
report($_, $cost{$_}, $cost{ $type{$_} eq 'text' ? 'version()' : 'pg_backend_pid()' }) for @scalars;
report("$_ ", $cost{$_}, $contrib{"contrib.$_"}) for @slow;
report($_, $cost{$_}, $contrib{"contrib.$_"}) for @fields;
report($policy, $cost{$policy}, $cost{'ssl_is_used()'});

my ($login, $load, $load_contrib, $one) =
  $server->session($connstr, "LOAD 'sslinfo_plus'", "LOAD 'sslinfo'", 'SELECT ssl_version()');
my $row  = 'SELECT * FROM ssl_session()';
my $stat = 'SELECT * FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
my (undef, undef, $whole, undef, $again, undef, $stat_again) =
  $server->session($connstr, "LOAD 'sslinfo_plus'", ($row) x 3, ($stat) x 2);
my $handshake = $login->{inclusive}{be_tls_open_server};
report('first call in a session: ssl_version()', $one->{inclusive}{ssl_version}, $handshake);
report('first call in a session: ssl_session(), all facts', $whole->{inclusive}{ssl_session}, $handshake);
report('ssl_session(), whole row, at 1 connection', $again->{total}, $stat_again->{total});
report('LOAD', $load->{total}, $load_contrib->{total});

$server->stop;

# With the preload the login has read the facts already.
$server = SSLInfoPlus::Instructions->new(bindir => $bindir, datadir => $datadir, outdir => $outdir,
	options => '-c shared_preload_libraries=sslinfo_plus');
($login, $whole) = $server->session($connstr, $row);
report('first call in a session with the preload: ssl_session(), all facts', $whole->{inclusive}{ssl_session}, $login->{inclusive}{be_tls_open_server});
$server->stop;
