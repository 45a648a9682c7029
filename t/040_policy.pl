# Policies in real sessions: each preset and each requirement met and not met, errors and where they point, the kept policies.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER qw(oid sequence string);
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $pki    = $server->pki;
my $major  = $server->query("SELECT current_setting('server_version_num')::int / 10000");

$pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme, "Inc."', 'CN=Müller' ],
	not_after  => time + 10 * 86400 + 600,
	extensions => [
		extended_key_usage('clientAuth'),
		san(dns => 'db1.app.example', uri => 'spiffe://prod/web', ip => '2001:db8::1', email => 'App@Acme.example')
	]);
$pki->make('nul', subject => [ 'CN=db1.app.example' ], extensions => [ san(dns => "db1.app.example\0.evil") ]);
$pki->make('two', subject => [ 'CN=app', 'CN=root' ],
	extensions => [ san(uri => 'spiffe://prod/web', uri => 'https://prod/web') ]);
$pki->make('upn', subject => [ 'CN=joe' ], extensions => [
		san(other => [ '1.3.6.1.4.1.311.20.2.3', string('UTF8String', 'joe@corp.example') ]),
		extension('certificatePolicies', sequence(sequence(oid('1.3.6.1.4.1.99999.1'))))
	]);
$pki->make('rsa', key => 'RSA:2048');

my %tls12 = (tls => '1.2');
my %tls13 = (tls => '1.3');
my %plain = (sslmode => 'disable');
my %app   = (tls => '1.3', cert => 'app');

