# pg_ssl_certificates: the server's certificates and CRLs on disk and in memory. Each of the three usual outages is reported one query
# before it happens, over the Unix-domain socket.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER qw(bit_string context sequence);
use SSLInfoPlus::Server;
use SSLInfoPlus::TlsFiles;
use Test::More;

my $server  = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki     = $server->pki;
my $node    = $server->node;
my $files   = SSLInfoPlus::TlsFiles->new($server);
my @monitor = @SSLInfoPlus::TlsFiles::monitor;
sub certificates { my ($columns, $where) = @_; return $server->query("SELECT $columns FROM pg_ssl_certificates WHERE " . ($where // 'true'), @monitor); }

# What is there, over the Unix-domain socket.
is(certificates("string_agg(concat_ws(' ', source, ordinal, on_disk, loaded, subject, problems), ';' ORDER BY source DESC)"),
	'server 1 t t CN=localhost {};client_ca 1 t t CN=Root CA,O=sslinfo_plus tests {}', 'pg_ssl_certificates lists the certificates on disk and whether they are loaded');
is(certificates('fingerprint', "source = 'server'"), $server->query('SELECT server_fingerprint FROM ssl_session()'), 'the fingerprint is that of the certificate in use');
is($files->refused, '', 'ssl_config_check() refuses nothing at the start');
is($files->noted, '', 'ssl_config_check() has nothing to note at the start');
for my $call ('* FROM pg_ssl_certificates', '* FROM pg_ssl_certificates()', '* FROM ssl_config_check()', '* FROM pg_ssl_recheck()')
{
	like($server->error("SELECT $call", user => 'stranger'), qr/^42501/, "a role that is not in pg_monitor may not SELECT $call");
}

# Outage 1: the certificate was renewed and the server not reloaded.
$pki->make('renewed', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
$files->install('renewed');
is($files->problems, 'server: pending reload; server: pending reload', 'renewed and not reloaded: the new certificate on disk and the old one in memory are pending');
is(certificates("string_agg(concat_ws(' ', on_disk, loaded), ';' ORDER BY on_disk)", "source = 'server'"), 'f t;t f', 'the two certificates are two rows');
is($server->query('SELECT pg_reload_conf(), pg_sleep(0.5), (SELECT count(*) FROM pg_ssl_certificates WHERE problems <> $$$$)' =~ s/\$\$\$\$/'{}'/r, socket => 1), 't||2',
	'a reload in the middle of a query leaves the query with the certificates that were loaded at its start');
is($files->problems, '', 'after the reload nothing is pending');
my $old = $server->open_session(@monitor);
$server->say($old, 'SELECT 1');
$server->reload;
is($server->say($old, "SELECT loaded IS NULL FROM pg_ssl_certificates WHERE source = 'server'"), 't', 'loaded is NULL in a session that is older than the last reload');
$server->finish($old);
$files->write('server.key', 'garbage');
is($files->reload_works, 0, 'a reload with a broken key fails');
$files->install('server');
is($files->problems, 'server: pending reload; server: pending reload', 'after a reload that failed the old certificate is still the loaded one');
$server->reload;

# Outage 2: an expired leaf. The server takes it, and its clients refuse it.
$pki->make('expired', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ], not_after => time - 60);
$files->install('expired');
like($files->noted, qr/^ssl_cert_file: server 1: expired/, 'an expired certificate is reported before the reload');
is($files->refused, '', 'the server would take an expired certificate');
is($files->reload_works, 1, 'a reload takes an expired certificate');
is($files->restart_works, 1, 'a restart takes an expired certificate');
isnt($server->error('', command => 'SELECT 1'), '', 'no client that verifies an expired certificate connects');
is($files->problems, 'server: expired', 'pg_ssl_certificates shows the expired certificate over the socket');
$pki->make('future', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ], not_before => time + 86400);
$files->install('future');
like($files->noted, qr/^ssl_cert_file: server 1: not yet valid/, 'a certificate that is not yet valid is reported');
is($files->reload_works, 1, 'a reload takes a certificate that is not yet valid');

# Weak and misplaced certificates.
$pki->make('weak', subject => ['CN=localhost'], key => 'RSA:1024', digest => 'sha1');
$files->write('server.crt', slurp_file($pki->crt('weak')));
like($files->problems, qr/server: weak key, weak signature, no alternative name, pending reload/, 'a weak certificate without an alternative name is reported');
$files->write('server.crt', slurp_file($pki->crt('server')) . slurp_file($pki->crt('weak')));
like($files->problems, qr/server_chain: .*not a CA, broken chain/, 'a chain whose certificates did not sign each other is reported');
$files->write('server.crt', slurp_file($pki->crt('server')) . slurp_file($pki->crt('root')));
unlike($files->problems, qr/server_chain: .*broken chain/, 'a chain whose certificates signed each other is not broken');
$pki->make('namesake', subject => [ 'O=sslinfo_plus tests', 'CN=Root CA' ], issuer => 'namesake', extensions => [ basic_constraints(ca => 1) ]);
$files->write('server.crt', slurp_file($pki->crt('server')) . slurp_file($pki->crt('namesake')));
like($files->problems, qr/server_chain: .*broken chain/, 'a CA of the right name and another key breaks the chain');
$pki->make('orphan', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost'), extension('authorityKeyIdentifier', sequence(context(0, 'other'))) ]);
$files->write('server.crt', slurp_file($pki->crt('orphan')) . slurp_file($pki->crt('root')));
like($files->problems, qr/server_chain: .*broken chain/, 'a key identifier that is not the CA\'s breaks the chain');
$pki->make('netscape', subject => ['CN=CA'], extensions => [ extension('2.16.840.1.113730.1.1', bit_string("\x04", 2)) ]);
$files->write('server.crt', slurp_file($pki->crt('server')) . slurp_file($pki->crt('netscape')));
unlike($files->problems, qr/not a CA/, 'a CA by its Netscape type is a CA, as for OpenSSL');
$pki->make('pss', issuer => 'pss', ca => 1, key => 'RSA-PSS');
$pki->make("pss_$_", issuer => 'pss', subject => ['CN=localhost'], digest => $_ eq 'sha1' ? $_ : undef, extensions => [ san(dns => 'localhost') ]) for qw(sha1 sha256);
$files->install('pss_sha1');
like($files->problems, qr/^server: weak signature, pending reload/, 'SHA-1 in the parameters of an RSASSA-PSS signature is weak');
is($files->refused =~ /^ssl_cert_file: / ? 0 : 1, $files->reload_works, 'ssl_config_check() judges an RSASSA-PSS signature by SHA-1 as the reload does');
$files->install('pss_sha256');
like($files->problems, qr/^server: pending reload;/, 'SHA-256 in the parameters of an RSASSA-PSS signature is not weak');
is($files->refused, '', 'ssl_config_check() accepts an RSASSA-PSS signature by SHA-256');
is($files->reload_works, 1, 'a reload takes an RSASSA-PSS signature by SHA-256');
is($files->problems, '', 'a loaded certificate with an RSASSA-PSS signature by SHA-256 has no problem');
$files->write('ca.crt', slurp_file($pki->crt('root')) . $pki->crl('pss', digest => 'sha1'));
is(certificates("concat_ws(' ', ordinal, entries, problems)", "source = 'crl' AND on_disk"), '2 0 {"weak signature","pending reload"}', 'a CRL after a certificate in a CA file is listed with its weak signature');
$files->write('ca.crt', slurp_file($pki->crt('root')));
$files->install('server');
$server->reload;

# Outage 3: an expired CRL. The server takes it, and refuses every client certificate.
$pki->make('app', subject => ['CN=app']);
$files->write('server.crl', $pki->crl('root'));
$server->set(ssl_crl_file => $files->path('server.crl'));
is($files->problems, '', 'a good CRL has no problem');
is(certificates("concat_ws(' ', source, issuer, entries, on_disk, loaded)", "source = 'crl'"), 'crl CN=Root CA,O=sslinfo_plus tests 0 t t', 'a good CRL is loaded');
is($server->query('SELECT ssl_client_cert_present()', cert => 'app'), 't', 'a good CRL lets a client in');
$files->write('server.crl', $pki->crl('root', this_update => time - 86400, next_update => time - 60));
like($files->noted, qr/^ssl_crl_file: crl 1: expired \(no client certificate of its issuer would be accepted\)$/, 'an expired CRL is reported before the reload');
is($files->reload_works, 1, 'a reload takes an expired CRL');
isnt($server->error('', command => 'SELECT 1', cert => 'app'), '', 'with an expired CRL no client with a certificate gets in');
is($files->problems, 'crl: expired', 'pg_ssl_certificates shows the expired CRL');
is($files->restart_works, 1, 'a restart takes an expired CRL');

# Without the preload.
$files->write('server.crl', $pki->crl('root'));
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
is(certificates('count(*) > 1 AND count(loaded) = 0'), 't', 'without the preload and without TLS only the files on disk are known');
is($server->query('SELECT bool_and(on_disk AND loaded) FROM pg_ssl_certificates'), 't', 'without the preload a session with TLS has the loaded certificates, CAs and CRLs as well');
is($files->refused, '', 'ssl_config_check() needs no preload');
$files->install('expired');
like($files->noted, qr/^ssl_cert_file: server 1: expired/, 'ssl_config_check() reports an expired certificate without the preload');
for my $needs (qw(pg_stat_ssl_plus pg_stat_ssl_usage pg_stat_ssl_usage_info pg_stat_ssl_usage_reset() pg_stat_ssl_failures pg_stat_ssl_failure_totals
	pg_stat_ssl_failures_info pg_stat_ssl_failures_reset() pg_ssl_login_rules ssl_login_rule('a','b') pg_ssl_recheck()))
{
	like($server->error("SELECT * FROM $needs", socket => 1), qr/^55000: .*must be loaded when the server starts/, "without the preload $needs is a clear error");
}
is($server->query('SELECT 1', socket => 1), '1', 'the server goes on after the errors without the preload');

done_testing();
