# SSLInfoPlus::Files - write_file($file, $bytes) writes a file anew, and returns its name.

package SSLInfoPlus::Files;

use strict;
use warnings;

use Carp;
use Exporter 'import';

our @EXPORT_OK = qw(write_file);

sub write_file
{
	my ($file, $bytes) = @_;
	open my $handle, '>:raw', $file or croak "$file: $!";
	print $handle $bytes;
	close $handle or croak "$file: $!";
	return $file;
}

1;
