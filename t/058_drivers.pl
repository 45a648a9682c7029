# The programs in docs/clients.md that need no compiler: what each driver makes of facts, of the error of ssl_require(), and of a
# login that a rule refuses.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Clients;
use SSLInfoPlus::Document 'is_documented';
use Test::More;

my $clients  = SSLInfoPlus::Clients->new;
my $document = SSLInfoPlus::Document->new('docs/clients.md');

my $list   = qr/\['a\.example', 'b\.example'\]/;
my $array  = qr/\{a\.example,b\.example\}/;
my $octets = qr/b(["'])0\\x82.*\1/;
my $hex    = qr/\\x3082[0-9a-f]+/;
my $text   = { zone => 1, array => $array, bytea => $hex, infinity => 'infinity' };
my $node   = { array => 'a.example,b.example', bytea => qr/0.+/s, not_after => qr/Fri Dec 31 9999 23:59:59 GMT\+0000.*/ };
my $libpq  = { login_state => '' };

$clients->test('psql, libpq', %$libpq, values => $text);
$clients->test('psycopg 3', %$libpq, login_state => 'None',
	values => { array => $list, bytea => $octets, infinity => qr/(?:None\n)?timestamp too large.*/, east => qr/timestamp too large/ });
$clients->test('psycopg2', %$libpq, login_state => 'None',
	values => { array => $list, bytea => qr/<memory at .*>/, infinity => qr/9999-12-31 23:59:59\.999999.*/, east => qr/ValueError: year.*10000/ });
$clients->test('asyncpg', values => { array => $list, bytea => $octets, infinity => '9999-12-31 23:59:59.999999' });
if ($clients->run('pg8000', undef, sub { "import pg8000; print(hasattr(pg8000, 'dbapi') or hasattr(__import__('pg8000.dbapi'), 'dbapi'))" }) =~ /True/)
{
	$clients->test('pg8000', values => { array => $list, bytea => $octets, infinity => 'infinity' });
}
else
{
	my $edit = sub {
		return $_[0] =~ s/pg8000\.dbapi\.DatabaseError/pg8000.Error/r =~ s/pg8000\.dbapi/pg8000/gr =~ s/ssl_context=context/ssl=True/r
		  =~ s/refusal = .*\n.*print\(refusal.*\)/print(error)/r;
	};
	is($clients->run('pg8000', undef, $edit), "TLSv1.3\nNone\nmd5 password authentication failed\n", 'pg8000 1.10 calls every refusal a wrong password');
}
$clients->test('Node.js: pg', values => { %$node, infinity => 'Infinity' });
$clients->test('Node.js: postgres', values => { %$node, infinity => 'Invalid Date' });
$clients->test('Perl: DBD::Pg', %$libpq, values => { array => qr/ARRAY\(0x\w+\)/, bytea => qr/0.+/s, infinity => 'infinity' });
$clients->test('Ruby: pg', login_state => "\n", values => $text);
$clients->test('PHP: PDO', %$libpq, login_state => 7, values => { %$text, bytea => qr/Resource id #\d+/ });
$clients->test('ODBC', login_state => '08001', hint => 0,
	values => { array => $array, bytea => $octets, east => qr/\A(?!.*(?:9999|10000))/s, not_after => '9999-12-31 23:59:59', infinity => '9999-12-31 23:59:59' });

# libpq's default: the login that was refused over TLS is tried again without.
$clients->set('sslinfo_plus.login_action' => 'reject');
$clients->server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);
my (undef, undef, $errors) = $clients->server->run('', user => 'app', dbname => 'app', sslmode => 'prefer', command => 'SELECT 1');
like(
	$errors,
	qr/FATAL: .*does not satisfy client-cert\n.*HINT: .*If another error without TLS follows, sslmode=prefer caused it: ignore that one.*FATAL: .*does not satisfy client-cert, tls>=1\.3\n/s,
	'sslmode=prefer shows two refusals, of which the first has a hint about the second');
unlike($errors =~ s/.*FATAL/FATAL/sr, qr/If another error/, 'the refusal of the second attempt, without TLS, has no hint about another');
my ($refusals) = map { $_->{text} } $document->blocks('Connecting');
is_documented($errors =~ s/^psql: error: //r =~ s/ at "(?:localhost|127\.0\.0\.1)"(?: \(127\.0\.0\.1\))?/ at "db.example.com"/gr, $refusals, 'the two errors of sslmode=prefer are the documented ones');
is($clients->server->query('SELECT transport, rejected FROM pg_stat_ssl_usage WHERE rejected > 0 ORDER BY 1 DESC', socket => 1), "tls|1\nplain|1",
	'pg_stat_ssl_usage counts both attempts of sslmode=prefer, by transport');

# The statements for every driver.
$clients->set('sslinfo_plus.login_action' => 'off');
is($clients->server->error($_, dbname => 'app', cert => 'client'), '', "the documented statement runs: $_") for $document->text =~ /^    (SELECT .*;)$/mg;

my @compiled = ('Java: JDBC', 'Go: lib/pq', 'Go: pgx');    # t/069
is_deeply([ sort $clients->tested, @compiled ], [ sort $clients->sections ], 'every program in docs/clients.md is run by a test');

done_testing();
