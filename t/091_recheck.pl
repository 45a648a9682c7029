# pg_ssl_recheck(): living sessions judged by the CA files and CRLs that are on disk now.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki    = $server->pki;
my $node   = $server->node;
my $dir    = $node->basedir . '/crls';
mkdir $dir or die "$!";
$server->query('CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE stranger LOGIN');
my @monitor = @SSLInfoPlus::TlsFiles::monitor;

# Two roots, an intermediate CA and one that may sign certificates and no CRLs; a client of each.
$pki->make('other_root', issuer => 'other_root', ca => 1);
$pki->make('inter', ca => 1);
$pki->make('keys_only', extensions => [ basic_constraints(ca => 1), key_usage('keyCertSign') ]);
$pki->make('app');
$pki->make('deep',  issuer => 'inter');
$pki->make('keyed', issuer => 'keys_only');
$pki->make('other', issuer => 'other_root');
$pki->make('short', not_after => time + 20);
write_file("$dir/ca.crt", slurp_file($pki->crt('root')) . slurp_file($pki->crt('other_root')));
$server->set(ssl_ca_file => "$dir/ca.crt");
my @names    = qw(app deep keyed other);
my %sessions = map { $_ => $server->open_session(cert => $_) } @names, 'short';
my $plain    = $server->open_session();
my %pid      = map { $_ => $server->say($sessions{$_}, 'SELECT pg_backend_pid()') } keys %sessions;
$server->say($plain, 'SELECT 1');
my %name = reverse %pid;

