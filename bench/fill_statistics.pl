# Fills pg_stat_ssl_usage and pg_stat_ssl_failures: logins to databases that do not exist, each of which is a row, and attempts from
# addresses that pg_hba.conf has no line for. Arguments: port, rows of the one, rows of the other.

use strict;
use warnings;
use IO::Socket::INET;

my ($port, $logins, $failures) = @ARGV;

# One attempt without TLS, from an address of the loopback network, until the server closes the connection.
sub attempt
{
	my ($from, %names) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", LocalAddr => $from) or die "$from: $!";
	my $packet = pack('N', 3 << 16) . join('', map { "$_\0$names{$_}\0" } sort keys %names) . "\0";
	print $socket pack('N', 4 + length $packet) . $packet;
	$socket->flush;
	local $/;
	my $answer = <$socket>;
	return;
}
attempt('127.0.0.1', user => 'postgres', database => "no_such_database_with_a_long_name_$_") for 1 .. $logins;
# One address has at most 32 rows.
attempt('127.0.0.' . (2 + int($_ / 31)), user => "role_$_", database => 'postgres') for 0 .. $failures - 1;
