# Other extensions in shared_preload_libraries, before and after sslinfo_plus: each does its work, and so does this one.

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
my ($libdir, $bindir) = map { my $out = `pg_config --$_`; chomp $out; $out } qw(pkglibdir bindir);

# What Debian has for the server's version; one that was built from source has contrib alone.
my %debian = (15 => ['pgaudit'], 17 => ['pgaudit'], 18 => [qw(credcheck pgaudit set_user)], 19 => ['pgaudit']);
my ($major) = $node->pg_version =~ /^(\d+)/;
my @wanted  = ('pg_stat_statements', $bindir =~ m{/usr/lib/postgresql/\d+/bin$} ? @{ $debian{$major} // [] } : ());
my @others  = grep { -e "$libdir/$_.so" } qw(credcheck pg_stat_statements pgaudit set_user);
sub has { my ($name) = @_; return grep { $_ eq $name } @others; }
is_deeply([ grep { !has($_) } @wanted ], [], 'the extensions that there are for this server are installed');

$node->append_conf('postgresql.conf', <<'EOC');
sslinfo_plus.login_rules = 'guarded: client-cert'
sslinfo_plus.login_action = reject
EOC
$node->append_conf('postgresql.conf', "pgaudit.log = 'read'\n") if has('pgaudit');
my $first = 1;
for my $order ([ 'sslinfo_plus', @others ], [ @others, 'sslinfo_plus' ])
{
	my $list = join ', ', @$order;
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$list'\n");
	$node->restart;
	if ($first)
	{
		$server->query("CREATE EXTENSION $_", socket => 1) for @$order;
		$server->query('CREATE ROLE guarded LOGIN', socket => 1);
	}
	$first = 0;
	$server->query('SELECT pg_stat_ssl_usage_reset(), pg_stat_ssl_failures_reset(), pg_stat_statements_reset()', socket => 1);
	my $start = -s $node->logfile;

	is($server->query('SELECT transport FROM ssl_session()'), 'tls', "$list: ssl_session() has the facts of a session");
	like($server->error('', user => 'guarded', command => 'SELECT 1'), qr/login refused|28000/, "$list: a login rule refuses a login");
	is($server->query('SELECT sum(connections) > 0, sum(rejected) FROM pg_stat_ssl_usage', socket => 1), 't|1', "$list: logins are counted");
	is($server->query("SELECT stage || ' ' || count FROM pg_stat_ssl_failures", socket => 1), 'login rule 1', "$list: failures are counted");
	is($server->query("SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE '%FROM ssl_session()%' AND query NOT LIKE '%pg_stat%'", socket => 1),
		'1', "$list: pg_stat_statements counts a statement");
	like($server->log_since($start), qr/AUDIT: SESSION,.*FROM ssl_session\(\)/, "$list: pgaudit logs a statement") if has('pgaudit');
	like($server->error("SET credcheck.password_min_length = 20; CREATE ROLE r PASSWORD 'short'", socket => 1),
		qr/password length should match the configured/, "$list: credcheck refuses a password")
	  if has('credcheck');
	is($server->query("SELECT set_user('guarded'); SELECT current_user", socket => 1), "OK\nguarded", "$list: set_user() switches the role")
	  if has('set_user');
}

done_testing();
