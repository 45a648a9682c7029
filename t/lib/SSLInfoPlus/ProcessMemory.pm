# SSLInfoPlus::ProcessMemory - searches the memory of a backend, in which no key may be left behind.
#
#   my $memory = SSLInfoPlus::ProcessMemory->new($server, $session);    # a session of a superuser
#   $memory->contains($bytes, ...);
#
# The backend copies its own memory to files, and this process reads them: so what is searched for never gets into that memory.

package SSLInfoPlus::ProcessMemory;

use strict;
use warnings;

use Carp;
use PostgreSQL::Test::Utils ();

# Pieces of 64 kB: what PostgreSQL allocates for one is neither mapped nor given back to the system on its own. They overlap by what is
# searched for at most.
use constant { PIECE => 1 << 16, OVERLAP => 256 };

sub new
{
	my ($class, $server, $session) = @_;
	return bless { server => $server, session => $session, file => $server->node->basedir . '/memory' }, $class;
}

# How many of these strings are in the backend's private, writable memory?
sub contains
{
	my ($self, @wanted) = @_;
	my $step = PIECE - OVERLAP;
	$self->{server}->say($self->{session}, <<"EOQ" =~ s/\s+/ /gr);
COPY (SELECT pg_read_binary_file('/proc/self/mem', piece, least(${\PIECE}, stop - piece))
	FROM regexp_matches(pg_read_file('/proc/self/maps'), '(?n)^([0-9a-f]+)-([0-9a-f]+) rw-p', 'g') line,
	LATERAL (SELECT ('x' || lpad(line[1], 16, '0'))::bit(64)::bigint AS start, ('x' || lpad(line[2], 16, '0'))::bit(64)::bigint AS stop) region,
	LATERAL generate_series(start, stop - 1, $step) piece) TO '$self->{file}' (FORMAT binary)
EOQ
	my $memory = PostgreSQL::Test::Utils::slurp_file($self->{file});
	unlink $self->{file};
	length $memory > 1 << 20 or croak 'the memory was not read';
	return scalar grep { index($memory, $_) >= 0 } @wanted;
}

1;
