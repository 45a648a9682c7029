# Certificates with characters beyond ASCII, in databases of several encodings. What the encoding has, arrives as that
# character; what it has not, is escaped as in RFC 4514.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', extension => 0);
my $pki    = $server->pki;

# é is in all of these encodings, € in UTF8 and LATIN9, Ω in UTF8 alone.
my $who = 'Zoé €Ω';
my %shown = (
	UTF8      => 'Zoé €Ω',
	SQL_ASCII => 'Zoé €Ω',            # no encoding: PostgreSQL takes the UTF-8 bytes as they are
	LATIN1    => 'Zoé \E2\82\AC\CE\A9',
	LATIN9    => 'Zoé €\CE\A9',);
my %octets = (UTF8 => 10, SQL_ASCII => 10, LATIN1 => 19, LATIN9 => 12);

$pki->make('ca', ca => 1, issuer => 'ca', subject => [ { type => 'CN', string => 'BMPString', value => $who } ]);
$server->node->reload;
$pki->make(
	'zoe',
	issuer     => 'ca',
	subject    => [ { type => 'CN', string => 'UTF8String', value => $who } ],
	extensions => [ san(dirname => ["CN=$who"]) ]);

for my $encoding (sort keys %shown)
{
	my $database = 'in_' . lc $encoding;
	$server->create_database($database, $encoding);
	my %in = (dbname => $database, cert => 'zoe');
	$server->query('CREATE EXTENSION sslinfo_plus', %in);

	my $text = $shown{$encoding};
	is($server->query('SELECT ssl_client_dn()', %in), "/CN=$text", "$encoding: the client's name");
	is($server->query('SELECT ssl_issuer_dn()', %in), "/CN=$text", "$encoding: the issuer's name");
	is($server->query("SELECT ssl_client_dn_field('CN')", %in), $text, "$encoding: a field of the client's name");
	is($server->query("SELECT ssl_issuer_field('CN')",    %in), $text, "$encoding: a field of the issuer's name");
	is($server->query("SELECT octet_length(ssl_client_dn_field('CN'))", %in),
		$octets{$encoding}, "$encoding: stored in the database's encoding");

	# OpenSSL prints a directory name in ASCII, escaped in its own way; what matters is that it is the same everywhere.
	is(
		$server->query('SELECT value FROM ssl_extension_info()', %in),
		$server->query('SELECT value FROM ssl_extension_info()', %in, dbname => 'in_latin1'),
		"$encoding: an extension's value");

	# Valid in this encoding: PostgreSQL can take it apart and store it.
	is(
		$server->query(
			"CREATE TABLE seen (who text); INSERT INTO seen SELECT ssl_client_dn();"
			  . " SELECT who = ssl_client_dn() AND upper(who) LIKE '/CN=ZO%' FROM seen",
			%in),
		't',
		"$encoding: stored and compared");
}

done_testing();
