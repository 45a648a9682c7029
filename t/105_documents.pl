# The statements of docs/reference.md and docs/policy.md: as they are printed there, they bring the output that is printed behind
# them. No block of a document has a prompt, so that each can be pasted.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER;
use SSLInfoPlus::Document qw(is_documented psql_output);
use SSLInfoPlus::Server;
use Test::More;

my $top = "$FindBin::RealBin/..";
for my $name (map { s{^\Q$top\E/}{}r } glob "$top/*.md $top/docs/*.md $top/docs/*/*.md")
{
	unlike(SSLInfoPlus::Document->new($name)->text, qr/^ *(?:=>|\w+[=-][#>]|\$|#(?= *(?:psql|make|apt|sudo|su )\b)) /m, "no block of $name has a prompt");
}

# The client of the examples. Its OpenSSL offers the same on every machine.
my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\nssl_ecdh_curve = 'prime256v1'\n");
my $pki = $server->pki;
$pki->make('clients', ca => 1, subject => [ 'C=DE', 'O=Acme, Inc.', 'CN=Acme Clients' ]);
$pki->make(
	'app',
	issuer     => 'clients',
	subject    => [ 'C=DE', 'O=Acme, Inc.', 'OU=Billing', 'OU=Batch', 'CN=app' ],
	serial     => '0x4a5b6c7d8e9f',
	extensions => [
		basic_constraints(),
		key_usage('digitalSignature'),
		extended_key_usage('clientAuth'),
		san(dns => 'app.acme.example', uri => 'spiffe://acme.example/billing', ip => '192.0.2.1', other => [ '1.3.6.1.4.1.311.20.2.3', SSLInfoPlus::DER::string('UTF8String', 'app@acme.example') ]),
		extension('1.3.6.1.4.1.99999.1', SSLInfoPlus::DER::string('UTF8String', 'cost centre 4711'))
	]);
$pki->make(
	'policy',
	subject    => [ 'C=DE', 'O=Acme', 'CN=app' ],
	extensions => [ san(dns => 'db.app.example', uri => 'spiffe://prod/web') ]);
symlink $pki->crt('server'), $server->node->data_dir . '/server.crt' or die $!;

my $configuration = PostgreSQL::Test::Utils::tempdir() . '/openssl.cnf';
append_to_file($configuration, <<'EOC');
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = default
[default]
Groups = X25519:P-256
EOC
local @ENV{qw(OPENSSL_CONF PGTZ)} = ($configuration, 'UTC');

my $major = int($server->query('SHOW server_version_num') / 10000);
my ($offers_post_quantum) = $server->query('SELECT post_quantum FROM ssl_library()');

# What differs between versions of the server and of OpenSSL, and from run to run.
sub comparable
{
	my ($text) = @_;
	$text =~ s/^((?:bytes_received|bytes_sent|handshake_time|hba_line) +\| ).*/$1NUMBER/mg;
	$text =~ s/^(alpn +\|).*/$1 ALPN/mg;
	$text =~ s/(secp256r1 +\| f +\| localhost +\|).*/$1 ALPN/;
	$text =~ s/ \d+ days \d\d:\d\d:\d\d\.\d+/ INTERVAL/;
	$text =~ s/\d+\.\d+\.\d+\w* +\| +\d+\.\d+\.\d+\w* +\| f +\| [tf]/VERSIONS/;
	$text =~ s/ \\x[0-9a-f]{64}\b/ BYTES/;
	$text =~ s/\b[0-9a-f]{40}\b/HASH/g;
	$text =~ s/othername: UPN:\K://;    # OpenSSL before 3.6
	return $text;
}

# Runs each statement of a document that has its output behind it; returns how many there are.
sub check
{
	my ($name, $connstr, $wanted) = @_;
	my @blocks = SSLInfoPlus::Document->new($name)->blocks;
	my $checked = 0;
	while (my $block = shift @blocks)
	{
		next unless $block->{language} eq 'sql' && @blocks && $blocks[0]{language} eq '' && $wanted->($block->{text});
		my ($title) = $block->{text} =~ /(.*)/;
		is_documented(comparable(psql_output($connstr, $block->{text})), comparable($blocks[0]{text}), "$name: the output is the documented one of $title");
		$checked++;
	}
	return $checked;
}

my $post_quantum = qr/post_quantum_offered FROM/;
is(check('docs/reference.md', $server->connstr(cert => 'app', tls => '1.3'), sub { $_[0] !~ $post_quantum }), 25, '25 statements of the reference were run');
is(check('docs/policy.md', $server->connstr(cert => 'policy', tls => '1.2'), sub { 1 }), 3, '3 statements about policies were run');

SKIP:
{
	skip "PostgreSQL $major has no ssl_groups", 1 if $major < 18;
	skip 'this OpenSSL has no ML-KEM', 1 if $offers_post_quantum ne 't';
	local $ENV{OPENSSL_CONF} = '/dev/null';
	$server->set(ssl_groups => 'X25519MLKEM768:X25519');
	check('docs/reference.md', $server->connstr(tls => '1.3'), sub { $_[0] =~ $post_quantum });
}

done_testing();
