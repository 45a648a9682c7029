# scripts/report: a page about the server, which is right, takes hostile names for text, and fits a desktop and a phone.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Encode ();
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use SSLInfoPlus::Monitoring ':all';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $node   = $server->node;
my @hostile = (
	# PostgreSQL 19 refuses a line break in the name of a role.
	$node->pg_version->major >= 19 ? "a\ttab" : "two\nlines\tand a tab",
	'<script>document.title="bad"</script>', q{"><img src=x onerror='document.title="bad"'>}, q{O'Brien & <i>co</i>},
	"\x{202E}backwards", '&lt;b&gt;', ']]>--></style></svg><h1>big');
$server->query('CREATE ROLE exporter LOGIN IN ROLE pg_monitor; CREATE ROLE stranger LOGIN; CREATE ROLE legacy LOGIN');
for my $name (@hostile)
{
	my $quoted = $name =~ s/"/""/gr;
	$server->query(qq{CREATE ROLE "$quoted" LOGIN});
}
sub quoted { my ($text) = @_; return Encode::encode('UTF-8', $text =~ s/([\\'])/\\$1/gr); }
for my $name (@hostile)
{
	my $said = '';
	IPC::Run::run([ 'psql', '-XAtqc', 'SELECT 1', '-d', $server->connstr(user => quoted($name), options => "application_name='" . quoted($name) . "'") ],
		'>&', \$said) or die $said;
}
$server->query('SELECT 1', user => 'legacy', tls => '1.2');
$server->query('SELECT 1', user => 'legacy', sslmode => 'disable');
$server->set(ssl_min_protocol_version => 'TLSv1.3');
$server->error('', command => 'SELECT 1', tls => '1.2');
$server->set(ssl_min_protocol_version => undef);
$server->error('', command => 'SELECT 1', user => quoted('<u>nobody</u>'), dbname => quoted('<s>nothing</s>'));

# Exit code, page and error output.
sub report
{
	my (@arguments) = @_;
	my ($out, $errors) = ('', '');
	IPC::Run::run([ "$FindBin::RealBin/../scripts/report", @arguments ], \'', \$out, \$errors);
	return ($? >> 8, Encode::decode('UTF-8', $out, Encode::FB_CROAK), $errors);
}
my @here = ('-h', $node->host, '-p', $node->port, '-d', 'postgres');

# What fails writes no page.
for my $case (
	[ 'no server', [ '-h', $node->host, '-p', 1 ], qr/No such file or directory/ ],
	[ 'a role that is no member of pg_monitor', [ @here, '-U', 'stranger' ], qr/ERROR:/ ],
	[ 'a database without the extension', [ '-h', $node->host, '-p', $node->port, '-d', 'template1' ], qr/the extension sslinfo_plus is not in database "template1"/ ],
	[ 'an unknown preset', [ @here, '--preset', 'bogus' ], qr/unrecognized requirement "bogus"/ ],
	[ 'a preset that is none', ['--preset'], qr/scripts\/report \[--preset POLICY\]/ ])
{
	my ($name, $arguments, $message) = @$case;
	my ($code, $page, $errors) = report(@$arguments);
	isnt($code, 0, "the exit code is not 0 with $name");
	like($errors, $message, "the reason is named with $name");
	is($page, '', "there is no page with $name");
}

# The page. psql's connection arguments and libpq's variables.
my ($code, $page, $errors) = report(@here, '-U', 'exporter', '--preset', 'cnsa-2.0');
is($code, 0, 'a member of pg_monitor gets the page') or diag($errors);
{
	local @ENV{qw(PGHOST PGPORT PGDATABASE PGUSER)} = ($node->host, $node->port, 'postgres', 'exporter');
	is((report())[0], 0, 'libpq\'s environment variables name the server');
}
unlike($page, qr{https?://|\burl\(|\@import|<[^>]*\b(?:src|href)=}i, 'the page has no reference to another');
like($page, qr/<li class="r1"><b>Critical<\/b>Logins over the network without encryption: 1, by legacy/, 'the page lists a login without encryption as critical');
like($page, qr/Failed handshakes, protocol_version: 1/, 'the page lists a failed handshake');
like($page, qr/<li class="r1">.*<li class="r2">/s, 'a critical line comes before a warning');
unlike($page, qr/<li class="r2">.*<li class="r1">/s, 'no critical line comes after a warning');
like($page, qr/server, [^<]*server\.crt.*<svg.*aria-label="(?:29|30) days"/, 'the time line has the server certificate');
like($page, qr/would not satisfy <code>cnsa-2\.0<\/code>/, 'the page names the preset');

# Markup, as a parser sees it: elements, and the texts.
sub parsed
{
	my ($html) = @_;
	my $bytes = Encode::encode('UTF-8', $html);
	my ($json, $said) = ('', '');
	IPC::Run::run([ 'python3', '-c', <<'EOP' ], \$bytes, \$json, \$said) or die $said;
import sys, json
from html.parser import HTMLParser
class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts, self.wrong, self.cells = [], set(), set(), [], [], []
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)
        if tag == 'td': self.cells.append('')
        if tag not in ('meta', 'br', 'rect', 'line'): self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag: self.wrong.append(tag)
    def handle_data(self, text):
        self.texts.append(text)
        if self.open and self.open[-1] == 'td': self.cells[-1] += text
page = Page()
page.feed(sys.stdin.buffer.read().decode())
print(json.dumps([sorted(page.tags), sorted(page.attributes), page.texts, page.wrong + page.open, page.cells]))
EOP
	return JSON::PP->new->decode($json);
}
my ($tags, $attributes, $texts, $wrong, $cells) = @{ parsed($page) };
is("@$tags", 'b body br code div h1 h2 h3 head html li line meta p rect small span style svg table td th title tr ul', 'no element comes from a name');
is("@$attributes", 'align aria-hidden aria-label border charset class content height lang name preserveaspectratio role valign viewbox width x1 x2 y1 y2', 'no attribute comes from a name');
is("@$wrong", '', 'each element is closed in its place');
my $all = join '', @$texts;
for my $name (@hostile)
{
	# psql writes a line break as an element, and a tab is a blank
	my $shown = $name =~ s/\s+//gr;
	ok(scalar(grep { s/\s+//gr eq $shown } @$cells), "a cell of a table has this name as it is: " . $name =~ s/\s+/ /gr);
}
ok(scalar(grep { $_ eq '<u>nobody</u>' } @$cells) && scalar(grep { $_ eq '<s>nothing</s>' } @$cells), 'cells of a table have the names of a failed attempt as they are');

# Judged by a preset, like the rule judges the session itself.
sub not_satisfying { my ($preset) = @_; return (report(@here, '-U', 'exporter', '--preset', $preset))[1] =~ s/.*<code>//sr =~ s/<h2>Post.*//sr; }
my $suite = $server->query('SELECT cipher FROM ssl_session()', user => 'legacy', tls => '1.2');
like(not_satisfying('tls>=1.3'), qr/TLSv1\.2.*tls</s, 'a login with TLS 1.2 would not satisfy tls>=1.3');
unlike(not_satisfying('tls>=1.3'), qr/TLSv1\.3/, 'a login with TLS 1.3 would satisfy tls>=1.3');
for my $preset ('tls>=1.2', 'mozilla-intermediate', 'nist-sp-800-52r2', 'encrypted cipher=' . ($server->query('SELECT cipher_iana FROM ssl_session()', user => 'legacy', tls => '1.2')))
{
	is(not_satisfying($preset) =~ /<td[^>]*>TLSv1\.2</ ? 'f' : 't', $server->query("SELECT ssl_satisfies('$preset')", user => 'legacy', tls => '1.2'), "the report judges $suite by $preset as the session itself does");
}
like(not_satisfying('client-cert'), qr/client-cert</, 'a login without a certificate would not satisfy client-cert');

# In a browser: the width, and no script.
SKIP:
{
	skip 'the page is the same for all versions; a browser looks at it with PostgreSQL 15 only', 4 if $node->pg_version >= 16;
	for my $width (1280, 390)
	{
		my $file = write_file($node->basedir . "/report-$width.html",
			Encode::encode('UTF-8', $page =~ s{(?=</body>)}{<script>document.body.dataset.seen = [document.documentElement.scrollWidth, innerWidth, document.title].join(" ");</script>}r));
		my ($dom, $said) = ('', '');
		IPC::Run::run([ 'chromium', qw(--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --virtual-time-budget=2000 --dump-dom), '--user-data-dir=' . $node->basedir . '/chromium', "--window-size=$width,800", "file://$file" ],
			'<', \undef, '>', \$dom, '2>', \$said) or die $said;
		my ($wide, $window, $title) = $dom =~ /data-seen="(\d+) (\d+) ([^"]*)"/ or die $dom;
		cmp_ok($wide, '<=', $window, "nothing of the page is wider than a window of $window pixels");
		like($title, qr/^TLS of /, 'no name ran as a script in the browser');
	}
}

# Without the preload: certificates, and one sentence on the rest.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
($code, $page, $errors) = report(@here, '-U', 'exporter', '--preset', 'cnsa-2.0');
is($code, 0, 'a server without the preload has a page') or diag($errors);
like($page, qr/shared_preload_libraries does not have sslinfo_plus/, 'the page says that the preload is missing');
like($page, qr/server\.crt/, 'the page has the certificates without the preload');

done_testing();
