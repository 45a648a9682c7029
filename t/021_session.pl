# ssl_session(), its scalars and ssl_client_offer(): every column, over TLS 1.2 and 1.3, with and without a client certificate.
# What is expected comes from pg_stat_ssl, from the certificates' making and from the openssl command.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Digest::SHA 'sha256_hex';
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::RawClient 'ask';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $node   = $server->node;
my $pki    = $server->pki;
my $major  = $server->query("SELECT current_setting('server_version_num')::int / 10000");
my $json   = JSON::PP->new;

sub session
{
	my (%want) = @_;
	return $json->decode(
		$server->query(
			"SET timezone = 'UTC';"
			  . " SELECT to_jsonb(s) || jsonb_build_object('client_serial', s.client_serial::text) FROM ssl_session() s",
			%want));
}

# Which of the given columns differ from what is expected.
sub columns_are
{
	my ($session, $expected, $title) = @_;
	is_deeply({ map { ($_ => $session->{$_}) } keys %$expected }, $expected, $title) or diag explain $session;
	return;
}

my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
my $iso = sub { my @t = gmtime $_[0]; return POSIX::strftime('%Y-%m-%dT%H:%M:%S+00:00', @t) };
my ($not_before, $not_after) = (1767225600, 4102444800);
$pki->make(
	'app',
	subject    => [ 'O=Acme', 'CN=app' ],
	serial     => '0x00f1e2d3c4b5a69788f1e2d3c4b5a69788',
	not_before => $not_before,
	not_after  => $not_after,
	extensions => [ san(uri => 'spiffe://acme.example/app') ]);

# OpenSSL's and IANA's names of the cipher suites, as the openssl command has them.
my %iana = map { /^(\S+)\s+-\s+(\S+)/ ? ($2 => $1) : () } split /\n/, `openssl ciphers -stdname ALL:COMPLEMENTOFALL`;

# TLS with and without a certificate. The whole row is given, so that no column escapes.
for my $tls ('1.2', '1.3')
{
	for my $cert (undef, 'app')
	{
		my $seen = session(tls => $tls, cert => $cert);
		my ($version, $cipher, $bits, $dn, $serial, $issuer) = split /\|/,
		  $server->query(
			'SELECT version, cipher, bits, client_dn, client_serial, issuer_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
			tls  => $tls,
			cert => $cert), -1;
		my ($received, $sent) = delete @$seen{qw(bytes_received bytes_sent)};
		my ($serial_hex) = `openssl x509 -in ${\$pki->crt('app')} -noout -serial` =~ /=(.*)/;
		my ($root_spki) =
		  `openssl x509 -in ${\$pki->crt('root')} -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r` =~ /^(\w+)/;
		my ($server_not_after) = `openssl x509 -in ${\$pki->crt('server')} -noout -enddate` =~ /=(.*)/;
		my $group = delete $seen->{key_exchange_group};
		is_deeply(
			$seen,
			{
				transport                  => 'tls',
				version                    => $version,
				cipher                     => $cipher,
				cipher_iana                => $iana{$cipher},
				bits                       => $bits,
				compression                => $no,
				forward_secrecy            => $yes,
				aead                       => $yes,
				post_quantum               => $no,
				post_quantum_offered       => $seen->{post_quantum_offered},    # see 026_post_quantum.pl
				signature_algorithm        => 'ecdsa_secp256r1_sha256',
				client_signature_algorithm => $cert ? 'ecdsa_secp256r1_sha256' : undef,
				server_name                => 'localhost',
				alpn                       => $major >= 17 ? 'postgresql' : undef,
				resumed                    => $no,
				client_cert_present        => $cert ? $yes : $no,
				client_dn                  => $cert ? $dn : undef,
				client_serial              => $cert ? $serial : undef,
				client_serial_hex          => $cert ? lc $serial_hex : undef,
				issuer_dn                  => $cert ? $issuer : undef,
				client_not_before          => $cert ? $iso->($not_before) : undef,
				client_not_after           => $cert ? $iso->($not_after) : undef,
				client_fingerprint         => $cert ? sha256_hex($pki->der('app')) : undef,
				client_spiffe_id           => $cert ? 'spiffe://acme.example/app' : undef,
				server_dn                  => '/CN=localhost',
				server_not_after           => $seen->{server_not_after},
				server_fingerprint         => sha256_hex($pki->der('server')),
				group_kind                 => 'classical',
				auth_method                => 'trust',
				authn_id                   => undef,
				client_root_spki           => $cert ? $root_spki : undef,
				# known with the preload only, see t/070
				(map { ($_ => undef) } qw(hello_retry handshake_time ja4)),
			},
			"TLS $tls, " . ($cert ? 'with' : 'without') . ' a certificate: every column of ssl_session() is right')
		  or diag explain $seen;
		like($version, qr/^TLSv$tls$/, "TLS $tls: the session has this version");
		is(
			$server->query(
				"SELECT server_not_after = '$server_not_after', ssl_client_not_before() IS NOT DISTINCT FROM client_not_before,"
				  . ' ssl_client_not_after() IS NOT DISTINCT FROM client_not_after FROM ssl_session()',
				cert => $cert),
			't|t|t',
			"TLS $tls: server_not_after is the date of the openssl command, and the functions of dates return the columns");
		like($group, qr/^(x25519|secp256r1|X25519MLKEM768)$/, "TLS $tls: the key exchange group is one of the defaults");
		cmp_ok($received, '>', $cert ? 900 : 300, "TLS $tls: bytes_received counts the handshake");
		cmp_ok($sent,     '>', 600,               "TLS $tls: bytes_sent counts the handshake");
	}
}

