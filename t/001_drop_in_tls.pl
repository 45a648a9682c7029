# The ten functions of contrib/sslinfo over each kind of connection: beside contrib/sslinfo itself, and beside pg_stat_ssl.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', extension => 0);
$server->query(<<'EOS');
CREATE SCHEMA plus;
CREATE EXTENSION sslinfo_plus SCHEMA plus;
CREATE SCHEMA contrib;
CREATE EXTENSION sslinfo SCHEMA contrib;
EOS
$server->pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme', 'OU=Payments', 'CN=app', 'emailAddress=app@acme.example' ],
	extensions => [
		key_usage('digitalSignature'), extended_key_usage('clientAuth'),
		san(dns => 'app.acme.example', uri => 'spiffe://acme.example/app')
	]);

# All ten in one row each; the answers of every call are compared with those of the same call in schema contrib.
my @calls = (
	'ssl_is_used()',               'ssl_version()',
	'ssl_cipher()',                'ssl_client_cert_present()',
	'ssl_client_serial()',         'ssl_client_dn()',
	'ssl_issuer_dn()',             "ssl_client_dn_field('CN')",
	"ssl_client_dn_field('O')",    "ssl_client_dn_field('commonName')",
	"ssl_client_dn_field('L')",    "ssl_client_dn_field('emailAddress')",
	"ssl_client_dn_field('2.5.4.3')", "ssl_issuer_field('CN')",
	"ssl_issuer_field('L')",       'ssl_client_dn_field(NULL)',
	'ssl_issuer_field(NULL)',
	"(SELECT string_agg(e::text, ' ') FROM SCHEMA.ssl_extension_info() e)");

my $null = '(null)';

# The values of expressions in one session, as a list.
sub row
{
	my ($connection, @expressions) = @_;
	my $list = join ', ', map { "coalesce(($_)::text, '$null')" } @expressions;
	return split /\n/, $server->query("SELECT unnest(ARRAY[$list])", %$connection), -1;
}

sub in_schema
{
	my ($schema, $call) = @_;
	return $call =~ /SCHEMA/ ? $call =~ s/SCHEMA/$schema/r : "$schema.$call";
}

sub compare
{
	my ($title, $connection) = @_;
	my @ours   = row($connection, map { in_schema('plus', $_) } @calls);
	my @theirs = row($connection, map { in_schema('contrib', $_) } @calls);
	is($ours[$_], $theirs[$_], "$title: $calls[$_] returns the same as in contrib/sslinfo") for 0 .. $#calls;

	my @fields = qw(ssl version cipher client_dn client_serial issuer_dn);
	my @stat = row($connection, map { "SELECT $_ FROM pg_stat_ssl WHERE pid = pg_backend_pid()" } @fields);
	my @same = row(
		$connection,
		map { "plus.$_()" } qw(ssl_is_used ssl_version ssl_cipher ssl_client_dn ssl_client_serial ssl_issuer_dn));
	is($same[$_], $stat[$_], "$title: $fields[$_] is the same as in pg_stat_ssl") for 0 .. $#fields;
	return @ours;
}

for my $tls (qw(1.2 1.3))
{
	my @anonymous = compare("TLS $tls, no certificate", { tls => $tls });
	is_deeply([ @anonymous[ 0, 1, 3 ] ], [ 'true', "TLSv$tls", 'false' ], "TLS $tls, no certificate: the functions report TLS and its version, and no certificate");
	is_deeply([ @anonymous[ 4 .. $#calls ] ], [ ($null) x ($#calls - 3) ], "TLS $tls, no certificate: every fact of a certificate is NULL");

	my @app = compare("TLS $tls, certificate", { tls => $tls, cert => 'app' });
	is_deeply(
		[ @app[ 0, 1, 3 .. 8 ] ],
		[
			'true', "TLSv$tls", 'true',
			$server->pki->serial('app')->bstr,
			'/C=DE/O=Acme/OU=Payments/CN=app/emailAddress=app@acme.example',
			'/O=sslinfo_plus tests/CN=Root CA',
			'app', 'Acme'
		],
		"TLS $tls, certificate: the functions report the connection and the certificate");
}

for my $plain ([ 'TCP without TLS', { sslmode => 'disable' } ], [ 'Unix-domain socket', { socket => 1 } ])
{
	my @facts = compare(@$plain);
	is_deeply(
		\@facts,
		[ 'false', $null, $null, 'false', ($null) x (@calls - 4) ],
		"$plain->[0]: booleans are false and all other facts are NULL");
}

# A field name is judged where there is a certificate to look into, as in contrib/sslinfo.
for my $function (qw(ssl_client_dn_field ssl_issuer_field))
{
	for my $unknown ('nonsense', 'cn', '', '1.2.x', 'CN ', 'Straße')
	{
		my $error = $server->error("SELECT plus.$function('$unknown')", cert => 'app');
		like($error, qr/^22023: .*\Q$unknown\E/, "$function: the error names the unknown field '$unknown'")
		  if $unknown !~ /[^ -~]/;
		like($error, qr/^22023: /, "$function: an unknown field outside ASCII is an error") if $unknown =~ /[^ -~]/;
	}
	is($server->query("SELECT plus.$function('nonsense') IS NULL", sslmode => 'disable'),
		't', "$function: an unknown field is no error without a certificate");
}

# The same server certificate, an RSA one on the client's side, and one that an intermediate CA issued.
$server->pki->make('rsa', key => 'RSA', subject => ['CN=rsa client']);
$server->pki->make('intermediate', ca => 1, subject => [ 'O=Acme', 'CN=Issuing CA 1' ]);
$server->pki->make('below', issuer => 'intermediate', subject => ['CN=below']);
compare('RSA client certificate', { cert => 'rsa' });
my @below = compare('certificate of an intermediate CA', { cert => 'below' });
is($below[6], '/O=Acme/CN=Issuing CA 1', 'the issuer is the intermediate CA');

# STABLE, so that an index can be used for a comparison with the session's own name.
$server->query(<<'EOS');
CREATE TABLE account (owner text PRIMARY KEY);
INSERT INTO account SELECT 'user ' || n FROM generate_series(1, 10000) n;
INSERT INTO account VALUES ('app');
ANALYZE account;
EOS
like(
	$server->query("EXPLAIN SELECT * FROM account WHERE owner = plus.ssl_client_dn_field('CN')", cert => 'app'),
	qr/Index Cond: \(owner = 'app'/,
	'the value of a function is used in an index condition');
is($server->query("SELECT * FROM account WHERE owner = plus.ssl_client_dn_field('CN')", cert => 'app'),
	'app', 'a query with the value of a function in its index condition finds its row');

done_testing();
