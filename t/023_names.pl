# Names in certificates: distinguished names of every ASN.1 string type, subject alternative names of every type, SPIFFE IDs.

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
my $pki    = $server->pki;

sub rows
{
	my ($sql, %want) = @_;
	return [ split /\n/, $server->query($sql, %want), -1 ];
}

# Distinguished names. Description of one attribute O, how `subject` shows it (RFC 4514), and the raw value, where different.
my $hex = sub { '#' . uc unpack 'H*', $_[0] };
my @values = (
	[ 'UTF8String',      { string => 'UTF8String',      value => 'Zoë €𝄞' }, 'Zoë €𝄞' ],
	[ 'BMPString',       { string => 'BMPString',       value => 'Zoë €' },   'Zoë €' ],
	[ 'UniversalString', { string => 'UniversalString', value => 'Zoë 𝄞' },   'Zoë 𝄞' ],
	[ 'T61String',       { string => 'T61String',       value => 'Zoë' },     'Zoë' ],
	[ 'PrintableString', { string => 'PrintableString', value => 'Zoe' },     'Zoe' ],
	[ 'IA5String',       { string => 'IA5String',       value => 'z@e' },     'z@e' ],
	[ 'NumericString',   { string => 'NumericString',   value => '47 11' },   '47 11' ],
	[ 'SEQUENCE',        { der => sequence(integer(1)) },      $hex->(sequence(integer(1))) ],
	[ 'BIT STRING',      { der => bit_string("\x80", 7) },     $hex->(bit_string("\x80", 7)) ],
	[ 'NUL inside',      { string => 'UTF8String', value => "a\0b" }, 'a\00b' ],
	[ 'specials',        { string => 'UTF8String', value => ' a,b+c"d\\e<f>g;h ' }, '\ a\,b\+c\"d\\\\e\<f\>g\;h\ ' ],
	[ 'leading #',       { string => 'UTF8String', value => '#1' }, '\#1' ],
	[ 'equals and slash', { string => 'UTF8String', value => 'a=b/c' }, 'a=b/c' ],
	[ 'control character', { string => 'UTF8String', value => "a\tb\x7f" }, 'a\09b\7F' ],
	[ 'nothing',         { string => 'UTF8String', value => '' }, '' ],);
my @answers = $server->parse([ map { unsigned_certificate(subject => [ { type => 'O', %{ $_->[1] } } ]) } @values ]);
for my $case (@values)
{
	my $seen = shift @answers;
	is($seen->{subject}, "O=$case->[2]", "the subject is written as in RFC 4514: $case->[0]") or diag explain $seen;
}

# Names as a whole.
my @names = (
	[ 'no attribute', [], '' ],
	[ 'most specific first', [ 'C=DE', 'O=Acme', 'CN=app' ], 'CN=app,O=Acme,C=DE' ],
	[ 'two values in one RDN', [ 'C=DE', [ 'CN=app', 'UID=4711' ] ], 'CN=app+UID=4711,C=DE' ],
	[ 'repeated attribute', [ 'OU=first', 'OU=second' ], 'OU=second,OU=first' ],
	[ 'type that OpenSSL has no name for', ['1.3.6.1.4.1.99999.1=x'],
		'1.3.6.1.4.1.99999.1=' . $hex->(string('UTF8String', 'x')) ],
	[ 'long', [ 'O=' . 'x' x 20000 ], 'O=' . 'x' x 20000 ],);
@answers = $server->parse([ map { unsigned_certificate(subject => $_->[1], issuer => $_->[1]) } @names ]);
for my $case (@names)
{
	my $seen = shift @answers;
	is($seen->{subject}, $case->[2], "the subject is written as in RFC 4514: $case->[0]");
	is($seen->{issuer},  $case->[2], "the issuer is written as in RFC 4514: $case->[0]");
}

# What OpenSSL does not take for the value of an attribute: then there is no certificate.
my @refused = (
	[ 'VisibleString',             string('VisibleString', 'Zoe') ],
	[ 'GeneralizedTime',           generalized_time('20300102030405Z') ],
	[ 'INTEGER',                   integer(4711) ],
	[ 'SET',                       set_of(integer(1)) ],
	[ 'OCTET STRING',              octet_string("\x01") ],
	[ 'invalid UTF-8',             tlv(0x0c, "\xff\xfe") ],
	[ 'BMPString with surrogates', tlv(0x1e, "\xd8\x34\xdd\x1e") ],
	[ 'BMPString of an odd length', tlv(0x1e, "\x00\x41\x00") ],
	[ 'UniversalString past U+10FFFF', tlv(0x1c, "\x00\x11\x00\x00") ],);
