# The extension as a citizen of a database: dumped and restored with what depends on it, moved to another schema, installed
# by a database owner who is no superuser, side by side with contrib/sslinfo.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', extension => 0);
my $node   = $server->node;
$server->pki->make($_, subject => [ 'O=Acme', "CN=$_" ]) for qw(alice bob);

# A database with a view, a policy, a default, a check and a generated-by-trigger user of the functions.
$server->query('CREATE ROLE app LOGIN');
$server->create_database('original');
$server->query(<<'EOS', dbname => 'original');
CREATE SCHEMA tls;
CREATE EXTENSION sslinfo_plus SCHEMA tls;
GRANT USAGE ON SCHEMA tls TO app;
CREATE VIEW me AS
	SELECT tls.ssl_client_dn() AS dn, e.name FROM (SELECT 1) one LEFT JOIN tls.ssl_extension_info() e ON true;
CREATE TABLE secret (owner text DEFAULT tls.ssl_client_dn_field('CN'), what text, CHECK (tls.ssl_is_used() OR what <> ''));
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (owner = tls.ssl_client_dn_field('CN'));
INSERT INTO secret VALUES ('alice', 'of alice'), ('bob', 'of bob');
GRANT SELECT, INSERT ON secret, me TO app;
EOS

sub works
{
	my ($database, $title) = @_;
	for my $name (qw(alice bob))
	{
		my %as = (dbname => $database, user => 'app', cert => $name);
		is($server->query('SELECT * FROM secret', %as), "$name|of $name", "$title: the policy shows $name the own row only");
		is($server->query('SELECT * FROM me',     %as), "/O=Acme/CN=$name|", "$title: the view returns the name of $name");
	}
	is($server->query('SELECT * FROM secret', dbname => $database, user => 'app'), '', "$title: the policy shows no row without a certificate");
	is($server->query('SELECT * FROM secret', dbname => $database, user => 'app', socket => 1),
		'', "$title: the policy shows no row without TLS");
}

works('original', 'original database');

my $dump = $node->basedir . '/original.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('original') ], 'pg_dump dumps a database with the extension');
$server->create_database('restored');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump ], 'pg_restore restores the dump of a database with the extension');
works('restored', 'restored database');
is(
	$server->query('SELECT extname, nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace'
		  . " WHERE extname = 'sslinfo_plus'", dbname => 'restored'),
	'sslinfo_plus|tls',
	'the extension is restored into its schema');

# Only CREATE EXTENSION is in a dump, none of the members.
my $sql = `pg_dump -d "@{[ $node->connstr('original') ]}"`;
is(() = $sql =~ /^CREATE FUNCTION/mg, 0, 'the dump has no function of the extension');
is(() = $sql =~ /^CREATE EXTENSION .*sslinfo_plus/mg, 1, 'the dump creates the extension once');

# Relocatable: what depends on it goes on working.
$server->query('CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO app;'
	  . ' ALTER EXTENSION sslinfo_plus SET SCHEMA elsewhere', dbname => 'restored');
works('restored', 'extension moved to another schema');
is(
	$server->query(
		"SELECT count(*) FROM pg_proc WHERE pronamespace = 'tls'::regnamespace OR"
		  . " proname = 'ssl_client_dn' AND pronamespace <> 'elsewhere'::regnamespace", dbname => 'restored'),
	0,
	'no function of the extension is left in its former schema');
like($server->error('DROP EXTENSION sslinfo_plus', dbname => 'restored'),
	qr/^2BP01: /, 'the extension is not dropped while something depends on it');
$server->query('DROP EXTENSION sslinfo_plus CASCADE', dbname => 'restored');
is($server->query("SELECT count(*) FROM pg_proc WHERE proname LIKE 'ssl\\_%'", dbname => 'restored'),
	0, 'the dropped extension leaves no function');

