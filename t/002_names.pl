# Distinguished names and serial numbers that are out of the ordinary.

use strict;
use warnings;
use utf8;
use Encode 'encode';
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
$server->query('CREATE SCHEMA contrib; CREATE EXTENSION sslinfo SCHEMA contrib');
my $pki = $server->pki;

# What functions say in a session with the certificate, one line each.
sub facts
{
	my ($cert, @calls) = @_;
	my $list = join ', ', map { "coalesce(($_)::text, '(null)')" } @calls;
	return [ split /\n/, $server->query("SELECT unnest(ARRAY[$list])", cert => $cert), -1 ];
}

my $stat_dn = '(SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid())';

# Names that fit into 63 bytes: the text expected is what pg_stat_ssl and contrib/sslinfo say as well.
my @short = (
	[ 'repeated OU', [ 'O=Acme', 'OU=first', 'OU=second', 'CN=app' ], '/O=Acme/OU=first/OU=second/CN=app', OU => 'first' ],
	[ 'multi-valued RDN', [ 'O=Acme', [ 'CN=app', 'UID=4711' ] ], '/O=Acme/CN=app/UID=4711', UID => '4711' ],
	[ 'comma', ['O=a,b'], '/O=a\,b',   O => 'a\,b' ],
	[ 'slash', ['O=a/CN=b'], '/O=a/CN=b', O => 'a/CN=b' ],
	[ 'equals sign', ['O=a=b'], '/O=a=b',  O => 'a=b' ],
	[ 'plus sign',   ['O=a+b'], '/O=a\+b', O => 'a\+b' ],
	[ 'quotes', ['O=say "hi"'], '/O=say \"hi\"', O => 'say \"hi\"' ],
	[ 'backslash', ['O=a\b'], '/O=a\\\\b', O => 'a\\\\b' ],
	[ 'semicolon and angle brackets', ['O=a;<b>'], '/O=a\;\<b\>', O => 'a\;\<b\>' ],
	[ 'leading #', ['O=#1'],  '/O=\#1', O => '\#1' ],
	[ 'outer spaces', ['O= a '], '/O=\ a\ ', O => '\ a\ ' ],
	[ 'tab', ["O=a\tb"], '/O=a\09b', O => 'a\09b' ],
	[ 'empty value', [ 'O=', 'CN=app' ], '/O=/CN=app', O => '' ],
	[ 'UTF8String', [ { type => 'O', string => 'UTF8String', value => 'Zoë €' } ], '/O=Zoë €', O => 'Zoë €' ],
	[ 'BMPString',  [ { type => 'O', string => 'BMPString',  value => 'Zoë €' } ], '/O=Zoë €', O => 'Zoë €' ],
	[ 'T61String',  [ { type => 'O', string => 'T61String',  value => 'Zoë' } ],   '/O=Zoë',   O => 'Zoë' ],
	[ 'UniversalString', [ { type => 'O', string => 'UniversalString', value => 'Zoë 𝄞' } ], '/O=Zoë 𝄞', O => 'Zoë 𝄞' ],
	[ 'PrintableString', [ { type => 'O', string => 'PrintableString', value => 'Zoe' } ],     '/O=Zoe',     O => 'Zoe' ],
	[ 'field that the name lacks', ['CN=app'], '/CN=app', L => '(null)' ],
	[ 'exactly 63 bytes', [ 'CN=' . 'x' x 59 ], '/CN=' . 'x' x 59, CN => 'x' x 59 ],);

my $number = 0;
for my $case (@short)
{
	my ($title, $subject, $dn, $field, $value) = @$case;
	my $cert = 'short' . $number++;
	$pki->make($cert, subject => $subject);
	is_deeply(
		facts($cert, 'ssl_client_dn()', $stat_dn, 'contrib.ssl_client_dn()'),
		[ ($dn) x 3 ],
		"$title: the name is the same as in pg_stat_ssl and contrib/sslinfo");
	is_deeply(
		facts($cert, "ssl_client_dn_field('$field')", "contrib.ssl_client_dn_field('$field')"),
		[ ($value) x 2 ],
		"$title: the field $field is the same as in contrib/sslinfo");
}

