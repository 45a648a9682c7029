# pg_stat_ssl_plus and pg_stat_ssl_usage when things go wrong or move: a killed backend, an immediate shutdown, a standby and
# its promotion; and beside another library that watches logins.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;
use Time::HiRes 'time';

my $server = SSLInfoPlus::Server->new(
	'main',
	streaming => 1,
	hba       => "host all with_password 127.0.0.1/32 scram-sha-256\n",
	conf      => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
restart_after_crash = on
sslinfo_plus.login_rules = 'app: client-cert'
sslinfo_plus.login_action = reject
EOC
my $node = $server->node;
$server->pki->make('app', subject => ['CN=app']);
$server->query("CREATE ROLE app LOGIN; CREATE ROLE with_password LOGIN PASSWORD 'right'");
my $sessions = 'SELECT count(*) FROM pg_stat_ssl_plus';
my $app_logins = "SELECT coalesce(sum(connections), 0) FROM pg_stat_ssl_usage WHERE usename = 'app'";

# A backend is killed: PostgreSQL starts all of its processes anew, with empty shared memory.
my @bystanders = map { $server->open_session(user => 'app', cert => 'app') } 1 .. 3;
my @pids = map { $server->say($_, 'SELECT pg_backend_pid()') } @bystanders;
is($server->query($sessions), '4', 'pg_stat_ssl_plus has all sessions before the crash');
is($server->query($app_logins), '3', 'pg_stat_ssl_usage has all logins before the crash');
my $reset_before = $server->query('SELECT stats_reset FROM pg_stat_ssl_usage_info');
my $offset = -s $node->logfile;
kill 'KILL', $pids[1] or die "$!";
$node->wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
ok($server->wait_for('SELECT true'), 'the server is back after the crash');
is($server->query($sessions, socket => 1), '1', 'no slot is left behind by a crash');
is($server->query($app_logins, socket => 1), '0', 'no login is counted after the crash');
is($server->query("SELECT stats_reset > '$reset_before' FROM pg_stat_ssl_usage_info", socket => 1),
	't', 'stats_reset is later after the crash');
like($server->error('', command => 'SELECT 1', user => 'app'), qr/does not satisfy client-cert/, 'the login rules are in force after the crash');
is($server->query($sessions, user => 'app', cert => 'app'), '1', 'sessions have slots again after the crash');
$_->{run}->kill_kill for @bystanders;

# A shutdown that waits for nobody keeps what was counted; so does the start after it, which recovers.
$server->query('SELECT 1', user => 'app', cert => 'app') for 1 .. 4;
my $open = $server->open_session(user => 'app', cert => 'app');
$server->say($open, 'SELECT 1');
$node->stop('immediate');
$open->{run}->kill_kill;
$node->start;
is($server->query($sessions, socket => 1), '1', 'immediate shutdown: no slot is left behind');
is($server->query("SELECT connections, rejected FROM pg_stat_ssl_usage WHERE usename = 'app' AND client_cert", socket => 1),
	'6|0', 'immediate shutdown: the counted logins are kept');

# A standby counts its own, judges by its own settings and goes on after its promotion.
$node->backup('base');
ok(!-e $node->backup_dir . '/base/pg_stat/sslinfo_plus.stat', 'a base backup has no usage in it');
my $standby_node = PostgreSQL::Test::Cluster->new('standby');
$standby_node->init_from_backup($node, 'base', has_streaming => 1);
$standby_node->start;
my $standby = bless { node => $standby_node, pki => $server->pki }, 'SSLInfoPlus::Server';
is($standby->query($app_logins, socket => 1), '0', 'a standby starts with nothing counted');
like($standby->error('', command => 'SELECT 1', user => 'app'), qr/does not satisfy client-cert/, 'a standby judges logins');
my $on_standby = $standby->open_session(user => 'app', cert => 'app');
my $self = "SELECT client_dn, pg_is_in_recovery() FROM pg_stat_ssl_plus WHERE pid = pg_backend_pid()";
is($standby->say($on_standby, $self), '/CN=app|t', 'a standby has its own sessions in pg_stat_ssl_plus');
is($standby->query('SELECT sum(connections), sum(rejected) FROM pg_stat_ssl_usage WHERE usename = $$app$$', socket => 1),
	'1|1', 'a standby counts logins');
is($server->query('SELECT count(*) FROM pg_stat_ssl_plus p JOIN pg_stat_replication r USING (pid)', socket => 1),
	'1', 'the primary has its walsender in pg_stat_ssl_plus');
$standby_node->promote;
$standby_node->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
is($standby->say($on_standby, $self), '/CN=app|f', 'a session goes on through the promotion');
is($standby->query($app_logins, socket => 1), '1', 'the count of logins goes on through the promotion');
$standby->finish($on_standby);
$standby->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
$standby->query('SELECT 1', user => 'app', cert => 'app');
$standby_node->restart;
is($standby->query($app_logins, socket => 1), '1', 'a restart after the promotion keeps the count of logins');
$standby_node->stop;

# Other libraries at the same hook: both do their work, whichever comes first.
SKIP:
{
	skip 'auth_delay is not installed', 8 if !-e $node->config_data('--pkglibdir') . '/auth_delay.so';
	for my $libraries ('auth_delay, sslinfo_plus', 'sslinfo_plus, auth_delay')
	{
		$node->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'\nauth_delay.milliseconds = 1500\n");
		$node->restart;
		my $began = time;
		like($server->error('', command => 'SELECT 1', user => 'with_password', options => 'password=wrong'),
			qr/password authentication failed/, "$libraries: a wrong password is refused");
		cmp_ok(time - $began, '>=', 1.5, "$libraries: a login with a wrong password waits");
		is($server->query("SELECT count(*) FROM pg_stat_ssl_usage WHERE usename = 'with_password'", socket => 1),
			'0', "$libraries: a login with a wrong password is not counted");
		is($server->query($sessions, user => 'with_password', options => 'password=right'), '1', "$libraries: a login with the right password has a session");
		$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
	}
}

# Another library with shared memory of its own: both have theirs.
SKIP:
{
	skip 'pg_stat_statements is not installed', 2 if !-e $node->config_data('--pkglibdir') . '/pg_stat_statements.so';
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_stat_statements, sslinfo_plus'\n");
	$node->restart;
	is($server->query('CREATE EXTENSION pg_stat_statements; SELECT count(*) > 0 FROM pg_stat_statements'), 't', 'pg_stat_statements works if it is loaded before sslinfo_plus');
	is($server->query($sessions, user => 'with_password', options => 'password=right'), '1', 'pg_stat_ssl_plus has its sessions if pg_stat_statements is loaded before sslinfo_plus');
}

unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, 'no process panicked');
done_testing();
