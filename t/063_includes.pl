# The floors and rooms of src/ (CONTRIBUTING.md, "Where things are"): an #include goes down a floor, or along an arrow of its own floor.

use strict;
use warnings;
use FindBin;
use File::Basename;
use PostgreSQL::Test::Utils;
use Test::More;

# Each room and the rooms of its own floor that it may include, beside itself.
my %arrows = (
	'core/base' => [],
	'core/openssl' => ['core/base'],
	'core/x509' => [qw(core/openssl core/base)],
	'core/tls' => [qw(core/x509 core/openssl core/base)],
	'core/policy' => [qw(core/tls core/x509 core/openssl core/base)],
	'core/logins' => [qw(core/tls core/x509 core/openssl core/base)],
	'backend/wall' => [],
	'backend/session' => ['backend/wall'],
	'backend/server' => [qw(backend/session backend/wall)],
	'functions' => []);
my %below = (core => '', backend => 'core', functions => 'core|backend');

my $src = "$FindBin::RealBin/../src";
my (@wrong, %files);
for my $path (glob("$src/*/*.* $src/*/*/*.*"))
{
	my $room = dirname($path) =~ s{.*/src/}{}r;
	my ($floor) = split /\//, $room;
	die "no arrows are drawn for $room" unless $arrows{$room};
	push @{ $files{ basename($path) =~ s/\.\w+$//r } }, $room;
	my $text = slurp_file($path);
	while ($text =~ /^#include "((?:core|backend|functions)[\w\/]*)\/[\w.]+"/mg)
	{
		my $to = $1;
		push @wrong, "$path -> $to"
			unless $to eq $room || grep({ $_ eq $to } @{ $arrows{$room} }) || $to =~ /^(?:$below{$floor})\/./;
	}
}
is_deeply(\@wrong, [], 'every #include follows an arrow of the architecture');

my @twice = grep { my %rooms = map { $_ => 1 } @{ $files{$_} }; keys %rooms > 1 } sort keys %files;
is_deeply(\@twice, [], 'no two rooms have files of the same name');
cmp_ok(scalar keys %files, '>', 30, 'more than 30 files were read');

done_testing();
