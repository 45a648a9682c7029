# The files of monitoring/ for other tools have the queries of postgres_exporter.yaml, and these run as each tool runs them.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Monitoring ':all';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
$server->query('CREATE ROLE exporter LOGIN IN ROLE pg_monitor; CREATE ROLE stranger LOGIN');
$server->pki->make('app', subject => ['CN=postgres']);
my $session = $server->open_session(cert => 'app');
$server->say($session, 'SELECT 1');

# The queries by key: their SQL, labels and values.
sub definitions
{
	my ($text) = @_;
	my $file = yaml($text);
	my %found;
	for my $key (keys %$file)
	{
		my %columns = map { %$_ } @{ $file->{$key}{metrics} };
		$found{$key} = {
			query  => $file->{$key}{query},
			labels => join(' ', map { keys %$_ } grep { (values %$_)[0]{usage} eq 'LABEL' } @{ $file->{$key}{metrics} }),
			values => join(' ', map { keys %$_ } grep { (values %$_)[0]{usage} ne 'LABEL' } @{ $file->{$key}{metrics} }),
			columns => \%columns,
		};
	}
	return \%found;
}
my $definitions = definitions(slurp_file(file('postgres_exporter.yaml')));
my @names = sort map { my $key = $_; map { "${key}_$_" } split / /, $definitions->{$key}{values} } keys %$definitions;

# CloudNativePG: read-only, as a member of pg_monitor, by the socket, with this search_path.
is_deeply(definitions(yaml(slurp_file(file('cloudnative-pg.yaml')))->{data}{queries}), $definitions, 'cloudnative-pg.yaml has the queries of postgres_exporter.yaml');
my %as_cloudnative_pg = (socket => 1, user => 'exporter', options => "options='-c default_transaction_read_only=on -c search_path=pg_catalog,public,pg_temp'");
for my $key (sort keys %$definitions)
{
	my $definition = $definitions->{$key};
	my $columns    = $server->query("$definition->{query}\\gdesc", %as_cloudnative_pg);
	is_deeply(
		{ map { split /\|/ } split /\n/, $columns },
		{ (map { $_ => 'text' } split / /, $definition->{labels}), (map { $_ => 'double precision' } split / /, $definition->{values}) },
		"the columns of $key are its labels, as text, and its values, as double precision");
	my $counted = $server->query("SELECT count(*), count(DISTINCT ROW(" . join(', ', map { "q.$_" } split / /, $definition->{labels}) . ")) FROM ($definition->{query}) q", %as_cloudnative_pg);
	my ($rows, $different) = split /\|/, $counted;
	cmp_ok($rows, '>', 0, "$key has rows as CloudNativePG runs it");
	is($different, $rows, "no two rows of $key have the same labels");
	isnt($server->error($definition->{query}, socket => 1, user => 'stranger'), '', "$key is not for everybody") if $key =~ /failures|certificate|check|client/;
}

# pgwatch: the query, with its columns renamed.
my $pgwatch = yaml(slurp_file(file('pgwatch.yaml')));
is_deeply([ sort keys %{ $pgwatch->{metrics} } ], [ sort keys %$definitions ], 'pgwatch.yaml has the metrics of postgres_exporter.yaml');
is_deeply([ sort keys %{ $pgwatch->{presets}{sslinfo_plus}{metrics} } ], [ sort keys %$definitions ], 'the preset of pgwatch.yaml has all metrics');
for my $key (sort keys %{ $pgwatch->{metrics} })
{
	my $metric = $pgwatch->{metrics}{$key};
	my $definition = $definitions->{$key};
	my ($inner) = $metric->{sqls}{15} =~ /^FROM \(\n(.*)\) q\n\z/ms;
	is($inner =~ s/^  //mgr, $definition->{query}, "pgwatch.yaml has the query of $key");
	is(join(' ', map { (split /\|/)[0] } split /\n/, $server->query("$metric->{sqls}{15}\\gdesc", socket => 1, user => 'exporter')),
		join(' ', 'epoch_ns', (map { "tag_$_" } split / /, $definition->{labels}), $definition->{values}), "pgwatch gets the columns of $key");
	is_deeply([ sort @{ $metric->{gauges} // [] } ], [ sort grep { $definition->{columns}{$_}{usage} eq 'GAUGE' } keys %{ $definition->{columns} } ], "pgwatch.yaml has the gauges of $key");
	unlike($server->query($metric->{sqls}{15}, socket => 1, user => 'exporter'), qr/NaN/, "pgwatch gets no NaN, which it cannot store, from $key");
}

# prometheus-sql-exporter, run, and Prometheus with the rule of docs/monitoring.md that takes the prefix off.
my $sql = yaml(slurp_file(file('sql_exporter.yaml')));
my %by_name = map { $_->{name} => $_ } @{ $sql->{jobs}[0]{queries} };
is_deeply([ sort keys %by_name ], \@names, 'sql_exporter.yaml has the metrics of postgres_exporter.yaml');
for my $key (sort keys %$definitions)
{
	for my $value (split / /, $definitions->{$key}{values})
	{
		my $query = $by_name{"${key}_$value"};
		is_deeply([ $query->{query}, join(' ', @{ $query->{labels} // [] }), $query->{values} ], [ @{ $definitions->{$key} }{qw(query labels)}, [$value] ],
			"sql_exporter.yaml has the query of ${key}_$value");
	}
}
my ($relabel) = slurp_file("$FindBin::RealBin/../docs/monitoring.md") =~ /^ +metric_relabel_configs:\n((?: +.*\n)+)/m;
my $exporter   = start_sql_exporter($server, user => 'exporter');
my $prometheus = start_prometheus($server, $exporter, relabel => $relabel);
sub seen { my %seen = map { $_->{metric}{__name__} => 1 } query($prometheus, '{__name__=~"sslinfo_plus_.*"}'); return join ' ', sort keys %seen; }
ok(wait_for(sub { seen() eq "@names" }, 60), 'prometheus-sql-exporter and the rule give the same names') or is(seen(), "@names");
is_deeply([ map { $_->{metric} } query($prometheus, '{__name__=~"sslinfo_plus_.*", col!=""}') ], [], 'the rule takes the label col off');
$server->query('SELECT 1', sslmode => 'disable', cert => 'app');
ok(wait_for(sub { alerts($prometheus)->{SslPlaintextLogin} }, 60), 'an alert fires with the metrics of prometheus-sql-exporter');
is_deeply([ map { $_->{value} } query($prometheus, 'count(sql_exporter_last_scrape_failed == 0) - count(sql_exporter_last_scrape_failed)') ], [0], 'no query of prometheus-sql-exporter fails');
stop($exporter);

# Without the preload no query fails.
$server->finish($session);
$server->node->append_conf('postgresql.conf', "shared_preload_libraries = ''\nsslinfo_plus.track = on\n");
$server->node->restart;
for my $key (sort keys %$definitions)
{
	is($server->error($definitions->{$key}{query}, %as_cloudnative_pg), '', "$key raises no error without the preload");
}

done_testing();