sub statuses
{
	my $rows = $server->query('SELECT pid, status FROM pg_ssl_recheck()', @monitor);
	my %status = map { my ($pid, $status) = split /\|/; ($name{$pid} // $pid) => $status } split /\n/, $rows;
	delete $status{short};
	return \%status;
}
sub reason { my ($name) = @_; return $server->query("SELECT reason FROM pg_ssl_recheck() WHERE pid = $pid{$name}", @monitor); }

# The statuses of the sessions, 'ok' for those that are not named. With `reload`, each is what a new login with the certificate
# comes to: it is let in if its status is 'ok'.
sub judged
{
	my ($title, $reload, %wanted) = @_;
	my %expected = ((map { $_ => 'ok' } @names), %wanted);
	is_deeply(statuses(), \%expected, $title) or return;
	return unless $reload;
	$server->reload;
	is_deeply(
		{ map { $_ => $server->error('', command => 'SELECT 1', cert => $_) eq '' ? 'let in' : 'refused' } keys %expected },
		{ map { $_ => $expected{$_} eq 'ok' ? 'let in' : 'refused' } keys %expected },
		"new logins have the same result: $title");
	return;
}
judged('without a CRL revocation plays no part, and a session without a client certificate has no row', 1);

# The files on disk count, without a reload.
write_file("$dir/ca.crt", slurp_file($pki->crt('root')));
judged('a root that was taken out of the CA file is not trusted', 1, other => 'untrusted');
write_file("$dir/ca.crt", 'garbage');
judged('a broken CA file ends nobody', 0, map { $_ => 'unknown' } @names);
write_file("$dir/ca.crt", slurp_file($pki->crt('root')) . slurp_file($pki->crt('other_root')));
judged('a root that is back in the CA file is trusted', 1);

# CRLs. revoked(CA, names): the PEM of its CRL.
sub revoked { my ($issuer, @names) = @_; return $pki->crl($issuer, revoked => [ map { $pki->serial($_) } @names ]); }
my $unused = $pki->crl('keys_only');
my $others = $pki->crl('inter') . $pki->crl('other_root') . $unused;
my @keyed  = (keyed => 'unknown');
write_file("$dir/server.crl", $pki->crl('root') . $others);
$server->set(ssl_crl_file => "$dir/server.crl");
judged('CRLs of all issuers revoke nobody; the CRL of a CA that may sign none is not believed', 1, @keyed);
write_file("$dir/server.crl", revoked('root', 'app') . $others);
judged('a certificate was revoked after the login', 1, @keyed, app => 'revoked');
is(reason('app'), 'its certificate is in a CRL', 'the reason is that its certificate is in a CRL');
write_file("$dir/server.crl", revoked('root', 'inter') . $others);
judged('an intermediate CA was revoked', 1, @keyed, deep => 'revoked');
is(reason('deep'), 'a CA of its chain is in a CRL', 'the reason is that a CA of its chain is in a CRL');
write_file("$dir/server.crl", $pki->crl('root') . revoked('inter', 'deep') . $pki->crl('other_root'));
judged('the CRL of an intermediate CA revokes', 1, @keyed, deep => 'revoked');
write_file("$dir/server.crl", $pki->crl('root') . $pki->crl('inter'));
judged('an issuer has no CRL', 1, @keyed, other => 'unknown');
is(reason('other'), 'no current CRL signed by an issuer of its chain', 'the reason is that there is no CRL');
my @app = (revoked => [ $pki->serial('app') ]);
write_file("$dir/server.crl", $pki->crl('root', @app, this_update => time - 86400, next_update => time - 60) . $others);
judged('an expired CRL ends nobody', 1, map { $_ => 'unknown' } qw(app deep keyed));
write_file("$dir/server.crl", $pki->crl('root', @app, this_update => time + 86400) . $others);
judged('a CRL that is not yet valid ends nobody', 1, map { $_ => 'unknown' } qw(app deep keyed));
write_file("$dir/server.crl", $pki->crl('root', @app, extensions => [ extension('1.3.6.1.4.1.99999.1', null(), critical => 1) ]) . $others);
judged('a CRL with an unknown critical extension ends nobody', 1, map { $_ => 'unknown' } qw(app deep keyed));
$pki->make('forger', subject => [ 'O=sslinfo_plus tests', 'CN=Root CA' ], issuer => 'forger', extensions => [ basic_constraints(ca => 1) ]);
write_file("$dir/server.crl", $pki->crl('forger', @app) . $others);
judged('a CRL of the right name and the wrong key ends nobody', 1, map { $_ => 'unknown' } qw(app deep keyed));
write_file("$dir/server.crl", 'garbage');
judged('a broken CRL ends nobody', 0, map { $_ => 'unknown' } @names);
like(reason('app'), qr/^CRL: no certificate or CRL/, 'the reason is that the CRL is broken');
unlink "$dir/server.crl";
judged('a missing CRL ends nobody', 0, map { $_ => 'unknown' } @names);

# A directory of CRLs, which OpenSSL reads at each login.
mkdir "$dir/hashed" or die "$!";
my ($hash, $said) = ('', '');
IPC::Run::run([ qw(openssl crl -hash -noout) ], '<', \$pki->crl('root'), '>', \$hash, '2>', \$said) or die $said;
chomp $hash;
write_file("$dir/hashed/$hash.r0", revoked('root', 'inter'));
# OpenSSL reads none of these names.
write_file("$dir/hashed/$_", revoked('root', 'app')) for 'README', "$hash.r", "$hash.r0.old", "$hash.0", uc($hash) . 'A.r0', substr($hash, 1) . '.r0';
$server->set(ssl_crl_file => '', ssl_crl_dir => "$dir/hashed");
judged('the CRLs of ssl_crl_dir revoke', 1, @keyed, deep => 'revoked', other => 'unknown');
is($server->query("SELECT concat_ws(' ', count(*), count(loaded), min(file)) FROM pg_ssl_certificates WHERE source = 'crl'", @monitor), "1 0 $dir/hashed/$hash.r0", 'pg_ssl_certificates lists the CRL of ssl_crl_dir');
is($server->query("SELECT ok, problem FROM ssl_config_check() WHERE setting = 'ssl_crl_dir'", @monitor), 't|', 'ssl_config_check() has nothing to note about ssl_crl_dir');
write_file("$dir/hashed/$hash.r0", $pki->crl('root', this_update => time - 86400, next_update => time - 60));
like($server->query("SELECT ok, problem FROM ssl_config_check() WHERE file LIKE '%.r0'", @monitor), qr/^t\|crl 1: expired/, 'ssl_config_check() notes an expired CRL of ssl_crl_dir');
write_file("$dir/hashed/$hash.r0", 'garbage');
like($server->query("SELECT ok, problem FROM ssl_config_check() WHERE file LIKE '%.r0'", @monitor), qr/^t\|unreadable: no certificate or CRL/, 'ssl_config_check() notes a broken CRL of ssl_crl_dir');
$server->set(ssl_crl_dir => "$dir/missing");
is($server->query("SELECT ok, problem FROM ssl_config_check() WHERE setting = 'ssl_crl_dir'", @monitor), 't|unreadable: No such file or directory', 'a missing ssl_crl_dir is noted');
judged('with a missing ssl_crl_dir nobody is ended', 1, map { $_ => 'unknown' } @names);

# The documented query ends what is revoked, untrusted or expired, and nobody else.
sleep 1 while $server->query("SELECT client_not_after >= now() - interval '1 second' FROM pg_stat_ssl_plus WHERE pid = $pid{short}", socket => 1) eq 't';
$server->set(ssl_crl_dir => '', ssl_crl_file => "$dir/server.crl");
write_file("$dir/server.crl", revoked('root', 'app') . $others);
write_file("$dir/ca.crt", slurp_file($pki->crt('root')));
is($server->query("SELECT status FROM pg_ssl_recheck() WHERE pid = $pid{short}", @monitor), 'expired', 'a certificate has expired since the login');
judged('one session is revoked, one untrusted, one expired', 0, @keyed, app => 'revoked', other => 'untrusted');
my ($query) = slurp_file("$FindBin::RealBin/../docs/server.md") =~ /^ *(SELECT pg_terminate_backend.*pg_ssl_recheck.*;)$/m;
is($server->query($query, socket => 1), "t\nt\nt", 'the documented query ends three sessions');
$server->wait_for("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid IN ($pid{app}, $pid{other}, $pid{short})") or die;
is_deeply(statuses(), { deep => 'ok', @keyed }, 'the other sessions go on');
is($server->say($plain, 'SELECT 1'), '1', 'a session without a client certificate goes on');

done_testing();
