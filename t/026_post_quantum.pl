# Post-quantum key exchange end to end: a client that does it, one that offers it to a server that does not, one that cannot.
# The first needs PostgreSQL 18 (ssl_groups) and OpenSSL 3.5; the second OpenSSL 3.5.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main');
my $node   = $server->node;
my $major  = $server->query("SELECT current_setting('server_version_num')::int / 10000");

# What the server's OpenSSL can is what the command can: they are of one installation.
my $has_ml_kem = `openssl list -kem-algorithms 2>&1` =~ /ML-KEM-768/i ? 1 : 0;
is($server->query('SELECT post_quantum::int FROM ssl_library()'), $has_ml_kem, 'ssl_library() reports the same post-quantum support as the openssl command');

# The group, both flags and the codes offered, for a client that has these groups and no others.
sub facts
{
	my ($groups) = @_;
	local $ENV{OPENSSL_CONF} = write_file("$PostgreSQL::Test::Utils::tmp_check/openssl.cnf",
		"openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nGroups = $groups\n");
	return $server->query(
		"SELECT key_exchange_group, post_quantum, post_quantum_offered, ssl_group(), ssl_post_quantum(),"
		  . " (SELECT string_agg(code || '=' || name, ' ' ORDER BY ordinal) FROM ssl_client_offer() WHERE kind = 'group')"
		  . ' FROM ssl_session()');
}

sub use_groups
{
	my ($groups) = @_;
	my $setting = $major >= 18 ? 'ssl_groups' : 'ssl_ecdh_curve';
	$node->append_conf('postgresql.conf', "$setting = '$groups'\n");
	$server->reload;
	return;
}

# A client that cannot.
is(facts('P-256:P-384'), 'secp256r1|f|f|secp256r1|f|23=secp256r1 24=secp384r1', 'a client without post-quantum groups neither offers nor uses one');

SKIP:
{
	skip 'post-quantum key exchange needs OpenSSL 3.5', 2 unless $has_ml_kem;
	is(facts('X25519MLKEM768:P-256'), 'secp256r1|f|t|secp256r1|f|4588=X25519MLKEM768 23=secp256r1',
		'a client offers a post-quantum group that the server does not use');

	# The defaults of libpq: since OpenSSL 3.5 they have it.
	is($server->query('SELECT post_quantum_offered FROM ssl_session()'), 't', 'a client with the defaults of OpenSSL offers a post-quantum group');
}

# The hybrid and the pure groups, and their codes.
my %code = (
	X25519MLKEM768     => 0x11ec,
	SecP256r1MLKEM768  => 0x11eb,
	SecP384r1MLKEM1024 => 0x11ed,
	MLKEM768           => 0x0201,
	MLKEM1024          => 0x0202,);
SKIP:
{
	skip 'post-quantum key exchange end to end needs PostgreSQL 18 and OpenSSL 3.5', 2 * keys(%code) + 1
	  unless $has_ml_kem && $major >= 18;
	for my $group (sort keys %code)
	{
		use_groups("$group:X25519");
		is(facts("$group:X25519"), "$group|t|t|$group|t|$code{$group}=$group 29=x25519", "$group: a client and a server with this group use it");
		is(facts('X25519'), 'x25519|f|f|x25519|f|29=x25519', "$group: a client without this group uses another one with the same server");
	}
	use_groups('X25519:prime256v1');
	is(facts('X25519MLKEM768:X25519'), 'x25519|f|t|x25519|f|4588=X25519MLKEM768 29=x25519', 'a server without post-quantum groups uses none with a client that offers one');
}

done_testing();