# A name of 200 characters, most of them of more than one byte, where pg_stat_ssl keeps 63 bytes.
my $long = 'Ω' x 196;
$pki->make('long', subject => ["CN=$long"]);
is_deeply(facts('long', 'ssl_client_dn()', "ssl_client_dn_field('CN')"), [ "/CN=$long", $long ], 'a name of 200 characters is returned whole');
my $cut = $server->query("SELECT $stat_dn", cert => 'long', raw => 1);
ok(length $cut < 64 && index(encode('UTF-8', "/CN=$long"), $cut) == 0, 'pg_stat_ssl has the beginning of a name of 200 characters');

my @units = map { "unit $_ " . 'y' x 50 } 1 .. 100;
$pki->make('huge', subject => [ map { "OU=$_" } @units ]);
is_deeply(
	facts('huge', 'ssl_client_dn()', "ssl_client_dn_field('OU')"),
	[ join('', map { "/OU=$_" } @units), $units[0] ],
	'a name of 100 units is returned whole');

# The issuer's name has the same rules; a CA of its own for each.
$pki->make('issuer1', ca => 1, issuer => 'issuer1', subject => [ 'OU=first', 'OU=second', 'O=a,b/c "d"', 'CN=Ω' ]);
$pki->make('issuer2', ca => 1, issuer => 'issuer2', subject => ["CN=$long"]);
$server->reload;
$pki->make("by_$_", issuer => $_) for qw(issuer1 issuer2);
is_deeply(
	facts('by_issuer1', 'ssl_issuer_dn()', '(SELECT issuer_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid())',
		"ssl_issuer_field('OU')", "contrib.ssl_issuer_field('OU')", "ssl_issuer_field('O')", "contrib.ssl_issuer_field('O')"),
	[ ('/OU=first/OU=second/O=a\,b/c \"d\"/CN=Ω') x 2, ('first') x 2, ('a\,b/c \"d\"') x 2 ],
	'an issuer with a repeated OU and special characters is the same as in pg_stat_ssl and contrib/sslinfo');
is_deeply(
	facts('by_issuer2', 'ssl_issuer_dn()', "ssl_issuer_field('CN')"),
	[ "/CN=$long", $long ],
	'an issuer of 200 characters is returned whole');

# A field by OID: one that OpenSSL has a name for, and ones that it has none for. (A subject that has such an attribute cannot
# log in at all.)
is_deeply(
	facts('short0', "ssl_client_dn_field('2.5.4.11')", "ssl_client_dn_field('1.3.6.1.4.1.99999.1')",
		"ssl_issuer_field('2.5.4.3')", "ssl_issuer_field('2.999.1')"),
	[ 'first', '(null)', 'Root CA', '(null)' ],
	'a field is found by its dotted OID');

# Serial numbers: RFC 5280 allows 20 octets, real ones are longer, and old ones are zero or negative.
for my $serial (1, 0, '0x7f', '0x80', '0xffffffffffffffff', '0x' . 'f' x 40, '0x' . 'c0ffee' x 12, '-5')
{
	my $cert = "serial_$serial";
	$pki->make($cert, serial => $serial);
	my $expected = $pki->serial($cert)->bstr;
	is_deeply(facts($cert, 'ssl_client_serial()'), [$expected], "serial number $serial is returned whole");
	is_deeply(
		facts($cert, 'contrib.ssl_client_serial()', '(SELECT client_serial FROM pg_stat_ssl WHERE pid = pg_backend_pid())'),
		[ ($expected) x 2 ], "serial number $serial is the same as in contrib/sslinfo and pg_stat_ssl")
	  if length $expected < 64;
}

done_testing();
