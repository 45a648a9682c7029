# SSLInfoPlus::Certificates - a throw-away PKI in a directory, made when a test runs.
#
# A certificate is a name plus a small description; see make(). The openssl command makes the keys and the signatures, and
# SSLInfoPlus::DER writes what is signed, so that a test can have every certificate that RFC 5280 allows, and others.
#
#   my $pki = SSLInfoPlus::Certificates->new($dir);            # with the CA 'root' and the certificate 'server'
#   $pki->make('app', subject => [ 'C=DE', 'O=Acme', 'CN=app' ], extensions => [ san(dns => 'app.example') ]);
#   $pki->crt('app'); $pki->key('app'); $pki->trusted;         # files for sslcert, sslkey and ssl_ca_file
#
# The file of a certificate that an intermediate CA issued has that CA's certificate after it: what its owner shall send.

package SSLInfoPlus::Certificates;

use strict;
use warnings;

use Carp;
use Exporter 'import';
use File::Copy ();
use IPC::Run ();
use MIME::Base64 ();
use POSIX ();
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Files qw(append_file write_file);

our @EXPORT_OK = qw(extension san key_usage extended_key_usage basic_constraints unsigned_certificate);
our %EXPORT_TAGS = (extensions => \@EXPORT_OK);

my %extension_oid = (
	subjectKeyIdentifier   => '2.5.29.14',
	keyUsage               => '2.5.29.15',
	subjectAltName         => '2.5.29.17',
	basicConstraints       => '2.5.29.19',
	certificatePolicies    => '2.5.29.32',
	authorityKeyIdentifier => '2.5.29.35',
	extendedKeyUsage       => '2.5.29.37',);

my %purpose_oid = (
	serverAuth  => '1.3.6.1.5.5.7.3.1',
	clientAuth  => '1.3.6.1.5.5.7.3.2',
	codeSigning => '1.3.6.1.5.5.7.3.3',);

my @key_usages = qw(digitalSignature nonRepudiation keyEncipherment dataEncipherment
  keyAgreement keyCertSign cRLSign encipherOnly decipherOnly);

my $sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'));

# How a key of each type signs: AlgorithmIdentifier, and the command's arguments (dgst hashes, pkeyutl leaves that to the key).
my %signature = (
	'EC'  => [ sequence(oid('1.2.840.10045.4.3.2')),            qw(dgst -sha256) ],
	'EC sha1'   => [ sequence(oid('1.2.840.10045.4.1')),        qw(dgst -sha1) ],
	'EC sha384' => [ sequence(oid('1.2.840.10045.4.3.3')),      qw(dgst -sha384) ],
	'EC sha512' => [ sequence(oid('1.2.840.10045.4.3.4')),      qw(dgst -sha512) ],
	'RSA' => [ sequence(oid('1.2.840.113549.1.1.11'), null()), qw(dgst -sha256) ],
	'RSA-PSS' => [
		sequence(
			oid('1.2.840.113549.1.1.10'),
			sequence(
				explicit(0, $sha256), explicit(1, sequence(oid('1.2.840.113549.1.1.8'), $sha256)),
				explicit(2, integer(32)))),
		qw(dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32)
	],
	# the defaults of the parameters
	'RSA-PSS sha1' => [
		sequence(oid('1.2.840.113549.1.1.10'), sequence()),
		qw(dgst -sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20)
	],
	'ED25519'   => [ sequence(oid('1.3.101.112')),             qw(pkeyutl -rawin) ],
	'ED448'     => [ sequence(oid('1.3.101.113')),             qw(pkeyutl -rawin) ],
	'ML-DSA-65' => [ sequence(oid('2.16.840.1.101.3.4.3.18')), qw(pkeyutl -rawin) ],);

# A PKI in $dir, which must exist, with a root CA and a server certificate for localhost. These two have what RFC 5280 asks for,
# key identifiers too, without which Python 3.13 refuses them.
sub new
{
	my ($class, $dir) = @_;
	my $self = bless { dir => $dir, made => {}, serial => 1000 }, $class;
	$self->make(
		'root',
		subject    => [ 'O=sslinfo_plus tests', 'CN=Root CA' ],
		issuer     => 'root',
		ca         => 1,
		extensions => [
			basic_constraints(ca => 1), key_usage(qw(keyCertSign cRLSign)),
			extension('subjectKeyIdentifier', octet_string('root'))
		]);
	$self->make(
		'server',
		subject    => ['CN=localhost'],
		extensions => [
			san(dns => 'localhost', ip => '127.0.0.1'),
			extension('authorityKeyIdentifier', sequence(context(0, 'root')))
		]);
	return $self;
}

sub crt     { my ($self, $name) = @_; return "$self->{dir}/$name.crt"; }
sub key     { my ($self, $name) = @_; return "$self->{dir}/$name.key"; }
sub trusted { my ($self) = @_; return "$self->{dir}/trusted.crt"; }

