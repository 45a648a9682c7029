# What `make install` brings: documents whose links hold, the files of monitoring/, and the scripts for users.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Basename qw(dirname);
use File::Find ();
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

my $tree  = "$FindBin::RealBin/..";
my $stage = PostgreSQL::Test::Utils::tempdir();
sub make
{
	my ($target) = @_;
	my $said = '';
	IPC::Run::run([ 'make', '-C', $tree, "DESTDIR=$stage", $target ], '<', \undef, '>&', \$said) or diag($said);
	return $? == 0;
}
sub files { my @files; File::Find::find(sub { push @files, $File::Find::name if -f }, $stage); return sort @files; }

# The anchors of a document, as GitHub makes them of its headings.
sub anchors
{
	my ($text) = @_;
	my %anchors;
	while ($text =~ /^#+ +(.*?) *$/mg)
	{
		my $anchor = lc $1;
		$anchor =~ s/[^\w \-]//g;
		$anchors{ $anchor =~ s/ /-/gr } = 1;
	}
	return \%anchors;
}

# The links of a document that lead nowhere.
sub dead_links
{
	my ($file) = @_;
	my $text = slurp_file($file);
	my @dead;
	while ($text =~ /\]\(([^)\s]*)\)/g)
	{
		my ($path, $anchor) = split /#/, $1;
		next if $path =~ /^https?:/;
		my $target = $path eq '' ? $file : dirname($file) . "/$path";
		push @dead, $1 if !-e $target || (defined $anchor && !anchors(slurp_file($target))->{$anchor});
	}
	return @dead;
}

ok(make('install'), 'make install works');
my ($readme) = grep { m{/sslinfo_plus/README\.md$} } files();
ok(defined $readme, 'the README is installed') or BAIL_OUT('no README');
my $installed = dirname($readme);
for my $document (grep { /\.md$/ } files())
{
	is(join(' ', dead_links($document)), '', 'no link is dead in the installed ' . $document =~ s{^\Q$installed\E/}{}r);
}
for my $file (glob("$tree/docs/*.md $tree/docs/*.svg $tree/docs/lab/*.md $tree/monitoring/*"), "$tree/LICENSE")
{
	my $name = $file =~ s{^\Q$tree\E/}{}r;
	ok(-s "$installed/$name", "$name is installed");
}
for my $script (qw(migrate-from-sslinfo report))
{
	my ($out, $errors) = ('', '');
	IPC::Run::run([ "$installed/examples/$script", '--help' ], '<', \undef, '>', \$out, '2>', \$errors);
	like($out, qr/^ +scripts\/$script /m, "the installed $script runs");
}
ok(make('uninstall'), 'make uninstall works');
is(join(' ', files()), '', 'make uninstall leaves no file');

done_testing();
