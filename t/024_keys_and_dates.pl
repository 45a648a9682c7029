# Public keys of every kind, dates of every form and serial numbers of every size, in ssl_parse_certificate().

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Digest::SHA ();
use IPC::Run ();
use Math::BigInt;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');

# The SubjectPublicKeyInfo of a new key; nothing where this openssl cannot make one.
sub public_key
{
	my (@arguments) = @_;
	my ($key, $der, $errors) = ('', '', '');
	IPC::Run::run([ 'openssl', 'genpkey', @arguments ], '<', \'', '>', \$key, '2>', \$errors) or return undef;
	IPC::Run::run([ qw(openssl pkey -pubout -outform DER) ], '<', \$key, '>', \$der, '2>', \$errors) or return undef;
	return $der;
}

# DSA and DH keys come from parameters.
sub public_key_of_parameters
{
	my (@arguments) = @_;
	my $file = $server->node->basedir . '/parameters.pem';
	IPC::Run::run([ 'openssl', 'genpkey', '-genparam', @arguments, '-out', $file ], '>&', \my $discard) or return undef;
	return public_key('-paramfile', $file);
}

my @ec = qw(-algorithm EC -pkeyopt);
my %made = (
	ec         => public_key(@ec, 'ec_paramgen_curve:P-256', qw(-pkeyopt ec_param_enc:named_curve)),
	p192       => public_key(@ec, 'ec_paramgen_curve:P-192', qw(-pkeyopt ec_param_enc:named_curve)),
	p521       => public_key(@ec, 'ec_paramgen_curve:P-521', qw(-pkeyopt ec_param_enc:named_curve)),
	brainpool  => public_key(@ec, 'ec_paramgen_curve:brainpoolP320r1', qw(-pkeyopt ec_param_enc:named_curve)),
	explicit   => public_key(@ec, 'ec_paramgen_curve:P-256', qw(-pkeyopt ec_param_enc:explicit)),
	rsa        => public_key(qw(-algorithm RSA -pkeyopt rsa_keygen_bits:2048)),
	rsa_3072   => public_key(qw(-algorithm RSA -pkeyopt rsa_keygen_bits:3072)),
	rsa_1024   => public_key(qw(-algorithm RSA -pkeyopt rsa_keygen_bits:1024)),
	rsa_pss    => public_key(qw(-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048)),
	ed25519    => public_key(qw(-algorithm ED25519)),
	ed448      => public_key(qw(-algorithm ED448)),
	x25519     => public_key(qw(-algorithm X25519)),
	dsa        => public_key_of_parameters(qw(-algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -pkeyopt dsa_paramgen_q_bits:224)),
	dh         => public_key(qw(-algorithm DH -pkeyopt group:ffdhe2048)),
	mldsa      => public_key(qw(-algorithm ML-DSA-65)),
	# of an OID that nobody knows, a curve that nobody knows, and bytes that are no key
	unknown    => sequence(sequence(oid('1.3.6.1.4.1.99999.5')), bit_string('a key')),
	curve      => sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.3.6.1.4.1.99999.6')), bit_string("\x04" . 'x' x 64)),
	garbage    => sequence(sequence(oid('1.2.840.113549.1.1.1'), null()), bit_string('no key')),);

# Name, key_algorithm, key_bits, key_group, key_strength (whole classes of SP 800-57: 80, 112, 128, 192, 256).
my @keys = (
	[ ec        => 'EC',        256,   'secp256r1',       128 ],
	[ p192      => 'EC',        192,   'secp192r1',       80 ],
	[ p521      => 'EC',        521,   'secp521r1',       256 ],
	[ brainpool => 'EC',        320,   'brainpoolP320r1', 128 ],
	[ explicit  => 'EC',        256,   undef,             128 ],
	[ rsa       => 'RSA',       2048,  undef,             112 ],
	[ rsa_3072  => 'RSA',       3072,  undef,             128 ],
	[ rsa_1024  => 'RSA',       1024,  undef,             80 ],
	[ rsa_pss   => 'RSA-PSS',   2048,  undef,             112 ],
	[ ed25519   => 'ED25519',   256,   undef,             128 ],
	[ ed448     => 'ED448',     456,   undef,             224 ],
	[ x25519    => 'X25519',    253,   undef,             128 ],
	[ dsa       => 'DSA',       2048,  undef,             112 ],
	[ dh        => 'DH',        2048,  undef,             112 ],
	[ mldsa     => 'ML-DSA-65', 15616, undef,             192 ],
	[ unknown   => '1.3.6.1.4.1.99999.5', undef, undef, undef ],
	[ curve     => 'EC', undef, '1.3.6.1.4.1.99999.6', undef ],
	[ garbage   => 'RSA', undef, undef, undef ],);
my @can     = grep { defined $made{ $_->[0] } } @keys;
my @answers = $server->parse([ map { unsigned_certificate(public_key => $made{ $_->[0] }) } @can ]);
for my $case (@keys)
{
	my ($name, @expected) = @$case;
  SKIP:
	{
		skip "this openssl makes no key of kind $name", 1 unless defined $made{$name};
		my $seen = shift @answers;
		is_deeply([ @$seen{qw(key_algorithm key_bits key_group key_strength)} ], \@expected, "ssl_parse_certificate() describes a key of kind $name")
		  or diag explain $seen;
	}
}
ok(scalar(grep { defined $made{$_} } qw(ec explicit rsa rsa_pss ed25519 ed448 dsa dh)) == 8, 'the openssl command made a key of each kind that every version has');

