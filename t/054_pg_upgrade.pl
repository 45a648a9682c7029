# pg_upgrade with the extension installed and preloaded. From an older major where SSLINFO_PLUS_OLD_BINDIR has its programs (and
# the extension has been installed there), else from the same major. scripts/test sets it where an older major is installed.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

delete @ENV{ grep { /^PGSSL/ } keys %ENV };
my $conf = "shared_preload_libraries = 'sslinfo_plus'\nsslinfo_plus.login_rules = '*: tls'\n";
my $supported = q{SELECT string_agg(oid::regprocedure::text, ' ' ORDER BY proname) FROM pg_proc WHERE prosupport = 'ssl_support(internal)'::regprocedure};

# A cluster of the programs in $bindir, of these here unless given, with the extension and what depends on it.
sub running_cluster
{
	my ($name, $bindir) = @_;
	my $cluster = PostgreSQL::Test::Cluster->new($name, $bindir ? (install_path => $bindir =~ s{/bin/?$}{}r) : ());
	$cluster->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$cluster->append_conf('postgresql.conf', $conf);
	$cluster->start;
	$cluster->safe_psql('postgres', <<'EOS');
CREATE EXTENSION sslinfo_plus;
CREATE TABLE audit (who text DEFAULT current_user, tls jsonb DEFAULT to_jsonb(ssl_session()), certificate ssl_certificate);
INSERT INTO audit DEFAULT VALUES;
CREATE VIEW by_version AS SELECT version, count(*) FROM pg_stat_ssl_plus GROUP BY 1;
CREATE ROLE auditor;
GRANT EXECUTE ON FUNCTION pg_stat_ssl_usage_reset() TO auditor;
EOS
	return $cluster;
}

my $old_bindir = $ENV{SSLINFO_PLUS_OLD_BINDIR};
my $no_older   = $old_bindir ? '' : 'no older major to come from: SSLINFO_PLUS_OLD_BINDIR is not set';
my $old        = running_cluster('old', $old_bindir);
# Some minor versions write an option of a column, pg_attver, that the newest minor version of the next major may not know yet.
if ($old->safe_psql('postgres', q{SELECT bool_or(attoptions::text ~ 'pg_attver') IS TRUE FROM pg_attribute}) eq 't')
{
	my $same = running_cluster('same');
	my ($code) = $same->psql('postgres', 'CREATE TEMPORARY TABLE t (a int); ALTER TABLE t ALTER a SET (pg_attver = 1)');
	if ($code && $old_bindir)
	{
		$no_older = 'this server cannot read a table with a default of the older one, without sslinfo_plus either (pg_attver)';
		$old->stop;
		($old, $old_bindir) = ($same, undef);
	}
	else
	{
		$same->stop;
	}
}
my $old_major = $old->safe_psql('postgres', 'SHOW server_version_num') =~ s/....$//r;
my $facts = $old->safe_psql('postgres', $supported);
like($facts, qr/ssl_version/, 'scalar facts have their support function');
$old->stop;

my $new = PostgreSQL::Test::Cluster->new('new');
# 18 makes checksums the default; both clusters must have them or not.
my $checksums = $old_bindir && $new->{_pg_version} >= 18 && $old_major < 18 ? ['--no-data-checksums'] : [];
$new->init(extra => [ '--encoding=UTF8', '--locale=C', @$checksums ]);
$new->append_conf('postgresql.conf', $conf);
chdir $new->basedir or die "$!";
command_ok(
	[
		'pg_upgrade', '-b', $old_bindir || $new->config_data('--bindir'), '-B', $new->config_data('--bindir'),
		'-d', $old->data_dir, '-D', $new->data_dir, '-s', $new->host, '-p', $old->port, '-P', $new->port
	],
	"pg_upgrade from $old_major succeeds")
  or diag(map { slurp_file($_) } glob $new->data_dir . '/pg_upgrade_output.d/*/log/*_dump_*.log');
$new->start;
SKIP:
{
	skip $no_older, 1 if $no_older;
	cmp_ok($old_major, '<', $new->safe_psql('postgres', 'SHOW server_version_num') =~ s/....$//r, 'the upgraded cluster had an older major version');
}
my $sql = sub { return $new->safe_psql('postgres', $_[0]) };
is($sql->('SELECT who = current_user, tls ->> $$transport$$, certificate IS NULL FROM audit'), 't|socket|t', 'pg_upgrade keeps the data');
is($sql->('SELECT count > 0 FROM by_version'), 't', 'a view over the sessions works after pg_upgrade');
is($sql->($supported), $facts, 'the same functions have the support function after pg_upgrade');
is($sql->("SELECT has_function_privilege('auditor', 'pg_stat_ssl_usage_reset()', 'EXECUTE')"), 't', 'pg_upgrade keeps a granted privilege');
is($sql->("SELECT has_function_privilege('public', 'pg_stat_ssl_usage_reset()', 'EXECUTE')"), 'f', 'pg_upgrade adds no privilege that was not granted');
cmp_ok($sql->('SELECT sum(connections) FROM pg_stat_ssl_usage'), '>', 0, 'logins are counted after pg_upgrade');
$sql->('DROP VIEW by_version; DROP TABLE audit; DROP EXTENSION sslinfo_plus; CREATE EXTENSION sslinfo_plus');
is($sql->('SELECT count(*) FROM pg_stat_ssl_plus'), '1', 'the extension can be created anew after pg_upgrade');

done_testing();
