# Random client certificates over real TLS: odd string types, lengths, OIDs, nested and malformed extensions. Each logs in if
# the server lets it, calls every function, and where contrib/sslinfo and pg_stat_ssl answer, the answers are theirs.
#
# 60 certificates, or 2,000 with SSLINFO_PLUS_EXHAUSTIVE=1; HOSTILE_SEED=… repeats a run.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Catalog 'callable_functions';
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER ':all';
use SSLInfoPlus::Server;
use Test::More;

my $seed  = $ENV{HOSTILE_SEED} // time;
my $count = $ENV{SSLINFO_PLUS_EXHAUSTIVE} ? 2000 : 60;
srand $seed;
note "HOSTILE_SEED=$seed";

my $server = SSLInfoPlus::Server->new('main');
$server->query(callable_functions());
my $contrib = $server->query(q{SELECT count(*) FROM pg_available_extensions WHERE name = 'sslinfo'});
$server->query('CREATE SCHEMA contrib') if $contrib;
$server->query('CREATE EXTENSION sslinfo SCHEMA contrib') if $contrib;

# Asks everything, and returns what is wrong: an error of ours, or an answer that contrib or pg_stat_ssl contradicts.
$server->query(<<'EOQ');
CREATE FUNCTION answer(query text, OUT value bytea, OUT state text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT textsend((' || query || ')::text)' INTO value;
	state := '00000';
EXCEPTION WHEN OTHERS THEN
	state := SQLSTATE || ' ' || SQLERRM;
END $$;

CREATE FUNCTION problems(contrib bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	f record;
	ours record;
	theirs record;
	wrong text := '';
	field text;
	theirs_seen bytea;
BEGIN
	FOR f IN
		SELECT p.proname, p.proretset, p.needs_text, p.proargtypes
		FROM callable_function p
		WHERE p.provolatile = 's' AND p.prorettype <> 'void'::regtype
		  AND p.proname NOT IN ('ssl_parse_certificate', 'ssl_parse_certificates', 'ssl_satisfies', 'ssl_check')
		  AND p.proname NOT LIKE 'pg\_%'
	LOOP
		ours := answer(
			CASE WHEN f.proretset THEN format('SELECT jsonb_agg(to_jsonb(x)) FROM public.%I() x', f.proname)
			     ELSE format('public.%I(%s)', f.proname,
				CASE WHEN f.proname = 'ssl_client_san_values' THEN '''dns''' WHEN f.needs_text THEN '''CN''' END) END);
		IF ours.state <> '00000' THEN wrong := wrong || format(' %s: %s;', f.proname, ours.state); END IF;
	END LOOP;

	-- contrib cuts at 63 bytes, and so does pg_stat_ssl
	SELECT textsend(client_dn) INTO theirs_seen FROM pg_stat_ssl WHERE pid = pg_backend_pid();
	ours := answer('public.ssl_client_dn()');
	IF substring(ours.value FROM 1 FOR 63) IS DISTINCT FROM theirs_seen THEN
		wrong := wrong || format(' pg_stat_ssl.client_dn: %s is not %s;', ours.value, theirs_seen);
	END IF;
	IF NOT contrib THEN RETURN wrong; END IF;
	FOREACH field IN ARRAY ARRAY['ssl_client_dn()', 'ssl_issuer_dn()', 'ssl_client_serial()', 'ssl_version()', 'ssl_cipher()',
		'ssl_client_dn_field(''CN'')', 'ssl_client_dn_field(''O'')', 'ssl_client_dn_field(''OU'')', 'ssl_client_dn_field(''L'')',
		'ssl_client_dn_field(''serialNumber'')', 'ssl_issuer_field(''CN'')']
	LOOP
		theirs := answer('contrib.' || field);
		ours := answer('public.' || field);
		IF theirs.state = '00000'
		   AND substring(ours.value FROM 1 FOR CASE WHEN field ~ 'dn\(|serial\(' THEN 63 ELSE 1000000 END) IS DISTINCT FROM theirs.value THEN
			wrong := wrong || format(' %s: %s is not %s;', field, ours.value, theirs.value);
		END IF;
	END LOOP;
	theirs := answer('SELECT jsonb_agg(to_jsonb(x)) FROM contrib.ssl_extension_info() x');
	ours := answer('SELECT jsonb_agg(to_jsonb(x)) FROM public.ssl_extension_info() x');
	IF theirs.state = '00000' AND ours.value IS DISTINCT FROM theirs.value THEN
		wrong := wrong || format(' ssl_extension_info: %s is not %s;', ours.value, theirs.value);
	END IF;
	RETURN wrong;
END $$;
EOQ

sub pick { return $_[ rand @_ ]; }

my @specials = (split(//, ' #,+"\\<>;/=.*'), "\t", "\n", 'é', 'ß', '€');

sub characters
{
	my ($most, @from) = @_;
	@from = (@specials, 'a' .. 'z') unless @from;
	return join '', map { pick(@from) } 1 .. 1 + rand $most;
}

sub random_bytes { my ($most) = @_; return join '', map { chr rand 256 } 1 .. rand $most; }

sub random_value
{
	my ($most) = @_;
	my $type = pick(qw(UTF8String UTF8String PrintableString T61String BMPString UniversalString IA5String VisibleString NumericString));
	my @ascii = ('a' .. 'z', ' ', ',', '=', '#', '\\');
	return string($type, characters($most, $type eq 'T61String' ? (@ascii, 'é', 'ß') : $type =~ /UTF8|BMP|Universal/ ? () : @ascii));
}

sub random_subject
{
	my $most = pick(10, 10, 10, 60, 60, 2000);
	my @rdns;
	for (0 .. rand 5)
	{
		my @attributes =
		  map { { type => pick(qw(CN O OU L ST street title serialNumber UID DC GN description)), der => random_value($most) } } 1 .. pick(1, 1, 1, 2, 3);
		push @rdns, \@attributes;
	}
	return [ { type => 'CN', value => 'app' . int rand 1000 }, @rdns ];
}

sub random_oid { return join '.', '1.3.6.1.4.1', map { int rand 10**pick(1, 3, 6, 9) } 1 .. 1 + rand 12; }

sub random_names
{
	my @names;
	for (0 .. rand pick(3, 30))
	{
		push @names, @{ pick(
			[ dns => characters(40, 'a' .. 'z', '.', '*', '-', "\0") ],
			[ uri => 'spiffe://' . characters(30, 'a' .. 'z', '/', '.') ],
			[ uri => characters(300, 'a' .. 'z', ',', ' ', ':', '=') ],
			[ email => characters(20, 'a' .. 'z') . '@x' ],
			[ ip => \(random_bytes(20) . 'x') ],
			[ rid => random_oid() ],
			[ dirname => [ 'CN=' . characters(20, 'a' .. 'z', ',') ] ],
			[ other => [ random_oid(), string('UTF8String', characters(20)) ] ],
			[ other => [ '1.3.6.1.4.1.311.20.2.3', string('UTF8String', characters(20)) ] ])
		};
	}
	return general_names(@names);
}

sub nested { my ($depth) = @_; return $depth ? sequence(nested($depth - 1), integer(int rand 1000)) : octet_string(random_bytes(20)); }

sub random_extensions
{
	my @extensions;
	push @extensions, extension('subjectAltName', random_names()) if rand() < 0.6;
	push @extensions, extended_key_usage('clientAuth', map { random_oid() } 0 .. rand 4) if rand() < 0.3;
	push @extensions, key_usage(qw(digitalSignature)) if rand() < 0.3;
	my %seen;
	for (0 .. rand 5)
	{
		# known to OpenSSL as printable, or private; with what they promise or with anything
		my $oid = pick('2.16.840.1.113730.1.13', '2.5.29.18', '2.5.29.32', '2.5.29.31', '1.3.6.1.5.5.7.1.1', '1.2.840.113533.7.65.0',
			'2.5.29.16', '2.5.29.9', '1.3.6.1.5.5.7.1.24', '1.3.6.1.5.5.7.1.3', map { random_oid() } 1 .. 10);
		next if $seen{$oid}++;
		push @extensions, extension($oid, pick(
			random_names(), string('IA5String', 'comment ' . characters(20, 'a' .. 'z')), random_bytes(50), random_bytes(16000), '', nested(int rand 40),
			sequence(sequence(oid(random_oid()))), sequence(integer(int rand 100))));
	}
	return \@extensions;
}

$server->pki->make('key');
my $offset = -s $server->node->logfile;
my ($in, $refused, $wrong) = (0, 0, 0);
for my $n (1 .. $count)
{
	$server->pki->make(
		'hostile',
		key_of     => 'key',
		subject    => random_subject(),
		serial     => '0x1' . join('', map { sprintf '%x', rand 16 } 1 .. pick(3, 8, 38, 120)),
		extensions => random_extensions());
	my ($code, $out, $errors) = $server->run('', command => "SELECT problems($contrib = 1)", cert => 'hostile');
	if ($code == 2)
	{
		$refused++;    # by the server itself, before there is a session
		next;
	}
	$in++;
	next if $code == 0 && $out eq '';
	$wrong++;
	diag("certificate $n of seed $seed: " . substr("$out $errors", 0, 1000));
}
is($wrong, 0, "of $count certificates, $in logged in and got right answers, and the server refused $refused");
cmp_ok($in, '>', $count / 3, 'more than a third of the random certificates logged in');
unlike($server->log_since($offset), qr/was terminated by signal|PANIC|all server processes/, 'no random certificate crashed a process');

done_testing();
