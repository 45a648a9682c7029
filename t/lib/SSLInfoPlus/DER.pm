# SSLInfoPlus::DER - writes DER (X.690), as much of it as certificates (RFC 5280) need.
#
# The openssl command cannot express many certificates that a server meets in real life: chosen string types, values with a
# NUL byte, extensions whose content is not what their OID promises. Here every byte is ours, so a test can build any of
# them. Each function returns the bytes of one complete DER value.

package SSLInfoPlus::DER;

use strict;
use warnings;

use Carp;
use Encode ();
use Exporter 'import';
use Math::BigInt;

our @EXPORT_OK = qw(
  tlv sequence set_of boolean integer enumerated null oid octet_string bit_string
  string utc_time generalized_time context explicit
  oid_of name general_name general_names
);
our %EXPORT_TAGS = (all => \@EXPORT_OK);

# Identifier octets and, for strings, the encoding of their characters.
my %string_type = (
	UTF8String      => [ 0x0c, 'UTF-8' ],
	NumericString   => [ 0x12, 'ascii' ],
	PrintableString => [ 0x13, 'ascii' ],
	T61String       => [ 0x14, 'iso-8859-1' ],    # what the world, OpenSSL included, takes it for
	IA5String       => [ 0x16, 'ascii' ],
	VisibleString   => [ 0x1a, 'ascii' ],
	UniversalString => [ 0x1c, 'UTF-32BE' ],
	BMPString       => [ 0x1e, 'UTF-16BE' ],);

# Attribute types of a distinguished name by the short names of OpenSSL.
my %attribute_oid = (
	CN           => '2.5.4.3',
	SN           => '2.5.4.4',
	serialNumber => '2.5.4.5',
	C            => '2.5.4.6',
	L            => '2.5.4.7',
	ST           => '2.5.4.8',
	street       => '2.5.4.9',
	O            => '2.5.4.10',
	OU           => '2.5.4.11',
	title        => '2.5.4.12',
	description  => '2.5.4.13',
	postalCode   => '2.5.4.17',
	GN           => '2.5.4.42',
	initials     => '2.5.4.43',
	UID          => '0.9.2342.19200300.100.1.1',
	DC           => '0.9.2342.19200300.100.1.25',
	emailAddress => '1.2.840.113549.1.9.1',);

# RFC 5280, appendix A: these types have a fixed string type.
my %attribute_string = (
	C            => 'PrintableString',
	serialNumber => 'PrintableString',
	DC           => 'IA5String',
	emailAddress => 'IA5String',);

# Tag (the whole identifier octet), then contents that are joined.
sub tlv
{
	my ($tag, @contents) = @_;
	my $body = join '', @contents;
	my $length = length $body;
	return pack('CC', $tag, $length) . $body if $length < 128;
	(my $octets = pack 'N', $length) =~ s/^\0+//;
	return pack('CC', $tag, 0x80 | length $octets) . $octets . $body;
}

sub sequence     { return tlv(0x30, @_); }
sub octet_string { return tlv(0x04, @_); }
sub null         { return tlv(0x05); }
sub boolean      { return tlv(0x01, $_[0] ? "\xff" : "\0"); }

# DER sorts the elements of a SET OF by their bytes.
sub set_of { return tlv(0x31, sort @_); }

