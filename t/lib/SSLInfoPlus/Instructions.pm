# SSLInfoPlus::Instructions - counts the instructions that a backend executes, with valgrind's callgrind.
#
# Counts do not depend on what else the machine does, so that a ratio of two of them can be compared with a limit in CI.
#
#   my $server = SSLInfoPlus::Instructions->new(bindir => $bin, datadir => $data, outdir => $dir);   # starts it
#                                                    # options => '-c name=value': settings of the server
#   my @counts = $server->session($connstr, 'SELECT 1', 'SELECT ssl_version()');
#   $counts[1]->{total};                          # of the backend, from one statement to the next
#   $counts[1]->{inclusive}{ssl_version};         # of a function and all that it called, where it has a symbol
#   $counts[1]->{calls}{ssl_version};
#   $server->attempt(sub { … })->{total};         # of the process that served a client which failed
#   $server->stop;
#
# Between two statements the session calls pg_postmaster_start_time(), which nothing else does: at each entry into it
# callgrind writes down the counts since the one before, and starts anew. The symbols that the server exports are enough.

package SSLInfoPlus::Instructions;

use strict;
use warnings;

use Carp;
use IPC::Run ();
use SSLInfoPlus::Files 'write_file';

my $marker = 'pg_postmaster_start_time';
my $birth  = 'InitPostmasterChild';    # until which a process has the counts of the postmaster

# Why counts cannot be had here; empty if they can.
sub unavailable
{
	my $out = '';
	my $ok = eval { IPC::Run::run([ 'valgrind', '--tool=callgrind', '--version' ], '>&', \$out) };
	return $ok ? '' : 'valgrind is not installed';
}

sub new
{
	my ($class, %self) = @_;
	my $self = bless {%self}, $class;
	my $wrapper = write_file("$self->{outdir}/postgres", <<"EOF");
#!/bin/sh
exec valgrind -q --tool=callgrind --callgrind-out-file='$self->{outdir}/counts.%p' --compress-strings=no \\
    --compress-pos=no --dump-line=no --dump-before=$marker --zero-before=$birth '$self->{bindir}/postgres' "\$@"
EOF
	chmod 0755, $wrapper or croak "$wrapper: $!";
	$self->_pg_ctl('start', '-p', $wrapper, '-l', "$self->{outdir}/server.log", '-t', 120, $self->{options} ? ('-o', $self->{options}) : ());
	return $self;
}

sub stop { my ($self) = @_; $self->_pg_ctl('stop', '-m', 'fast', '-t', 120); return; }

# Runs the statements in one new session. Returns a count for each, and before them one of all that the backend did from its
# start until it was asked the first: its login. A statement is one or more SQL commands, also of psql.
sub session
{
	my ($self, $connstr, @statements) = @_;
	my ($out, $errors) = ('', '');
	my $sql = join "\n", 'SELECT pg_backend_pid();', map({ "SELECT $marker();\n$_;" } @statements), "SELECT $marker();";
	IPC::Run::run([ "$self->{bindir}/psql", '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $connstr ],
		\$sql, \$out, \$errors)
	  or croak "psql: $errors";
	my ($pid) = $out =~ /^(\d+)/;
	return map { _read("$self->{outdir}/counts.$pid.$_") } 1 .. 1 + @statements;
}

# Runs a client that fails before it has a session, and returns the count of all that its process in the server did.
sub attempt
{
	my ($self, $client) = @_;
	my %before = map { $_ => 1 } glob "$self->{outdir}/counts.*";
	$client->();
	for (1 .. 600)
	{
		for my $file (grep { !$before{$_} && /counts\.\d+$/ } glob "$self->{outdir}/counts.*")
		{
			my $count = eval { _read($file) };
			return $count if $count;
		}
		select undef, undef, undef, 0.1;
	}
	croak 'no process ended';
}

# A file of callgrind's. Lines of costs follow 'fn=' (the function they belong to); one line of costs after 'calls=' is
# what those calls of 'cfn=' cost.
sub _read
{
	my ($file) = @_;
	my ($function, $callee, %inclusive, %calls, $total) = ('', '');
	open my $handle, '<', $file or croak "$file: $!";
	while (my $line = <$handle>)
	{
		if    ($line =~ /^fn=(.*)/)  { $function = $1; }
		elsif ($line =~ /^cfn=(.*)/) { $callee = $1; }
		elsif ($line =~ /^calls=(\d+)/) { $calls{$callee} += $1; }
		elsif ($line =~ /^\d+ (\d+)$/)  { $inclusive{$function} += $1; }
		elsif ($line =~ /^totals: (\d+)/) { $total = $1; }
	}
	close $handle;
	return { total => $total // croak("$file: no totals"), inclusive => \%inclusive, calls => \%calls };
}

sub _pg_ctl
{
	my ($self, @arguments) = @_;
	my $out = '';
	IPC::Run::run([ "$self->{bindir}/pg_ctl", '-w', '-D', $self->{datadir}, @arguments ], '>&', \$out)
	  or croak "pg_ctl @arguments: $out";
	return;
}

1;