# The DER of one certificate, and its serial number as a Math::BigInt.
sub der    { my ($self, $name) = @_; return $self->_made($name)->{der}; }
sub serial { my ($self, $name) = @_; return Math::BigInt->new($self->_made($name)->{serial}); }

# Makes a key and a certificate. All of the description is optional:
#   subject     RDNs as SSLInfoPlus::DER::name takes them; ['CN=<name>'] unless given
#   issuer      the name of a CA made before ('root'), or the certificate's own name: self-signed, and trusted by the server
#   ca          true: a CA
#   serial      text for Math::BigInt: '0x0123' or '291'
#   key         EC, EC:<curve>, RSA, RSA:<bits>, RSA-PSS, ED25519, ED448, ML-DSA-65, ML-DSA-87 (a leaf)
#   digest      sha1, sha384 or sha512 in place of sha256, if the issuer's key is EC; sha1 if it is RSA-PSS
#   key_of      the name of a certificate made before, whose key this one shall have too
#   not_before, not_after   seconds since the epoch, or the whole DER of an ASN.1 Time
#   extensions  array of extension(…), in place of what a CA (basic constraints, key usage) or a leaf (none) has otherwise
sub make
{
	my ($self, $name, %want) = @_;
	my $issuer_name = $want{issuer} // 'root';
	my ($key_type, $key_option) = split /:/, $want{key} // 'EC';
	my $subject = name(@{ $want{subject} // ["CN=$name"] });
	my $made    = {
		key_type => $key_type,
		subject  => $subject,
		serial   => $want{serial} // $self->{serial}++,
		chain    => '',
	};
	if (defined $want{key_of})
	{
		$made->{key_type} = $self->_made($want{key_of})->{key_type};
		File::Copy::cp($self->key($want{key_of}), $self->key($name)) or croak "$!";
	}
	else
	{
		$self->_make_key($name, $key_type, $key_option);
	}
	$self->{made}{$name} = $made;
	my $issuer = $self->_made($issuer_name);

	my $extensions = $want{extensions} // [
		$want{ca}
		? (basic_constraints(ca => 1), key_usage(qw(keyCertSign cRLSign)))
		: ()
	];
	my ($algorithm, $command, @arguments) = _signing($issuer, $want{digest});
	my $tbs = _tbs(
		%want,
		serial     => $made->{serial},
		algorithm  => $algorithm,
		issuer     => $issuer->{subject},
		subject    => $subject,
		public_key => _openssl('', 'pkey', '-in', $self->key($name), '-pubout', '-outform', 'DER'),
		extensions => $extensions);

	$made->{der} = sequence($tbs, $algorithm,
		bit_string($self->_sign($tbs, $command, $self->key($issuer_name), @arguments)));
	$made->{chain} = $issuer->{chain} . _pem($issuer->{der}) if $issuer_name ne $name && !$issuer->{root};
	$made->{root}  = $issuer_name eq $name;
	write_file($self->crt($name), _pem($made->{der}) . $made->{chain});
	append_file($self->trusted, _pem($made->{der})) if $made->{root} && $want{ca};
	return $self->crt($name);
}

# The PEM of a CRL that the CA of this name signs. All of the description is optional:
#   revoked     serial numbers as make() takes them, or references to the whole DER of an INTEGER
#   digest      as for make()
#   this_update, next_update   as not_before and not_after of make()
#   extensions  array of extension(...)
sub crl
{
	my ($self, $issuer_name, %want) = @_;
	my $issuer = $self->_made($issuer_name);
	my ($algorithm, $command, @arguments) = _signing($issuer, $want{digest});
	my $date    = _time(time - 3600);
	my $revoked = join '', map { sequence(ref $_ eq 'SCALAR' ? $$_ : integer($_), $date) } @{ $want{revoked} // [] };
	my $tbs     = sequence(
		integer(1), $algorithm, $issuer->{subject},
		_time($want{this_update} // time - 3600), _time($want{next_update} // time + 30 * 86400),
		$revoked ne '' ? sequence($revoked) : (),
		$want{extensions} ? explicit(0, sequence(@{ $want{extensions} })) : ());
	my $signature = $self->_sign($tbs, $command, $self->key($issuer_name), @arguments);
	return _pem(sequence($tbs, $algorithm, bit_string($signature)), 'X509 CRL');
}

# The DER of a certificate that nobody signed, for what only reads it. The description is optional, and of make()'s words it
# has serial, subject, not_before, not_after and extensions. Also:
#   issuer      RDNs
#   serial      also a reference to the whole DER of an INTEGER
#   algorithm   the whole DER of the signature's AlgorithmIdentifier
#   public_key  the whole DER of the SubjectPublicKeyInfo
sub unsigned_certificate
{
	my (%want) = @_;
	$want{algorithm}  //= $signature{EC}[0];
	$want{public_key} //= sequence(
		sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
		# the base point of the curve
		bit_string(
			pack 'H*',
			'046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
			  . '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'));
	my $tbs = _tbs(
		%want,
		serial     => $want{serial} // 1,
		issuer     => name(@{ $want{issuer}  // ['CN=issuer'] }),
		subject    => name(@{ $want{subject} // ['CN=subject'] }),
		extensions => $want{extensions} // []);
	return sequence($tbs, $want{algorithm}, bit_string('unsigned'));
}

# TBSCertificate. Names, the algorithm and the public key are whole DER.
sub _tbs
{
	my (%part) = @_;
	return sequence(
		explicit(0, integer(2)), ref $part{serial} ? ${ $part{serial} } : integer($part{serial}), $part{algorithm}, $part{issuer},
		sequence(_time($part{not_before} // time - 86400), _time($part{not_after} // time + 30 * 86400)),
		$part{subject}, $part{public_key},
		@{ $part{extensions} } ? explicit(3, sequence(@{ $part{extensions} })) : ());
}

# One extension: a known name or dotted OID, then the DER (or any bytes) that its OCTET STRING holds.
sub extension
{
	my ($type, $content, %want) = @_;
	return sequence(oid($extension_oid{$type} // $type), $want{critical} ? boolean(1) : (), octet_string($content));
}

# Pairs as SSLInfoPlus::DER::general_names takes them.
sub san { return extension('subjectAltName', general_names(@_)); }

# Names of RFC 5280, section 4.2.1.3.
sub key_usage
{
	my %asked  = map { $_ => 1 } @_;
	my $bits   = join '', map { delete $asked{$_} ? 1 : 0 } @key_usages;
	croak 'unknown key usage: ' . join ' ', keys %asked if %asked;
	$bits =~ s/0+$//;
	return extension('keyUsage', bit_string(pack('B*', $bits), -length($bits) % 8), critical => 1);
}

sub extended_key_usage
{
	return extension('extendedKeyUsage', sequence(map { oid($purpose_oid{$_} // $_) } @_));
}

sub basic_constraints
{
	my (%want) = @_;
	return extension(
		'basicConstraints',
		sequence($want{ca} ? boolean(1) : (), defined $want{pathlen} ? integer($want{pathlen}) : ()),
		critical => 1);
}

sub _made
{
	my ($self, $name) = @_;
	return $self->{made}{$name} // croak "no such certificate: $name";
}

sub _make_key
{
	my ($self, $name, $type, $option) = @_;
	my @options =
	    $type eq 'EC' ? ('ec_paramgen_curve:' . ($option // 'P-256'), 'ec_param_enc:named_curve')
	  : $type =~ /RSA/ ? ('rsa_keygen_bits:' . ($option // 2048))
	  :                  ();
	my $old_umask = umask 077;
	_openssl('', 'genpkey', '-algorithm', $type, '-out', $self->key($name), map { ('-pkeyopt', $_) } @options);
	umask $old_umask;
	chmod 0600, $self->key($name) or croak "$!";
	return;
}

# How a certificate's owner signs: AlgorithmIdentifier and the command's arguments.
sub _signing
{
	my ($issuer, $digest) = @_;
	my $signing = $issuer->{key_type} . ($digest ? " $digest" : '');
	return @{ $signature{$signing} // croak "no way to sign: $signing" };
}

sub _sign
{
	my ($self, $tbs, $command, $key, @arguments) = @_;
	my $file = "$self->{dir}/tbs.der";
	write_file($file, $tbs);
	my $signature =
	  $command eq 'dgst'
	  ? _openssl('', 'dgst', @arguments, '-sign', $key, $file)
	  : _openssl('', $command, '-sign', @arguments, '-inkey', $key, '-in', $file);
	unlink $file;
	return $signature;
}

# RFC 5280, 4.1.2.5: UTCTime through 2049.
sub _time
{
	my ($time) = @_;
	return $time unless $time =~ /^-?\d+$/;
	my @fields = gmtime $time;
	return $fields[5] < 150
	  ? utc_time(POSIX::strftime('%y%m%d%H%M%SZ', @fields))
	  : generalized_time(POSIX::strftime('%Y%m%d%H%M%SZ', @fields));
}

sub _pem
{
	my ($der, $label) = @_;
	$label //= 'CERTIFICATE';
	(my $base64 = MIME::Base64::encode_base64($der, '')) =~ s/(.{1,64})/$1\n/g;
	return "-----BEGIN $label-----\n$base64-----END $label-----\n";
}

sub _openssl
{
	my ($input, @arguments) = @_;
	my ($output, $errors) = ('', '');
	IPC::Run::run([ 'openssl', @arguments ], \$input, \$output, \$errors)
	  or croak "openssl @arguments: $errors";
	return $output;
}

1;
