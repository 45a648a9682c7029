# The truth table of each requirement and preset of docs/policy.md, on real sessions, in SQL and as a login rule: a session for
# which it holds, one for which it does not, and one in which the fact is not known. What is not known is never satisfied.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER qw(oid sequence string);
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\nsslinfo_plus.login_action = 'log'\n");
my $pki    = $server->pki;
my $major  = int $server->query('SHOW server_version_num') / 10000;
my $hybrid = $major >= 18 && $server->query('SELECT post_quantum FROM ssl_library()') eq 't';
$server->node->append_conf('postgresql.conf',
	$hybrid        ? "ssl_groups = 'X25519MLKEM768:SecP384r1MLKEM1024:MLKEM768:prime256v1'\n"
	: $major >= 18 ? "ssl_groups = 'prime256v1'\n"
	:                "ssl_ecdh_curve = 'prime256v1'\n");

$pki->make(
	'app',
	subject    => [ 'C=DE', 'O=Acme', 'CN=app' ],
	not_after  => time + 10 * 86400 + 600,
	extensions => [
		extended_key_usage('clientAuth'),
		san(uri => 'spiffe://prod/web', other => [ '1.3.6.1.4.1.311.20.2.3', string('UTF8String', 'joe@corp.example') ]),
		extension('certificatePolicies', sequence(sequence(oid('1.3.6.1.4.1.99999.1'))))
	]);
