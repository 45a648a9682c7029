# The programs in docs/clients.md for Java and Go, as t/058 runs the others.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Clients;
use Test::More;

my $clients = SSLInfoPlus::Clients->new;

$clients->test('Java: JDBC', values => { array => '{a.example,b.example}', bytea => qr/\\x3082[0-9a-f]+/, infinity => 'infinity' });
# Go prints the bytes of what it does not know the type of.
sub octets { return '[' . join(' ', unpack 'C*', $_[0]) . ']'; }
my $serial = '12345678901234567890123456789';
my $go     = { bytea => qr/\[48 130 .*\]/, not_after => qr/9999-12-31 23:59:59 \+0000.*/ };
$clients->test('Go: lib/pq',
	values => { %$go, numeric => octets($serial), array => octets('{a.example,b.example}'), infinity => octets('infinity') });
# Debian has pgx 5 from forky on.
my $pgx5 = -d '/usr/share/gocode/src/github.com/jackc/pgx/v5';
my $edit = $pgx5 ? undef : sub { return $_[0] =~ s{jackc/pgx/v5/pgconn}{jackc/pgconn}r =~ s{pgx/v5}{pgx/v4}r; };
$clients->test('Go: pgx', edit => $edit,
	values => { %$go, numeric => qr/\{$serial 0 .*\}/, array => qr/.*a\.example.*b\.example.*/, infinity => 'infinity' });
like($clients->run('Go: pgx', 'SELECT depth, certificate FROM ssl_client_chain()', $edit),
	$pgx5 ? qr/^0\n\(/ : qr/^can't scan into dest\[1\]: unknown oid/, 'Go: pgx reads a composite as text from version 5 on');

done_testing();
