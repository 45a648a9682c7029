# README.md: its statements, as they are printed, bring the printed output. README.zh-CN.md is the same document in Chinese. No link
# of any document is dead.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Document qw(is_documented psql_output);
use SSLInfoPlus::Server;
use Test::More;

my $top     = "$FindBin::RealBin/..";
my $readme  = SSLInfoPlus::Document->new('README.md');
my $chinese = SSLInfoPlus::Document->new('README.zh-CN.md');

# Two languages, one structure.
is_deeply([ map { $_->[0] } $chinese->headings ], [ map { $_->[0] } $readme->headings ], 'the English and the Chinese README have the same headings');
is_deeply([ $chinese->blocks ], [ $readme->blocks ], 'the English and the Chinese README have the same blocks');
sub structure
{
	my ($text) = @_;
	return {
		links => [ grep { !/README/ } $text =~ /\]\(([^)\s]+)\)/g ],
		code  => [ map { /`([^`\n]+)`/g } $text =~ s/```.*?```//gsr =~ /^\|.*$/mg ],
		rows  => scalar(() = $text =~ /^\| /mg) };
}
is_deeply(structure($chinese->text), structure($readme->text), 'the English and the Chinese README have the same links, the same rows and the same names in them');
like($chinese->section('安装'), qr/\p{Han}/, 'the Chinese document is in Chinese');

unlike(
	$chinese->text =~ s/```.*?```//gsr =~ s/`[^`\n]*`|\]\([^)\n]*\)//gr,
	qr/\p{Han}[,:;?!(]|[,:;?!)]\p{Han}/, 'the Chinese document has Chinese punctuation');

# Links lead somewhere: to a file, and to a heading of it.
sub anchors
{
	my ($name) = @_;
	return { map { (lc($_->[1]) =~ s/[^\w\s-]//gr =~ s/ /-/gr) => 1 } SSLInfoPlus::Document->new($name)->headings };
}
my @documents = map { s{^\Q$top\E/}{}r } glob "$top/*.md $top/docs/*.md $top/docs/*/*.md $top/monitoring/*.md";
my @dead;
foreach my $name (@documents)
{
	my ($folder) = $name =~ m{^(.*/)?};
	foreach my $link (SSLInfoPlus::Document->new($name)->text =~ /(?<!`)\]\(([^)\s]+)\)/g)
	{
		next if $link =~ /^\w+:/;
		my ($file, $anchor) = $link =~ /^([^#]*)#?(.*)$/;
		my $target = $file eq '' ? $name : ($folder // '') . $file;
		1 while $target =~ s{[^/.]+/\.\./}{};
		push @dead, "$name: $link" if !-e "$top/$target" || ($anchor ne '' && !anchors($target)->{$anchor});
	}
}
is_deeply(\@dead, [], 'no link of a document is dead');

# The statements, as far as a server can be asked: their number is the document's.
my %block;
$block{$_->[1]} = [ $readme->blocks($_->[1]) ] for $readme->headings;
my ($who, $who_output, $failures, $failures_output, $expires, $expires_output) =
  map { $_->{text} } @{ $block{'What contrib/sslinfo and pg_stat_ssl cannot answer'} };
my ($create, $facts, $facts_output, $check, $check_output, $require, $require_output) = map { $_->{text} } @{ $block{'First statements'} };
my ($rule, $login, $refused) = map { $_->{text} } @{ $block{'Refuse a login'} };

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n", extension => 0);
my $pki = $server->pki;
$pki->make(
	'payments',
	subject    => [ 'C=DE', 'O=Example Bank', 'OU=Payments', 'OU=Clearing and Settlement', 'CN=payments-app' ],
	extensions => [ san(uri => 'spiffe://example.org/payments') ]);
$pki->make('other', issuer => 'other');   # a CA that the server does not trust
$pki->make('stranger', issuer => 'other');
$pki->make('server', subject => ['CN=localhost'], not_after => time + 9 * 86400, extensions => [ san(dns => 'localhost', ip => '127.0.0.1') ]);
$server->reload;
my $superuser = $server->connstr(socket => 1);
my %environment = (PGSSLCERT => 'invalid', PGSSLKEY => 'invalid', PGSSLROOTCERT => 'invalid', PGSSLCRL => 'invalid', PGPORT => $server->node->port, PGGSSENCMODE => 'disable');

# The key-exchange group depends on the server's version.
sub any_group { my ($text) = @_; return $text =~ s/\b(?:secp256r1|x25519|X25519MLKEM768)\b( +\| )[tf]/GROUP$1f/r; }

is(psql_output($superuser, $create), '', 'the documented statement creates the extension');
my $tls = $server->connstr;
is_documented(any_group(psql_output($tls, $facts)), any_group($facts_output), 'single facts print as documented');
is_documented(psql_output($tls, $check), $check_output, 'ssl_check() prints as documented');
is_documented(psql_output($tls, $require), $require_output, 'ssl_require() fails as documented');
is_documented(psql_output($server->connstr(cert => 'payments'), $who), $who_output, 'the whole name prints as documented');

psql_output($superuser, $rule);
$server->reload;
{
	local @ENV{ keys %environment } = values %environment;
	my $output = `{ $login\n} 2>&1 </dev/null`;
	is_documented($output, $refused, 'the login is refused as documented');
}
$server->run('', command => 'SELECT 1', user => 'payments', cert => 'stranger');
is_documented(psql_output($superuser, $failures), $failures_output, 'failed attempts print as documented');
is_documented(psql_output($superuser, $expires), $expires_output, 'certificates that expire print as documented');

done_testing();
