# The certificates of a session as a whole: the client's, the server's, the verified chain; their fingerprints and extensions;
# the name that pg_hba.conf compares. What is expected comes from the openssl command.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Digest::SHA 'sha256_hex';
use Encode ();
use IPC::Run ();
use MIME::Base64 ();
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $node   = $server->node;
my $pki    = $server->pki;

sub openssl
{
	my (@command) = @_;
	my ($out, $errors) = ('', '');
	IPC::Run::run([ 'openssl', @command ], '>', \$out, '2>', \$errors) or die "openssl @command: $errors";
	return Encode::decode('UTF-8', $out);
}

# Columns of a certificate in a file (its first), by the openssl command.
sub by_openssl
{
	my ($file) = @_;
	my %column;
	my $shown = openssl(qw(x509 -noout -subject -issuer -serial -fingerprint -sha256 -nameopt), 'RFC2253,utf8,-esc_msb', '-in', $file);
	($column{subject}) = $shown =~ /^subject=(.*)$/m;
	($column{issuer})  = $shown =~ /^issuer=(.*)$/m;
	($column{serial_hex}) = map { lc } $shown =~ /^serial=(.*)$/m;
	($column{fingerprint}) = map { lc s/://gr } $shown =~ /Fingerprint=(.*)$/mi;
	($column{$_}) = openssl(qw(x509 -noout), $_ eq 'not_before' ? '-startdate' : '-enddate', '-in', $file) =~ /=(.*)/
	  for qw(not_before not_after);
	my $pin = $node->basedir . '/spki';
	openssl(qw(x509 -noout -pubkey -in), $file, '-out', "$pin.pem");
	openssl(qw(pkey -pubin -outform DER -in), "$pin.pem", '-out', "$pin.der");
	($column{spki_fingerprint}) = openssl(qw(dgst -sha256 -r), "$pin.der") =~ /^(\w+)/;
	return \%column;
}

# Which columns of a certificate expression differ from the command's.
sub certificate_is
{
	my ($expression, $file, $title, %want) = @_;
	my $expected = by_openssl($file);
	my @columns  = sort grep { !/^not_/ } keys %$expected;
	my %seen;
	@seen{ @columns, qw(not_before not_after) } = split /\|/,
	  $server->query(
		'SELECT '
		  . join(', ', map { "c.$_" } @columns)
		  . ", c.not_before = '$expected->{not_before}', c.not_after = '$expected->{not_after}' FROM $expression c",
		%want), -1;
	is_deeply(\%seen, { %$expected, not_before => 't', not_after => 't' }, $title);
	return;
}

$pki->make('ca', ca => 1, subject => [ 'O=Acme', 'CN=Intermediate' ]);
$pki->make(
	'app',
	issuer     => 'ca',
	serial     => '0x00f1e2d3c4b5a69788',
	subject    => [ 'C=DE', 'O=Acme, Inc.', 'OU=Zoë', 'CN=app' ],
	extensions => [
		san(dns => 'app.example'), key_usage(qw(digitalSignature keyAgreement)), extended_key_usage('clientAuth'),
		basic_constraints()
	]);
certificate_is('ssl_client_certificate()', $pki->crt('app'),    'ssl_client_certificate() has the values of the openssl command', cert => 'app');
certificate_is('ssl_server_certificate()', $pki->crt('server'), 'ssl_server_certificate() has the values of the openssl command');
certificate_is('ssl_server_certificate()', $pki->crt('server'), 'ssl_server_certificate() has the values of the openssl command in a session with a client certificate', cert => 'app');
certificate_is("(SELECT (certificate).* FROM ssl_client_chain() WHERE depth = $_->[0])",
	$pki->crt($_->[1]), "ssl_client_chain() has the certificate $_->[1] at depth $_->[0]", cert => 'app')
  for [ 0 => 'app' ], [ 1 => 'ca' ], [ 2 => 'root' ];
is(
	$server->query(
		q{SELECT string_agg(depth || ' ' || (certificate).is_ca || ' ' || encode(sha256((certificate).der), 'hex'), ', ') FROM ssl_client_chain()},
		cert => 'app'),
	join(', ', map { "$_->[0] $_->[1] " . sha256_hex($pki->der($_->[2])) }
		  [ 0, 'false', 'app' ], [ 1, 'true', 'ca' ], [ 2, 'true', 'root' ]),
	'ssl_client_chain() has each whole certificate from the leaf to the root');
is($server->query('SELECT ssl_client_certificate() = ssl_parse_certificate((ssl_client_certificate()).der),'
		  . ' (SELECT certificate FROM ssl_client_chain() WHERE depth = 0) = ssl_client_certificate()', cert => 'app'),
	't|t', 'the client certificate is the same from ssl_parse_certificate() and from ssl_client_chain()');
is($server->query("SELECT count(*), bool_and(to_jsonb(c) - 'depth' - 'certificate' = to_jsonb(c.certificate)) FROM ssl_client_chain() c", cert => 'app'),
	'3|t', 'the columns of ssl_client_chain() beside each certificate are those of the certificate');
is($server->query('SELECT ssl_client_certificate() IS NULL, (SELECT count(*) FROM ssl_client_chain())'), 't|0', 'a session without a client certificate has no certificate and no chain');

# The chain that the server sends, as openssl s_client shows it: the server's file first, or else completed from the CA file.
sub sent_chain
{
	my $out = '';
	IPC::Run::run(
		[ qw(openssl s_client -starttls postgres -showcerts -connect), 'localhost:' . $node->port ],
		'<', \'', '>', \$out, '2>', \my $errors);
	my @certificates = $out =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/sg or die "openssl s_client: $errors";
	return [ map { sha256_hex(MIME::Base64::decode($_)) } @certificates ];
}
my $chain = q{SELECT string_agg(depth || ' ' || (certificate).fingerprint, ', ' ORDER BY depth) FROM ssl_server_chain()};
my $read  = sub { my $i = 0; return join ', ', map { ++$i . ' ' . sha256_hex($pki->der($_)) } @_ };

sub chain_is
{
	my ($title, @names) = @_;
	is_deeply(sent_chain(), [ map { sha256_hex($pki->der($_)) } 'server', @names ], "openssl s_client sees: $title");
	is($server->query($chain, %$_), $read->(@names), "ssl_server_chain(): $title" . (%$_ ? ' (' . join(' ', %$_) . ')' : ''))
	  for {}, { tls => '1.2' }, { cert => 'app' };
	return;
}
chain_is('OpenSSL completes a file with the leaf alone from the CA file', 'root');
is($server->query('SELECT (SELECT certificate FROM ssl_server_chain()) = ssl_parse_certificate(pg_read_file($$' . $pki->crt('root') . '$$))'),
	't', 'ssl_server_chain() has whole certificates');
is($server->query("SELECT count(*), bool_and(to_jsonb(c) - 'depth' - 'certificate' = to_jsonb(c.certificate)) FROM ssl_server_chain() c"), '1|t',
	'the columns of ssl_server_chain() beside each certificate are those of the certificate');
is($server->query($chain, sslmode => 'disable'), '', 'ssl_server_chain() has no rows without TLS');
$pki->make('server', issuer => 'ca', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
$server->reload;
chain_is('a file with an intermediate CA is sent as it is', 'ca');
$pki->make('server', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
$node->append_conf('postgresql.conf', "ssl_ca_file = ''\n");
$server->reload;
is_deeply([ sent_chain(), $server->query($chain) ], [ [ sha256_hex($pki->der('server')) ], '' ], 'the server sends the leaf alone without a CA file');
$node->append_conf('postgresql.conf', "ssl_ca_file = '${\$pki->trusted}'\n");
$server->reload;

# The server's certificate is the one in memory, not the file.
my $before = sha256_hex($pki->der('server'));
$pki->make('server', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
my $new = sha256_hex($pki->der('server'));
isnt($new, $before, 'the file of the server certificate was replaced');
my $fingerprints = 'SELECT s.server_fingerprint, c.fingerprint FROM ssl_session() s, ssl_server_certificate() c';
is($server->query($fingerprints), "$before|$before", 'the server certificate is the former one before the reload');
$server->reload;
is($server->query($fingerprints), "$new|$new", 'the server certificate is the new one after the reload');

# Fingerprints by any digest of OpenSSL's. The file 'spki.der' has the key of the certificate that was asked for last.
by_openssl($pki->crt('app'));
for my $digest (qw(sha1 sha256 sha384 sha512 sha3-256))
{
	my ($expected) = map { lc s/://gr } openssl(qw(x509 -noout -fingerprint), "-$digest", '-in', $pki->crt('app')) =~ /=(.*)/;
	is($server->query("SELECT ssl_client_fingerprint('$digest')", cert => 'app'), $expected, "ssl_client_fingerprint() is that of the openssl command: $digest");
	my ($spki) = openssl(qw(dgst -r), "-$digest", $node->basedir . '/spki.der') =~ /^(\w+)/;
	is($server->query("SELECT ssl_client_spki_fingerprint('$digest')", cert => 'app'), $spki, "ssl_client_spki_fingerprint() is that of the openssl command: $digest");
}
is($server->query("SELECT ssl_client_fingerprint() = ssl_client_fingerprint('SHA256')", cert => 'app'), 't', 'ssl_client_fingerprint() uses SHA-256 by default');
is($server->error("SELECT $_('nonsense')", cert => 'app'), '22023: unrecognized digest algorithm: "nonsense"', "$_() refuses an unknown digest")
  for qw(ssl_client_fingerprint ssl_client_spki_fingerprint);
is($server->query('SELECT ssl_client_fingerprint(NULL) IS NULL, ssl_client_spki_fingerprint(NULL) IS NULL', cert => 'app'),
	't|t', 'a fingerprint by a digest that is NULL is NULL');

# Several arguments in one query, in turn: the last answer that is kept is not given to another question.
is(
	$server->query(
		"SELECT string_agg(length(ssl_client_fingerprint(a))::text, ' ') FROM unnest(ARRAY['sha256','sha512','sha256','sha1','sha1']) a",
		cert => 'app'),
	'64 128 64 40 40', 'one call in a query answers for each of several digests');

# Extensions with their DER.
my $text = string('UTF8String', 'x');
$pki->make(
	'extensions',
	extensions => [
		key_usage('digitalSignature'), extension('1.3.6.1.4.1.99999.1', $text), extension('1.3.6.1.5.5.7.1.1', 'garbage'),
		extension('subjectKeyIdentifier', octet_string("\x01\x02")), extension('2.999.1', '')
	]);
is_deeply(
	[
		split /\n/,
		$server->query(
			q{SELECT concat_ws('|', ordinal, oid, coalesce(name, '(null)'), critical, coalesce(value, '(null)'), der) FROM ssl_client_extensions()},
			cert => 'extensions')
	],
	[
		'1|2.5.29.15|keyUsage|t|Digital Signature|\x03020780',
		'2|1.3.6.1.4.1.99999.1|(null)|f|(null)|\x' . unpack('H*', $text),
		'3|1.3.6.1.5.5.7.1.1|authorityInfoAccess|f|(null)|\x' . unpack('H*', 'garbage'),
		'4|2.5.29.14|subjectKeyIdentifier|f|01:02|\x04020102',
		'5|2.999.1|(null)|f|(null)|\x'
	],
	'ssl_client_extensions() has each extension with its DER');
is(
	$server->query(
		'SELECT jsonb_agg(e) = (SELECT jsonb_agg(x) FROM ssl_certificate_extensions(ssl_client_certificate()) x), count(*) FROM ssl_client_extensions() e',
		cert => 'extensions'),
	't|5', 'ssl_certificate_extensions() of the client certificate has the rows of ssl_client_extensions()');
is($server->query('SELECT count(*) FROM ssl_certificate_extensions(ssl_client_certificate())'), '0', 'ssl_certificate_extensions() has no rows without a certificate');

# ssl_client_auth_dn() is the string that pg_ident.conf compares: a map made of it lets in, and nothing else.
my $dn = $server->query('SELECT ssl_client_auth_dn()', cert => 'app');
is($dn, 'CN=app,OU=Zo\C3\AB,O=Acme\, Inc.,C=DE', 'ssl_client_auth_dn() returns the subject as pg_ident.conf has it');
$server->query('CREATE ROLE mapped LOGIN');
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', <<'EOC');
local all all trust
hostssl all mapped 127.0.0.1/32 cert clientname=DN map=dn
host all all 127.0.0.1/32 trust
EOC
$node->append_conf('pg_ident.conf', qq{dn "$dn" mapped\n});
$server->reload;
is($server->query('SELECT current_user', cert => 'app', user => 'mapped'), 'mapped', 'a map of pg_ident.conf with the string of ssl_client_auth_dn() lets the client in');
isnt(($server->run('', command => 'SELECT 1', cert => 'extensions', user => 'mapped'))[0], 0, 'a map of pg_ident.conf with the string of ssl_client_auth_dn() lets in nobody else');

# A gigabyte of text around a certificate, as near to it as text comes.
SKIP:
{
	skip 'a gigabyte of text: with SSLINFO_PLUS_EXHAUSTIVE=1', 3 unless $ENV{SSLINFO_PLUS_EXHAUSTIVE};
	my ($pem) = PostgreSQL::Test::Utils::slurp_file($pki->crt('root')) =~ /(-----BEGIN.*?-----END CERTIFICATE-----\n)/s;
	my $most = 0x3fffffff - 4;
	my $rest = $most - length $pem;
	is($server->query("SELECT (ssl_parse_certificate('$pem' || repeat('x', $rest))).subject"),
		'CN=Root CA,O=sslinfo_plus tests', 'ssl_parse_certificate() reads a certificate before a gigabyte of text');
	is($server->query("SELECT (ssl_parse_certificate(repeat('x', @{[$rest - 1]}) || E'\\n' || '$pem')).subject"),
		'CN=Root CA,O=sslinfo_plus tests', 'ssl_parse_certificate() reads a certificate after a gigabyte of text');
	is($server->error("SELECT ssl_parse_certificate(repeat('x', $most))"),
		'22P02: invalid X.509 certificate: no PEM block of type CERTIFICATE', 'ssl_parse_certificate() refuses a gigabyte of text without a certificate');
}

# Other names and forms of the same facts.
my $pem_file = (PostgreSQL::Test::Utils::slurp_file($pki->crt('app')) =~ /(-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n)/s)[0];
is($server->query('SELECT ssl_certificate_pem(der) FROM ssl_client_certificate()', cert => 'app'), $pem_file,
	'ssl_certificate_pem() returns the PEM of the client certificate');
is($server->query('SELECT (ssl_parse_certificate(ssl_certificate_pem(der))).der = der, ssl_certificate_pem(NULL) IS NULL FROM ssl_client_certificate()', cert => 'app'),
	't|t', 'ssl_parse_certificate() reads the PEM that ssl_certificate_pem() returns');
like($server->error("SELECT ssl_certificate_pem('\\x3000')"), qr/^22P03: /, 'ssl_certificate_pem() refuses bytes that are no certificate');
is($server->query("SELECT ssl_issuer_dn_field('CN') = ssl_issuer_field('CN'), ssl_issuer_dn_field('L') IS NULL, ssl_server_not_after() = (ssl_server_certificate()).not_after",
		cert => 'app'), 't|t|t', 'ssl_issuer_dn_field() and ssl_server_not_after() return the values of which they are other names');
is($server->query("SELECT ssl_server_not_after() IS NULL, ssl_issuer_dn_field('CN') IS NULL", sslmode => 'disable'), 't|t',
	'ssl_server_not_after() and ssl_issuer_dn_field() are NULL without TLS');

done_testing();
