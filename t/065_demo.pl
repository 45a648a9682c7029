# scripts/demo, as a new user runs it: what it prints, that it keeps its server if asked to, and that nothing is left in the end.

use strict;
use warnings;
use FindBin;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

chomp(my $bindir = `pg_config --bindir`);
local $ENV{PG_CONFIG} = "$bindir/pg_config";
local $ENV{TMPDIR}    = PostgreSQL::Test::Utils::tempdir_short();

IPC::Run::run([ "$FindBin::RealBin/../scripts/demo", '--keep' ], '<', \'', '>&', \my $output);
is($?, 0, 'the demonstration succeeds') or diag $output;
note $output;

like($output, qr/^== Preparing: about half a minute/m, 'the demonstration prints first how long it takes');
like($output, qr/^   $_ +\d+\.\d s$/m, "the demonstration prints the seconds of the step: $_")
  for 'Debian packages', 'building the extension', 'a CA, and certificates', 'starting a server with TLS and the extension';

# The table: a fact, then its value without TLS, with TLS, and with a client certificate.
my %row = map { my @cells = split / *\| */; s/^ +| +$//g for @cells; (shift @cells, join '|', @cells) } $output =~ /^( [\w' ]+\|.*)$/mg;
is($row{transport}, 'plain|tls|tls', 'the table has the transport of three sessions');
is($row{client_cert_present}, 'false|false|true', 'the third session has a client certificate');
like($row{client_dn}, qr{/CN=payments-app$}, 'the client DN is whole');
unlike($row{"pg_stat_ssl's client_dn"}, qr/payments-app/, 'pg_stat_ssl cuts the client DN');

like($output, qr{^ san=uri:spiffe://example\.org/\* +\| t }m, 'the policy is satisfied with the certificate');
like($output, qr/^ERROR:  this connection does not satisfy the TLS policy "mtls tls>=1\.3"\nDETAIL:  client-cert: found no client certificate$/m,
	'the policy is not satisfied without the certificate');
like($output, qr/FATAL:  login refused: this connection does not satisfy client-cert$/m, 'a login without the certificate is refused');
like($output, qr/^ payments +\| payments-app *$/m, 'the same role logs in with the certificate');
like($output, qr/^ handshake +\| client_certificate_unknown_ca +\| +\| +1 \| unknown_ca +\| server$/m, 'a certificate of another CA is counted');
like($output, qr/^ handshake +\| server_certificate_refused +\| +\| +1 \| unknown_ca +\| client$/m, 'a client that refuses the server is counted');
like($output, qr/^ login rule +\| rule +\| payments +\| +1 \|/m, 'the refused login is counted as a failed attempt');
like($output, qr/^ payments +\| tls +\| TLSv1\.\d +\| f +\| +0 \| +1$/m, 'the refused login is counted by role');
like($output, qr/^ server +\| CN=localhost +\| [-\d]+ [:\d]+\S* \| \{\}$/m, "the server certificate's end is shown");

# --keep: what it prints, as a person types it.
my ($connect) = $output =~ /^   connect:\n(.*)$/m;
my ($stop)    = $output =~ /^   stop it and remove everything:\n(.*)$/m;
is(`$connect -XAtc "SELECT ssl_client_dn_field('CN')"`, "payments-app\n", 'the printed command connects to the server that was kept');
system "$stop >/dev/null";
is($?, 0, 'the printed command stops the server');
is_deeply([ glob "$ENV{TMPDIR}/*" ], [], 'the demonstration leaves no file behind');

done_testing();