# Bytes: what the client sends and gets is counted, and nothing else.
my ($before, $after) = map { [ split /\|/ ] } split /\n/, $server->query(<<"EOS", tls => '1.3');
SELECT bytes_received, bytes_sent FROM ssl_session();
DO 'BEGIN /*${\('x' x 100000)}*/ END';
\\o /dev/null
SELECT repeat('y', 200000);
\\o
SELECT bytes_received, bytes_sent FROM ssl_session();
EOS
my ($received, $sent) = map { $after->[$_] - $before->[$_] } 0, 1;
ok($received > 100000 && $received < 103000, "bytes_received counts 100 kB to the server: $received bytes");
ok($sent > 200000 && $sent < 206000, "bytes_sent counts 200 kB to the client: $sent bytes");

# Without TLS.
for my $case ([ socket => 1 ], [ sslmode => 'disable' ])
{
	columns_are(
		session(@$case),
		{
			transport => $case->[0] eq 'socket' ? 'socket' : 'plain',
			(map { ($_ => $no) } qw(compression forward_secrecy aead post_quantum resumed client_cert_present)),
			(
				map { ($_ => undef) }
				  qw(version cipher cipher_iana bits key_exchange_group post_quantum_offered signature_algorithm
				  client_signature_algorithm server_name alpn bytes_received bytes_sent client_dn client_serial client_serial_hex issuer_dn
				  client_not_before client_not_after client_fingerprint client_spiffe_id server_dn server_not_after
				  server_fingerprint group_kind hello_retry handshake_time ja4 authn_id client_root_spki)),
			auth_method => 'trust'
		},
		"ssl_session() has no facts of TLS without TLS: @$case");
	is($server->query('SELECT count(*) FROM ssl_client_offer()', @$case), 0, "ssl_client_offer() has no rows without TLS: @$case");
	is($server->query("SELECT ssl_channel_binding() IS NULL AND ssl_server_certificate() IS NULL", @$case), 't', "the channel binding and the server certificate are NULL without TLS: @$case");
}

# Server name: as the client sent it.
is($server->query('SELECT ssl_server_name()', options => 'host=LOCALHOST sslmode=require'), 'LOCALHOST', 'ssl_server_name() is the name as the client sent it');
is($server->query('SELECT ssl_server_name() IS NULL', options => $_), 't', "ssl_server_name() is NULL without SNI: $_")
  for 'sslsni=0', 'host=127.0.0.1 sslmode=require';
for my $name ("odd\\name.example", 'x' x 255)
{
	my ($rows) = ask($server, 'SELECT ssl_server_name()', -servername => $name);
	is_deeply($rows, [$name], 'ssl_server_name() is an unusual name as the client sent it: ' . substr $name, 0, 20);
}

