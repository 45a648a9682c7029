# Every certificate of Debian's python3-cryptography-vectors, the NIST's PKITS among them, read by ssl_parse_certificate() and
# by libraries that share no parser with OpenSSL: test/oracle/certificates.py tells what those say.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Encode ();
use IPC::Run ();
use JSON::PP ();
use SSLInfoPlus::Server;
use Test::More;

my $python = '/usr/bin/python3';    # whose packages are Debian's
my $oracle = "$FindBin::RealBin/../test/oracle/certificates.py";
my $discard;
IPC::Run::run([ $python, '-c', 'import cryptography, cryptography_vectors' ], '>&', \$discard)
  && IPC::Run::run([ 'certtool', '--version' ], '>&', \$discard)
  or plan skip_all => 'needs the packages python3-cryptography, python3-cryptography-vectors and gnutls-bin';

# Where the two differ and ssl_parse_certificate() is not wrong: file, column (or error), what it says, why.
my @differences = (
	[ 'badasn1time.pem', 'not_after', undef, 'no valid UTCTime; GnuTLS makes a date of it' ],
	[ 'custom/invalid_utf8_common_name.pem', 'error', '22P02', 'OpenSSL refuses a name with invalid UTF-8' ],
	[ 'custom/long-form-name-attribute.pem', 'error', '22P02', 'OpenSSL refuses a value with a long-form tag' ],
	[ 'e-trust.ru.der', 'key_bits', undef, 'OpenSSL cannot read keys of GOST R 34.10 without an engine' ],
	[ 'e-trust.ru.der', 'signature_digest', 'md_gost94', 'the other library does not know the digest of GOST' ],
	[ 'ed25519/ed25519-rfc8410.pem', 'key_bits', 253, 'OpenSSL counts the bits of X25519 that are free' ],
	[ 'utf8-dnsname.pem', 'dns_names',
		[ qw(partner.biztositas.hu biztositas.hu *.biztositas.hu biztos\C3\ADt\C3\A1s.hu *.biztos\C3\ADt\C3\A1s.hu
			xn--biztosts-fza2j.hu *.xn--biztosts-fza2j.hu) ],
		'an IA5String is ASCII; other bytes are escaped' ],
);
my %difference = map { ("$_->[0] $_->[1]" => $_) } @differences;

ok(IPC::Run::run([ $python, $oracle ], '>', \my $told), 'the oracle reads the certificates');
my $json  = JSON::PP->new->utf8;
my @files = map { $json->decode($_) } split /\n/, $told;

my $server = SSLInfoPlus::Server->new('main');
$server->query(<<'EOS');
CREATE TABLE files (id int, kind text, octets bytea);
CREATE FUNCTION parsed(kind text, octets bytea) RETURNS jsonb LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
	c ssl_certificate;
BEGIN
	IF kind = 'pem' THEN
		c := ssl_parse_certificate(convert_from(octets, 'LATIN1'));
	ELSE
		c := ssl_parse_certificate(octets);
	END IF;
	RETURN to_jsonb(c) || jsonb_build_object('serial', c.serial::text);
EXCEPTION WHEN OTHERS THEN
	RETURN jsonb_build_object('error', SQLSTATE);
END $$;
EOS
my $id = 0;
$server->query("COPY files FROM STDIN;\n"
	  . join('', map { my $kind = exists $_->{pem} ? 'pem' : 'der'; $id++ . "\t$kind\t\\\\x$_->{$kind}\n" } @files)
	  . "\\.\n");
my @answers = map { $json->decode(Encode::encode('UTF-8', $_)) } split /\n/,
  $server->query('SELECT parsed(kind, octets) FROM files ORDER BY id');
is(@answers, @files, 'ssl_parse_certificate() answers for each file');

my ($certificates, $columns, $refused) = (0, 0, 0);
for my $i (0 .. $#files)
{
	my ($file, $answer) = ($files[$i], $answers[$i]);
	if (!$file->{expected})
	{
		is($answer->{error}, exists $file->{pem} ? '22P02' : '22P03', "$file->{file}: ssl_parse_certificate() refuses the file ($file->{refused})");
		$refused++;
		next;
	}
	my $expected = $file->{expected};
	if (my $refusal = delete $difference{"$file->{file} error"})
	{
		note "$file->{file}: $refusal->[3]";
		is_deeply($answer, { error => $refusal->[2] }, "$file->{file}: ssl_parse_certificate() refuses the file");
		next;
	}
	for my $column (grep { $difference{"$file->{file} $_"} } keys %$expected)
	{
		my (undef, undef, $ours, $reason) = @{ delete $difference{"$file->{file} $column"} };
		note "$file->{file}, $column: $reason";
		isnt($json->encode([ $expected->{$column} ]), $json->encode([$ours]), "$file->{file}: $column still differs");
		$expected->{$column} = $ours;
	}
	my %seen = map { ($_ => $answer->{$_}) } keys %$expected;
	$seen{error} = $answer->{error} if exists $answer->{error};
	# JSON has no type for what it compares with but text and numbers.
	is_deeply(\%seen, $expected, "$file->{file}: " . keys(%$expected) . ' columns are those of the oracle');
	$certificates++;
	$columns += keys %$expected;
}
is(join(' ', sort keys %difference), '', 'all listed differences were met');
note "$certificates certificates, $columns columns compared, $refused files refused";
cmp_ok($certificates, '>=', 500, "$certificates certificates were compared");
cmp_ok($columns, '>', 27 * $certificates, "$columns columns were compared, nearly all that a certificate has");
cmp_ok($refused, '>=', 50, "$refused files that are no certificate were refused");

done_testing();
