# The limits of docs/security.md, each tried from both sides: at the limit the call works, one beyond it is an error.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
$server->pki->make('app', subject => [ map { "OU=$_" . 'x' x 60 } 1 .. 20 ]);
my @app = (cert => 'app');
my $pem = slurp_file($server->pki->crt('app'));
my $megabyte = 1_048_576;

# Returns the SQLSTATE of a statement that fails, or '' if it succeeds.
sub sqlstate
{
	my ($sql) = @_;
	my $error = $server->error("SET statement_timeout = '20s'; $sql", @app);
	return defined $error && $error =~ /^(\w{5}):/ ? $1 : '';
}
sub succeeds { my ($sql, $name) = @_; return is($server->query($sql, @app), 't', $name); }

# Names. An unknown name is 22023 too, so that the message is what tells a long one.
foreach my $call ('ssl_client_dn_field(%s)', 'ssl_issuer_field(%s)', 'ssl_client_dn_values(%s)', 'ssl_client_fingerprint(%s)',
	'ssl_client_san_values(%s)', 'ssl_channel_binding(%s)')
{
	my ($at, $beyond) = map { sprintf "SELECT $call", "repeat('x', $_)" } 256, 257;
	unlike($server->error($at, @app), qr/too long/, "a name of 256 bytes is not too long: $call");
	like($server->error($beyond, @app), qr/^22023: name is too long: 257 bytes/, "a name of 257 bytes is 22023: $call");
}

# A certificate
my $length = length $pem;
succeeds("SELECT (ssl_parse_certificate('$pem' || repeat(E'\\n', $megabyte - $length))).serial IS NOT NULL",
	'ssl_parse_certificate() reads a text of 1 MB');
is(sqlstate("SELECT ssl_parse_certificate('$pem' || repeat(E'\\n', $megabyte - $length + 1))"), '22P02',
	'ssl_parse_certificate() refuses a text of 1 MB and a byte');
is(sqlstate("SELECT ssl_parse_certificate(convert_to(repeat('x', $megabyte + 1), 'UTF8'))"), '22P03',
	'ssl_parse_certificate() refuses DER of 1 MB and a byte');
succeeds("SELECT count(*) = 1 FROM ssl_parse_certificates('$pem' || repeat(E'\\n', 16 * $megabyte - $length))",
	'ssl_parse_certificates() reads a bundle of 16 MB');
is(sqlstate("SELECT count(*) FROM ssl_parse_certificates('$pem' || repeat(E'\\n', 16 * $megabyte - $length + 1))"), '22P02',
	'ssl_parse_certificates() refuses a bundle of 16 MB and a byte');

# A policy
foreach my $limit ([ 'requirements', "repeat('tls ', %d)", 200 ], [ 'values', "'cn=a' || repeat('|a', %d - 1)", 1000 ],
	[ 'bytes', "'tls' || repeat(' ', %d - 3)", 65_536 ])
{
	my ($unit, $policy, $most) = @$limit;
	succeeds(sprintf("SELECT ssl_satisfies($policy) IS NOT NULL", $most), "a policy may have $most $unit");
	is(sqlstate(sprintf("SELECT ssl_satisfies($policy)", $most + 1)), '22023', "a policy of $most $unit and one more is 22023");
}
succeeds(q{SELECT octet_length(actual) BETWEEN 490 AND 500 AND actual LIKE U&'%\2026' FROM ssl_check('subject="CN=other"')},
	'actual of ssl_check() is cut at 500 bytes and ends in an ellipsis');

done_testing();
