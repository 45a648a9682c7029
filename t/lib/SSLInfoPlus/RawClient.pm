# SSLInfoPlus::RawClient - a session through the openssl command in place of libpq, for handshakes that libpq cannot make, with
# a record of what was said in them.
#
#   my ($rows, $hello) = ask($server, 'SELECT …', '-tls1_2', '-cipher' => 'AES128-SHA');
#   $rows     the rows, columns joined by '|'; nothing where the session ended early
#   $hello    the ClientHello: { ciphers => [ codes ], groups => [ codes ], signature_algorithms => [ codes ] }

package SSLInfoPlus::RawClient;

use strict;
use warnings;

use Encode ();
use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(ask);

sub ask
{
	my ($server, $sql, @options) = @_;
	my $file = $server->node->basedir . '/messages';
	unlink $file;
	my $startup = pack('N', 196608)
	  . join("\0", user => scalar getpwuid($>), database => 'postgres', client_encoding => 'UTF8') . "\0\0";
	my $input = pack('N', 4 + length $startup) . $startup . _message(Q => Encode::encode('UTF-8', $sql) . "\0") . _message('X');
	my $output = '';
	# -quiet keeps it from ending with its input: the server ends the session.
	IPC::Run::run(
		[
			qw(openssl s_client -starttls postgres -quiet -msg -msgfile), $file,
			'-connect' => '127.0.0.1:' . $server->node->port,
			@options
		],
		'<', \$input, '>', \$output, '2>', \my $errors,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return ([ _rows($output) ], _client_hello(slurp_file($file)));
}

sub _message
{
	my ($type, $body) = @_;
	$body //= '';
	return $type . pack('N', 4 + length $body) . $body;
}

# The DataRow messages of the answer.
sub _rows
{
	my ($answer) = @_;
	my @rows;
	while (length $answer >= 5)
	{
		my ($type, $length) = unpack 'aN', $answer;
		my $body = substr $answer, 5, $length - 4;
		$answer = substr $answer, 1 + $length;
		next unless $type eq 'D';
		my $count = unpack 'n', $body;
		my ($at, @columns) = (2);
		for (1 .. $count)
		{
			my $size = unpack 'N', substr $body, $at, 4;
			$at += 4;
			push @columns, $size == 0xffffffff ? '' : Encode::decode('UTF-8', substr $body, $at, $size);
			$at += $size unless $size == 0xffffffff;
		}
		push @rows, join '|', @columns;
	}
	return @rows;
}

# RFC 8446, 4.1.2, out of the command's hex dump.
sub _client_hello
{
	my ($dump) = @_;
	my ($hex) = $dump =~ /ClientHello\n((?:    .*\n)+)/ or return {};
	$hex =~ s/\s+//g;
	my $hello = pack 'H*', $hex;
	# type and length, version, random
	my $at = 4 + 2 + 32;
	$at += 1 + unpack 'C', substr $hello, $at, 1;    # legacy_session_id
	my ($ciphers) = unpack 'n/a', substr $hello, $at;
	$at += 2 + length $ciphers;
	$at += 1 + unpack 'C', substr $hello, $at, 1;    # compression methods
	my %extension;
	my ($extensions) = length $hello > $at ? unpack 'n/a', substr $hello, $at : '';
	while (length $extensions)
	{
		my ($type, $body) = unpack 'n n/a', $extensions;
		$extension{$type} = $body;
		$extensions = substr $extensions, 4 + length $body;
	}
	return {
		ciphers              => [ unpack 'n*',     $ciphers ],
		groups               => [ unpack 'x2 n*', $extension{10} // "\0\0" ],
		signature_algorithms => [ unpack 'x2 n*', $extension{13} // "\0\0" ],
	};
}

1;
