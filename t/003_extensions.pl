# ssl_extension_info(): every extension of the certificate is a row, also those that OpenSSL cannot name or print.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
$server->query('CREATE SCHEMA contrib; CREATE EXTENSION sslinfo SCHEMA contrib');
my $pki = $server->pki;

sub rows
{
	my ($cert, $schema) = @_;
	my $table = ($schema ? "$schema." : '') . 'ssl_extension_info()';
	return [ split /\n/,
		$server->query("SELECT concat_ws('|', name, critical, value) FROM $table", cert => $cert) ];
}

# What OpenSSL can name and print: the rows of contrib/sslinfo, in the certificate's order.
$pki->make(
	'printable',
	extensions => [
		san(dns => 'app.example', email => 'app@acme.example', uri => 'spiffe://acme.example/app', ip => '192.0.2.1'),
		key_usage('digitalSignature', 'keyAgreement'),
		extended_key_usage('clientAuth', '1.3.6.1.4.1.99999.2'),
		basic_constraints(),
		extension('subjectKeyIdentifier', octet_string("\x01\x02\xfe"))
	]);
my $expected = [
	'subjectAltName|f|DNS:app.example, email:app@acme.example, URI:spiffe://acme.example/app, IP Address:192.0.2.1',
	'keyUsage|t|Digital Signature, Key Agreement',
	'extendedKeyUsage|f|TLS Web Client Authentication, 1.3.6.1.4.1.99999.2',
	'basicConstraints|t|CA:FALSE',
	'subjectKeyIdentifier|f|01:02:FE' ];
is_deeply(rows('printable'), $expected, 'an extension that OpenSSL prints has that text as its value');
is_deeply(rows('printable', 'contrib'), $expected, 'contrib/sslinfo returns the same rows for extensions that OpenSSL prints');

# The others: a private OID, a known one whose content is garbage, one with nothing in it; and what is beside them.
my $text = string('UTF8String', 'cost centre 4711');
$pki->make(
	'odd',
	extensions => [
		extension('1.3.6.1.4.1.99999.1',                          $text),
		extension('1.3.6.1.4.1.99999.1.340282366920938463463374', "\0\xff"),
		key_usage('digitalSignature'),
		extension('1.3.6.1.5.5.7.1.1', 'garbage'),
		extension('2.999.1',           ''),
		extension('2.999.2', 'x' x 5000),
		san(dns => 'app.example')
	]);
is_deeply(
	rows('odd'),
	[
		'1.3.6.1.4.1.99999.1|f|' . unpack('H*', $text),
		'1.3.6.1.4.1.99999.1.340282366920938463463374|f|00ff',
		'keyUsage|t|Digital Signature',
		'authorityInfoAccess|f|' . unpack('H*', 'garbage'),
		'2.999.1|f|',
		'2.999.2|f|' . '78' x 5000,
		'subjectAltName|f|DNS:app.example'
	],
	'an extension that OpenSSL cannot name has its OID as name, and one that OpenSSL cannot print has a hexadecimal value');

# Many, and long.
$pki->make('many', extensions => [ map { extension("2.999.$_", integer($_)) } 1 .. 300 ]);
is_deeply(
	rows('many'),
	[ map { "2.999.$_|f|" . unpack('H*', integer($_)) } 1 .. 300 ],
	'a certificate with 300 extensions has 300 rows');
my @names = map { "host-number-$_.application.example" } 1 .. 800;
$pki->make('long', extensions => [ san(map { (dns => $_) } @names) ]);
is_deeply(rows('long'), [ 'subjectAltName|f|' . join ', ', map { "DNS:$_" } @names ], 'a value of 30 kB is returned whole');

# A value that is no text in any encoding must not make the row unreadable; query() dies of invalid UTF-8.
$pki->make('comment', extensions => [ extension('2.16.840.1.113730.1.13', tlv(0x16, "caf\xe9 \xff\xfe")) ]);
is_deeply(rows('comment'), ['nsComment|f|caf\E9 \FF\FE'], 'bytes that are not UTF-8 are escaped in a value');
$pki->make('nul', extensions => [ san(dns => "bank.example\0.evil") ]);
is_deeply(
	rows('nul'),
	[ 'subjectAltName|f|' . unpack('H*', general_names(dns => "bank.example\0.evil")) ],
	'a DNS name with a NUL byte, which OpenSSL does not print, is returned in hexadecimal');

# Nothing to list.
$pki->make('bare');
is_deeply(rows('bare'), [], 'a certificate without extensions has no rows');
is($server->query('SELECT count(*) FROM ssl_extension_info()'), 0, 'a TLS session without a certificate has no rows');
is($server->query('SELECT count(*) FROM ssl_extension_info()', sslmode => 'disable'), 0, 'a session without TLS has no rows');

# As any set-returning function: in the select list, joined to itself, left early.
is($server->query('SELECT (ssl_extension_info()).name LIMIT 1', cert => 'printable'), 'subjectAltName', 'ssl_extension_info() returns rows in a select list');
is($server->query('SELECT count(*) FROM ssl_extension_info() a, ssl_extension_info() b', cert => 'printable'),
	25, 'ssl_extension_info() can be joined to itself');
is($server->query("SELECT value FROM ssl_extension_info() WHERE name = 'basicConstraints'", cert => 'printable'),
	'CA:FALSE', 'an extension is found by its name');

done_testing();
