# Certificates with characters beyond ASCII, in databases of several encodings. What the encoding has, arrives as that
# character; what it has not, is escaped as in RFC 4514.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', extension => 0);
my $pki    = $server->pki;

# é is in all of these encodings, € in UTF8 and LATIN9, Ω in UTF8 alone. In the distinguished names there is no more than all
# of them have: PostgreSQL itself converts these for pg_stat_ssl and refuses the login where it cannot. The rest comes in an
# otherName, which OpenSSL prints as UTF-8.
my $upn   = 'Zoé €Ω';
my %shown = (
	UTF8      => 'Zoé €Ω',
	SQL_ASCII => 'Zoé €Ω',             # no encoding: PostgreSQL takes the UTF-8 bytes as they are
	LATIN1    => 'Zoé \E2\82\AC\CE\A9',
	LATIN9    => 'Zoé €\CE\A9',);

$pki->make('ca', ca => 1, issuer => 'ca', subject => [ { type => 'O', string => 'BMPString', value => 'Société' } ]);
$server->reload;
$pki->make(
	'zoe',
	issuer     => 'ca',
	subject    => [ 'O=Société', { type => 'CN', string => 'T61String', value => 'Zoé' } ],
	extensions => [ san(other => [ '1.3.6.1.4.1.311.20.2.3', string('UTF8String', $upn) ]) ]);

for my $encoding (sort keys %shown)
{
	my $database = 'in_' . lc $encoding;
	$server->create_database($database, $encoding);
	my %in = (dbname => $database, cert => 'zoe');
	$server->query('CREATE EXTENSION sslinfo_plus', %in);

	is($server->query('SELECT ssl_client_dn()',           %in), '/O=Société/CN=Zoé', "$encoding: ssl_client_dn() returns the client's name");
	is($server->query('SELECT ssl_issuer_dn()',           %in), '/O=Société',        "$encoding: ssl_issuer_dn() returns the issuer's name");
	is($server->query("SELECT ssl_client_dn_field('CN')", %in), 'Zoé',     "$encoding: ssl_client_dn_field() returns a field of the client's name");
	is($server->query("SELECT ssl_issuer_field('O')",     %in), 'Société', "$encoding: ssl_issuer_field() returns a field of the issuer's name");
	like($server->query('SELECT value FROM ssl_extension_info()', %in),
		qr/\Q$shown{$encoding}\E$/, "$encoding: the value of an extension escapes the characters that the encoding lacks");

	# Everywhere else a character that the encoding does not have is an error.
	is($server->query('SELECT (ssl_client_certificate()).subject', %in), 'CN=Zoé,O=Société', "$encoding: ssl_client_certificate() returns the certificate's subject");
	my $san = 'SELECT value FROM ssl_client_san()';
	if ($shown{$encoding} eq $upn) { is($server->query($san, %in), "UPN:$upn", "$encoding: ssl_client_san() returns an alternative name"); }
	else { like($server->error($san, %in), qr/^22P05: /, "$encoding: an alternative name that the encoding cannot express is an error"); }

	# In the encoding of the database: PostgreSQL can take it apart and store it, and has pg_stat_ssl's bytes. (From 18 on, it
	# fills pg_stat_ssl before it knows the encoding, so that the bytes there are UTF-8 in every database.)
	my ($dn, $issuer) =
	  map { $server->node->pg_version >= 18 ? "convert_from(convert_to($_, getdatabaseencoding()), 'UTF8')" : $_ }
	  qw(client_dn issuer_dn);
	is(
		$server->query(
			"SELECT octet_length(ssl_client_dn_field('CN')), ssl_client_dn() = $dn AND ssl_issuer_dn() = $issuer"
			  . ' FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
			%in),
		($encoding =~ /LATIN/ ? 3 : 4) . '|t',
		"$encoding: names have the same bytes as in pg_stat_ssl");
	is(
		$server->query(
			'CREATE TABLE seen AS SELECT value FROM ssl_extension_info();'
			  . " SELECT upper(value) LIKE '%ZO%' AND value = (SELECT value FROM ssl_extension_info()) FROM seen",
			%in),
		't',
		"$encoding: a value can be stored and compared");
}

done_testing();
