# Login rules: which rule judges, what a refused client sees, log beside reject, and that rules never fail open.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IO::Socket::INET;
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER qw(oid sequence string);
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new(
	'main',
	streaming => 1,
	conf      => "shared_preload_libraries = 'sslinfo_plus'\nlog_line_prefix = '%m [%p] %e %q%u '\n");
my $node = $server->node;
$server->pki->make('app', subject => [ 'O=Acme; Söhne: "1"', 'CN=app' ]);
$server->query(<<'EOS');
CREATE ROLE app_1 LOGIN;
CREATE ROLE "a;b:c@d" LOGIN;
CREATE ROLE repl LOGIN REPLICATION;
CREATE ROLE "Zürich" LOGIN;
CREATE DATABASE prod;
CREATE DATABASE "x:y;z";
EOS
my $config = $node->data_dir . '/postgresql.auto.conf';

# Sets the rules by the Unix-domain socket, which is never judged.
sub rules
{
	my ($rules, $action) = @_;
	$server->query("ALTER SYSTEM SET sslinfo_plus.login_rules = '" . ($rules =~ s/'/''/gr) . "'", socket => 1);
	$server->query("ALTER SYSTEM SET sslinfo_plus.login_action = '$action'", socket => 1) if defined $action;
	return $server->reload;
}

# What is wrong with a login: nothing, or the requirements that it does not meet.
sub refused
{
	my (%login) = @_;
	my $physical = ($login{options} // '') eq 'replication=true';
	my $error = $server->error('', command => $physical ? 'IDENTIFY_SYSTEM' : 'SELECT 1', %login);
	return $error =~ /this connection does not satisfy (.*)/ ? $1 : $error;
}

rules('app_*@prod: client-cert tls>=1.3; app_*: tls; "a;b:c@d"@"x:y;z": client-cert; a*: tls>=1.3; repl@"": client-cert;'
	  . ' nobody: post-quantum', 'reject');
is(refused(user => 'app_1', dbname => 'prod'), 'client-cert', 'a rule for a role and a database refuses a login that does not meet it');
is(refused(user => 'app_1', dbname => 'prod', tls => '1.2'), 'client-cert, tls>=1.3', 'the error has each requirement that is not met');
is(refused(user => 'app_1', dbname => 'prod', cert => 'app', tls => '1.2'), 'tls>=1.3', 'the error has no requirement that is met');
is(refused(user => 'app_1', dbname => 'prod', cert => 'app'), '', 'a login that meets the rule is let in');
is(refused(user => 'app_1'), '', 'the first rule that matches judges alone');
is(refused(user => 'app_1', sslmode => 'disable'), 'tls', 'a rule judges TCP without TLS');
is(refused(user => 'a;b:c@d', dbname => 'x:y;z'), 'client-cert', 'a rule may have quoted names');
is(refused(user => 'a;b:c@d', dbname => 'prod', tls => '1.2'), 'tls>=1.3', 'a rule may have a pattern');
is(refused(user => 'repl', options => 'replication=true'), 'client-cert', 'a rule judges physical replication');
is(refused(user => 'repl', options => 'replication=true', cert => 'app'), '', 'physical replication with a certificate is let in');
is(refused(user => 'repl', options => 'replication=database'), '', 'the rule for physical replication does not judge logical replication');
is(refused(), '', 'a login that no rule matches is let in');
is(refused(socket => 1, user => 'app_1', dbname => 'prod'), '', 'a Unix-domain socket is not judged');
is(refused(user => 'nobody'), 'post-quantum', 'a role that does not exist is judged before anybody looks for it');
like(refused(user => 'no_role'), qr/role "no_role" does not exist/, 'without a rule the error is that the role does not exist');

# The whole of a message, as any driver reads it from the wire.
sub error_response
{
	my ($user, $database) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $node->port, Timeout => 30) or die "$!";
	my $parameters = pack('N', 196608) . join "\0", user => $user, database => $database, '', '';
	$socket->send(pack('N', 4 + length $parameters) . $parameters);
	$socket->recv(my $head, 5, 0x100);    # MSG_WAITALL
	my ($type, $length) = unpack 'aN', $head;
	return { type => $type } if $type ne 'E';
	$socket->recv(my $body, $length - 4, 0x100);
	return { type => $type, map { substr($_, 0, 1) => substr $_, 1 } grep { length } split /\0/, $body };
}
my $message = error_response('app_1', 'prod');
is($message->{type}, 'E', 'a refused client gets an ErrorResponse');
is("$message->{V} $message->{C}", 'FATAL 28000', 'the error of a refused login is FATAL, with SQLSTATE 28000');
is($message->{M}, 'login refused: this connection does not satisfy client-cert, tls>=1.3', 'the message of a refused login has the requirements');
like($message->{D}, qr/client-cert: .*; tls>=1.3: /, 'the detail of a refused login has the actual values');
ok(length $message->{H}, 'the error of a refused login has a hint') or diag explain $message;
is(error_response('app_1', 'postgres')->{M}, 'login refused: this connection does not satisfy tls', 'each client gets the error of its own rule');
like(slurp_file($node->logfile), qr/ 28000 app_1 FATAL:  login refused: /, 'the log has the error of a refused login');
like(slurp_file($node->logfile), qr/DETAIL:  .* Login rule: app_\*\@prod: client-cert tls>=1\.3/, 'the log has the rule that refused a login');

# log: lets in what reject refuses, and says so.
sub counts
{
	return $server->query(
		"SELECT coalesce(sum(connections), 0), coalesce(sum(rejected), 0), coalesce(sum(would_reject), 0)"
		  . " FROM pg_stat_ssl_usage WHERE usename = 'app_1'",
		socket => 1);
}
$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
refused(user => 'app_1', dbname => 'prod') for 1 .. 3;
refused(user => 'app_1', dbname => 'prod', cert => 'app');
is(counts(), '1|3|0', 'with reject, refused logins are counted apart');
sub last_reasons
{
	return $server->query(
		"SELECT last_reason, rejected, would_reject FROM pg_stat_ssl_usage WHERE usename = 'app_1' AND last_reason IS NOT NULL",
		socket => 1);
}
is(last_reasons(), 'client-cert|3|0', 'with reject, the usage has the requirement that was not met');
rules('app_*: client-cert', 'log');
my $offset = -s $node->logfile;
is(refused(user => 'app_1', dbname => 'prod'), '', 'with log, a login that does not meet the rule is let in');
is(counts(), '2|3|1', 'with log, a login that does not meet the rule is counted as would_reject');
is(last_reasons(), 'client-cert|3|1', 'with log, the usage has the requirement that was not met');
like($server->log_since($offset), qr/LOG:  login would be refused: this connection does not satisfy client-cert\n.*DETAIL:/,
	'with log, a login that does not meet the rule is logged');
$offset = -s $node->logfile;
is(refused(user => 'app_1', cert => 'app'), '', 'with log, a login that meets the rule is let in');
unlike($server->log_since($offset), qr/refused/, 'with log, a login that meets the rule is not logged');
rules('app_*: client-cert', 'off');
is(refused(user => 'app_1'), '', 'with off, nothing is judged');
is(counts(), '4|3|1', 'with off, nothing is counted as rejected');

# Values with ; and : in quotes, and characters beyond ASCII.
rules('app_1: subject="CN=app,O=Acme\; Söhne: \""1\"""; Zürich: client-cert; *: tls>=1.2', 'reject');
is(refused(user => 'app_1', cert => 'app'), '', 'a rule may have a DN with semicolon, colon and quotes');
is(refused(user => 'app_1'), 'subject', 'a refused client sees which requirement it does not meet, and not its values');
is(refused(user => 'Zürich'), 'client-cert', 'a rule may have a role with a character beyond ASCII');
is(refused(), '', 'a login that meets the last rule is let in');
is(refused(sslmode => 'disable'), 'tls>=1.2', 'the last rule judges logins that no other rule matches');

# A rule that does not parse: refused, with the place; the rules in force stay.
for my $bad (
	[ 'app: tls; b: nonsense', qr/After "app: tls; b: " \(position 14\): .*nonsense/ ],
	[ 'app tls',               qr/After "app tls" \(position 8\): invalid login rule: missing ":" after the names/ ],
	[ 'app: ; b: tls',         qr/After "app:" .*empty/ ],
	[ 'a@b@c: tls',            qr/After "a\@b" \(position 4\)/ ],
	[ 'a"b: tls',              qr/After .*\(position 9\)/ ])
{
	my ($rules, $detail) = @$bad;
	my ($code, undef, $errors) = $server->run("ALTER SYSTEM SET sslinfo_plus.login_rules = '$rules'", socket => 1);
	like($errors, qr/ERROR:  22023: invalid value for parameter "sslinfo_plus.login_rules".*DETAIL:  $detail/s,
		"ALTER SYSTEM refuses '$rules'");
}
$offset = -s $node->logfile;
my $good = slurp_file($config);
append_to_file($config, "sslinfo_plus.login_rules = '*: tls; app: nonsense'\n");
$server->reload;
like($server->log_since($offset), qr/invalid value for parameter "sslinfo_plus.login_rules"/, 'a reload reports a bad rule');
is(refused(user => 'Zürich'), 'client-cert', 'the old rules stay after a reload with a bad rule');
append_to_file($config, "sslinfo_plus.login_rules = ''\nsslinfo_plus.login_action = 'rejct'\n");
$server->reload;
like($server->log_since($offset), qr/invalid value for parameter "sslinfo_plus.login_action"/, 'a reload reports a bad action');
is(refused(user => 'Zürich'), '', 'a reload with a bad action takes the new rules');

# At start: the server does not come up without its rules.
for my $bad ([ "login_rules = '*: tls; app: nonsense'", qr/DETAIL:  After "\*: tls; app: " \(position 14\): .*nonsense/ ],
	[ "login_action = 'rejct'", qr/"rejct"/ ])
{
	my ($setting, $message) = @$bad;
	my ($name) = split ' ', $setting;
	unlink $config;
	append_to_file($config, $good . "sslinfo_plus.$setting\n");
	$node->stop;
	$offset = -s $node->logfile;
	ok(!$node->start(fail_ok => 1), "the server does not start with a bad $name");
	like($server->log_since($offset), qr/FATAL:  invalid value for parameter "sslinfo_plus.$name"/, "the error names $name");
	like($server->log_since($offset), $message, "the error has the mistake in $name");
	unlink $config;
	append_to_file($config, $good);
	$node->start;
}
is(refused(user => 'Zürich'), 'client-cert', 'a server with good rules starts, and judges the first login');

# One line for each network login, which nobody can forge.
$server->query('ALTER SYSTEM SET sslinfo_plus.log_connections = on', socket => 1);
rules('', 'off');
# (PostgreSQL 19 creates no role with a line feed in its name any more.)
my $forged = qq{evil" database="root"\nLOG:  forged};
$server->query(
	"CREATE ROLE x LOGIN; CREATE ROLE evil LOGIN;
	 SET allow_system_table_mods = on; UPDATE pg_authid SET rolname = '$forged' WHERE rolname = 'evil'",
	socket => 1);
sub lines
{
	my (%login) = @_;
	my $from = -s $node->logfile;
	$server->query('SELECT 1', %login);
	return join "\n", map { s/.*LOG:  //r } grep { /sslinfo_plus login|forged/ } split /\n/, $server->log_since($from);
}
like(
	lines(user => 'x', cert => 'app', tls => '1.3'),
	qr/^sslinfo_plus\ login:\ user="x"\ database="postgres"\ client_addr=127\.0\.0\.1\ transport="tls"\ version="TLSv1\.3"\ .*
	   \ client_cert_present=true\ client_dn="\/O=Acme\\\\;\ S\xc3\xb6hne:\ \\\\\\"1\\\\\\"\/CN=app"\ .*\ client_not_after=\d{4}-\d\d-\d\dT[\d:]+Z\ [^\n]*$/x,
	'a login over TLS is one line with its facts');
is(lines(user => 'x', sslmode => 'disable') =~ s/ compression.*//r,
	'sslinfo_plus login: user="x" database="postgres" client_addr=127.0.0.1 transport="plain"', 'a login without TLS is one line');
is(lines(user => 'x', socket => 1), '', 'a login over a Unix-domain socket is not logged');
is(error_response($forged, 'postgres')->{type}, 'R', 'a role with quotes and a newline can log in');
like(
	$server->log_since(0),
	qr/sslinfo_plus login: user="evil\\" database=\\"root\\"\\u000aLOG:  forged" database="postgres" /,
	'a role name with quotes and a newline is one quoted value in the log');

# Every word and preset as a login rule: a login that meets it, one that does not, and one whose fact is not known. A role has one
# of them each, so that one setting has all rules.
rules('', 'reject');
my %tls12 = (tls => '1.2');
my %app   = (tls => '1.3', cert => 'app');
my %plain = (sslmode => 'disable');
$server->pki->make('full', subject => [ 'O=Acme', 'OU=Payments', 'CN=full' ], not_after => time + 86400, extensions => [
		san(dns => 'db.app.example', other => [ '1.3.6.1.4.1.311.20.2.3', string('UTF8String', 'joe@corp.example') ]),
		extended_key_usage('clientAuth'),
		extension('certificatePolicies', sequence(sequence(oid('1.3.6.1.4.1.99999.1'))))
	]);
# 18's default has X25519 first, which the presets of NIST and BSI do not list.
my $groups = $server->query(q{SELECT count(*) FROM pg_settings WHERE name = 'ssl_groups'}, socket => 1);
$server->query(q{ALTER SYSTEM SET ssl_groups = 'prime256v1'}, socket => 1) if $groups;
$server->reload;
my %full = (tls => '1.3', cert => 'full');
my ($key, $ca, $print, $signed, $client_signed, $group, $kind, $cipher) = split /\|/, $server->query(<<'EOS', %full);
SELECT ssl_client_spki_fingerprint(),
	(SELECT (certificate).spki_fingerprint FROM ssl_client_chain() WHERE depth = 1), ssl_client_fingerprint(),
	signature_algorithm, client_signature_algorithm, key_exchange_group, group_kind, cipher FROM ssl_session()
EOS
my $zeros = '0' x 64;
my @truth = (
	# policy of a login that is let in, the login; policy of one that is refused, the login
	[ 'tls',                      {%tls12}, 'tls',                      {%plain} ],
	[ 'tls>=1.3',                 {%app},   'tls>=1.3',                 {%tls12} ],
	[ 'encrypted',                {%tls12}, 'encrypted',                {%plain} ],
	[ 'auth=trust',               {%tls12}, 'auth=cert|scram-sha-256',  {%app} ],
	[ 'auth=trust',               {%plain}, 'auth=md5',                 {%plain} ],
	[ 'forward-secrecy aead',     {%tls12}, 'forward-secrecy',          {%plain} ],
	[ 'bits>=128',                {%tls12}, 'bits>=257',                {%tls12} ],
	[ "group-kind=$kind",         {%app},   'group-kind=post-quantum',  {%app} ],
	[ "group=$group",             {%app},   'group=secp521r1',          {%app} ],
	[ 'tls',                      {%tls12}, 'kem>=1024',                {%tls12} ],
	[ 'tls',                      {%tls12}, 'post-quantum',             {%tls12} ],
	[ "cipher=$cipher",           {%app},   'cipher=AES128-SHA',        {%app} ],
	[ "signature=$signed",        {%app},   'signature=ed448',          {%app} ],
	[ "client-signature=$client_signed", {%full}, "client-signature=$client_signed", { tls => '1.3' } ],
	[ 'tls',                      {%app},   'alpn=h2',                  {%app} ],
	[ 'server-name=localhost',    {%app},   'server-name=db.example',   {%app} ],
	[ 'client-cert',              {%full},  'client-cert',              {%tls12} ],
	[ 'client-key-strength>=128', {%full},  'client-key-strength>=257', {%full} ],
	[ 'client-key-bits>=256',     {%full},  'client-key-bits>=100000',  {%full} ],
	[ 'client-valid>=1h',         {%full},  'client-valid>=2d',         {%full} ],
	[ 'subject="CN=full,OU=Payments,O=Acme"', {%full}, 'subject="CN=full,O=Acme"', {%full} ],
	[ 'subject-has="O=Acme,OU=Payments"', {%full}, 'subject-has="O=Acme,OU=Payments"', {%app} ],
	[ 'issuer="CN=Root CA,O=sslinfo_plus tests"', {%full}, 'issuer="CN=Root CA"', {%full} ],
	[ 'cn=full',                  {%full},  'cn=app',                   {%full} ],
	[ 'san=dns:*.app.example',    {%full},  'san=dns:*.app.example',    {%app} ],
	[ 'san=upn:joe@corp.example', {%full},  'san=upn:jo@corp.example',  {%full} ],
	[ 'eku=clientAuth',           {%full},  'eku=clientAuth',           {%app} ],
	[ 'cert-policy=1.3.6.1.4.1.99999.1', {%full}, 'cert-policy=1.3.6.1.4.1.99999.1', {%app} ],
	[ "fingerprint=$print",       {%full},  "fingerprint=$print",       {%app} ],
	[ "spki=$key",                {%full},  "spki=$key",                {%app} ],
	[ "ca-spki=$zeros|$ca",       {%full},  "ca-spki=$key",             {%full} ],
	[ "ca-spki=$ca",              {%app},   "ca-spki=$ca",              { tls => '1.3' } ],
	[ 'mtls',                     {%full},  'mtls',                     {%tls12} ],
	[ 'tls',                      {%app},   'quantum-safe',             {%tls12} ],
	[ 'mozilla-modern',           {%app},   'mozilla-modern',           {%tls12} ],
	[ 'mozilla-intermediate',     {%tls12}, 'mozilla-intermediate',     {%plain} ],
	[ 'nist-sp-800-52r2',         {%tls12}, 'nist-sp-800-52r2',         {%plain} ],
	[ 'bsi-tr-02102-2-2026',      {%tls12}, 'bsi-tr-02102-2-2026',      {%plain} ],
	[ 'tls',                      {%tls12}, 'cnsa-2.0',                 {%app} ],);
$server->query(join(' ', map { "CREATE ROLE in_$_ LOGIN; CREATE ROLE out_$_ LOGIN;" } 0 .. $#truth), socket => 1);
rules(join('; ', map { "in_$_: $truth[$_][0]; out_$_: $truth[$_][2]" } 0 .. $#truth));
for my $i (0 .. $#truth)
{
	my ($met, $good, $unmet, $bad) = @{ $truth[$i] };
	is(refused(user => "in_$i", %$good), '', "a login that meets $met is let in");
	isnt(refused(user => "out_$i", %$bad), '', "a login that does not meet $unmet is refused");
}
$server->query('ALTER SYSTEM RESET ssl_groups', socket => 1) if $groups;
$server->reload;
is($server->query('SELECT count(*), count(error) FROM pg_ssl_login_rules', socket => 1), 2 * @truth . '|0', 'pg_ssl_login_rules has all rules');

# Which rule judges a login?
rules('app_*@prod: mtls tls>=1.3; "a;b:c@d": tls ; *@"": client-cert');
is($server->query('SELECT * FROM pg_ssl_login_rules', socket => 1), <<'EOS' =~ s/\n\z//r, 'pg_ssl_login_rules shows the parts of each rule');
1|app_*|prod|mtls tls>=1.3|
2|"a;b:c@d"|*|tls|
3|*|""|client-cert|
EOS
is(
	$server->query(<<'EOS', socket => 1),
SELECT ssl_login_rule('app_1', 'prod'), ssl_login_rule('app_1', 'test'), ssl_login_rule('a;b:c@d', 'x'), ssl_login_rule('repl', ''),
	ssl_login_rule(NULL, 'prod'), ssl_login_rule('app_1', NULL)
EOS
	'app_*@prod: mtls tls>=1.3||"a;b:c@d": tls|*@"": client-cert||', 'ssl_login_rule() returns the rule that would judge');
$server->query('CREATE ROLE nosy LOGIN; CREATE ROLE auditor LOGIN IN ROLE pg_read_all_settings', socket => 1);
for my $sql ("SELECT ssl_login_rule('a', 'b')", 'SELECT * FROM pg_ssl_login_rules', 'SELECT * FROM pg_ssl_login_rules()')
{
	like($server->error($sql, user => 'nosy'), qr/^42501: /, "another role may not run $sql");
	is($server->error($sql, user => 'auditor'), '', "a member of pg_read_all_settings may run $sql");
}

done_testing();