# Whole bytes, or with a count of bits at the end that are not used.
sub bit_string
{
	my ($bytes, $unused) = @_;
	return tlv(0x03, pack('C', $unused // 0), $bytes);
}

# A number, or text such as '0xdeadbeef' or '-5' of any size.
sub integer
{
	my ($number) = @_;
	return tlv(0x02, _twos_complement(Math::BigInt->new($number)));
}

sub enumerated
{
	my ($number) = @_;
	return tlv(0x0a, _twos_complement(Math::BigInt->new($number)));
}

sub _twos_complement
{
	my ($n) = @_;
	croak 'not a number' if $n->is_nan;
	my $bytes = 1;
	$bytes++ until $n->bcmp(Math::BigInt->new(2)->bpow(8 * $bytes - 1)) < 0
	  && $n->bcmp(Math::BigInt->new(2)->bpow(8 * $bytes - 1)->bneg) >= 0;
	$n = $n->copy->badd(Math::BigInt->new(2)->bpow(8 * $bytes)) if $n->is_neg;
	(my $hex = $n->as_hex) =~ s/^0x//;
	return pack 'H*', ('0' x (2 * $bytes - length $hex)) . $hex;
}

# From dotted decimals; arcs may be larger than a machine word.
sub oid
{
	my ($dotted) = @_;
	croak "not an OID: $dotted" unless $dotted =~ /^[012](\.\d+)+$/;
	my ($first, $second, @arcs) = split /\./, $dotted;
	my $body = '';
	for my $arc (Math::BigInt->new($second)->badd(40 * $first), map { Math::BigInt->new($_) } @arcs)
	{
		my @septets = ($arc->copy->bmod(128)->numify);
		unshift @septets, 0x80 | $arc->copy->bmod(128)->numify until $arc->brsft(7)->is_zero;
		$body .= pack 'C*', @septets;
	}
	return tlv(0x06, $body);
}

# A character string of the given type, from characters. The bytes need not fit what the type allows.
sub string
{
	my ($type, $characters) = @_;
	my $known = $string_type{$type} or croak "unknown string type: $type";
	return tlv($known->[0], Encode::encode($known->[1], $characters, Encode::FB_CROAK | Encode::LEAVE_SRC));
}

sub utc_time         { return tlv(0x17, $_[0]); }    # YYMMDDHHMMSSZ
sub generalized_time { return tlv(0x18, $_[0]); }    # YYYYMMDDHHMMSSZ

# [n] IMPLICIT of a primitive value, given its contents.
sub context
{
	my ($number, @contents) = @_;
	return tlv(0x80 | $number, @contents);
}

# [n] EXPLICIT, and [n] IMPLICIT of a constructed value, given whole values.
sub explicit
{
	my ($number, @values) = @_;
	return tlv(0xa0 | $number, @values);
}

# The dotted OID of an attribute type given by its short name or already dotted.
sub oid_of
{
	my ($type) = @_;
	return $attribute_oid{$type} // ($type =~ /^\d/ ? $type : croak "unknown attribute type: $type");
}

# A distinguished name. Each argument is one RDN: 'TYPE=value', or a hash { type, string, value } with a chosen string type
# (or { type, der } with the value's whole DER), or an array of these for an RDN of several values.
sub name
{
	my (@rdns) = @_;
	return sequence(map { set_of(map { _attribute($_) } ref $_ eq 'ARRAY' ? @$_ : $_) } @rdns);
}

sub _attribute
{
	my ($attribute) = @_;
	if (!ref $attribute)
	{
		my ($type, $value) = split /=/, $attribute, 2;
		$attribute = { type => $type, value => $value };
	}
	my $type = $attribute->{type};
	my $value = $attribute->{der}
	  // string($attribute->{string} // $attribute_string{$type} // 'UTF8String', $attribute->{value});
	return sequence(oid(oid_of($type)), $value);
}

# One GeneralName (RFC 5280, 4.2.1.6). Values: text for dns, uri and email (its bytes as they are, also NUL); text or raw
# octets in a reference for ip; an array of RDNs for dirname; dotted for rid; [ oid, DER ] for other; whole DER for der.
sub general_name
{
	my ($type, $value) = @_;
	return $type eq 'other' ? explicit(0, oid($value->[0]), explicit(0, $value->[1]))
	  : $type eq 'email'    ? context(1, $value)
	  : $type eq 'dns'      ? context(2, $value)
	  : $type eq 'dirname'  ? explicit(4, name(@$value))
	  : $type eq 'uri'      ? context(6, $value)
	  : $type eq 'ip'       ? context(7, ref $value ? $$value : _ip_octets($value))
	  : $type eq 'rid'      ? context(8, substr(oid($value), 2))
	  : $type eq 'der'      ? $value
	  :                       croak "unknown type of GeneralName: $type";
}

# GeneralNames of pairs: type, value, type, value …
sub general_names
{
	my (@pairs) = @_;
	my @names;
	while (my ($type, $value) = splice @pairs, 0, 2) { push @names, general_name($type, $value); }
	return sequence(@names);
}

sub _ip_octets
{
	my ($text) = @_;
	require Socket;
	my $octets = Socket::inet_pton($text =~ /:/ ? Socket::AF_INET6() : Socket::AF_INET(), $text);
	return $octets // croak "not an IP address: $text";
}

1;
