# SSLInfoPlus::Capture - the ClientHellos of real and hand-made clients, sent to a server and written to a file that tshark reads.
#
#   my $capture = SSLInfoPlus::Capture->new($server);
#   $capture->hello('no extensions', $bytes);             # sends a TLS record with a ClientHello
#   $capture->client('psql', sub { my ($port) = @_; … });  # a client of its own connects to the port, once
#   $capture->write('hellos.pcap');
#   $capture->cases;                                      # titles, in the order of the streams of the file
#
# A client connects to a relay. It may start TLS at once, or ask for it as PostgreSQL's clients do: in the first case the relay
# asks for it in the client's place. Each case has an address of its own, $capture->address(number), so that the server's rows
# can be told apart. In the file each ClientHello is a TCP stream of its own to port 443, from port 10000 + number.

package SSLInfoPlus::Capture;

use strict;
use warnings;

use Carp;
use IO::Select;
use IO::Socket::INET;
use PostgreSQL::Test::Utils;

my $ssl_request = pack 'NN', 8, 80877103;

sub new
{
	my ($class, $server) = @_;
	return bless { port => $server->node->port, file => $server->node->basedir . '/first_flight', cases => [] }, $class;
}

sub cases { my ($self) = @_; return map { $_->[0] } @{ $self->{cases} }; }

sub address { my ($self, $number) = @_; return sprintf '127.0.%d.%d', 77 + int($number / 200), 1 + $number % 200; }

# A connection to the server from the address of the next case, on which the server has agreed to TLS.
sub _connect
{
	my ($self) = @_;
	my $socket = IO::Socket::INET->new(
		PeerAddr  => '127.0.0.1',
		PeerPort  => $self->{port},
		LocalAddr => $self->address(scalar @{ $self->{cases} }),
		Timeout   => 30) // die "$!";
	syswrite $socket, $ssl_request or die "$!";
	sysread $socket, my $answer, 1;
	$answer eq 'S' or die 'no TLS';
	return $socket;
}

sub hello
{
	my ($self, $title, $bytes) = @_;
	my $socket = $self->_connect;
	syswrite $socket, $bytes or die "$!";
	sysread $socket, my $answer, 65536;
	close $socket;
	push @{ $self->{cases} }, [ $title, $bytes ];
	return;
}

sub client
{
	my ($self, $title, $run) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) // die "$!";
	unlink $self->{file};
	my $child = fork // die "$!";
	if (!$child)
	{
		alarm $PostgreSQL::Test::Utils::timeout_default;
		eval { $self->_relay($listener->accept); 1 } or warn $@;
		require POSIX;
		POSIX::_exit(0);
	}
	my $port = $listener->sockport;
	close $listener;
	$run->($port);
	waitpid $child, 0;
	push @{ $self->{cases} }, [ $title, _first_message(slurp_file($self->{file})) ];
	return;
}

# Passes bytes on in both directions until one side closes, and writes what the client sent over TLS to a file.
sub _relay
{
	my ($self, $client) = @_;
	my $server = $self->_connect;
	my $sent = '';
	sysread $client, $sent, 65536;
	if ($sent eq $ssl_request)
	{
		syswrite $client, 'S';
		sysread $client, $sent, 65536;
	}
	syswrite $server, $sent;
	my $select = IO::Select->new($client, $server);
	while (my @ready = $select->can_read)
	{
		my $closed;
		for my $from (@ready)
		{
			sysread $from, my $bytes, 65536 or $closed = 1, next;
			$sent .= $bytes if $from == $client;
			syswrite $from == $client ? $server : $client, $bytes;
		}
		last if $closed;
	}
	open my $out, '>:raw', $self->{file} or die "$!";
	print $out $sent;
	close $out or die "$!";
	return;
}

# The records with the first handshake message.
sub _first_message
{
	my ($bytes) = @_;
	my ($at, $message) = (0, '');
	while (length $message < 4 || length $message < 4 + unpack 'N', "\0" . substr $message, 1, 3)
	{
		length $bytes >= $at + 5 or croak 'no whole ClientHello';
		my ($type, $version, $length) = unpack 'C n n', substr $bytes, $at, 5;
		$type == 22 or croak "a record of type $type";
		$message .= substr $bytes, $at + 5, $length;
		$at += 5 + $length;
	}
	return substr $bytes, 0, $at;
}

# https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcap.html, with bare IPv4 packets (link type 101).
sub write
{
	my ($self, $file) = @_;
	my $out = pack 'N n n N N N N', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101;
	my $number = 0;
	for my $case (@{ $self->{cases} })
	{
		my ($title, $bytes) = @$case;
		my $tcp = pack 'n n N N n n n n', 10000 + $number, 443, 1, 1, 5 << 12 | 0x18, 65535, 0, 0;
		my $ip = pack 'C C n n n C C n C4 C4', 0x45, 0, 20 + length($tcp) + length($bytes), 0, 0, 64, 6, 0, 127, 0, 0, 1, 127, 0, 0, 1;
		my $packet = $ip . $tcp . $bytes;
		$out .= pack('N4', $number++, 0, length $packet, length $packet) . $packet;
	}
	open my $handle, '>:raw', $file or die "$file: $!";
	print $handle $out;
	close $handle or die "$!";
	return;
}

1;
