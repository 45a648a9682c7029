# A library and a script of different versions: columns are matched by name, and one that the library does not know is NULL; a
# column of another type, or no row where there should be one, is an error and no crash. (ssl_session() is in t/021.)

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");

# Declares one of the library's functions otherwise than the script does.
sub declared
{
	my ($signature, $symbol) = @_;
	return "CREATE FUNCTION $signature AS 'sslinfo_plus', '$symbol' LANGUAGE C;\n";
}
sub error_of
{
	my ($signature, $symbol) = @_;
	my ($name) = $signature =~ /^(\w+)/;
	return $server->error(declared($signature, $symbol) . "SELECT * FROM $name()");
}

is($server->query(declared('fewer(OUT code integer, OUT later text) RETURNS SETOF record', 'ssl_client_offer') . 'SELECT count(code) > 0, count(later) FROM fewer()'),
	't|0', 'a set may be declared with fewer columns and an unknown one');
like(error_of('other_type(OUT kind integer, OUT code text) RETURNS SETOF record', 'ssl_client_offer'),
	qr/^42804: unexpected data type of column "\w+"/, 'a column of another type is an error');
like(error_of('no_library() RETURNS text', 'ssl_library'), qr/^XX000: return type must be a row type/, 'ssl_library() declared without a row type is an error');
like(error_of('no_pid(OUT version text, OUT cipher text) RETURNS SETOF record', 'ssl_stat_sessions'),
	qr/^XX000: return type must start with pid and visible/, 'pg_stat_ssl_plus() declared without pid is an error');
$server->query(<<'EOS');
CREATE TYPE other_certificate AS (der bigint);
CREATE TYPE no_certificate AS (subject text);
CREATE FUNCTION names_of(c other_certificate, OUT type text, OUT value text) RETURNS SETOF record AS 'sslinfo_plus', 'ssl_certificate_san' LANGUAGE C;
CREATE FUNCTION names_of(c no_certificate, OUT type text, OUT value text) RETURNS SETOF record AS 'sslinfo_plus', 'ssl_certificate_san' LANGUAGE C;
CREATE FUNCTION lax_names(c ssl_certificate, OUT type text, OUT value text) RETURNS SETOF record AS 'sslinfo_plus', 'ssl_certificate_san' LANGUAGE C;
EOS
like($server->error("SELECT * FROM names_of(ROW(4711)::other_certificate)"), qr/^42804: unexpected data type of column "der"/,
	'an argument whose column der is a number is an error');
like($server->error("SELECT * FROM names_of(ROW('x')::no_certificate)"), qr/^42804: unexpected data type of column "der"/,
	'an argument without a column der is an error');
is($server->query('SELECT count(*) FROM lax_names(NULL)'), '0', 'a set function declared without STRICT has no rows for NULL');
is($server->query('SELECT ssl_is_used()'), 't', 'the server goes on after wrong declarations');

done_testing();
