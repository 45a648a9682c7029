# Inputs that a hostile review found wrong in what belongs to the whole server: settings and rules without effect, counts that were
# pushed out, text of strangers in the log, what a refused client sees.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\nsslinfo_plus.usage_max = 20\n");
my $node   = $server->node;
my $pki    = $server->pki;
my $name   = "a\r\n2026-01-01 FATAL: forged\e[2J\x{9b}\x{2029}\x{2067}";
$pki->make('app', subject => [ 'O=Acme', 'CN=app' ]);
$pki->make('forger', subject => ["CN=$name"], serial => '0x01' . '23' x 18);
$server->query('CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE ROLE "x y" LOGIN');

sub rules
{
	my ($rules, $action) = @_;
	$server->query("ALTER SYSTEM SET sslinfo_plus.login_rules = \$\$$rules\$\$", socket => 1);
	$server->query("ALTER SYSTEM SET sslinfo_plus.login_action = '$action'", socket => 1);
	return $server->reload;
}

# A role that may log in makes rows at will; what others were refused stays.
rules('other: client-cert', 'reject');
$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
like($server->error('', command => 'SELECT 1', user => 'other'), qr/client-cert/, 'a login without a certificate is refused');
rules('other: client-cert', 'log');
is($server->query('SELECT 1', user => 'other', tls => '1.2'), '1', 'a login without a certificate is let in if the rules only report');
rules('other: client-cert', 'off');
$server->error('', command => 'SELECT 1', dbname => "none$_", user => 'app') for 1 .. 60;
is($server->query(q{SELECT sum(rejected), sum(would_reject) FROM pg_stat_ssl_usage WHERE usename = 'other'}, socket => 1), '1|1',
	'60 logins to databases that do not exist do not push the refusals out');
cmp_ok($server->query('SELECT evictions FROM pg_stat_ssl_usage_info', socket => 1), '>=', 40, 'the evictions of 60 logins are counted');

# A rule that could never apply is an error where it is written.
for my $case (
	[ 'r' x 64 . ': tls', 'a name of 64 bytes' ],
	[ 'app@' . 'd' x 70 . ': tls', 'a database of 70 bytes' ],
	[ "app\x{a0}: tls", 'a no-break space' ],
	[ "app\x{200b}\@prod: tls", 'a space of no width' ],
	[ '*: tls; app: client-cert', 'a rule after one for everybody' ],
	[ 'app_*: tls; app_1: client-cert', 'a rule after one whose pattern has its role' ])
{
	my ($rules, $title) = @$case;
	like($server->error("ALTER SYSTEM SET sslinfo_plus.login_rules = \$\$$rules\$\$", socket => 1), qr/^22023: /, "a rule without effect is an error: $title");
}
rules('r' x 63 . ': tls; "app ": tls', 'off');
pass('a name of 63 bytes and a quoted space are names');

# The message of an error is whole characters, also in another encoding, so that no other error takes its place.
for my $fill ('', 'x')
{
	is($server->error("ALTER SYSTEM SET sslinfo_plus.login_rules = \$\$$fill" . 'é' x 600 . ' tls$$', socket => 1, client_encoding => 'LATIN1') =~ /^(\w+)/ ? $1 : '',
		'22023', 'a message cut in a client with another encoding is the same error');
}

# What a refused client sees, and what the log has.
my $print = 'ab' x 32;
rules("app: fingerprint=$print subject=\"CN=boss,O=Secret\" tls>=1.3", 'reject');
my $offset = -s $node->logfile;
my (undef, undef, $errors) = $server->run('', command => 'SELECT 1', user => 'app', cert => 'app', tls => '1.2');
like($errors, qr/does not satisfy fingerprint, subject, tls>=1\.3\n/, 'a refused client sees the kinds of requirement');
like($errors, qr/subject: CN=app,O=Acme; tls>=1\.3: TLSv1\.2/, 'a refused client sees its own values');
unlike($errors, qr/$print|boss|Secret/, 'a refused client does not see the values of the rule');
like($server->log_since($offset), qr/DETAIL:  fingerprint=$print: .*subject="CN=boss,O=Secret": CN=app,O=Acme.* Login rule: app: fingerprint=$print/, 'the log has the values of the rule that refused a client');

# Text that a stranger chose: SNI, names, the serial number.
$server->query('ALTER SYSTEM SET sslinfo_plus.log_connections = on', socket => 1);
for my $action (qw(reject log))
{
	rules('app: cn=nobody', $action);
	$offset = -s $node->logfile;
	$server->run('', command => 'SELECT 1', user => 'app', cert => 'forger');
	my $log = $server->log_since($offset);
	utf8::decode($log);
	unlike($log, qr/^2026-01-01 FATAL/m, "$action: a name makes no line of the log");
	unlike($log, qr/[\r\e\x{9b}\x{2029}\x{2067}]/, "$action: no control character is in the log");
	like($log, qr/DETAIL:  cn=nobody: a\\u000d\\u000a2026-01-01 FATAL: forged\\u001b\[2J\\u009b\\u2029\\u2067/, "$action: the log has the escapes of control characters");
	like($log, qr/sslinfo_plus login: .*client_dn="\/CN=a/, "$action: the log has the line of the login");
	cmp_ok(length $_, '<', 10000, "$action: a line of the log is bounded") for sort { length $b <=> length $a } (split /\n/, $log)[ 0 ];
}

# A misspelt setting, and an action without rules.
rules('', 'off');
$server->query('ALTER SYSTEM RESET ALL', socket => 1);
$node->stop;
my $conf = slurp_file($node->data_dir . '/postgresql.conf');
for my $case (
	[ "sslinfo_plus.login_rule = 'app: mtls'", 0, qr/FATAL:  unrecognized configuration parameter "sslinfo_plus\.login_rule"/ ],
	[ 'sslinfo_plus.login_actions = reject',  0, qr/FATAL:  unrecognized configuration parameter "sslinfo_plus\.login_actions"/ ],
	[ 'SSLinfo_Plus.usage = 20',              0, qr/FATAL:  unrecognized configuration parameter "SSLinfo_Plus\.usage"/ ],
	[ 'sslinfo_plus.login_action = reject',   1, qr/WARNING:  sslinfo_plus\.login_action has no effect without sslinfo_plus\.login_rules/ ])
{
	my ($line, $starts, $message) = @$case;
	$node->append_conf('postgresql.conf', "$line\n");
	my $start = -s $node->logfile;
	is($node->start(fail_ok => 1), $starts, ($starts ? 'the server starts with a warning: ' : 'the server does not start: ') . $line);
	like($server->log_since($start), $message, "the log has the reason: $line");
	$node->stop if $starts;
	write_file($node->data_dir . '/postgresql.conf', $conf);
}
$node->start;
$node->append_conf('postgresql.conf', "sslinfo_plus.login_actions = reject\n");
$offset = -s $node->logfile;
$node->reload;
for (1 .. 100)
{
	last if $server->log_since($offset) =~ /sslinfo_plus\.login_actions/;
	select undef, undef, undef, 0.1;
}
like($server->log_since($offset), qr/LOG:  (invalid|unrecognized) configuration parameter.*"sslinfo_plus\.login_actions"/, 'a reload with a misspelt setting is in the log');
is($server->query('SELECT 1'), '1', 'the server goes on after a reload with a misspelt setting');
is($server->error('SET sslinfo_plus.nonsense = 1') =~ /^(\w+)/ ? $1 : '', '42602', 'a session cannot set an unknown setting of sslinfo_plus');

done_testing();
