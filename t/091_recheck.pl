# pg_ssl_recheck(): living sessions judged by the CA files and CRLs that are on disk now.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Copy ();
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki    = $server->pki;
my $node   = $server->node;
my $dir    = $node->basedir . '/tls';
mkdir $dir or die "$!";
$server->query('CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE stranger LOGIN');
my @monitor = (socket => 1, user => 'monitor');
sub write_file { my ($file, $text) = @_; open my $h, '>:raw', $file or die "$file: $!"; print $h $text; close $h or die "$!"; return; }
sub set { my (%settings) = @_; $server->query("ALTER SYSTEM SET $_ = '$settings{$_}'", socket => 1) for keys %settings; $server->reload; return; }

# Two roots and an intermediate CA; a client of each.
$pki->make('other_root', issuer => 'other_root', ca => 1);
$pki->make('inter', ca => 1);
$pki->make('app');
$pki->make('deep', issuer => 'inter');
$pki->make('other', issuer => 'other_root');
$pki->make('short', not_after => time + 8);
write_file("$dir/ca.crt", slurp_file($pki->crt('root')) . slurp_file($pki->crt('other_root')));
set(ssl_ca_file => "$dir/ca.crt");
my %sessions = map { $_ => $server->open_session(cert => $_) } qw(app deep other short);
my $plain = $server->open_session();
my %pid = map { $_ => $server->say($sessions{$_}, 'SELECT pg_backend_pid()') } keys %sessions;
$server->say($plain, 'SELECT 1');
my %name = reverse %pid;
sub statuses
{
	my $rows = $server->query("SELECT pid, status FROM pg_ssl_recheck()", @monitor);
	my %status = map { my ($pid, $status) = split /\|/; ($name{$pid} // $pid) => $status } split /\n/, $rows;
	delete $status{short};
	return join ' ', map { "$_=$status{$_}" } sort keys %status;
}
sub reason { my ($name) = @_; return $server->query("SELECT reason FROM pg_ssl_recheck() WHERE pid = $pid{$name}", @monitor); }
is(statuses(), 'app=ok deep=ok other=ok', 'a row for each session with a client certificate; without a CRL revocation plays no part');
like($server->error('SELECT * FROM pg_ssl_recheck()', user => 'stranger'), qr/^42501/, 'it is for pg_monitor');

# The files on disk count, without a reload.
write_file("$dir/ca.crt", slurp_file($pki->crt('root')));
is(statuses(), 'app=ok deep=ok other=untrusted', 'a root that was taken out of the CA file');
write_file("$dir/ca.crt", 'garbage');
is(statuses(), 'app=unknown deep=unknown other=unknown', 'a broken CA file ends nobody');
write_file("$dir/ca.crt", slurp_file($pki->crt('root')) . slurp_file($pki->crt('other_root')));
is(statuses(), 'app=ok deep=ok other=ok', 'trusted again');

# CRLs. crl(issuer, file, names of what is revoked, arguments)
write_file("$dir/ca.cnf", "[ca]\ndefault_ca = c\n[c]\ndatabase = $dir/index.txt\ncrlnumber = $dir/crlnumber\ndefault_md = sha256\n");
sub crl
{
	my ($issuer, $revoked, @arguments) = @_;
	my ($out, $said) = ('', '');
	write_file("$dir/crlnumber", "01\n");
	write_file("$dir/index.txt", join '', map { my $hex = $pki->serial($_)->as_hex =~ s/^0x//r; $hex = "0$hex" if length($hex) % 2; sprintf "R\t301231235959Z\t251101000000Z\t%s\tunknown\t/CN=%s\n", uc $hex, $_ } @$revoked);
	IPC::Run::run([ qw(openssl ca -gencrl -config), "$dir/ca.cnf", '-keyfile', $pki->key($issuer), '-cert', $pki->crt($issuer), @arguments ? @arguments : ('-crldays', 30) ], '>', \$out, '2>', \$said) or die $said;
	return $out;
}
my $others = crl('inter', []) . crl('other_root', []);
write_file("$dir/server.crl", crl('root', []) . $others);
set(ssl_crl_file => "$dir/server.crl");
is(statuses(), 'app=ok deep=ok other=ok', 'CRLs of all issuers that revoke nobody');
write_file("$dir/server.crl", crl('root', ['app']) . $others);
is(statuses(), 'app=revoked deep=ok other=ok', 'a certificate that was revoked after the login');
is(reason('app'), 'its certificate is in a CRL', '… with the reason');
write_file("$dir/server.crl", crl('root', ['inter']) . $others);
is(statuses(), 'app=ok deep=revoked other=ok', 'an intermediate CA that was revoked');
write_file("$dir/server.crl", crl('root', []) . crl('inter', ['deep']) . crl('other_root', []));
is(statuses(), 'app=ok deep=revoked other=ok', 'a CRL of an intermediate CA');
write_file("$dir/server.crl", crl('root', []) . crl('inter', []));
is(statuses(), 'app=ok deep=ok other=unknown', 'no CRL of an issuer');
write_file("$dir/server.crl", crl('root', ['app'], '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z') . $others);
is(statuses(), 'app=unknown deep=unknown other=ok', 'a CRL that has expired ends nobody');
write_file("$dir/server.crl", 'garbage');
is(statuses(), 'app=unknown deep=unknown other=unknown', 'a broken CRL ends nobody');
like(reason('app'), qr/^CRL: no certificate or CRL/, '… with the reason');
# Another CA of the same name signs a list.
$pki->make('forger', subject => [ 'O=sslinfo_plus tests', 'CN=Root CA' ], issuer => 'forger', extensions => [ basic_constraints(ca => 1) ]);
write_file("$dir/server.crl", crl('forger', ['app']) . $others);
is(statuses(), 'app=unknown deep=unknown other=ok', 'a CRL of the right name and the wrong key ends nobody');
unlink "$dir/server.crl";
is(statuses(), 'app=unknown deep=unknown other=unknown', 'a missing CRL ends nobody');

# The documented query ends what is revoked and nobody else.
write_file("$dir/server.crl", crl('root', ['app']) . $others);
is($server->query("SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_ssl_recheck() WHERE status IN ('revoked', 'untrusted', 'expired') AND pid <> $pid{short}) s", socket => 1), '1', 'one session is ended');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid{app}") or die;
is(statuses(), 'deep=ok other=ok', '… and the others go on');
sleep 1 while $server->query("SELECT client_not_after >= now() - interval '1 second' FROM pg_stat_ssl_plus WHERE pid = $pid{short}", socket => 1) eq 't';
is($server->query("SELECT status FROM pg_ssl_recheck() WHERE pid = $pid{short}", @monitor), 'expired', 'a certificate that has expired since the login');

# A directory of CRLs.
mkdir "$dir/crls";
my ($hash, $said) = ('', '');
IPC::Run::run([ qw(openssl crl -hash -noout) ], '<', \crl('root', []), '>', \$hash, '2>', \$said) or die $said;
chomp $hash;
write_file("$dir/crls/$hash.r0", crl('root', ['inter']));
set(ssl_crl_file => '', ssl_crl_dir => "$dir/crls");
is(statuses(), 'deep=revoked other=unknown', 'ssl_crl_dir is read too');

done_testing();
