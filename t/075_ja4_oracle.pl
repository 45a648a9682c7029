# JA4 against tshark, which has its own reading of the ClientHello and of the specification: the same bytes of real and
# of hand-made clients go to a server and into a capture file.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Capture;
use SSLInfoPlus::Server;
use Test::More;

my ($version) = (`tshark --version` // '') =~ /(\d+\.\d+)\.\d+/ or die 'tshark is not installed (scripts/packages.sh)';
plan skip_all => "tshark $version has no JA4: it came with 4.2" if $version < 4.2;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $node = $server->node;
my $capture = SSLInfoPlus::Capture->new($server);

# ClientHellos by hand. Lists of numbers are in hex.
sub codes { return pack 'n*', map { hex } split / /, $_[0]; }
sub extension { my ($type, $body) = @_; return pack 'n n/a*', $type, $body // ''; }
my %make = (
	server_name => sub { extension(0, pack 'n/a*', pack 'C n/a*', 0, shift) },
	groups      => sub { extension(10, pack 'n/a*', codes(shift)) },
	signatures  => sub { extension(13, pack 'n/a*', codes(shift)) },
	alpn        => sub { extension(16, pack 'n/a*', join '', map { pack 'C/a*', $_ } @{ $_[0] }) },
	versions    => sub { extension(43, pack 'C/a*', codes(shift)) });
sub hello
{
	my (%want) = @_;
	my $extensions = join '', map { $make{ $_->[0] } ? $make{ $_->[0] }->($_->[1]) : extension(hex $_->[0], $_->[1]) } @{ $want{extensions} // [] };
	my $body = pack('n', hex($want{version} // '0303')) . 'r' x 32 . "\0" . pack('n/a*', codes($want{ciphers} // 'c02b c02f 1301')) . "\1\0"
	  . ($want{extensions} ? pack 'n/a*', $extensions : '');
	return pack 'C n n/a*', 22, 0x0301, "\1" . substr(pack('N', length $body), 1) . $body;
}
my @basic = ([ groups => '001d 0017' ], [ signatures => '0403 0804 0401' ], ['ff01', "\0"], ['0017']);
my @case = (
	'no extensions at all'         => hello(),
	'an empty list of extensions'  => hello(extensions => []),
	'one extension'                => hello(extensions => [ ['0017'] ]),
	'TLS 1.2 without a list of versions' => hello(extensions => \@basic),
	'a server name'                => hello(extensions => [ [ server_name => 'db.example' ], @basic ]),
	'a server name and nothing else' => hello(extensions => [ [ server_name => 'db.example' ] ]),
	'ALPN and nothing else'        => hello(extensions => [ [ alpn => ['h2'] ] ]),
	'no signature algorithms'      => hello(extensions => [ [ groups => '001d' ], ['0017'] ]),
	'SSL 3.0'                      => hello(version => '0300', ciphers => '000a 0035'),
	'TLS 1.0'                      => hello(version => '0301', extensions => \@basic),
	'TLS 1.1'                      => hello(version => '0302', extensions => \@basic),
	'TLS 1.3'                      => hello(extensions => [ [ versions => '0304 0303' ], @basic ]),
	'TLS 1.3 listed last'          => hello(extensions => [ [ versions => '0301 0302 0303 0304' ], @basic ]),
	'an empty list of versions'    => hello(version => '0302', extensions => [ [ versions => '' ], @basic ]),
	'a list of versions with GREASE alone' => hello(version => '0302', extensions => [ [ versions => '2a2a' ], @basic ]),
	'a draft of TLS 1.3'           => hello(extensions => [ [ versions => '7f1c 0303' ], @basic ]),
	'TLS 1.2 in the list only'     => hello(extensions => [ [ versions => '0303' ], @basic ]),
	'one cipher suite'             => hello(ciphers => '1301', extensions => \@basic),
	'98 cipher suites'             => hello(ciphers => join(' ', map { sprintf 'c0%02x', $_ } 1 .. 98), extensions => \@basic),
	'99 cipher suites'             => hello(ciphers => join(' ', map { sprintf 'c0%02x', $_ } 1 .. 99), extensions => \@basic),
	'150 cipher suites'            => hello(ciphers => join(' ', map { sprintf 'c0%02x', $_ } 1 .. 150), extensions => \@basic),
	'120 extensions'               => hello(extensions => [ @basic, map { [ sprintf 'f1%02x', $_ ] } 1 .. 120 ]),
	'the SCSV suites count'        => hello(ciphers => '1301 00ff 5600', extensions => \@basic),
	'signature algorithms keep their order' => hello(extensions => [ [ signatures => '0804 0403 0203 0401' ] ]),
	'GREASE everywhere'            => hello(
		ciphers    => '0a0a 1301 c02b fafa',
		extensions => [ ['2a2a'], [ server_name => 'db.example' ], [ groups => '3a3a 001d' ], [ signatures => '0403 0804' ], [ alpn => [ 'h2', 'http/1.1' ] ],
			[ versions => '4a4a 0304 0303' ], [ 'dada', "\0" ] ]),
	'numbers that look like GREASE' => hello(ciphers => '0a1a 1a0a 1301', extensions => [ @basic, ['0b0b'] ]),
	(map { ("the application protocol $_" => hello(extensions => [ [ alpn => [ $_, 'h2' ] ], @basic ])) } qw(h2 http/1.1 postgresql x imap 3)),
	(map { ('the application protocol in hex: ' . unpack('H*', $_) => hello(extensions => [ [ alpn => [$_] ], @basic ])) } "\xe2\x82\xac", "\xff", "a\xff", "\xab" . 'z', "\1\2"));
while (my ($title, $bytes) = splice @case, 0, 2) { $capture->hello($title, $bytes); }

# Of random numbers, the same in each run.
srand 4;
sub random_codes { my ($most) = @_; return join ' ', map { sprintf '%04x', rand(4) < 1 ? 0x1010 * int(rand 16) + 0x0a0a : rand 0xffff } 1 .. 1 + rand $most; }
for my $i (1 .. 40)
{
	my %extension = map { (sprintf('%04x', 100 + rand 60000) => '') } 1 .. rand 20;
	my @known = grep { rand(2) < 1 } ([ server_name => 'db.example' ], [ groups => random_codes(5) ], [ signatures => random_codes(20) =~ s/(\w)a\1a/0403/gr ],
		[ alpn => [ join '', map { chr 97 + rand 26 } 1 .. 1 + rand 8 ] ], [ versions => join ' ', (grep { rand(2) < 1 } qw(0304 2a2a 0302 0301)), '0303' ]);
	$capture->hello("random ClientHello $i", hello(version => sprintf('03%02x', 1 + rand 3), ciphers => random_codes(60),
			extensions => [ sort { rand(2) < 1 ? -1 : 1 } @known, map { [$_] } sort keys %extension ]));
}

# Real clients.
sub run_client
{
	my (@command) = @_;
	my ($in, $said) = ('', '');
	IPC::Run::run(\@command, '<', \$in, '>&', \$said, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $said;
}
for my $case ([ '1.2' => {tls => '1.2'} ], [ '1.3' => {tls => '1.3'} ], [ 'any version' => {} ])
{
	my ($title, $want) = @$case;
	$capture->client("psql, $title", sub { my ($port) = @_;
		run_client('psql', '-XAtqc', 'SELECT 1', $server->connstr(%$want, sslmode => 'require') =~ s/port='\d+'/port='$port'/r) });
}
$capture->client("openssl s_client @$_", sub { my ($port) = @_; run_client(qw(openssl s_client -connect), "127.0.0.1:$port", @$_) })
  for [], ['-tls1_2'], [qw(-tls1_3 -noservername)], [qw(-servername a.example -alpn h2,postgresql)], [qw(-starttls postgres)];
$capture->client("gnutls-cli $_", sub { my ($port) = @_; run_client('gnutls-cli', '--insecure', '--priority', $_, '-p', $port, 'localhost') })
  for 'NORMAL', 'NORMAL:-VERS-ALL:+VERS-TLS1.2', 'SECURE256:%NO_EXTENSIONS';
$capture->client("Python's ssl$_", sub { my ($port) = @_; run_client('python3', '-c', <<"EOC") }) for '', ': set_alpn_protocols(["postgresql"])', ': maximum_version = ssl.TLSVersion.TLSv1_2';
import socket, ssl
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
@{[ /: (\w+)(.*)/ ? "context.$1$2" : '' ]}
with context.wrap_socket(socket.create_connection(('127.0.0.1', $port)), server_hostname='db.example'):
    pass
EOC
$capture->client("Node's tls$_", sub { my ($port) = @_; run_client('node', '-e', "const s = require('tls').connect({host: '127.0.0.1', port: $port, rejectUnauthorized: false$_}, () => s.end()); s.on('error', () => {})") })
  for '', ", servername: 'db.example', ALPNProtocols: ['h2', 'postgresql']";
$capture->client("Java's keytool$_", sub { my ($port) = @_; run_client('keytool', ($_ ? "-J-Djdk.tls.client.protocols=TLSv1.2" : ()), '-printcert', '-sslserver', "127.0.0.1:$port") })
  for '', ', TLS 1.2';

# What tshark says, and what the server says.
my $file = $node->basedir . '/hellos.pcap';
$capture->write($file);
my ($out, $errors) = ('', '');
IPC::Run::run([ qw(tshark -n -r), $file, qw(-Y tls.handshake.type==1 -T fields -e tcp.srcport -e tls.handshake.ja4) ], '>', \$out, '2>', \$errors)
  or die "tshark: $errors";
my %theirs = map { my ($port, $ja4) = split /\t/; ($port - 10000 => $ja4) } split /\n/, $out;
my $count = scalar(my @titles = $capture->cases);
$server->wait_for("SELECT count(DISTINCT client_addr) >= $count FROM pg_stat_ssl_failures") or note 'some are not counted';
my %ours = map { split /\|/ } split /\n/, $server->query('SELECT DISTINCT host(client_addr), ja4 FROM pg_stat_ssl_failures', socket => 1);
for my $i (0 .. $#titles)
{
	is($ours{ $capture->address($i) }, $theirs{$i}, "the JA4 is that of tshark for $titles[$i]: " . ($theirs{$i} // ''));
}

# A session has the JA4 of the same client that failed.
my ($psql) = grep { $titles[$_] eq 'psql, 1.3' } 0 .. $#titles;
is($server->query('SELECT ssl_ja4()', tls => '1.3', sslmode => 'require'), $theirs{$psql}, 'ssl_ja4() in a session of psql is the JA4 of tshark');
done_testing();
