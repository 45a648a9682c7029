# Interrupts while functions run in a loop, and memory that stays where it is over many calls.
#
# 20,000 calls of each function, or 10,000,000 with SSLINFO_PLUS_EXHAUSTIVE=1; 1,000,000 of ssl_parse_certificate().

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Catalog 'callable_functions';
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $calls  = $ENV{SSLINFO_PLUS_EXHAUSTIVE} ? 10_000_000 : 20_000;
$PostgreSQL::Test::Utils::timeout_default = 36_000 if $ENV{SSLINFO_PLUS_EXHAUSTIVE};    # for one function
my $server = SSLInfoPlus::Server->new('main');
$server->query(callable_functions());
my $wall   = SSLInfoPlus::Server::test_module('wall');
$server->pki->make('app', extensions => [ san(dns => 'app.example', uri => 'spiffe://prod/app') ]);
my $pem = slurp_file($server->pki->crt('app'));
$server->query(<<"EOQ");
CREATE FUNCTION wall_resident() RETURNS bigint AS '$wall' LANGUAGE C;
CREATE FUNCTION forever(query text) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
	LOOP EXECUTE query; END LOOP;
END \$\$;
CREATE TABLE given (pem text);
INSERT INTO given VALUES ('$pem');
EOQ

my @loops = (
	# generate_series() in the target list hands out row by row; in FROM it would first be stored as a whole
	'SELECT count(ssl_client_dn()) FROM (SELECT generate_series(1, 1000000000)) n',
	'SELECT count(ssl_parse_certificate(pem)) FROM (SELECT pem, generate_series(1, 1000000000) FROM given) n',
	q{SELECT forever('SELECT ssl_session()')});

foreach my $loop (@loops)
{
	my $name = substr($loop, 0, 45);
	is($server->error("SET statement_timeout = '300ms'; $loop", cert => 'app'), '57014: canceling statement due to statement timeout',
		"statement_timeout ends the loop: $name");

	foreach my $end ([ 'pg_cancel_backend', qr/57014: canceling statement due to user request/ ],
		[ 'pg_terminate_backend', qr/57P01: terminating connection due to administrator command/ ])
	{
		my ($function, $message) = @$end;
		my $session = $server->open_session(cert => 'app');
		my $pid = $server->say($session, 'SELECT pg_backend_pid();');
		$session->{out} = '';
		$session->{in} .= "$loop;\n\\echo DONE\n";
		$session->{run}->pump_nb;
		$server->wait_for("SELECT state = 'active' AND query LIKE '%1000000000%' OR query LIKE '%forever%' FROM pg_stat_activity WHERE pid = $pid");
		is($server->query("SELECT $function($pid)"), 't', "$function() reaches the session: $name");
		$session->{run}->pump until $session->{out} =~ /DONE|terminating/ || !$session->{run}->pumpable;
		like($session->{out}, $message, "$function() ends the loop: $name");
		if ($function eq 'pg_cancel_backend')
		{
			is($server->say($session, 'SELECT ssl_client_dn();'), '/CN=app', "the session goes on after $function(): $name");
			$server->finish($session);
		}
		else { eval { $session->{run}->kill_kill }; }
	}
}

# The resident memory after a first round of calls and after all of them: each function in one query, whose calls have
# nothing in common but the session.
my @functions = split /\n/, $server->query(<<'EOQ');
SELECT format('%s(%s)', p.proname, CASE WHEN p.needs_text THEN CASE p.proname WHEN 'ssl_client_san_values' THEN '''dns''' WHEN 'ssl_satisfies' THEN '''tls''' ELSE '''CN''' END END)
FROM callable_function p
WHERE p.proname LIKE 'ssl\_%' AND p.prorettype <> 'void'::regtype
  AND p.proname NOT IN ('ssl_parse_certificate', 'ssl_check')
ORDER BY 1
EOQ
push @functions, q{ssl_parse_certificate((SELECT pem FROM given))}, q{count(*) FROM ssl_check('tls>=1.2 client-cert')};
cmp_ok(scalar @functions, '>', 30, scalar(@functions) . ' functions are called many times');
foreach my $function (@functions)
{
	# That one decodes a certificate and its key each time, which takes 100 times as long.
	my $n = $function =~ /parse/ && $calls > 1_000_000 ? 1_000_000 : $calls;
	my $query = $function =~ /FROM/
	  ? "DO \$\$ BEGIN FOR i IN 1..%d LOOP PERFORM $function; END LOOP; END \$\$"
	  : $server->query("SELECT proretset FROM pg_proc WHERE proname = split_part('" . ($function =~ s/'/''/gr) . "', '(', 1) LIMIT 1") eq 't'
	  ? "DO \$\$ BEGIN FOR i IN 1..%d LOOP PERFORM FROM $function; END LOOP; END \$\$"
	  : "DO \$\$ BEGIN FOR i IN 1..%d / 100 LOOP PERFORM count($function) FROM generate_series(1, 100); END LOOP; END \$\$";
	my $begin = time;
	my $growth = $server->query(
		sprintf($query, 2000) . ";\nSELECT wall_resident() AS before \\gset\n" . sprintf($query, $n) . ";\nSELECT wall_resident() - :before;",
		cert => 'app');
	cmp_ok($growth, '<', 450, "$n calls of $function in " . int(time - $begin) . " s leave the resident memory flat: $growth kB more");
}

done_testing();
