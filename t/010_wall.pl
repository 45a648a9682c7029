# The wall between C++ exceptions and PostgreSQL's errors, by a module that misbehaves behind it (test/wall/wall.cpp).

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $wall = SSLInfoPlus::Server::test_module('wall');

sub create { return "CREATE FUNCTION $_[0] AS '$wall' LANGUAGE C;\n"; }
$server->query(join '', map { create($_) } (
	'wall_throw(text) RETURNS void', 'wall_nested(text) RETURNS void', 'wall_value(int) RETURNS int',
	'wall_stray() RETURNS void', 'wall_stack_restored() RETURNS bool',
	'wall_constructed() RETURNS int', 'wall_destroyed() RETURNS int', 'wall_allocate(bigint) RETURNS int',
	'wall_openssl_out_of_memory() RETURNS int',
	'wall_queue_put(text) RETURNS void', 'wall_queue_take() RETURNS text', 'wall_resident() RETURNS bigint'));

# Each exception becomes the error that fits it.
my %expected = (
	invalid_argument => '22023: no such thing',
	invalid_text     => '22P02: no such text',
	invalid_binary   => '22P03: no such bytes',
	not_available    => '55000: not here',
	not_supported    => '0A000: not with this OpenSSL',
	internal         => 'XX000: broken',
	unknown_code     => 'XX000: a code of tomorrow',
	bad_alloc        => '53200: out of memory',
	length_error     => '54000: too long',
	runtime_error    => 'XX000: some library failed',
	int              => 'XX000: unknown C++ exception',
	struct           => 'XX000: unknown C++ exception',
	percent          => '22023: 100%s %n',
	long             => '22023: x' . '€' x 340,
	bad_utf8         => '22023: good \u00ff bad',);
foreach my $kind (sort keys %expected)
{
	my $error = $server->error("SELECT wall_throw('$kind')");
	utf8::decode($error);
	is($error, $expected{$kind}, "the exception '$kind' becomes the error that fits it");
}
is($server->error("SELECT wall_nested('not_available')"), '55000: again: not here', 'an exception thrown in a catch block becomes an error');
is($server->query('SELECT wall_value(41)'), '42', 'a value passes the guard');

# Every object is destroyed, and the session goes on.
is( $server->query(<<'EOQ'),
DO $$
BEGIN
	FOR i IN 1..100 LOOP
		PERFORM wall_value(i);
		BEGIN PERFORM wall_throw('int'); EXCEPTION WHEN OTHERS THEN NULL; END;
		BEGIN PERFORM wall_nested('bad_alloc'); EXCEPTION WHEN OTHERS THEN NULL; END;
	END LOOP;
END $$;
SELECT wall_constructed(), wall_destroyed();
EOQ
	'400|400', 'no destructor is jumped over');
is($server->query('SELECT wall_stack_restored()'), 't', 'PG_exception_stack is null inside and itself again outside');

# Memory from inside the guard.
is($server->query('SELECT wall_allocate(1000000)'), '3', 'a million bytes of a memory context can be allocated inside the guard');
is($server->error('SELECT wall_allocate(1073741824)'), '54000: a value is too long', 'an allocation larger than the limit of a value is an error');

# A stray ereport(ERROR) ends its own session, cleanly, and no other.
my $postmaster = $server->query(q{SELECT pg_read_file('postmaster.pid')});
my $other = $server->open_session;
my $pid = $server->say($other, 'SELECT pg_backend_pid();');
my $offset = -s $server->node->logfile;
my ($code, $out, $errors) = $server->run("SELECT wall_stray();\nSELECT 'still here'");
is($code, 2, 'a stray error ends the session');
like($errors, qr/FATAL:  22012: a stray error/, 'a stray error is reported as FATAL with its own message');
unlike($out, qr/still here/, 'no statement runs in a session after a stray error');
is($server->query(q{SELECT pg_read_file('postmaster.pid')}), $postmaster, 'the server goes on after a stray error');
is($server->say($other, 'SELECT pg_backend_pid();'), $pid, 'other sessions go on after a stray error');
$server->finish($other);
unlike($server->log_since($offset), qr/was terminated by signal|PANIC|all server processes/, 'a stray error crashes no process');

# OpenSSL's error queue: nothing of before reaches the code behind the guard, and nothing of its own is left, after an answer and
# after an error; a lack of memory that only the queue has is an error. (Without TLS: with it, PostgreSQL empties the queue itself.)
is($server->query(<<'EOQ', socket => 1) =~ s/\s+//gr, '|2', 'the error queue is empty after the guard');
SELECT wall_queue_put('first'), wall_queue_put('second');
SELECT wall_value(1);
DO $$ BEGIN PERFORM wall_openssl_out_of_memory(); EXCEPTION WHEN out_of_memory THEN NULL; END $$;
DO $$ BEGIN PERFORM ssl_parse_certificate('\x3003020100'::bytea); EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT wall_queue_take();
EOQ
is($server->error('SELECT wall_openssl_out_of_memory()'), '53200: out of memory', 'a lack of memory that OpenSSL reports only in its error queue is an error');
is($server->query('SELECT ssl_parse_certificate(NULL::bytea) IS NULL; SELECT wall_queue_take();'), "t\n", 'an empty error queue stays empty');

# Errors leak nothing: 50,000 of them leave the resident memory where it was.
my $growth = $server->query(<<'EOQ');
CREATE FUNCTION errors(n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..n LOOP
		BEGIN PERFORM wall_throw((ARRAY['long', 'int', 'bad_alloc', 'runtime_error', 'internal'])[i % 5 + 1]);
		EXCEPTION WHEN OTHERS THEN NULL; END;
	END LOOP;
END $$;
SELECT errors(5000);
SELECT wall_resident() AS before \gset
SELECT errors(50000);
SELECT wall_resident() - :before;
EOQ
$growth = (split /\n/, $growth)[-1];
cmp_ok($growth, '<', 400, "50,000 errors leave the resident memory flat ($growth kB more)");

done_testing();