# What the client signed with.
my %signatures = (
	'EC'       => 'ecdsa_secp256r1_sha256',
	'EC:P-384' => 'ecdsa_secp384r1_sha384',
	'EC:P-521' => 'ecdsa_secp521r1_sha512',
	'RSA'      => 'rsa_pss_rsae_sha256',
	'RSA-PSS'  => 'rsa_pss_pss_sha256',
	'ED25519'  => 'ed25519',
	'ED448'    => 'ed448',);
$signatures{'ML-DSA-65'} = 'mldsa65' if `openssl list -signature-algorithms 2>&1` =~ /ML-DSA-65/i;
for my $key (sort keys %signatures)
{
	(my $name = "key-$key") =~ s/:/-/;
	$pki->make($name, key => $key);
	columns_are(session(tls => '1.3', cert => $name), { client_signature_algorithm => $signatures{$key} }, "TLS 1.3: client_signature_algorithm fits the client key $key");
	# In TLS 1.2 a server takes keys of its own curves only, here P-256; ML-DSA is for TLS 1.3.
	next if $key =~ /^EC:|^ML-DSA/;
	columns_are(session(tls => '1.2', cert => $name), { client_signature_algorithm => $signatures{$key} }, "TLS 1.2: client_signature_algorithm fits the client key $key");
}

# The client's offer, against the ClientHello as the openssl command saw it go.
my $offer = "SELECT kind, string_agg(code::text, ' ' ORDER BY ordinal), string_agg(ordinal::text, ' ' ORDER BY ordinal)"
  . q{ FROM ssl_client_offer() WHERE kind <> 'shared_group' GROUP BY kind ORDER BY kind};
for my $case (
	[ 'all that openssl offers' ],
	[ 'TLS 1.2 only',   '-tls1_2' ],
	[ 'TLS 1.3 only',   '-tls1_3' ],
	[ 'a chosen order', '-groups' => 'P-384:X448:X25519:P-256', '-sigalgs' => 'ECDSA+SHA512:ecdsa_secp256r1_sha256:ed448' ],
	[ 'few ciphers', '-cipher' => 'ECDHE-ECDSA-AES128-GCM-SHA256', '-ciphersuites' => 'TLS_CHACHA20_POLY1305_SHA256' ])
{
	my ($title, @options) = @$case;
	my ($rows, $hello) = ask($server, $offer, @options);
	my @sent = map { [ $_->[0] => $hello->{ $_->[1] } ] }
	  [ cipher => 'ciphers' ], [ group => 'groups' ], [ signature_algorithm => 'signature_algorithms' ];
	is_deeply(
		$rows,
		[ map { join '|', $_->[0], "@{$_->[1]}", join ' ', 1 .. @{ $_->[1] } } @sent ],
		"ssl_client_offer() has the codes of the ClientHello in their order: $title (" . join(', ', map { scalar @{ $_->[1] } } @sent) . ')') or diag explain $hello;
}
my ($names) = ask(
	$server, q{SELECT kind, code, name FROM ssl_client_offer() WHERE kind <> 'shared_group'},
	'-tls1_3', '-groups' => 'X25519:P-521:P-256', '-sigalgs' => 'ed25519:RSA-PSS+SHA384:ecdsa_secp256r1_sha256');
# Whether it also sends this signalling value in TLS 1.3 depends on its version.
is_deeply(
	[ grep { $_ ne 'cipher|255|TLS_EMPTY_RENEGOTIATION_INFO_SCSV' } @$names ],
	[
		'cipher|4866|TLS_AES_256_GCM_SHA384', 'cipher|4867|TLS_CHACHA20_POLY1305_SHA256', 'cipher|4865|TLS_AES_128_GCM_SHA256',
		'group|29|x25519', 'group|25|secp521r1', 'group|23|secp256r1',
		'signature_algorithm|2055|ed25519', 'signature_algorithm|2053|rsa_pss_rsae_sha384', 'signature_algorithm|1027|ecdsa_secp256r1_sha256'
	],
	'ssl_client_offer() has the names of the codes');

# As an older or a newer extension script might declare it, and as nobody should.
$server->query(<<'EOS');
CREATE FUNCTION other_columns(OUT bytes_sent bigint, OUT of_tomorrow int, OUT version text, OUT bits int) RETURNS record
    LANGUAGE c AS 'sslinfo_plus', 'ssl_session';
