# pg_ssl_certificates and ssl_config_check() with pg_hosts.conf, from PostgreSQL 19 on.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
plan skip_all => 'before PostgreSQL 19 there is no pg_hosts.conf' if $server->query('SHOW server_version_num') < 190000;
my $pki  = $server->pki;
my $node = $server->node;
$server->query('CREATE ROLE monitor LOGIN IN ROLE pg_monitor');
my @monitor = (socket => 1, user => 'monitor');
$pki->make($_, subject => ["CN=$_.example"], extensions => [ san(dns => "$_.example") ]) for qw(a b renewed);
$node->append_conf('postgresql.conf', "ssl_sni = on\n");
sub hosts
{
	my (@lines) = @_;
	open my $file, '>', $node->data_dir . '/pg_hosts.conf' or die "$!";
	print $file map { "$_\n" } @lines;
	close $file or die "$!";
	return;
}
sub line { my ($name, $pair) = @_; return "$name " . join ' ', map { qq("$_") } $pki->crt($pair), $pki->key($pair), $pki->trusted; }
sub rows { return $server->query("SELECT string_agg(concat_ws(' ', host, on_disk, loaded, subject, problems), ';' ORDER BY host, subject, on_disk) FROM pg_ssl_certificates WHERE source = 'server'", @monitor); }
sub not_ok { return $server->query("SELECT string_agg(concat_ws(' ', setting, host, problem), ';' ORDER BY setting) FROM ssl_config_check() WHERE ok IS DISTINCT FROM true", @monitor); }

hosts(line('a.example', 'a'), line('b.example', 'b'));
$node->restart;
is(rows(), 'a.example t t CN=a.example {};b.example t t CN=b.example {}', 'the certificates of the hosts, loaded, over the Unix-domain socket');
is(not_ok(), '', 'ssl_config_check() refuses nothing at the start');
is($server->query("SELECT count(*) FROM ssl_config_check() WHERE setting IN ('ssl_ciphers', 'ssl_groups', 'ssl_min_protocol_version') AND host IS NULL AND ok", @monitor), '3',
	'the settings that hold for all hosts are checked once');
hosts(line('a.example', 'a'), line('b.example', 'renewed'));
like(rows(), qr/b\.example t f CN=renewed\.example \{"pending reload"\}/, 'the new certificate of a renewed host is pending');
like(rows(), qr/(?:^|;)f t CN=b\.example \{"pending reload"\}/, 'the old certificate of a renewed host is loaded and not on disk');
$server->reload;
is(rows(), 'a.example t t CN=a.example {};b.example t t CN=renewed.example {}', 'after the reload nothing is pending');
hosts(line('a.example', 'a'), sprintf 'b.example "%s" "%s"', $pki->crt('b'), $pki->key('a'));
like(not_ok(), qr/^ssl_key_file b\.example does not match the certificate/, 'a wrong key of a host is reported');
hosts(line('a.example', 'a'), line('A.example', 'b'));
like(not_ok(), qr/^hosts_file multiple entries for host "a\.example"/i, 'a host that is there twice is reported');
is($node->restart(fail_ok => 1), 0, 'a restart fails with a host that is there twice');
hosts(line('a.example', 'a'));
$node->start;
$server->query(q{ALTER SYSTEM SET ssl_ciphers = 'NONSENSE'}, @monitor[0, 1]);
$server->reload;
like(not_ok(), qr/^ssl_ciphers selects no cipher/, 'ciphers that select nothing are reported with hosts too');
$server->query('ALTER SYSTEM RESET ssl_ciphers', socket => 1);
$server->reload;

# A pass phrase has a command for each host.
IPC::Run::run([ qw(openssl pkey -aes128 -passout pass:secret -in), $pki->key('b'), '-out', $pki->key('b') . '.locked' ]) or die;
chmod 0600, $pki->key('b') . '.locked' or die "$!";
my $locked = sprintf 'b.example "%s" "%s.locked" "%s"', $pki->crt('b'), $pki->key('b'), $pki->trusted;
hosts(line('a.example', 'a'), "$locked \"echo secret\" on");
is($server->query("SELECT ok, problem FROM ssl_config_check() WHERE setting = 'ssl_key_file' AND host = 'b.example'", @monitor), '|cannot check: the key has a pass phrase',
	'a key with a pass phrase is unknown if its host has a command that a reload calls');
hosts(line('a.example', 'a'), $locked);
like(not_ok(), qr/^ssl_key_file b\.example cannot check: the key has a pass phrase/, 'a key with a pass phrase is refused if its host has no command');

hosts(line('a.example', 'a'), 'b.example');
like(not_ok(), qr/^hosts_file /, 'a pg_hosts.conf that does not parse is reported');
is($node->restart(fail_ok => 1), 0, 'a restart fails with a pg_hosts.conf that does not parse');

done_testing();
