# ssl_channel_binding() against what a client computes on its own end of the same connection: test/libpq/channel_binding.c.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

# The client, built with the flags of this PostgreSQL.
my $program = "$PostgreSQL::Test::Utils::tmp_check/channel_binding";
chomp(my ($include, $lib) = (`pg_config --includedir`, `pg_config --libdir`));
my @cc = ('cc', "-I$include", '-I/usr/include/postgresql');
IPC::Run::run([ @cc, qw(-E -include libpq-fe.h -include openssl/ssl.h -x c /dev/null) ], '>&', \my $discard)
  or plan skip_all => 'needs a C compiler and the headers of libpq and OpenSSL';
IPC::Run::run([ @cc, '-o', $program, "$FindBin::RealBin/../test/libpq/channel_binding.c", "-L$lib", qw(-lpq -lssl -lcrypto) ],
	'>&', \my $compiler);
is($compiler, '', 'the client compiles without a warning');

# Server and client take signatures with SHA-1, which one of the certificates has.
my $conf = "$PostgreSQL::Test::Utils::tmp_check/openssl.cnf";
sub openssl_conf
{
	my (@lines) = @_;
	write_file($conf, join "\n", 'openssl_conf = init', '[init]', 'ssl_conf = ssl', '[ssl]', 'system_default = tls', '[tls]', @lines, '');
	return;
}
openssl_conf('CipherString = DEFAULT:@SECLEVEL=0');
$ENV{OPENSSL_CONF} = $conf;

my $server = SSLInfoPlus::Server->new('main');
my $pki    = $server->pki;

# Both ends: [ exporter here, exporter there, end point here, end point there ].
sub both_ends
{
	my ($digest, %want) = @_;
	my ($out, $errors);
	my $connstr = $server->connstr(sslmode => 'require', options => 'sslrootcert=invalid', %want);
	IPC::Run::run([ $program, $connstr, $digest ], '>', \$out, '2>', \$errors) or die $errors;
	return split /\n/, $out;
}

sub use_server_certificate
{
	my ($name) = @_;
	$server->node->append_conf('postgresql.conf',
		"ssl_cert_file = '${\$pki->crt($name)}'\nssl_key_file = '${\$pki->key($name)}'\n");
	$server->reload;
	return;
}

for my $tls ('1.2', '1.3')
{
	my @ends = both_ends('sha256', tls => $tls);
	like($ends[0], qr/^[0-9a-f]{64}$/, "TLS $tls: tls-exporter is 32 bytes");
	is($ends[1], $ends[0], "TLS $tls: tls-exporter is the same at both ends");
	is($ends[3], $ends[2], "TLS $tls: tls-server-end-point is the same at both ends");
	is(length $ends[3], 64, "TLS $tls: tls-server-end-point has the length of a SHA-256");
	my @again = both_ends('sha256', tls => $tls);
	isnt($again[1], $ends[1], "TLS $tls: another connection has another tls-exporter");
	is($again[3], $ends[3], "TLS $tls: another connection has the same tls-server-end-point");
}
is($server->query("SELECT ssl_channel_binding() = ssl_channel_binding('tls-exporter')"), 't', 'ssl_channel_binding() returns tls-exporter by default');

# RFC 5929, 4.1: the hash of the certificate's signature, but SHA-256 in place of MD5 and SHA-1.
$pki->make("signed-$_", subject => ['CN=localhost'], digest => $_) for qw(sha1 sha384 sha512);
$pki->make('rsa-ca', ca => 1, issuer => 'rsa-ca', key => 'RSA');
$pki->make('pss-ca', ca => 1, issuer => 'pss-ca', key => 'RSA-PSS');
$pki->make('signed-rsa', issuer => 'rsa-ca', subject => ['CN=localhost']);
$pki->make('signed-pss', issuer => 'pss-ca', subject => ['CN=localhost']);
for my $case ([ 'signed-sha1' => 'sha256' ], [ 'signed-sha384' => 'sha384' ], [ 'signed-sha512' => 'sha512' ],
	[ 'signed-rsa' => 'sha256' ], [ 'signed-pss' => 'sha256' ])
{
	my ($name, $digest) = @$case;
	use_server_certificate($name);
	my @ends = both_ends($digest);
	is($ends[3], $ends[2], "tls-server-end-point of the server certificate $name is hashed with $digest");
}
$pki->make('ed-ca', ca => 1, issuer => 'ed-ca', key => 'ED25519');
$pki->make('signed-ed', issuer => 'ed-ca', subject => ['CN=localhost']);
use_server_certificate('signed-ed');
my @ends = both_ends('sha256');
is($ends[1], $ends[0], 'a server certificate signed with Ed25519 allows tls-exporter');
like($ends[3], qr/^55000 ERROR: .*signature algorithm of the server's certificate/, 'a server certificate signed with Ed25519 has no tls-server-end-point, which is undefined');
use_server_certificate('server');

# TLS 1.2 without the extended master secret: there is no exporter that binds.
openssl_conf('CipherString = DEFAULT:@SECLEVEL=0', 'Options = -ExtendedMasterSecret');
@ends = both_ends('sha256', tls => '1.2');
SKIP:
{
	skip 'this OpenSSL cannot do without the extended master secret', 2 if ($ends[1] // '') =~ /^[0-9a-f]{64}$/;
	like($ends[1], qr/^55000 ERROR: .*requires TLS 1\.3, or TLS 1\.2 with the extended master secret/,
		'TLS 1.2 without the extended master secret has no tls-exporter, and the error has the reason');
	is($ends[3], $ends[2], 'TLS 1.2 without the extended master secret has tls-server-end-point');
}
@ends = both_ends('sha256', tls => '1.3');
is($ends[1], $ends[0], 'TLS 1.3 has tls-exporter without an extended master secret');
openssl_conf('CipherString = DEFAULT:@SECLEVEL=0');

# Arguments, and no TLS.
like(($server->run("SELECT ssl_channel_binding('tls-unique')"))[2],
	qr/ERROR:  22023: unrecognized channel binding type: "tls-unique"\nHINT:  The types are tls-exporter and tls-server-end-point\./, 'ssl_channel_binding() refuses an unknown type');
is($server->query('SELECT ssl_channel_binding(NULL) IS NULL'), 't', 'ssl_channel_binding() of a type that is NULL is NULL');
is($server->query("SELECT ssl_channel_binding() IS NULL, ssl_channel_binding('tls-server-end-point') IS NULL", @$_),
	't|t', "ssl_channel_binding() is NULL without TLS: @$_")
  for [ socket => 1 ], [ sslmode => 'disable' ];

done_testing();