@answers = $server->parse([ map { unsigned_certificate(subject => [ { type => 'O', der => $_->[1] } ]) } @refused ]);
is_deeply(shift @answers, { error => '22P03' }, "a certificate whose subject has a value that OpenSSL refuses is an error: $_->[0]") for @refused;

# The raw values and fields of the client's names.
$pki->make('ca', ca => 1, issuer => 'ca', subject => [ 'O=Issuer, Inc.', 'OU=one', [ 'OU=three', 'OU=two' ], 'CN=CA' ]);
$server->reload;
my @odd = (
	'C=DE', 'O=Acme, Inc.', [ 'OU=a+b', 'OU=c' ], 'OU=d',
	{ type => 'title', value => "nul\0byte" }, { type => 'description', der => bit_string("\x80", 7) }, 'CN=app');
$pki->make('odd', issuer => 'ca', subject => \@odd);
is_deeply(
	rows(q{SELECT concat_ws('|', ordinal, rdn, name, oid, value) FROM ssl_client_dn_fields()}, cert => 'odd'),
	[
		'1|1|C|2.5.4.6|DE', '2|2|O|2.5.4.10|Acme, Inc.', '3|3|OU|2.5.4.11|c', '4|3|OU|2.5.4.11|a+b', '5|4|OU|2.5.4.11|d',
		'6|5|title|2.5.4.12|nul\00byte', '7|6|description|2.5.4.13|#03020780', '8|7|CN|2.5.4.3|app'
	],
	'ssl_client_dn_fields() has each attribute with its raw value');
is_deeply(
	rows(q{SELECT concat_ws('|', ordinal, rdn, name, oid, value) FROM ssl_issuer_dn_fields()}, cert => 'odd'),
	[
		'1|1|O|2.5.4.10|Issuer, Inc.', '2|2|OU|2.5.4.11|one', '3|3|OU|2.5.4.11|two', '4|3|OU|2.5.4.11|three',
		'5|4|CN|2.5.4.3|CA'
	],
	'ssl_issuer_dn_fields() has each attribute with its raw value');
is($server->query("SELECT ssl_client_dn_values('$_->[0]')", cert => 'odd'), $_->[1], "ssl_client_dn_values('$_->[0]') returns $_->[1]")
  for [ OU => '{c,a+b,d}' ], [ organizationalUnitName => '{c,a+b,d}' ], [ '2.5.4.11' => '{c,a+b,d}' ],
  [ O => '{"Acme, Inc."}' ], [ title => '{"nul\\\\00byte"}' ], [ L => '{}' ], [ '1.2.3.4.5' => '{}' ];
is($server->query("SELECT ssl_issuer_dn_values('$_->[0]')", cert => 'odd'), $_->[1], "ssl_issuer_dn_values('$_->[0]') returns $_->[1]")
  for [ OU => '{one,two,three}' ], [ O => '{"Issuer, Inc."}' ], [ C => '{}' ];
is($server->error("SELECT $_('nonsense')", cert => 'odd'), '22023: invalid X.509 field name: "nonsense"', "$_() refuses an unknown field")
  for qw(ssl_client_dn_values ssl_issuer_dn_values ssl_client_dn_field);
is($server->query('SELECT ssl_client_dn_values(NULL) IS NULL, ssl_issuer_dn_values(NULL) IS NULL', cert => 'odd'),
	't|t', 'the values of a field that is NULL are NULL');

