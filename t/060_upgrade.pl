# Every released version, updated step by step to the newest, is the same as a fresh installation of the newest. And this test
# sees it when a step forgets something: shown on versions made up here, in a private copy of the installation.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Catalog 'extension_query';
use SSLInfoPlus::Installation;
use Test::More;

my $installation = SSLInfoPlus::Installation->new;
my $node         = PostgreSQL::Test::Cluster->new('main', install_path => $installation->path);
$node->init;
$node->start;

my $databases = 0;

# The catalog of an extension that is installed in one version and updated through others.
sub catalog
{
	my ($first, @steps) = @_;
	my $database = 'd' . ++$databases;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database,
		join "\n", "CREATE EXTENSION sslinfo_plus VERSION '$first';", map { "ALTER EXTENSION sslinfo_plus UPDATE TO '$_';" } @steps);
	is($node->safe_psql($database, "SELECT extversion FROM pg_extension WHERE extname = 'sslinfo_plus'"),
		$steps[-1] // $first, 'the version is that of the last step: ' . join(' to ', $first, @steps));
	return $node->safe_psql($database, extension_query('sslinfo_plus'));
}

# The versions on the shortest way that PostgreSQL finds.
sub steps
{
	my ($from, $to) = @_;
	my $path = $node->safe_psql('postgres',
		"SELECT path FROM pg_extension_update_paths('sslinfo_plus') WHERE source = '$from' AND target = '$to'");
	my (undef, @steps) = split /--/, $path;
	return @steps;
}

my $newest = $node->safe_psql('postgres', "SELECT default_version FROM pg_available_extensions WHERE name = 'sslinfo_plus'");
my @released = split /\n/, $node->safe_psql('postgres',
	"SELECT version FROM pg_available_extension_versions WHERE name = 'sslinfo_plus' ORDER BY string_to_array(version, '.')::int[]");
my @documented = slurp_file("$FindBin::RealBin/../CHANGELOG.md") =~ /^## (\d[\d.]*)/mg;
is_deeply([ sort @released ], [ sort @documented ], 'each version of the changelog can be installed, and no other');
is($released[-1], $newest, 'the newest version is the default');

my $fresh = catalog($newest);
like($fresh, qr/FUNCTION public\.ssl_is_used\(\)/, 'the catalog has definitions');
unlike($fresh, qr/no comment/, 'the catalog has comments') or diag grep { /no comment/ } split /\n/, $fresh;
for my $version (grep { $_ ne $newest } @released)
{
	my @steps = steps($version, $newest);
	ok(@steps, "there is a way from $version to $newest");
	is(catalog($version, @steps), $fresh, "$version updated is the same as $newest");
}

# Made up: 98.0 adds a function, 99.0 changes one, takes a privilege and adds a view.
my $script = slurp_file($installation->extension_dir . "/sslinfo_plus--$newest.sql");
my $added  = <<'EOS';
CREATE FUNCTION ssl_made_up(field text) RETURNS boolean LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'ssl_is_used';
COMMENT ON FUNCTION ssl_made_up(text) IS 'made up';
EOS
my $changed = <<'EOS';
ALTER FUNCTION ssl_version() COST 10;
COMMENT ON FUNCTION ssl_version() IS 'the version';
REVOKE ALL ON FUNCTION ssl_made_up(text) FROM PUBLIC;
CREATE VIEW ssl_made_up_view AS SELECT ssl_made_up('x') AS made_up;
COMMENT ON VIEW ssl_made_up_view IS 'made up';
COMMENT ON COLUMN ssl_made_up_view.made_up IS 'made up';
GRANT SELECT ON ssl_made_up_view TO PUBLIC;
EOS
my $quit = qq{\\echo Use "ALTER EXTENSION sslinfo_plus UPDATE" to load this file. \\quit\n};
$installation->write_extension_file("sslinfo_plus--$newest--98.0.sql", $quit . $added);
$installation->write_extension_file('sslinfo_plus--98.0--99.0.sql',    $quit . $changed);
$installation->write_extension_file('sslinfo_plus--99.0.sql',          $script . $added . $changed);

my $made_up = catalog('99.0');
isnt($made_up, $fresh, 'a made-up version differs from the newest');
is_deeply([ steps($newest, '99.0') ], [ '98.0', '99.0' ], 'a made-up version is reached by two steps');
is(catalog($newest, steps($newest, '99.0')), $made_up, 'a made-up version updated step by step is the same as a fresh one');

# Whatever line a step forgets, the test sees it.
for my $line (split /\n/, $changed)
{
	next if $line =~ /^CREATE VIEW/;    # the next lines would fail
	$installation->write_extension_file('sslinfo_plus--98.0--99.0.sql', $quit . $changed =~ s/^\Q$line\E\n//mr);
	isnt(catalog($newest, '98.0', '99.0'), $made_up, "the test notices that a step forgets: $line");
}

done_testing();
