# SSLInfoPlus::Installation - a private copy of the PostgreSQL installation, for a test that needs other files in it.
#
# PostgreSQL finds its files relative to its programs, links resolved: so the programs are copied, and everything else is
# linked file by file. What a test puts into extension_dir() is in the copy alone.

package SSLInfoPlus::Installation;

use strict;
use warnings;

use Carp;
use PostgreSQL::Test::Utils ();
use SSLInfoPlus::Files 'write_file';

sub new
{
	my ($class) = @_;
	my $root = PostgreSQL::Test::Utils::tempdir();
	my ($bin, $share, $lib) = map { _pg_config($_) } qw(bindir sharedir pkglibdir);
	PostgreSQL::Test::Utils::system_or_bail('mkdir', '-p', map { "$root$_" } $bin, $share, $lib);
	PostgreSQL::Test::Utils::system_or_bail('sh', '-c', "cp -L '$bin'/* '$root$bin/'");
	PostgreSQL::Test::Utils::system_or_bail('cp', '-rs', "$share/.", "$root$share");
	PostgreSQL::Test::Utils::system_or_bail('cp', '-rs', "$lib/.", "$root$lib");
	return bless { path => $root . $bin =~ s{/bin$}{}r, extension_dir => "$root$share/extension" }, $class;
}

# For PostgreSQL::Test::Cluster->new(…, install_path => …).
sub path { my ($self) = @_; return $self->{path}; }

sub extension_dir { my ($self) = @_; return $self->{extension_dir}; }

# Puts a file there, in place of the link of that name if there is one.
sub write_extension_file
{
	my ($self, $name, $content) = @_;
	my $file = "$self->{extension_dir}/$name";
	unlink $file;
	write_file($file, $content);
	return;
}

sub _pg_config
{
	my ($what) = @_;
	my $program = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $answer = `$program --$what`);
	croak "$program --$what gave nothing" unless $answer;
	return $answer;
}

1;
