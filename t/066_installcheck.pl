# make installcheck against a running server, as the README prints it: it passes, and what the server had before is as it was.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $node   = $server->node;
$server->query('CREATE ROLE app LOGIN', socket => 1);
$server->query("ALTER SYSTEM SET sslinfo_plus.login_rules = 'app: client-cert'; ALTER SYSTEM SET sslinfo_plus.login_action = 'reject'",
	socket => 1);
$server->reload;
$server->run('', command => 'SELECT 1', user => 'app', sslmode => 'require');
$server->query('SELECT 1', user => 'app', socket => 1);

# Everything that outlives the sessions of the tests; of the counts, those of others.
my $user = $server->query('SELECT current_user', socket => 1);
sub state_of_server
{
	return $server->query(<<"EOS", socket => 1) . slurp_file($node->data_dir . '/postgresql.auto.conf');
SELECT stats_reset FROM pg_stat_ssl_usage_info UNION ALL SELECT stats_reset FROM pg_stat_ssl_failures_info;
SELECT * FROM pg_stat_ssl_usage WHERE usename <> '$user' ORDER BY 1, 2, 3;
SELECT * FROM pg_stat_ssl_failures ORDER BY 1, 2;
SELECT datname FROM pg_database WHERE datname <> 'contrib_regression' ORDER BY 1;
SELECT r::text FROM pg_roles r ORDER BY 1;
SELECT s::text FROM pg_db_role_setting s WHERE setdatabase NOT IN (SELECT oid FROM pg_database WHERE datname = 'contrib_regression') ORDER BY 1;
SELECT name, setting FROM pg_settings WHERE name LIKE 'sslinfo%' ORDER BY 1;
SELECT e.extname, e.extversion FROM pg_extension e ORDER BY 1;
EOS
}
my $before = state_of_server();
like($before, qr/^postgres\|app\|tls\|.*\|0\|1\|0\|/m, 'the server has counts before make installcheck') or diag $before;

local @ENV{ 'PGHOST', 'PGPORT', 'PGUSER' } = ($node->host, $node->port, $user);
IPC::Run::run(
	[ 'make', '-C', "$FindBin::RealBin/..", 'installcheck', 'EXTRA_REGRESS_OPTS=--outputdir=' . PostgreSQL::Test::Utils::tempdir() ],
	'<', \'', '>&', \my $output);
is($?, 0, 'make installcheck passes') or diag $output;
is(state_of_server(), $before, 'make installcheck resets and changes nothing');

done_testing();