# Subject alternative names of every type.
my $upn   = '1.3.6.1.4.1.311.20.2.3';
my $srv   = '1.3.6.1.5.5.7.8.7';
my $x400  = explicit(3, sequence(sequence()));
my $party = explicit(5, explicit(1, string('UTF8String', 'party')));
my @san   = (
	[ dns => 'app.example',               'app.example' ],
	[ dns => "bank.example\0.evil",       'bank.example\00.evil' ],
	[ dns => "caf\xe9.example",           'caf\E9.example' ],
	[ dns => 'back\slash',                'back\5Cslash' ],
	[ dns => '',                          '' ],
	[ uri => 'http://a/, DNS:admin',      'http://a/, DNS:admin' ],
	[ uri => "http://a/\nDNS:admin",      'http://a/\0ADNS:admin' ],
	[ uri => 'spiffe://acme.example/app', 'spiffe://acme.example/app' ],
	[ email => 'app@acme.example',        'app@acme.example' ],
	[ ip => '192.0.2.1',                  '192.0.2.1' ],
	[ ip => '2001:db8::1',                '2001:db8::1' ],
	[ ip => \"\xc0\x00\x02\x01\xff\xff\xff\x00", '#c0000201ffffff00' ],
	[ ip => \"\x01\x02\x03",              '#010203' ],
	[ ip => \"",                          '#' ],
	[ ip => \("\x20" x 32),               '#' . '20' x 32 ],
	[ dirname => [ 'O=Acme, Inc.', 'CN=dir' ], 'CN=dir,O=Acme\, Inc.' ],
	[ rid => '1.3.6.1.4.1.99999.7',       '1.3.6.1.4.1.99999.7' ],
	[ other => [ $upn, string('UTF8String', 'zoë@acme.example') ], 'UPN:zoë@acme.example' ],
	[ other => [ $srv, string('IA5String', '_pg.acme.example') ], 'SRVName:_pg.acme.example' ],
	[ other => [ $upn, string('UTF8String', "a\0b") ], 'UPN:a\00b' ],
	[ other => [ $upn, string('BMPString', 'zoë@acme.example') ], 'UPN:zoë@acme.example' ],
	[ other => [ '1.3.6.1.5.5.7.8.5', string('UTF8String', 'zoë@im.example') ], 'XmppAddr:zoë@im.example' ],
	[ other => [ '1.3.6.1.5.5.7.8.8', string('UTF8String', 'acme.example') ], 'NAIRealm:acme.example' ],
	[ other => [ '1.3.6.1.5.5.7.8.9', string('UTF8String', 'zoë@acmé.example') ], 'SmtpUTF8Mailbox:zoë@acmé.example' ],
	[ other => [ $upn, generalized_time('20300102030405Z') ], "$upn:" . $hex->(generalized_time('20300102030405Z')) ],
	[ other => [ $upn, integer(7) ],      "$upn:" . $hex->(integer(7)) ],
	[ other => [ '1.3.6.1.4.1.99999.8', string('UTF8String', 'x') ], '1.3.6.1.4.1.99999.8:' . $hex->(string('UTF8String', 'x')) ],
	[ der => $x400,  'x400Address:' . $hex->($x400), 'other' ],
	[ der => $party, 'ediPartyName:' . $hex->($party), 'other' ],);