# The SubjectPublicKeyInfo is hashed as it stands, known or not.
@answers = $server->parse([ map { unsigned_certificate(public_key => $made{$_}) } qw(ec unknown explicit) ]);
is($_->[1]{spki_fingerprint}, Digest::SHA::sha256_hex($made{ $_->[0] }), "spki_fingerprint is the hash of the encoded key: $_->[0]")
  for [ ec => $answers[0] ], [ unknown => $answers[1] ], [ explicit => $answers[2] ];

# Signature algorithms: OpenSSL's long name, or the OID.
my @signatures = (
	[ '1.2.840.10045.4.3.2',    'ecdsa-with-SHA256' ],
	[ '1.2.840.113549.1.1.11',  'sha256WithRSAEncryption' ],
	[ '1.2.840.113549.1.1.10',  'rsassaPss' ],
	[ '1.3.101.112',            'ED25519' ],
	[ '1.2.840.113549.1.1.4',   'md5WithRSAEncryption' ],
	[ '1.3.6.1.4.1.99999.9',    '1.3.6.1.4.1.99999.9' ],);
@answers = $server->parse([ map { unsigned_certificate(algorithm => sequence(oid($_->[0]))) } @signatures ]);
is((shift @answers)->{signature_algorithm}, $_->[1], "signature_algorithm is $_->[1]") for @signatures;

# Dates: what stands in the certificate, and what not_after shows.
my @dates = (
	[ utc_time('491231235959Z'),            '2049-12-31T23:59:59+00:00' ],
	[ utc_time('500101000000Z'),            '1950-01-01T00:00:00+00:00' ],
	[ utc_time('700101000000Z'),            '1970-01-01T00:00:00+00:00' ],
	[ utc_time('691231235959Z'),            '1969-12-31T23:59:59+00:00' ],
	[ utc_time('000229120000Z'),            '2000-02-29T12:00:00+00:00' ],
	[ generalized_time('20500101000000Z'),  '2050-01-01T00:00:00+00:00' ],
	[ generalized_time('19500101000000Z'),  '1950-01-01T00:00:00+00:00' ],
	[ generalized_time('99991231235959Z'),  '9999-12-31T23:59:59+00:00' ],
	[ generalized_time('21000228235959Z'),  '2100-02-28T23:59:59+00:00' ],
	# malformed: no 29th of February, no 13th month, no such minute, letters, nothing
	[ generalized_time('21000229000000Z'),  undef ],
	[ utc_time('251301000000Z'),            undef ],
	[ utc_time('250101006000Z'),            undef ],
	[ utc_time('25010100000xZ'),            undef ],
	[ generalized_time('250101000000Z'),    undef ],
	[ utc_time(''),                         undef ],
	[ utc_time("250101000000Z\0"),          undef ],);
@answers = $server->parse([ map { unsigned_certificate(not_after => $_->[0], not_before => $_->[0]) } @dates ]);
for my $case (@dates)
{
	my $seen = shift @answers;
	(my $shown = substr $case->[0], 2) =~ s/[^ -~]/?/g;
	# OpenSSL 3.6 refuses a certificate with some of the malformed ones.
	my $refused = !defined $case->[1] && defined $seen->{error};
	is_deeply([ @$seen{qw(not_before not_after error)} ], [ $case->[1], $case->[1], $refused ? '22P03' : undef ], "not_before and not_after have the date, or are NULL if it is malformed: $shown");
}

# Serial numbers.
my @serials = (
	[ '0', '0', '00' ], [ '127', '127', '7f' ], [ '128', '128', '80' ], [ '-1', '-1', '-01' ], [ '-256', '-256', '-0100' ],
	[ '0x' . 'f' x 40, '1461501637330902918203684832716283019655932542975', 'f' x 40 ],
	[ '0x1' . '0' x 200, undef, '01' . '0' x 200 ],);
@answers = $server->parse([ map { unsigned_certificate(serial => $_->[0]) } @serials ]);
for my $case (@serials)
{
	my $seen = shift @answers;
	my $expected = $case->[1] // Math::BigInt->new($case->[0])->bstr;
	is_deeply([ @$seen{qw(serial serial_hex)} ], [ $expected, $case->[2] ], 'serial and serial_hex have the whole number: ' . substr $case->[2], 0, 50);
}
# numeric ends at 131072 digits; the hex goes on.
my ($fits, $does_not) = map { unsigned_certificate(serial => \tlv(0x02, "\x7f" . "\xff" x $_)) } 54400, 54449;
@answers = $server->parse([ $fits, $does_not ]);
is($answers[0]{serial} =~ /^\d+$/ ? length $answers[0]{serial} : $answers[0]{serial}, 131011, 'a serial number of 131 thousand digits is returned whole');
is_deeply([ $answers[1]{serial}, length $answers[1]{serial_hex} ], [ undef, 2 * 54450 ], 'a serial number that numeric cannot hold is NULL in serial and whole in serial_hex');

done_testing();
