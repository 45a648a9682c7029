# Fills pg_stat_ssl_usage and pg_stat_ssl_failures: logins to databases that do not exist, each of which is a row, and attempts from
# addresses that pg_hba.conf has no line for. Arguments: directory of the server's socket, port, rows of the one, rows of the other.

use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;

my ($sockets, $port, $logins, $failures) = @ARGV;

# One attempt without TLS, until the server closes the connection.
sub attempt
{
	my ($socket, %names) = @_;
	my $packet = pack('N', 3 << 16) . join('', map { "$_\0$names{$_}\0" } sort keys %names) . "\0";
	print $socket pack('N', 4 + length $packet) . $packet;
	$socket->flush;
	local $/;
	my $answer = <$socket>;
	return;
}
# Two processes share the logins: there may be 100,000.
my $child = fork // die "fork: $!";
for (grep { $_ % 2 == ($child ? 1 : 0) } 1 .. $logins)
{
	my $socket = IO::Socket::UNIX->new(Peer => "$sockets/.s.PGSQL.$port") or die "$sockets: $!";
	attempt($socket, user => 'postgres', database => "no_such_database_with_a_long_name_$_");
}
exit 0 if !$child;
waitpid $child, 0;
die 'the other half failed' if $?;

# One address has at most 32 rows.
for (0 .. $failures - 1)
{
	my $from = '127.0.0.' . (2 + int($_ / 31));
	my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", LocalAddr => $from) or die "$from: $!";
	attempt($socket, user => "role_$_", database => 'postgres');
}
