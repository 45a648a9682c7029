# Inputs that public bug reports and a hostile review found wrong here or elsewhere, each over real TLS with the right answer by the
# standard. What belongs to the whole server is in t/059.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::RawClient 'ask';
use SSLInfoPlus::Server;
use Test::More;
use Time::HiRes 'time';

my $server = SSLInfoPlus::Server->new('main');
my $node   = $server->node;
my $pki    = $server->pki;
my $id     = 'spiffe://prod/web';

sub satisfied { my ($policy, %want) = @_; return $server->query("SELECT ssl_satisfies(\$\$$policy\$\$)", %want); }

# Makes the server take the lines as its configuration.
sub configure
{
	$node->append_conf('postgresql.conf', join "\n", @_, '');
	return $server->reload;
}

# X509-SVID, sections 3.2 and 5.2; SPIFFE-ID, section 2.
for my $case (
	[ 'ordinary', [], $id ],
	[ 'ca', [ basic_constraints(ca => 1) ], '' ],
	[ 'certsign', [ key_usage('digitalSignature', 'keyCertSign') ], '' ],
	[ 'crlsign', [ key_usage('digitalSignature', 'cRLSign') ], '' ],
	[ 'nopath', [], '', 'spiffe://prod' ])
{
	my ($name, $extensions, $expected, $uri) = @$case;
	$pki->make("spiffe-$name", extensions => [ san(uri => $uri // $id), @$extensions ]);
	my %login = (cert => "spiffe-$name");
	is($server->query('SELECT ssl_client_spiffe_id()', %login), $expected, "ssl_client_spiffe_id() returns the SPIFFE ID of a valid X509-SVID alone: $name");
	is(satisfied('mtls san=uri:spiffe://prod/*', %login), $expected ? 't' : 'f', "a policy accepts the SPIFFE ID of a valid X509-SVID alone: $name");
}
like($server->error(q{SELECT ssl_satisfies('san=uri:spiffe://prod')}), qr/^22023: /, 'a policy value without a path is no SPIFFE ID');

# RFC 5280, section 4.1.2.6: an empty subject is no name.
$pki->make('nameless', subject => [], extensions => [ extension('subjectAltName', sequence(context(2, 'svc.example')), 1) ]);
is($server->query('SELECT ssl_client_dn() IS NULL, client_dn IS NULL, issuer_dn, dns_names FROM ssl_session(), ssl_client_certificate()', cert => 'nameless'),
	't|t|/O=sslinfo_plus tests/CN=Root CA|{svc.example}', 'an empty subject is NULL');
is($server->query('SELECT ssl_client_dn() IS NOT DISTINCT FROM client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()', cert => 'nameless'),
	't', 'pg_stat_ssl has the same for an empty subject');

# SP 800-57 part 1 rev. 5, table 2.
$pki->make('rsa2000', key => 'RSA:2000');
$pki->make('rsa2048', key => 'RSA:2048');
is($server->query('SELECT key_strength FROM ssl_client_certificate()', cert => 'rsa2000'), '80', 'RSA of 2000 bits has 80 bits of strength');
is(satisfied('client-key-strength>=112', cert => 'rsa2000'), 'f', 'RSA of 2000 bits is too weak for 112 bits');
is(satisfied('client-key-strength>=112', cert => 'rsa2048'), 't', 'RSA of 2048 bits has 112 bits of strength');

# RFC 9325, section 4.1; RFC 5929, section 4.1; RFC 4346, section 7.4.3.
$pki->make('rsa-server', key => 'RSA', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
$pki->make('rsa-client', key => 'RSA');
configure("ssl_ciphers = 'ALL:eNULL:\@SECLEVEL=0'", "ssl_min_protocol_version = 'TLSv1'");
my $encrypted = q{SELECT ssl_cipher(), ssl_bits(), ssl_satisfies('tls'), ssl_satisfies('encrypted'), ssl_satisfies('mtls')};
for my $cipher (qw(ECDHE-ECDSA-NULL-SHA AECDH-NULL-SHA))
{
	my ($rows) = ask($server, $encrypted, '-tls1_2', '-cipher' => "$cipher:\@SECLEVEL=0");
	is_deeply($rows, ["$cipher|0|t|f|f"], "a cipher without encryption is not encrypted: $cipher");
}
my $server_certificate = 'SELECT server_dn, server_not_after, server_fingerprint, ssl_server_certificate() IS NULL FROM ssl_session()';
for my $cipher (qw(AECDH-AES128-SHA ADH-AES256-GCM-SHA384))
{
	my ($rows) = ask($server, $server_certificate, '-tls1_2', '-cipher' => "$cipher:\@SECLEVEL=0");
	is_deeply($rows, ['|||t'], "an anonymous server sent no certificate: $cipher");
	$rows = (ask(
		$server, q{CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM ssl_channel_binding('tls-server-end-point'); RETURN 'none';
		  EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$; SELECT pg_temp.state()}, '-tls1_2', '-cipher' => "$cipher:\@SECLEVEL=0"))[0];
	is_deeply($rows, ['55000'], "no certificate has no channel binding: $cipher");
}
configure("ssl_cert_file = '" . $pki->crt('rsa-server') . "'", "ssl_key_file = '" . $pki->key('rsa-server') . "'");
for my $version (qw(-tls1 -tls1_1))
{
	my ($rows) = ask(
		$server, 'SELECT ssl_version(), signature_algorithm, client_signature_algorithm FROM ssl_session()', $version,
		'-cipher' => 'DEFAULT:@SECLEVEL=0', '-cert' => $pki->crt('rsa-client'), '-key' => $pki->key('rsa-client'));
	like($rows->[0] // '', qr/^TLSv1(\.1)?\|rsa_pkcs1_md5_sha1\|rsa_pkcs1_md5_sha1$/, "RSA signatures of $version are of MD5 with SHA-1");
}

# IANA, TLS Supported Groups. OpenSSL has these three since 3.2.
SKIP:
{
	skip 'the Brainpool groups of TLS 1.3 need OpenSSL 3.2', 1 unless `openssl version` =~ /^OpenSSL (3\.([2-9]|\d\d)|[4-9])/;
	# P-256 is the group of a server before 18.
	my @groups = ('brainpoolP256r1tls13', 'brainpoolP384r1tls13', 'X25519');
	my ($rows) = ask($server, "SELECT ordinal, code, name FROM ssl_client_offer() WHERE kind = 'group' ORDER BY 1", '-tls1_3', '-groups' => join ':', @groups, 'P-256');
	is_deeply($rows, [ '1|31|brainpoolP256r1tls13', '2|32|brainpoolP384r1tls13', '3|29|x25519', '4|23|secp256r1' ], 'each offered group has its row');
}

# A name of an attribute, a digest, a type: bounded before any work.
for my $call (
	"ssl_client_dn_field(%s)", "ssl_issuer_field(%s)", "ssl_client_dn_values(%s)", "ssl_issuer_dn_values(%s)", "ssl_client_fingerprint(%s)",
	"ssl_client_spki_fingerprint(%s)", "ssl_client_san_values(%s)", "ssl_channel_binding(%s)")
{
	my $start = time;
	like($server->error('SELECT ' . sprintf($call, q{'1.2.' || repeat('9', 300000)}), cert => 'rsa-client'), qr/^22023: name is too long/, "a name of 300,000 digits is an error: $call");
	like($server->error('SELECT ' . sprintf($call, q{repeat('9', 257)}), cert => 'rsa-client'), qr/^22023: name is too long: 257 bytes/, "a name of 257 bytes is an error: $call");
	unlike($server->error('SELECT ' . sprintf($call, q{repeat('9', 256)}), cert => 'rsa-client'), qr/too long/, "a name of 256 bytes is not too long: $call");
	cmp_ok(time - $start, '<', 10, "names of every length are checked in a bounded time: $call");
}
is($server->query(q{SELECT ssl_client_dn_field(NULL) IS NULL, ssl_parse_certificate(NULL::text) IS NULL, ssl_channel_binding(NULL) IS NULL}, cert => 'rsa-client'),
	't|t|t', 'functions return NULL for NULL');
$server->query(<<'EOS');
CREATE FUNCTION lax_field(text) RETURNS text AS 'sslinfo_plus', 'ssl_client_dn_field' LANGUAGE C;
CREATE FUNCTION lax_values(text) RETURNS text[] AS 'sslinfo_plus', 'ssl_client_dn_values' LANGUAGE C;
CREATE FUNCTION lax_binding(text) RETURNS bytea AS 'sslinfo_plus', 'ssl_channel_binding' LANGUAGE C;
CREATE FUNCTION lax_pem(text) RETURNS ssl_certificate AS 'sslinfo_plus', 'ssl_parse_certificate_pem' LANGUAGE C;
CREATE FUNCTION lax_der(bytea) RETURNS ssl_certificate AS 'sslinfo_plus', 'ssl_parse_certificate_der' LANGUAGE C;
CREATE FUNCTION lax_bundle(text, OUT ordinal int, OUT certificate ssl_certificate) RETURNS SETOF record AS 'sslinfo_plus', 'ssl_parse_certificates' LANGUAGE C;
EOS
is($server->query('SELECT lax_field(NULL) IS NULL, lax_values(NULL) IS NULL, lax_binding(NULL) IS NULL, lax_pem(NULL) IS NULL, lax_der(NULL) IS NULL, (SELECT count(*) FROM lax_bundle(NULL))', cert => 'rsa-client'),
	't|t|t|t|t|0', 'functions return NULL for NULL also if somebody declares them without STRICT');

# Memory: each row has another value, and the call site keeps one of them.
my $wall = SSLInfoPlus::Server::test_module('wall');
$server->query("CREATE FUNCTION wall_resident() RETURNS bigint AS '$wall' LANGUAGE C");
my ($grown) = $server->query(<<'EOS', cert => 'rsa-client') =~ /(-?\d+)\z/;
CREATE TEMPORARY TABLE names AS SELECT CASE n % 3 WHEN 0 THEN 'CN' WHEN 1 THEN 'O' ELSE 'L' END AS x FROM generate_series(1, 300000) n;
SELECT count(ssl_client_dn_field(x)) FROM names;
CREATE TEMPORARY TABLE before AS SELECT wall_resident() AS kb;
SELECT count(ssl_client_dn_field(x)) FROM names;
SELECT wall_resident() - kb FROM before;
EOS
cmp_ok($grown, '<', 2000, "300,000 rows with changing names take no memory ($grown kB)");

# A certificate with thousands of names against a policy with as many values as it may have.
$pki->make('many', extensions => [ san(map { (dns => "h$_.x") } 1 .. 4000) ]);
my $start = time;
like($server->error(q{SELECT ssl_require('san=' || string_agg(format('dns:*a%s.y', n), '|')) FROM generate_series(1, 1000) n}, cert => 'many'),
	qr/^28000: this connection does not satisfy/, 'a policy of 1,000 values is compared with 4,000 names');
cmp_ok(time - $start, '<', 10, '1,000 values and 4,000 names are compared in a bounded time');
is($server->query(q{SELECT max(length(actual)) <= 500, min(length(actual)) > 400 FROM ssl_check('san=dns:x cn=y san=dns:z')}, cert => 'many'), 't|f', 'an actual value in ssl_check() is at most 500 bytes');
like($server->error(q{SELECT ssl_satisfies(repeat('tls ', 201))}), qr/^22023: invalid TLS policy: policy has more than 200 requirements/, '201 requirements are too many');
is($server->query(q{SELECT ssl_satisfies(repeat('tls ', 200))}), 't', '200 requirements are not too many');
like($server->error(q{SELECT ssl_satisfies('cn=a' || repeat('|a', 1000))}), qr/^22023: invalid TLS policy: policy has more than 1000 values/, '1,001 values are too many');
my ($kept) = $server->query(<<'EOS', cert => 'many') =~ /(\d+)\z/;
SELECT ssl_satisfies(format('%s cn=%s', repeat('san=dns:x ', 199), n)) FROM generate_series(1, 70) n;
SELECT max(total_bytes) FROM pg_backend_memory_contexts WHERE name = 'sslinfo_plus policy';
EOS
cmp_ok($kept, '<=', 65536, "a policy of many requirements and long answers keeps at most 64 kB ($kept bytes)");

# What a stranger chose does not forge a line of the log.
my $offset = -s $node->logfile;
$pki->make('forger', subject => ["CN=a\r\n2026-01-01 FATAL: forged\e[2J\x{9b}\x{2028}\x{202e}"]);
like($server->error(q{SELECT ssl_require('cn=b')}, cert => 'forger'), qr/^28000/, 'a common name with control characters does not satisfy a policy with another name');
my $log = $server->log_since($offset);
utf8::decode($log);
unlike($log, qr/^2026-01-01 FATAL/m, 'a common name with control characters makes no line of the log');
unlike($log, qr/[\r\e\x{9b}\x{2028}\x{202e}]/, 'the log has no control character of a common name');
like($log, qr/a\\u000d\\u000a2026-01-01 FATAL: forged\\u001b\[2J\\u009b\\u2028\\u202e/, 'the log has the escapes of the control characters of a common name');

done_testing();