# Trusted: the owner of a database needs no superuser.
$server->query('CREATE ROLE owner LOGIN NOSUPERUSER; CREATE ROLE stranger LOGIN');
$server->create_database('owned');
$server->query('ALTER DATABASE owned OWNER TO owner');
like($server->error('CREATE EXTENSION sslinfo_plus', dbname => 'owned', user => 'stranger'),
	qr/^42501: /, 'a role that does not own the database cannot install the extension');
$server->query('CREATE EXTENSION sslinfo_plus', dbname => 'owned', user => 'owner');
is($server->query("SELECT extowner::regrole FROM pg_extension WHERE extname = 'sslinfo_plus'", dbname => 'owned'),
	'owner', 'the owner of the database can install the extension');
is($server->query('SELECT ssl_client_dn()', dbname => 'owned', user => 'stranger', cert => 'bob'),
	'/O=Acme/CN=bob', 'every role can call the functions of an extension that the owner of the database installed');
$server->query('DROP EXTENSION sslinfo_plus', dbname => 'owned', user => 'owner');

# Beside contrib/sslinfo, in either order.
for my $order ([qw(sslinfo sslinfo_plus)], [qw(sslinfo_plus sslinfo)])
{
	my $database = "beside_$order->[0]";
	$server->create_database($database);
	$server->query("CREATE SCHEMA of_$_; CREATE EXTENSION $_ SCHEMA of_$_", dbname => $database) for @$order;
	is(
		$server->query(
			'SELECT of_sslinfo.ssl_client_dn(), of_sslinfo_plus.ssl_client_dn(), of_sslinfo.ssl_is_used(),'
			  . ' of_sslinfo_plus.ssl_is_used()', dbname => $database, cert => 'alice'),
		'/O=Acme/CN=alice|/O=Acme/CN=alice|t|t',
		"$order->[0] first, $order->[1] second: both answer in one session");
	$server->query("DROP EXTENSION $order->[0]", dbname => $database);
	is($server->query("SELECT of_$order->[1].ssl_is_used()", dbname => $database), 't', "$order->[1] works after $order->[0] was dropped");
}

# The migration of the README: from contrib/sslinfo to this, the SQL unchanged.
$server->create_database('migrated');
$server->query('CREATE EXTENSION sslinfo; DROP EXTENSION sslinfo; CREATE EXTENSION sslinfo_plus', dbname => 'migrated');
is($server->query('SELECT ssl_client_dn_field($$CN$$)', dbname => 'migrated', cert => 'alice'), 'alice', 'a query of contrib/sslinfo works after its replacement by sslinfo_plus');
like($server->error('CREATE EXTENSION sslinfo', dbname => 'migrated'),
	qr/^42723: /, 'contrib/sslinfo is refused in the schema of sslinfo_plus');

# The other way round: an error that names the ways out, each of which works.
$server->create_database('contrib');
$server->query('CREATE SCHEMA tls; CREATE EXTENSION sslinfo SCHEMA tls', dbname => 'contrib');
like($server->error('CREATE EXTENSION sslinfo_plus SCHEMA tls', dbname => 'contrib'),
	qr/^42723: extension "sslinfo" is installed in schema "tls"/, 'sslinfo_plus is refused in the schema of contrib/sslinfo');
my (undef, undef, $refused) = $server->run('CREATE EXTENSION sslinfo_plus SCHEMA tls', dbname => 'contrib');
like($refused, qr{^HINT:  .*DROP EXTENSION sslinfo first, .*scripts/migrate-from-sslinfo .*docs/migrate\.md.*SCHEMA}m, 'the hint names the migration');
is($server->query('CREATE EXTENSION sslinfo_plus; SELECT ssl_is_used(), tls.ssl_is_used()', dbname => 'contrib'), 't|t',
	'sslinfo_plus can be created in another schema than contrib/sslinfo');
is($server->query("SELECT count(*) FROM pg_proc WHERE proname = 'ssl_refuse_beside_sslinfo'", dbname => 'contrib'), 0,
	'the check for contrib/sslinfo leaves no function behind');

done_testing();
