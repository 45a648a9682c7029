# ssl_config_check() compared with the server: what it refuses, a real reload and a real restart refuse, and what it accepts they
# accept. It is asked first, while the server still runs.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Copy ();
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use SSLInfoPlus::TlsFiles;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $pki    = $server->pki;
my $node   = $server->node;
my $files  = SSLInfoPlus::TlsFiles->new($server);
my $major  = int($server->query('SHOW server_version_num', socket => 1) / 10000);
$files->write('server.crl', $pki->crl('root'));
$files->write('dh.pem', openssl(qw(genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048)));
$server->set(ssl_crl_file => $files->path('server.crl'), ssl_dh_params_file => $files->path('dh.pem'));
$files->save;
my $conf = slurp_file($node->data_dir . '/postgresql.conf');
is($files->refused . $files->noted, '', 'nothing is refused or noted at the start');
is($files->reload_works, 1, 'a reload takes the files of the start');
is($files->restart_works, 1, 'a restart takes the files of the start');

# compare(title, { problem => pattern, reload => 0, restart => 0 }, code that breaks something). Without `problem` nothing is refused
# and both work; `restart` undef: not tried.
sub compare
{
	my ($title, $expected, $break) = @_;
	my %expected = (reload => exists $expected->{problem} ? 0 : 1, restart => exists $expected->{problem} ? 0 : 1, %$expected);
	$break->();
	my $refused = $files->refused;
	exists $expected->{problem} ? like($refused, $expected->{problem}, "$title: ssl_config_check() refuses it") : is($refused, '', "$title: ssl_config_check() accepts it");
	is($files->reload_works, $expected{reload}, "$title: a reload " . ($expected{reload} ? 'works' : 'fails'));
	my $up = 1;
	is($up = $files->restart_works, $expected{restart}, "$title: a restart " . ($expected{restart} ? 'works' : 'fails')) if defined $expected{restart};
	$files->restore;
	write_file($node->data_dir . '/postgresql.conf', $conf);
	$up ? $server->reload : $node->start;
	return;
}
sub openssl { my ($out, $said) = ('', ''); IPC::Run::run([ 'openssl', @_ ], '>', \$out, '2>', \$said) or die "openssl @_: $said"; return $out; }
sub written { my ($name, $text) = @_; return sub { $files->write($name, $text) }; }
sub removed { my ($name) = @_; return sub { unlink $files->path($name) or die "$!" }; }
sub mode { my ($name, $mode) = @_; return sub { chmod $mode, $files->path($name) }; }
sub in_its_place { my ($name, $make) = @_; return sub { unlink $files->path($name); $make->($files->path($name)) or die "$!" }; }
sub directory { my ($name) = @_; return in_its_place($name, sub { mkdir $_[0] }); }
sub setting { my ($lines) = @_; return sub { $node->append_conf('postgresql.conf', "$lines\n") }; }

my $pem      = slurp_file($pki->crt('server'));
my $garbage  = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
my $root_key = slurp_file($pki->key('root'));
my $locked   = openssl('pkey', '-aes128', '-passout', 'pass:secret', '-in', $files->path('server.key'));

compare('a missing certificate', { problem => qr/^ssl_cert_file: unreadable: No such file/ }, removed('server.crt'));
compare('an empty certificate file', { problem => qr/^ssl_cert_file: no start line/ }, written('server.crt', ''));
compare('garbage in the certificate file', { problem => qr/^ssl_cert_file: / }, written('server.crt', $garbage));
compare('garbage after the certificate', { problem => qr/^ssl_cert_file: / }, written('server.crt', $pem . $garbage));
compare('a certificate that may not be read', { problem => qr/^ssl_cert_file: unreadable: Permission denied/ }, mode('server.crt', 0000));
compare('a directory instead of the certificate', { problem => qr/^ssl_cert_file: unreadable: is a directory/ }, directory('server.crt'));
compare('a symbolic link to itself', { problem => qr/^ssl_cert_file: unreadable: Too many levels/ }, in_its_place('server.crt', sub { symlink $_[0], $_[0] }));
compare('text around the certificate', {}, written('server.crt', "# as in -----BEGIN CERTIFICATE-----\n${pem}the end"));
compare('a broken chain', {}, written('server.crt', $pem . $pem));
compare('a missing key', { problem => qr/^ssl_key_file: No such file/ }, removed('server.key'));
compare('an empty key file', { problem => qr/^ssl_key_file: / }, written('server.key', ''));
compare('garbage in the key file', { problem => qr/^ssl_key_file: / }, written('server.key', $garbage));
compare('a directory instead of the key', { problem => qr/^ssl_key_file: is a directory/ }, directory('server.key'));
compare('a key of another certificate', { problem => qr/^ssl_key_file: does not match the certificate: / }, written('server.key', $root_key));
compare('a key that its group may read', { problem => qr/^ssl_key_file: has group or world access$/ }, mode('server.key', 0640));
compare('a key that others may execute', { problem => qr/^ssl_key_file: has group or world access$/ }, mode('server.key', 0601));
compare('a key that its owner may execute', {}, mode('server.key', 0700));
compare('a key with a pass phrase', { problem => qr/^ssl_key_file: cannot check: the key has a pass phrase$/, restart => undef }, written('server.key', $locked));
compare('a key with a pass phrase that a command knows', { problem => qr/^ssl_key_file \(unknown\): cannot check: the key has a pass phrase$/, reload => 1, restart => 1 },
	sub { $files->write('server.key', $locked); setting("ssl_passphrase_command = 'echo secret'\nssl_passphrase_command_supports_reload = on")->(); $server->reload });
compare('a missing CA file', { problem => qr/^ssl_ca_file: unreadable: No such file/ }, removed('ca.crt'));
compare('an empty CA file', { problem => qr/^ssl_ca_file: no certificate/ }, written('ca.crt', ''));
compare('garbage in the CA file', { problem => qr/^ssl_ca_file: / }, written('ca.crt', $pem . $garbage));
compare('a CA file with a CRL alone', { problem => qr/^ssl_ca_file: no certificate in PEM/ }, written('ca.crt', $pki->crl('root')));
compare('a missing CRL', { problem => qr/^ssl_crl_file: unreadable: No such file/ }, removed('server.crl'));
compare('an empty CRL', { problem => qr/^ssl_crl_file: no certificate or CRL/ }, written('server.crl', ''));
compare('garbage in the CRL file', { problem => qr/^ssl_crl_file: / }, written('server.crl', $garbage));

# Owners, which only root can set: scripts/test has made these.
SKIP:
{
	my $keys = $ENV{SSLINFO_PLUS_KEYS};
	skip 'only root can make files of other users', 9 unless $keys;
	my $key = sub {
		my ($name) = @_;
		return sub { $files->write('server.crt', slurp_file("$keys/server.crt")); in_its_place('server.key', sub { symlink "$keys/$name.key", $_[0] })->() };
	};
	compare('a key of root that a group may read', {}, $key->('root_0640'));
	compare('a key of root that everybody may read', { problem => qr/^ssl_key_file: has group or world access$/ }, $key->('root_0644'));
	compare('a key of another user', { problem => qr/^ssl_key_file: must be owned by the database user or root$/ }, $key->('daemon_0644'));
}

done_testing();