$pki->make('bare', subject => []);    # no subject, no extension
my @localhost = (subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
$pki->make('server_rsa', key => 'RSA:2048', @localhost);
$pki->make('server_mldsa', key => 'ML-DSA-87', @localhost) if $hybrid;

# The kinds of sessions. `tls` is a section of openssl.cnf for the client, `server` another certificate of the server.
my %sessions = (
	plain   => { sslmode => 'disable' },
	socket  => { socket => 1 },
	tls     => { tls => '1.3', conf => 'Groups = P-256' },
	tls12   => { tls => '1.2' },
	cbc     => { tls => '1.2', conf => 'CipherString = ECDHE-ECDSA-AES256-SHA384' },
	chacha  => { tls => '1.2', conf => 'CipherString = ECDHE-ECDSA-CHACHA20-POLY1305' },
	cert    => { tls => '1.3', conf => 'Groups = P-256', cert => 'app' },
	bare    => { tls => '1.3', cert => 'bare' },
	no_name => { tls => '1.3', options => 'sslsni=0', sslmode => 'require' },
	hybrid  => { tls => '1.3', conf => 'Groups = X25519MLKEM768', hybrid => 1 },
	pure    => { tls => '1.3', conf => 'Groups = MLKEM768', hybrid => 1 },
	# In these the server's key is another one: RSA key exchange has no group, and nobody signs; CNSA 2.0 wants ML-DSA.
	rsa  => { tls => '1.2', conf => 'CipherString = AES256-GCM-SHA384', server => 'server_rsa' },
	cnsa => { tls => '1.3', conf => 'Groups = SecP384r1MLKEM1024', server => 'server_mldsa', hybrid => 1 },);

my %of_app = map { $_ => $server->query("SELECT $_ FROM ssl_client_certificate() c, ssl_session() s", cert => 'app') }
  qw(fingerprint spki_fingerprint client_root_spki);
my $zeros = '0' x 64;

# Requirement => what holds, what does not, and what is not known: [policy, session]; the last also with a condition that shows why.
# [] where there is no such session.
my @truth = (
	tls      => [ 'tls', 'tls' ], [ 'tls', 'plain' ], [],
	'tls>='  => [ 'tls>=1.3', 'tls' ], [ 'tls>=1.3', 'tls12' ], [ 'tls>=1.2', 'plain', 'version IS NULL' ],
	encrypted => [ 'encrypted', 'tls' ], [ 'encrypted', 'plain' ], [],
	local    => [ 'local', 'socket' ], [ 'local', 'tls' ], [],
	'auth='  => [ 'auth=trust', 'tls' ], [ 'auth=cert', 'cert' ], [],
	'forward-secrecy' => [ 'forward-secrecy', 'tls12' ], [ 'forward-secrecy', 'rsa' ], [ 'forward-secrecy', 'plain', 'cipher IS NULL' ],
	aead     => [ 'aead', 'tls' ], [ 'aead', 'cbc' ], [ 'aead', 'plain', 'cipher IS NULL' ],
	'bits>=' => [ 'bits>=256', 'tls' ], [ 'bits>=257', 'tls' ], [ 'bits>=1', 'plain', 'bits IS NULL' ],
	'post-quantum' => [ 'post-quantum', 'hybrid' ], [ 'post-quantum', 'tls' ], [ 'post-quantum', 'plain', 'key_exchange_group IS NULL' ],
	'group-kind=' => [ 'group-kind=hybrid', 'hybrid' ], [ 'group-kind=hybrid|post-quantum', 'tls' ],
	[ 'group-kind=classical|hybrid|post-quantum', 'rsa', 'group_kind IS NULL' ],
	'kem>='  => [ 'kem>=768', 'hybrid' ], [ 'kem>=1024', 'hybrid' ], [ 'kem>=768', 'rsa', 'key_exchange_group IS NULL' ],
	'group=' => [ 'group=P-256', 'tls' ], [ 'group=P-384|x25519', 'tls' ], [ 'group=P-256', 'rsa', 'key_exchange_group IS NULL' ],
	'cipher=' => [ 'cipher=ECDHE-ECDSA-AES256-SHA384', 'cbc' ], [ 'cipher=TLS_AES_256_GCM_SHA384', 'cbc' ],
	[ 'cipher=TLS_AES_256_GCM_SHA384', 'plain', 'cipher IS NULL' ],
	'signature=' => [ 'signature=ecdsa_secp256r1_sha256', 'tls' ], [ 'signature=ed25519', 'tls' ],
	[ 'signature=rsa_pss_rsae_sha256|rsa_pkcs1_sha256', 'rsa', 'signature_algorithm IS NULL' ],
	'alpn='  => $major >= 17 ? [ 'alpn=postgresql', 'tls' ] : [], [ 'alpn=other', 'tls' ], [ 'alpn=postgresql', 'plain', 'alpn IS NULL' ],
	'server-name=' => [ 'server-name=localhost', 'tls' ], [ 'server-name=*.example', 'tls' ],
	[ 'server-name=localhost', 'no_name', 'server_name IS NULL' ],
	'client-cert' => [ 'client-cert', 'cert' ], [ 'client-cert', 'tls' ], [],
	'client-key-strength>=' => [ 'client-key-strength>=128', 'cert' ], [ 'client-key-strength>=129', 'cert' ],
	[ 'client-key-strength>=1', 'tls', 'NOT client_cert_present' ],
	'client-key-bits>=' => [ 'client-key-bits>=256', 'cert' ], [ 'client-key-bits>=257', 'cert' ],
	[ 'client-key-bits>=1', 'tls', 'NOT client_cert_present' ],
	'client-signature=' => [ 'client-signature=ecdsa_secp256r1_sha256', 'cert' ], [ 'client-signature=ed25519', 'cert' ],
	[ 'client-signature=ecdsa_secp256r1_sha256', 'tls', 'client_signature_algorithm IS NULL' ],
	'client-valid>=' => [ 'client-valid>=10d', 'cert' ], [ 'client-valid>=241h', 'cert' ],
	[ 'client-valid>=0s', 'tls', 'client_not_after IS NULL' ],
	'subject=' => [ 'subject="CN=app,O=Acme,C=DE"', 'cert' ], [ 'subject="CN=app"', 'cert' ],
	[ 'subject="CN=app"', 'bare', 'client_dn IS NULL AND client_cert_present' ],
	'subject-has=' => [ 'subject-has="O=Acme,CN=app"', 'cert' ], [ 'subject-has="O=Acme,OU=x"', 'cert' ],
	[ 'subject-has="O=Acme"', 'bare', 'client_dn IS NULL AND client_cert_present' ],
	'issuer=' => [ 'issuer="CN=Root CA,O=sslinfo_plus tests"', 'cert' ], [ 'issuer="CN=Root CA"', 'cert' ],
	[ 'issuer="CN=Root CA,O=sslinfo_plus tests"', 'tls', 'issuer_dn IS NULL' ],
	'cn='    => [ 'cn=app|web', 'cert' ], [ 'cn=web', 'cert' ], [ 'cn=app', 'bare', "ssl_client_dn_field('CN') IS NULL" ],
	'san='   => [ 'san=uri:spiffe://prod/*|upn:x@corp.example', 'cert' ], [ 'san=upn:x@corp.example|dns:app.example', 'cert' ],
	[ 'san=uri:spiffe://prod/*', 'bare', 'NOT EXISTS (SELECT FROM ssl_client_san())' ],
	'eku='   => [ 'eku=clientAuth', 'cert' ], [ 'eku=serverAuth', 'cert' ],
	[ 'eku=clientAuth', 'bare', '(ssl_client_certificate()).extended_key_usage IS NULL' ],
	'cert-policy=' => [ 'cert-policy=1.3.6.1.4.1.99999.1', 'cert' ], [ 'cert-policy=1.3.6.1.4.1.99999.2', 'cert' ],
	[ 'cert-policy=1.3.6.1.4.1.99999.1', 'bare', 'NOT EXISTS (SELECT FROM ssl_client_extensions())' ],
	'fingerprint=' => [ "fingerprint=$of_app{fingerprint}", 'cert' ], [ "fingerprint=$zeros", 'cert' ],
	[ "fingerprint=$of_app{fingerprint}", 'tls', 'client_fingerprint IS NULL' ],
	'spki='  => [ "spki=$of_app{spki_fingerprint}", 'cert' ], [ "spki=$zeros", 'cert' ],
	[ "spki=$of_app{spki_fingerprint}", 'tls', 'ssl_client_spki_fingerprint() IS NULL' ],
	'ca-spki=' => [ "ca-spki=$of_app{client_root_spki}", 'cert' ], [ "ca-spki=$of_app{spki_fingerprint}", 'cert' ],
	[ "ca-spki=$of_app{client_root_spki}", 'tls', 'client_root_spki IS NULL' ],
	# The presets
	mtls     => [ 'mtls', 'cert' ], [ 'mtls', 'tls' ], [ 'mtls', 'plain', 'version IS NULL' ],
	'quantum-safe' => [ 'quantum-safe', 'hybrid' ], [ 'quantum-safe', 'tls' ], [ 'quantum-safe', 'rsa', 'key_exchange_group IS NULL' ],
	'nist-sp-800-52r2' => [ 'nist-sp-800-52r2', 'cbc' ], [ 'nist-sp-800-52r2', 'chacha' ],
	[ 'nist-sp-800-52r2', 'rsa', 'key_exchange_group IS NULL' ],
	'bsi-tr-02102-2-2026' => [ 'bsi-tr-02102-2-2026', 'tls' ], [ 'bsi-tr-02102-2-2026', 'chacha' ],
	[ 'bsi-tr-02102-2-2026', 'rsa', 'key_exchange_group IS NULL' ],
	'mozilla-modern' => [ 'mozilla-modern', 'tls' ], [ 'mozilla-modern', 'tls12' ], [ 'mozilla-modern', 'plain', 'version IS NULL' ],
	'mozilla-intermediate' => [ 'mozilla-intermediate', 'chacha' ], [ 'mozilla-intermediate', 'cbc' ],
	[ 'mozilla-intermediate', 'rsa', 'key_exchange_group IS NULL' ],
	'cnsa-2.0' => [ 'cnsa-2.0', 'cnsa' ], [ 'cnsa-2.0', 'hybrid' ], [ 'cnsa-2.0', 'rsa', 'key_exchange_group IS NULL' ],
	# More values
	'group-kind=' => [ 'group-kind=post-quantum', 'pure' ], [ 'group-kind=post-quantum', 'hybrid' ], [],
	'kem>='  => [ 'kem>=1024', 'cnsa' ], [ 'kem>=1024', 'pure' ], [],
	'signature=' => [ 'signature=mldsa87', 'cnsa' ], [ 'signature=mldsa87', 'tls' ], [],);

# Each cell of the table is a role of its own, whose login rule is the policy.
my (@cells, %words);
for (my $i = 0; $i < @truth; $i += 4)
{
	my ($word, @row) = @truth[ $i .. $i + 3 ];
	$words{$word} = 1;
	for my $column (0 .. 2)
	{
		my ($policy, $session, $unknown) = @{ $row[$column] } or next;
		push @cells, { role => 'cell' . @cells, policy => $policy, session => $session, unknown => $unknown, holds => $column == 0 };
	}
}

# Is every word of the documentation in the table?
my $documentation = slurp_file("$FindBin::RealBin/../docs/policy.md");
my ($requirements) = $documentation =~ /^\| requirement \|.*?\n\|---\|---\|\n(.*?)\n\n/ms;
my ($presets)      = $documentation =~ /^\| preset \|.*?\n(.*?)\n\n/ms;
my %documented = map { $_ => 1 } $requirements =~ /^\| `([a-z-]+(?:>=|=)?)/mg, $presets =~ /^\| `([^`]+)` \|/mg;
is_deeply([ sort keys %words ], [ sort keys %documented ], 'each requirement and preset of the documentation has a truth table');

my $rules = join ';', map { "$_->{role}: $_->{policy}" } @cells;
$server->query(join ';', map { "CREATE ROLE $_->{role} LOGIN" } @cells);
$server->query("ALTER SYSTEM SET sslinfo_plus.login_rules = '$rules'");
$server->node->restart;
$server->query('SELECT pg_stat_ssl_usage_reset()', socket => 1);

# The options of a session, with an openssl.cnf for its client.
sub session_options
{
	my ($cell) = @_;
	my %want = (%{ $sessions{ $cell->{session} } }, user => $cell->{role});
	my ($conf) = map { delete $want{$_} } qw(conf server hybrid);
	my $file = write_file("$PostgreSQL::Test::Utils::tmp_check/openssl.cnf",
		"openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\n" . ($conf // '') . "\n");
	return ($file, %want);
}

# SQL in a session of the cell: is the policy satisfied, and is the fact unknown?
sub ask_session
{
	my ($cell) = @_;
	my ($file, %want) = session_options($cell);
	local $ENV{OPENSSL_CONF} = $file;
	my $unknown = $cell->{unknown} // 'true';
	return $server->query("SELECT ssl_satisfies(\$p\$$cell->{policy}\$p\$), $unknown FROM ssl_session()", %want);
}

my @asked;
for my $certificate ('server', 'server_rsa', 'server_mldsa')
{
	my @of_this = grep { ($sessions{ $_->{session} }{server} // 'server') eq $certificate } @cells;
	my @possible = grep { $hybrid || !$sessions{ $_->{session} }{hybrid} } @of_this;
	push @asked, @possible;
	next if !@possible;
	$server->node->append_conf('postgresql.conf',
		"ssl_cert_file = '${\$pki->crt($certificate)}'\nssl_key_file = '${\$pki->key($certificate)}'\n");
	$server->reload;
	for my $cell (@possible)
	{
		my $what = $cell->{holds} ? 'holds' : $cell->{unknown} ? 'is not satisfied, since the fact is not known,' : 'does not hold';
		is(ask_session($cell), ($cell->{holds} ? 't' : 'f') . '|t', "$cell->{policy} $what in SQL on a session of kind $cell->{session}");
	}
}

# The same as login rules. They do not judge Unix-domain sockets.
my %would_reject = map { split /\|/ } split /\n/,
  $server->query("SELECT usename, sum(would_reject) FROM pg_stat_ssl_usage WHERE usename LIKE 'cell%' GROUP BY 1", socket => 1);
for my $cell (grep { $_->{session} ne 'socket' } @asked)
{
	my $what = $cell->{holds} ? 'lets in' : 'refuses';
	is($would_reject{ $cell->{role} }, $cell->{holds} ? 0 : 1, "$cell->{policy} as a login rule $what a session of kind $cell->{session}");
}

SKIP:
{
	skip 'hybrid and post-quantum groups need PostgreSQL 18 and OpenSSL 3.5', 1 if !$hybrid;
	is(scalar @asked, scalar @cells, 'each cell of the table was tried');
}

done_testing();
