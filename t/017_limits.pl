# The limits of docs/security.md, each tried from both sides: at the limit the call works, one beyond it is an error.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates qw(extension unsigned_certificate);
use SSLInfoPlus::Server;
use MIME::Base64;
use Test::More;

my $server = SSLInfoPlus::Server->new('main',
	conf => "shared_preload_libraries = 'sslinfo_plus'\nsslinfo_plus.log_connections = on\n");
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

# A certificate of `length` bytes in DER: one that nobody signed, filled up by an extension.
sub der_of
{
	my ($length) = @_;
	my $make     = sub { return unsigned_certificate(serial => 1, extensions => [ extension('1.2.3.4', 'x' x $_[0]) ]); };
	my $overhead = length($make->($megabyte - 1000)) - ($megabyte - 1000);
	my $der      = $make->($length - $overhead);
	die 'wrong length' if length $der != $length;
	return $der;
}
sub pem_of { return "-----BEGIN CERTIFICATE-----\n" . encode_base64(der_of($_[0])) . "-----END CERTIFICATE-----\n"; }

append_to_file($server->node->data_dir . "/$_.der", der_of($_)) for $megabyte, $megabyte + 1;
succeeds("SELECT (ssl_parse_certificate(pg_read_binary_file('$megabyte.der'))).version = 3", 'DER of 1 MB is read');
is(sqlstate("SELECT ssl_parse_certificate(pg_read_binary_file('@{[ $megabyte + 1 ]}.der'))"), '22P03', 'DER of 1 MB and a byte is 22P03');

# One of a bundle: the longest block of PEM that is not beyond 1 MB, and the next one, which is three bytes of DER longer.
my $most = 57 * int(($megabyte - 100) / 77);    # a line of PEM has 77 bytes for 57 of DER
$most += 3 while length(pem_of($most + 3)) <= $megabyte + 1;    # the last line feed is not part of the block
append_to_file($server->node->data_dir . '/most.pem',   pem_of($most));
append_to_file($server->node->data_dir . '/beyond.pem', pem_of($most + 3));
succeeds(qq{SELECT count(*) = 2 FROM ssl_parse_certificates(pg_read_file('most.pem') || '$pem')}, 'a block of 1 MB in a bundle is read');
is(sqlstate(q{SELECT count(*) FROM ssl_parse_certificates(pg_read_file('beyond.pem'))}), '22P02', 'a longer block in a bundle is 22P02');

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

# The kept results of policies: their number, and the size of each. A result has the text of its policy and the actual values.
sub kept_results
{
	my (@policies) = @_;
	my $checks     = join '', map { "PERFORM ssl_satisfies($_);" } @policies;
	return $server->query(<<"EOQ", @app);
DO \$\$ BEGIN $checks END \$\$;
SELECT count(*) || ' ' || coalesce(bool_and(total_bytes <= 65536), true)
FROM pg_backend_memory_contexts WHERE name = 'sslinfo_plus policy'
EOQ
}
my $actual = 'subject="CN=other"';    # unmet, so that 500 bytes of the client's subject are kept
is(kept_results("repeat('$actual ', 40)"), '1 true', 'a result below 64 kB is kept');
is(kept_results("repeat('$actual ', 200)"), '0 true', 'a result over 64 kB is not kept');
is(kept_results(map { "'client-key-bits>=$_'" } 1 .. 64), '64 true', 'the results of 64 policies are kept');
is(kept_results(map { "'client-key-bits>=$_'" } 1 .. 65), '64 true', 'of the results of 65 policies one is given up');

# A value in the log line of a login.
foreach my $length (500, 501)
{
	my @units = map { "OU=$_" . 'x' x 60 } 1 .. 7;
	my $fixed = length(join '', map { "/$_" } @units) + length '/CN=';
	$server->pki->make("dn$length", subject => [ @units, 'CN=' . 'y' x ($length - $fixed) ]);
	my $from = -s $server->node->logfile;
	$server->query('SELECT 1', cert => "dn$length");
	my ($value) = $server->log_since($from) =~ / client_dn="([^"]*)"/;
	my $cut = $value =~ s/\xe2\x80\xa6\z//;
	is($length == 500 ? !$cut && length $value == 500 : $cut && length $value <= 497,
		1, "a value of $length bytes is " . ($length == 500 ? 'whole' : 'cut') . ' in the log');
}

# A name in a login rule.
foreach my $name ('role', 'database')
{
	my $set = $name eq 'role' ? q{'%s: tls'} : q{'*@%s: tls'};
	foreach my $length (63, 64)
	{
		my $rules = sprintf $set, 'n' x $length;
		is(sqlstate("ALTER SYSTEM SET sslinfo_plus.login_rules = $rules"),
			$length == 63 ? '' : '22023', "a $name of $length bytes in a login rule is " . ($length == 63 ? 'accepted' : '22023'));
	}
}

done_testing();