$pki->make('san', extensions => [ san(map { ($_->[0] => $_->[1]) } @san) ]);
my $ordinal = 0;
my @expected = map { join '|', ++$ordinal, $_->[3] // $_->[0], $_->[2] } @san;
is_deeply(rows('SELECT * FROM ssl_client_san()', cert => 'san'), \@expected, 'ssl_client_san() has names of every type');
is_deeply(rows('SELECT * FROM ssl_certificate_san(ssl_client_certificate())', cert => 'san'), \@expected,
	'ssl_certificate_san() has the rows of ssl_client_san()');
for my $type (qw(dns uri email ip dirname rid other))
{
	is_deeply(
		rows("SELECT unnest(ssl_client_san_values('$type'))", cert => 'san'),
		[ map { $_->[2] } grep { ($_->[3] // $_->[0]) eq $type } @san ],
		"ssl_client_san_values('$type') returns the names of this type");
}
is(
	$server->query('SELECT dns_names, uri_names, email_names, ip_addresses FROM ssl_client_certificate()', cert => 'san'),
	'{app.example,"bank.example\\\\00.evil","caf\\\\E9.example","back\\\\5Cslash",""}|'
	  . '{"http://a/, DNS:admin","http://a/\\\\0ADNS:admin",spiffe://acme.example/app}|{app@acme.example}|{192.0.2.1,2001:db8::1}',
	'the lists of ssl_certificate have the names of their types');
is($server->query("SELECT count(*) FROM ssl_client_san() WHERE value LIKE '%admin%' AND type = 'dns'", cert => 'san'),
	0, 'a URI that contains the text of a DNS name makes no DNS name');
like($server->error("SELECT ssl_client_san_values('DNS')", cert => 'san'),
	qr/^22023: invalid subject alternative name type: "DNS"/, 'ssl_client_san_values() refuses an unknown type');
is($server->query("SELECT ssl_client_san_values(NULL) IS NULL", cert => 'san'), 't', 'the names of a type that is NULL are NULL');

# No such extension, an empty one, one that is garbage, and one too many.
$pki->make('none');
$pki->make('empty', extensions => [ san() ]);
$pki->make('garbage', extensions => [ extension('subjectAltName', 'garbage') ]);
$pki->make('double', extensions => [ san(dns => 'one.example'), san(dns => 'two.example') ]);
my $facts = "SELECT (SELECT count(*) FROM ssl_client_san()), ssl_client_san_values('dns'), dns_names, ssl_client_spiffe_id()"
  . ' FROM ssl_client_certificate()';
is($server->query($facts, cert => 'none'), '0|||', 'a certificate without the extension has NULL for its names');
is($server->query($facts, cert => 'empty'), '0|{}|{}|', 'a certificate with an empty extension has an empty list of names');
for my $cert (qw(garbage double))
{
	my ($code, $out) = $server->run('', command => $facts, cert => $cert);
	# OpenSSL 3 refuses the login with a certificate whose extensions it cannot read.
	ok($code ? $code == 2 : $out eq '0|||', "a certificate with an extension that is $cert has no name, or no login");
}
is_deeply(
	[ map { $_->{error} // $_->{dns_names} } $server->parse(
		[ map { unsigned_certificate(extensions => $_) } [ extension('subjectAltName', 'garbage') ],
			[ san(dns => 'one.example'), san(dns => 'two.example') ] ]) ],
	[ undef, undef ],
	'ssl_parse_certificate() returns no name of an extension that is garbage or double');

# SPIFFE IDs: valid ones, what is none, and not exactly one URI.
my $id = 'spiffe://acme.example/app';
my @spiffe = (
	[ 'one', [ uri => $id ], $id ],
	[ 'one, and a DNS name', [ dns => 'app.example', uri => $id ], $id ],
	[ 'a trust domain alone', [ uri => 'spiffe://acme.example' ], '' ],
	[ 'a long path', [ uri => 'spiffe://acme/' . 'x' x 2034 ], 'spiffe://acme/' . 'x' x 2034 ],
	[ 'two', [ uri => $id, uri => 'spiffe://acme.example/other' ], '' ],
	[ 'the same twice', [ uri => $id, uri => $id ], '' ],
	[ 'another URI beside it', [ uri => $id, uri => 'https://acme.example/' ], '' ],
	[ 'none', [ dns => 'app.example' ], '' ],
	[ 'too long', [ uri => 'spiffe://acme/' . 'x' x 2035 ], '' ],
	[ 'with a NUL', [ uri => "$id\0" ], '' ],
	map { [ $_, [ uri => $_ ], '' ] } 'spiffe://acme.example/app#x', qw(
	  https://acme.example/app SPIFFE://acme.example/app spiffe:acme.example/app spiffe:///app spiffe://Acme.example/app
	  spiffe://acme.example:80/app spiffe://user@acme.example/app spiffe://acme.example/ spiffe://acme.example//app
	  spiffe://acme.example/app/ spiffe://acme.example/./app spiffe://acme.example/../app spiffe://acme.example/a%20b
	  spiffe://acme.example/app?x=1));
my $number = 0;
for my $case (@spiffe)
{
	my ($title, $names, $expected) = @$case;
	my $cert = 'spiffe' . $number++;
	$pki->make($cert, extensions => [ san(@$names) ]);
	is($server->query('SELECT ssl_client_spiffe_id(), s.client_spiffe_id FROM ssl_session() s', cert => $cert),
		"$expected|$expected", 'ssl_client_spiffe_id() returns the only URI if it is a valid SPIFFE ID: ' . substr $title, 0, 60);
}

done_testing();
