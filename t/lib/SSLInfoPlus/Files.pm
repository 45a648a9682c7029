# SSLInfoPlus::Files - write_file($file, $bytes) writes a file anew, append_file() adds to it. Both return its name.

package SSLInfoPlus::Files;

use strict;
use warnings;

use Carp;
use Exporter 'import';

our @EXPORT_OK = qw(append_file write_file);

sub write_file  { return _put('>:raw',  @_); }
sub append_file { return _put('>>:raw', @_); }

sub _put
{
	my ($mode, $file, $bytes) = @_;
	open my $handle, $mode, $file or croak "$file: $!";
	print $handle $bytes;
	close $handle or croak "$file: $!";
	return $file;
}

1;
