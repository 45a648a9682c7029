# SSLInfoPlus::Document - a document of this tree, so that a test runs what it prints and compares what it says to come out.
#
#   my $document = SSLInfoPlus::Document->new('docs/server.md');
#   my @blocks = $document->blocks('Seven questions');          # of a heading's text; of the whole document without one
#   # each: { language => 'sql', text => "SELECT 1;\n" }; a block without a language is output
#   is_documented($output, $blocks[1]{text}, 'title');
#
# Blocks are fenced, and none has a prompt, so that they can be pasted.

package SSLInfoPlus::Document;

use strict;
use warnings;

use Carp;
use Encode ();
use Exporter 'import';
use FindBin;
use IPC::Run ();
use Test::More ();

our @EXPORT_OK = qw(is_documented psql_output);

sub new
{
	my ($class, $name) = @_;
	open my $file, '<:encoding(UTF-8)', "$FindBin::RealBin/../$name" or croak "$name: $!";
	local $/;
	return bless { name => $name, text => scalar <$file> }, $class;
}

sub text { my ($self) = @_; return $self->{text}; }

# The headings, as [ level, text ].
sub headings
{
	my ($self) = @_;
	return map { [ length $_->[0], $_->[1] ] } _pairs($self->{text} =~ s/^ *```.*?^ *```$//gmsr =~ /^(#+) (.*)$/mg);
}

# What is between a heading and the next one, of whatever level.
sub section
{
	my ($self, $heading) = @_;
	my ($section) = "$self->{text}\n# " =~ /^#+ \Q$heading\E\n(.*?)(?=^#+ )/ms or croak "$self->{name} has no heading '$heading'";
	return $section;
}

sub blocks
{
	my ($self, $heading) = @_;
	my $text = defined $heading ? $self->section($heading) : $self->{text};
	my @blocks;
	while ($text =~ /^( *)```(\w*)\n(.*?)^\1```$/gms)
	{
		my ($indent, $language, $content) = ($1, $2, $3);
		push @blocks, { language => $language, text => $content =~ s/^$indent//gmr };
	}
	return @blocks;
}

# What psql prints for statements: results and errors, as a person sees them. $environment is added to that of psql.
sub psql_output
{
	my ($connstr, $statements, @options) = @_;
	my $output;
	IPC::Run::run([ 'psql', '-X', '-q', '-P', 'pager=off', @options, '-d', $connstr ], '<', \Encode::encode('UTF-8', $statements), '>&', \$output);
	return Encode::decode('UTF-8', $output);
}

# Passes if the output is the documented one, but for what differs from run to run: times, ports, PIDs, numbers of bytes, hashes,
# and the width of columns.
sub is_documented
{
	my ($output, $documented, $title) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return Test::More::is(_comparable($output), _comparable($documented), $title) || !Test::More::diag($output);
}

sub _comparable
{
	my ($text) = @_;
	$text =~ s/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00(?::00)?|Z)/TIME/g;
	$text =~ s/\bport \d+/port PORT/g;
	$text =~ s/\b[0-9a-f]{32,}\b/HASH/g;
	$text =~ s/\b\d{12,}\b/NUMBER/g;
	$text =~ s/\bt1[23]\w+_[0-9a-f]{12}_[0-9a-f]{12}\b/JA4/g;
	$text =~ s/-{3,}/---/g;
	$text =~ s/^(-\[ RECORD \d+ \])[-+]*/$1/mg;
	$text =~ s/(?<=\S) *\+?$//mg;
	$text =~ s/[ \t]+/ /g;
	$text =~ s/^ | $//mg;
	$text =~ s/\n+\z|\A\n+//g;
	return $text;
}

sub _pairs
{
	my (@list) = @_;
	my @pairs;
	push @pairs, [ splice @list, 0, 2 ] while @list;
	return @pairs;
}

1;
