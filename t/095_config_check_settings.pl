# ssl_config_check() compared with the server: settings, DH parameters, and ssl = off. PostgreSQL keeps the loaded context if a reload
# refuses a setting; the check then refuses it too, before a restart fails.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use SSLInfoPlus::TlsFiles;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $node   = $server->node;
my $files  = SSLInfoPlus::TlsFiles->new($server);
my $major  = int($server->query('SHOW server_version_num', socket => 1) / 10000);
my $conf   = slurp_file($node->data_dir . '/postgresql.conf');
sub openssl { my ($out, $said) = ('', ''); IPC::Run::run([ 'openssl', @_ ], '>', \$out, '2>', \$said) or die "openssl @_: $said"; return $out; }

# Does the server take these lines at a reload and at a restart, and what does ssl_config_check() say after the reload?
sub compare
{
	my ($title, $lines, $problem, $reload, $restart) = @_;
	$node->append_conf('postgresql.conf', "$lines\n");
	is($files->reload_works, $reload, "$title: a reload " . ($reload ? 'works' : 'fails'));
	my $refused = $files->refused;
	defined $problem ? like($refused, $problem, "$title: ssl_config_check() refuses it while the server runs") : is($refused, '', "$title: ssl_config_check() accepts it");
	my $up = $files->restart_works;
	is($up, $restart, "$title: a restart " . ($restart ? 'works' : 'fails'));
	write_file($node->data_dir . '/postgresql.conf', $conf);
	$up ? $server->reload : $node->start;
	return;
}

compare('an empty range of versions', "ssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.2'", qr/^ssl_min_protocol_version: /, 0, 0);
compare('one version', "ssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.3'", undef, 1, 1);
compare('ciphers that select nothing', "ssl_ciphers = 'NONSENSE'", qr/^ssl_ciphers: selects no cipher$/, 0, 0);
compare('ciphers of which one is unknown', "ssl_ciphers = 'NONSENSE:HIGH'", undef, 1, 1);
if ($major >= 18)
{
	compare('a list of groups', "ssl_groups = 'X25519:prime256v1'", undef, 1, 1);
	compare('an unknown group in a list', "ssl_groups = 'X25519:nonsense'", qr/^ssl_groups: unknown group$/, 0, 0);
	compare('cipher suites of TLS 1.3', "ssl_tls13_ciphers = 'TLS_AES_128_GCM_SHA256'", undef, 1, 1);
	compare('an unknown cipher suite of TLS 1.3', "ssl_tls13_ciphers = 'NONSENSE'", qr/^ssl_tls13_ciphers: unknown cipher suite$/, 0, 0);
}
else
{
	compare('another curve', "ssl_ecdh_curve = 'secp384r1'", undef, 1, 1);
	compare('a group that is no curve', "ssl_ecdh_curve = 'X25519'", qr/^ssl_ecdh_curve: unknown curve$/, 0, 0);
	compare('an unknown curve', "ssl_ecdh_curve = 'nonsense'", qr/^ssl_ecdh_curve: unknown curve$/, 0, 0);
}

# DH parameters: a reload uses built-in ones in place of those that it cannot read, and a restart fails.
$files->write('words.pem', 'words');
$files->write('ec.pem', openssl(qw(genpkey -genparam -algorithm EC -pkeyopt ec_paramgen_curve:P-256)));
$files->write('short.pem', openssl(qw(dhparam 512)));
my $by_restart = qr/\(a reload would use built-in parameters, a restart would fail\)$/;
for my $case ([ 'missing', qr/^ssl_dh_params_file: unreadable: No such file/ ], [ 'words', qr/^ssl_dh_params_file: no start line/ ], [ 'ec', qr/^ssl_dh_params_file: no start line/ ])
{
	my ($name, $problem) = @$case;
	compare("$name.pem for DH parameters", "ssl_dh_params_file = '${\$files->path(qq($name.pem))}'", qr/$problem.*$by_restart/, 1, 0);
}
compare('DH parameters that OpenSSL finds too short', "ssl_dh_params_file = '${\$files->path('short.pem')}'", qr/^ssl_dh_params_file: /, 0, 0);

# Without TLS the server reads none of the files.
$files->write('server.key', 'garbage');
compare('a broken key with ssl = off', 'ssl = off', undef, 1, 1);
$node->append_conf('postgresql.conf', "ssl = off\n");
$server->reload;
like($files->noted, qr/^ssl_key_file: /, 'with ssl = off a broken key is noted');

done_testing();