CREATE FUNCTION wrong_fact(OUT cipher text, OUT version int) RETURNS record LANGUAGE c AS 'sslinfo_plus', 'ssl_session';
CREATE FUNCTION wrong_counter(OUT bytes_sent int, OUT bits int) RETURNS record LANGUAGE c AS 'sslinfo_plus', 'ssl_session';
EOS
for my $query ('SELECT * FROM other_columns()', 'SELECT (other_columns()).*')
{
	like($server->query($query), qr/^[1-9]\d+\|\|TLSv1\.3\|256$/, "columns are filled by their names: $query");
}
is($server->query('SELECT (ssl_session()).version FROM other_columns() o JOIN ssl_session() s USING (version)'),
	'TLSv1.3', 'two declarations of ssl_session() work in one query');
for my $name (qw(wrong_fact wrong_counter))
{
	for my $query ("SELECT * FROM $name()", "SELECT $name()")
	{
		like($server->error($query), qr/^42804: unexpected data type of column "(version|bytes_sent)"/, "a column declared with a wrong type is an error: $query");
	}
}

# Forward secrecy and AEAD, by ciphers of TLS 1.2 with a server whose key is RSA; the groups.
$pki->make('rsa-server', key => 'RSA', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ]);
$node->append_conf('postgresql.conf', "ssl_cert_file = '${\$pki->crt('rsa-server')}'\nssl_key_file = '${\$pki->key('rsa-server')}'\n");
$node->append_conf('postgresql.conf', "ssl_ciphers = 'ALL:COMPLEMENTOFALL:\@SECLEVEL=0'\n");
$server->reload;
# cipher, forward secrecy, AEAD, group, the server's signature
my @suites = (
	[ 'AES128-SHA',                  $no,  $no,  undef,       undef ],
	[ 'AES256-GCM-SHA384',           $no,  $yes, undef,       undef ],
	[ 'ADH-AES256-GCM-SHA384',       $yes, $yes, undef,       undef ],
	[ 'ECDHE-RSA-AES128-SHA256',     $yes, $no,  'secp384r1', 'rsa_pss_rsae_sha256' ],
	[ 'ECDHE-RSA-CHACHA20-POLY1305', $yes, $yes, 'secp384r1', 'rsa_pss_rsae_sha256' ],
	[ 'DHE-RSA-AES128-GCM-SHA256',   $yes, $yes, undef,       'rsa_pss_rsae_sha256' ],);
my $group_setting = $major >= 18 ? 'ssl_groups' : 'ssl_ecdh_curve';
$node->append_conf('postgresql.conf', "$group_setting = 'secp384r1'\n");
$server->reload;
for my $case (@suites)
{
	my ($cipher, $forward_secrecy, $aead, $group, $signature) = @$case;
	my ($rows) = ask($server, 'SELECT to_jsonb(s) FROM ssl_session() s', '-tls1_2', '-cipher' => "$cipher:\@SECLEVEL=0");
	is(scalar @$rows, 1, "the server accepts the cipher $cipher") or next;
	my $seen = $json->decode($rows->[0]);
	columns_are(
		$seen,
		{
			version             => 'TLSv1.2',
			cipher              => $cipher,
			cipher_iana         => $iana{$cipher},
			forward_secrecy     => $forward_secrecy,
			aead                => $aead,
			key_exchange_group  => $group,
			signature_algorithm => $signature,
		},
		"ssl_session() has the facts of the cipher $cipher");
}
my @groups = ([ 'prime256v1' => 'secp256r1' ], [ 'secp521r1' => 'secp521r1' ]);
# Before 18 the server takes curves of ECDSA only.
push @groups, [ 'X25519' => 'x25519' ], [ 'X448' => 'x448' ] if $major >= 18;
for my $case (@groups)
{
	my ($setting, $name) = @$case;
	$node->append_conf('postgresql.conf', "$group_setting = '$setting'\n");
	$server->reload;
	for my $tls ('-tls1_2', '-tls1_3')
	{
		my ($rows) = ask($server, 'SELECT ssl_group()', $tls, '-groups' => $setting);
		is_deeply($rows, [$name], "ssl_group() returns $name for the group $setting with $tls");
	}
}

done_testing();