# Is the policy satisfied in a new session? ssl_satisfies(), ssl_check() and ssl_require() must be of one mind.
sub satisfied
{
	my ($policy, %want) = @_;
	my $satisfied = $server->query("SELECT ssl_satisfies(\$p\$$policy\$p\$)", %want);
	my $checked   = $server->query("SELECT bool_and(satisfied) FROM ssl_check(\$p\$$policy\$p\$)", %want);
	my $error     = $server->error("SELECT ssl_require(\$p\$$policy\$p\$)", %want);
	return 'of two minds' unless $satisfied eq $checked && ($satisfied eq 't') == ($error eq '');
	return 'the wrong error' unless $error =~ /^(28000: this connection does not satisfy the TLS policy ".*)?$/;
	return $satisfied eq 't' ? 1 : 0;
}

sub met   { my ($policy, %want) = @_; return is(satisfied($policy, %want), 1, "the session meets the policy: $policy"); }
sub unmet { my ($policy, %want) = @_; return is(satisfied($policy, %want), 0, "the session does not meet the policy: $policy"); }

# The presets.
met('mtls', %app);
met('mtls', %app, tls => '1.2');
unmet('mtls', %tls13);
unmet('mtls', %plain);
met('mozilla-modern', %tls13);
unmet('mozilla-modern', %tls12);
met('mozilla-intermediate', %tls12);
met('mozilla-intermediate', %tls13);
unmet('mozilla-intermediate', %plain);
unmet('quantum-safe', %plain);
unmet('quantum-safe', %tls12);

my $groups = $major >= 18 ? 'ssl_groups' : 'ssl_ecdh_curve';
$server->node->append_conf('postgresql.conf', "$groups = 'secp521r1'\n");
$server->reload;
unmet('mozilla-modern', %tls13);
unmet('mozilla-intermediate', %tls12);
met('group=P-521', %tls13);
unmet('quantum-safe', %tls13);
$server->node->append_conf('postgresql.conf', "$groups = 'prime256v1'\nssl_ciphers = 'ECDHE-ECDSA-AES256-SHA384'\n");
$server->reload;
unmet('mozilla-intermediate', %tls12);
unmet('aead', %tls12);
met('mozilla-intermediate', %tls13);
met('forward-secrecy bits>=256 cipher=ecdhe-ecdsa-aes256-sha384 group=prime256v1', %tls12);
met('cipher=TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', %tls12);
$server->node->append_conf('postgresql.conf', "ssl_ciphers = 'HIGH'\n");
$server->reload;

SKIP:
{
	skip 'a post-quantum key exchange needs PostgreSQL 18 and OpenSSL 3.5', 2
	  unless $major >= 18 && $server->query('SELECT post_quantum FROM ssl_library()') eq 't';
	$server->node->append_conf('postgresql.conf', "$groups = 'X25519MLKEM768:prime256v1'\n");
	$server->reload;
	met('quantum-safe group=x25519mlkem768', %tls13);
	met('mozilla-modern', %tls13);
}

# Every other requirement, over one connection that meets it and one that does not.
met('tls>=1.2 tls', %tls12);
unmet('tls>=1.3', %tls12);
met('encrypted', %tls12);
unmet('encrypted', %plain);
met('local tls>=1.3 client-cert', socket => 1);
unmet('tls', socket => 1);
unmet('local', %tls13);
unmet('local tls', %plain);
met('local tls', %tls13);
met('server-name=localhost', %tls13);
met('server-name=LOCAL*', %tls13);
unmet('server-name=*.localhost', %tls13);
if ($major >= 17) { met('alpn=postgresql', %tls13) }
else              { unmet('alpn=postgresql', %tls13) }
met('client-key-strength>=128', %app);
unmet('client-key-strength>=128', %tls13, cert => 'rsa');
met('client-key-strength>=112', %tls13, cert => 'rsa');
met('client-valid>=10d', %app);
unmet('client-valid>=241h', %app);
unmet('client-valid>=0s', %tls13);
met('subject="CN=Müller,O=Acme\, \""Inc.\"",C=DE"', %app);
met('subject="cn = M\C3\BCller, o=Acme\2C \22Inc.\22, c=DE"', %app);
unmet('subject="C=DE,O=Acme\, \""Inc.\"",CN=Müller"', %app);
met('issuer="CN=Root CA,O=sslinfo_plus tests"', %app);
unmet('issuer="CN=Root CA"', %app);
met('cn=app|Müller', %app);
unmet('cn=MÜLLER', %app);
unmet('cn=app', %tls13, cert => 'two');
met('cn=app|root', %tls13, cert => 'two');
met('san=dns:*.app.example', %app);
unmet('san=dns:*.example', %app);
met('san=uri:spiffe://prod/*', %app);
unmet('san=uri:spiffe://prod/*', %tls13, cert => 'two');
met('san=uri:https://prod/*', %tls13, cert => 'two');
met('san=ip:2001:0db8:0::1', %app);
met('san=email:App@acme.EXAMPLE', %app);
met('eku=clientAuth', %app);
unmet('eku=clientAuth', %tls13, cert => 'two');
met('fingerprint=' . $server->query('SELECT upper(ssl_client_fingerprint())', %app), %app);
met('spki=' . $server->query('SELECT ssl_client_spki_fingerprint()', %app), %app);
unmet('fingerprint=' . $server->query('SELECT ssl_client_fingerprint()', %tls13, cert => 'two'), %app);

# The key of a CA of the verified chain; the leaf's own is none.
my $root = $server->query("SELECT (certificate).spki_fingerprint FROM ssl_client_chain() WHERE depth = 1", %app);
met("ca-spki=$root", %app);
unmet('ca-spki=' . ('0' x 64), %app);
unmet('ca-spki=' . $server->query('SELECT ssl_client_spki_fingerprint()', %app), %app);
unmet("ca-spki=$root", %tls13);

# How the role was let in: the test server uses trust.
met('auth=md5|trust', %tls13);
unmet('auth=cert|scram-sha-256', %app);
met('auth=trust', %plain);

# The group, the signatures and the key.
my $group = $server->query('SELECT ssl_group()', %tls13);
my $kind  = $server->query('SELECT ssl_group_kind()', %tls13);
met("group-kind=$kind", %tls13);
unmet('group-kind=post-quantum', %tls13);
unmet("group-kind=$kind", %plain);
if ($group =~ /768/) { met('kem>=768', %tls13) }
else                 { unmet('kem>=768', %tls13) }
unmet('kem>=1024', %tls13);
met('signature=' . $server->query('SELECT signature_algorithm FROM ssl_session()', %tls13), %tls13);
unmet('signature=ed448|rsa_pkcs1_sha1', %tls13);
unmet('signature=ed448', %plain);
met('client-signature=' . $server->query('SELECT client_signature_algorithm FROM ssl_session()', %app), %app);
unmet('client-signature=ed448', %app);
unmet('client-signature=rsa_pss_rsae_sha256', %tls13);
met('client-key-bits>=2048', %tls13, cert => 'rsa');
unmet('client-key-bits>=2049', %tls13, cert => 'rsa');
unmet('client-key-bits>=1', %tls13);
met('cert-policy=1.3.6.1.4.1.99999.1|1.2.3', %tls13, cert => 'upn');
unmet('cert-policy=1.3.6.1.4.1.99999', %tls13, cert => 'upn');
unmet('cert-policy=1.3.6.1.4.1.99999.1', %app);
met('subject-has="CN=Müller,C=DE"', %app);
met('subject-has="O=other"|"C=DE"', %app);
unmet('subject-has="C=DE,OU=Payments"', %app);
unmet('subject-has="C=DE"', %tls13);
met('san=upn:joe@CORP.example', %tls13, cert => 'upn');
unmet('san=upn:Joe@corp.example', %tls13, cert => 'upn');
unmet('san=upn:joe@corp.example', %app);

# The server's own group before 18 is P-256; 18's default has X25519 first, which these two do not list.
sub use_p256
{
	my ($on) = @_;
	return if $major < 18;
	$server->query($on ? "ALTER SYSTEM SET ssl_groups = 'prime256v1'" : 'ALTER SYSTEM RESET ssl_groups');
	return $server->reload;
}

# The presets of the standards, with the server's own curve, and with one that they do not list.
use_p256(1);
for my $preset (qw(nist-sp-800-52r2 bsi-tr-02102-2-2026))
{
	met($preset, %tls13);
	met($preset, %tls12);
	unmet($preset, %plain);
	unmet("$preset group=x25519", %tls13);
}
use_p256(0);
unmet('cnsa-2.0', %tls13);
unmet('cnsa-2.0', %plain);

# openssl's own fingerprint, with its colons.
my ($printed) = `openssl x509 -in ${\$pki->crt('app')} -noout -fingerprint -sha256` =~ /=(\S+)/;
met("fingerprint=$printed", %app);

# What ssl_client_certificate() shows can be written into a policy, quotes doubled.
my $subject = $server->query('SELECT (ssl_client_certificate()).subject', %app);
met('subject="' . ($subject =~ s/"/""/gr) . '"', %app);

# A NUL in a name ends nothing: it never matches, and is shown escaped.
unmet($_, %tls13, cert => 'nul') for 'san=dns:db1.app.example', 'san=dns:*.app.example', 'san=dns:*.app.*.evil';
is($server->query("SELECT actual FROM ssl_check('san=dns:db1.app.example')", %tls13, cert => 'nul'),
	'dns:db1.app.example\00.evil', 'a NUL in a name is shown escaped');

# The error of ssl_require(), whole.
my ($code, $out, $error) = $server->run("SELECT ssl_require('mtls tls>=1.3 cn=app aead')", %tls12);
like($error, qr/ERROR:  28000: this connection does not satisfy the TLS policy "mtls tls>=1\.3 cn=app aead"\n/, 'the message of ssl_require() has the policy');
like($error, qr/DETAIL:  client-cert: found no client certificate\ntls>=1\.3: found TLSv1\.2\ncn=app: found no client certificate\n/,
	'the detail of ssl_require() has each requirement that is not met, in order, and the actual value');
like($error, qr/HINT:  Client: set sslcert and sslkey\. Server: set ssl_ca_file [^\n]*\nClient: use a TLS library [^\n]*\nLOCATION/,
	'the hint of ssl_require() has each advice once');
($code, $out, $error) = $server->run("SELECT ssl_require('tls' || repeat(' client-cert', 199))", %tls12);
like($error, qr/policy "tls( client-cert){16} clie\.\.\."\nDETAIL:  client-cert: found no client certificate\nHINT/,
	'a long policy is cut in the message, and the detail has each line once');

# Where a mistake is: psql's caret under the very character, also behind characters of several bytes, and in a long text.
sub caret
{
	my ($sql, %want) = @_;
	my ($code, $out, $errors) = $server->run("\\set VERBOSITY default\n$sql", %want);
	$errors = Encode::decode('UTF-8', $errors) unless utf8::is_utf8($errors);
	my ($message, $line, $blanks) = $errors =~ /ERROR:  (.*)\nLINE \d+: (.*)\n( *)\^/ or return "no caret: $errors";
	return "$message|" . substr $line, length($blanks) - length('LINE 1: ');
}
is(caret("SELECT ssl_satisfies('cn=Müller|ñandú tls>=1.4')"),
	'invalid TLS policy: TLS version "1.4" is neither 1.2 nor 1.3|1.4', 'the caret is right behind non-ASCII characters');
is(caret("SELECT ssl_satisfies('mtls tlsé')"), 'invalid TLS policy: unexpected "é"|é', 'the caret is right at a non-ASCII character');
is(caret("SELECT ssl_satisfies('mtls san=dns:bücher.example')"),
	'invalid TLS policy: invalid character in DNS name: "ü"|ücher.example', 'the caret is right in a value');
# the long text begins within a character
is(caret("SELECT ssl_satisfies('cn=\"" . ($_ x 600) . "\" tls>=1.4')"),
	'invalid TLS policy: TLS version "1.4" is neither 1.2 nor 1.3|1.4', "the caret is right behind 600 times $_") foreach 'é', '€';
is(caret("SELECT * FROM ssl_check('mtls subject=\"CN=a\"\"b\"')"),
	'invalid TLS policy: """ in distinguished name must be escaped as "\""|""b"', 'the caret is right behind a doubled quote');
like(caret("SELECT ssl_satisfies(repeat('cn=üüüüüüüüüüüüüüü ', 150) || 'tsl>=1.3' || repeat(' cn=ü', 4000))"),
	qr/^invalid TLS policy: unrecognized requirement "tsl"\|tsl>=1\.3 c/, 'the caret is right in the middle of a long text');
like(caret("SELECT ssl_satisfies(repeat('tls ', 262144))"), qr/^invalid TLS policy: policy is longer than 65536 bytes\|tls tls/,
	'a text of 1 MB has a caret where it is too long');
is($server->error("SELECT ssl_satisfies(repeat('tls ', 262144))"), '22023: invalid TLS policy: policy is longer than 65536 bytes',
	'a text of 1 MB is 22023');
is($server->error('SELECT ssl_require(NULL)'), '22023: TLS policy must not be NULL', 'NULL as a policy is 22023');
is($server->query("SELECT count(*) FROM ssl_check('tls' || repeat(' ', 65533))"), 1, '64 kB of text is a policy');

# In a database of another encoding.
$server->create_database('latin1', 'LATIN1');
$server->query('CREATE EXTENSION sslinfo_plus', dbname => 'latin1');
met('cn=Müller', %app, dbname => 'latin1');
is(caret("SELECT ssl_satisfies('cn=Müller tls>=1.4')", dbname => 'latin1'),
	'invalid TLS policy: TLS version "1.4" is neither 1.2 nor 1.3|1.4', 'the caret is right in LATIN1');
like($server->query("SELECT actual FROM ssl_check('client-cert')", %app, dbname => 'latin1'), qr/^CN=Müller,/, 'the result of ssl_check() is in LATIN1');

# One call site and a policy that changes: rows, a generic plan, PL/pgSQL; and more policies than are kept.
is($server->query(<<'EOS', %tls12), "tls|t\ntls>=1.3|f\ntls|t\nt\nf\nttf\n400|256", 'a policy may change at one call site');
SELECT p, ssl_satisfies(p) FROM unnest(ARRAY['tls', 'tls>=1.3', 'tls']) p;
SET plan_cache_mode = force_generic_plan;
PREPARE s(text) AS SELECT ssl_satisfies($1);
EXECUTE s('tls');
EXECUTE s('tls>=1.3');
CREATE FUNCTION pg_temp.each(policies text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE p text; r text := '';
BEGIN
	FOREACH p IN ARRAY policies LOOP
		IF ssl_satisfies(p) THEN r := r || 't'; ELSE r := r || 'f'; END IF;
	END LOOP;
	RETURN r;
END $$;
SELECT pg_temp.each(ARRAY['tls', 'aead', 'mtls']);
SELECT count(*), count(*) FILTER (WHERE ssl_satisfies('bits>=' || n)) FROM generate_series(1, 400) n;
EOS

# The clock runs in a session, also where the policy was kept: a certificate that runs out while it is open.
$pki->make('soon', not_after => time + 6);
my $session = $server->open_session(cert => 'soon');
is($server->say($session, "SELECT ssl_satisfies('mtls client-valid>=0s'), ssl_satisfies('mtls client-valid>=1h');"), 't|f',
	'a session meets a validity that it has');
is($server->say($session, "SELECT pg_sleep(7); SELECT ssl_satisfies('mtls client-valid>=0s'), ssl_satisfies('mtls');") =~ s/^\n//r,
	'f|t', 'a session no longer meets a validity when its certificate has expired');
# ssl_require() goes by the clock also within one statement.
$pki->make('sooner', not_after => time + 4);
like($server->error(q{DO $$ BEGIN PERFORM ssl_require('client-valid>=0s'); PERFORM pg_sleep(5); RAISE NOTICE 'valid at first'; PERFORM ssl_require('client-valid>=0s'); END $$}, cert => 'sooner'),
	qr/^28000: this connection does not satisfy/, 'a certificate that expires within a DO block fails ssl_require()');
like($server->say($session, "SELECT ssl_require('mtls client-valid>=0s');"), qr/28000:.*client-valid>=0s: found from .* UTC to /s,
	'the error of ssl_require() has the end of the validity');
$server->finish($session);

# Parallel queries: the leader alone asks, for a worker has no client.
is($server->query(<<'EOS', %tls13), 't', 'parallel workers have the same result');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT bool_and(ssl_satisfies('tls>=1.3')) FROM pg_class;
EOS

done_testing();
