# The recipes of docs/policy.md, as they stand there, and its table of presets.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Server;
use Test::More;

my $documentation = slurp_file("$FindBin::RealBin/../docs/policy.md");
my %recipe = $documentation =~ /^<!-- recipe: (\w+) -->\n+```sql\n(.*?)^```$/msg;
is(join(' ', sort keys %recipe), 'audit ci login pool rows', 'docs/policy.md has the recipes that are tested');

my $server = SSLInfoPlus::Server->new('main');
my $pki    = $server->pki;
my $major  = $server->query("SELECT current_setting('server_version_num')::int / 10000");
$pki->make($_, not_after => time + 30 * 86400, extensions => [ san(uri => "spiffe://prod/$_") ]) for qw(w7 w8);
$server->query('CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app');
my %w7 = (tls => '1.3', cert => 'w7', user => 'app');

# The presets: what the documentation has them stand for is what they are, line by line and in order.
my %lines;
my $name;
for my $row ($documentation =~ /^(\| .*)$/mg)
{
	my @cells = split /\s*(?<!\\)\|\s*/, $row;
	next unless @cells == 4 && $cells[2] =~ /^`(.*)`$/;
	my $line = $1 =~ s/\\\|/|/gr;
	$name = $1 if $cells[1] =~ /^`(.*)`$/;
	push @{ $lines{$name} }, $line;
}
is(join(' ', sort keys %lines), 'bsi-tr-02102-2-2026 cnsa-2.0 mozilla-intermediate mozilla-modern mtls nist-sp-800-52r2 quantum-safe', 'docs/policy.md has a table with each preset');
is($server->query("SELECT string_agg(requirement, ' ') FROM ssl_check('$_')", tls => '1.3'), "@{ $lines{$_} }", "the preset $_ has the requirements of docs/policy.md")
  for sort keys %lines;

# Every requirement of the first table is one; the row says how it is written.
my ($table) = $documentation =~ /^\| requirement \|.*?\n\|---\|---\|\n(.*?)\n\n/ms;
my @written = map { s/\\\|/|/gr } map { /^\| ((?:`[^`]*`(?:, )?)+) \|/ ? $1 =~ /`([^`]*)`/g : () } split /\n/, $table;
s/HEX/'0' x 64/e for @written;
is(scalar @written, 33, 'the table of docs/policy.md has 33 requirements');
is($server->query("SELECT count(*) FROM ssl_check(\$p\$$_\$p\$)", tls => '1.3'), 1, "a requirement can be written as documented: $_") for @written;

# A pool's first statement.
is($server->error($recipe{pool}, tls => '1.2'), '', 'pool: a session with TLS 1.2 is accepted');
is($server->error($recipe{pool}, socket => 1), '', 'pool: a session over a Unix-domain socket is accepted');
like($server->error($recipe{pool}, sslmode => 'disable'), qr/^28000: /, 'pool: a session without TLS is refused');

# A check in CI.
is($server->query($recipe{ci}, %w7), '', 'CI: a session that meets the policy has nothing to change');
is($server->query($recipe{ci}, tls => '1.3'),
	"client-cert|no client certificate\nclient-valid>=14d|no client certificate", 'CI: a session without a certificate has the unmet requirements');
my ($exit) = $server->run("\\set ON_ERROR_STOP on\nSELECT ssl_require('mtls')", tls => '1.3');
is($exit, 3, 'CI: psql fails the build');

# Who wrote this row.
$server->query("$recipe{audit}; GRANT INSERT (amount) ON payments TO app", socket => 1);
is($server->error('INSERT INTO payments (amount) VALUES (12.50)', %w7), '', 'audit: a workload with a certificate can write');
is($server->query('SELECT amount, written_by FROM payments', socket => 1), '12.50|spiffe://prod/w7', 'audit: the default has the SPIFFE ID of the writer');
is($server->query("SELECT role, session->>'version', session->>'client_spiffe_id', payment = (SELECT id FROM payments) FROM payments_audit",
		socket => 1), 'app|TLSv1.3|spiffe://prod/w7|t', 'audit: the record has the role, the session and the payment');
like($server->error('INSERT INTO payments (amount) VALUES (1)', %w7, tls => '1.2'), qr/^28000: /, 'audit: a write with TLS 1.2 is refused');
like($server->error('INSERT INTO payments (amount) VALUES (1)', user => 'app'), qr/^23502: .*"written_by"/, 'audit: a write without a certificate is refused');
like($server->error("INSERT INTO payments (amount, written_by) VALUES (1, 'x')", %w7), qr/^42501: /, 'audit: a writer cannot choose the name in its row');
like($server->error('DELETE FROM payments_audit', %w7), qr/^42501: /, 'audit: a writer cannot delete the records');
is($server->query('SELECT count(*) FROM payments', socket => 1), 1, 'audit: a refused write leaves no row');

# Row security by SPIFFE id on a million rows.
$server->query($recipe{rows} . <<'EOS', socket => 1);
INSERT INTO documents (owner, body) SELECT 'spiffe://prod/w' || n % 1000, 'document ' || n FROM generate_series(1, 1000000) n;
GRANT SELECT ON documents TO app;
VACUUM ANALYZE documents;
EOS
is($server->query('SELECT count(*), min(owner), max(owner) FROM documents', %w7), '1000|spiffe://prod/w7|spiffe://prod/w7', 'rows: a workload sees its own rows');
is($server->query('SELECT count(*), min(owner) FROM documents', %w7, cert => 'w8'), '1000|spiffe://prod/w8', 'rows: another workload sees its own rows');
is($server->query('SELECT count(*) FROM documents', %w7, tls => '1.2'), 0, 'rows: a session with TLS 1.2 sees no row');
is($server->query('SELECT count(*) FROM documents', user => 'app'), 0, 'rows: a session without a certificate sees no row');
my $plan = $server->query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM documents WHERE body LIKE '%7'", %w7);
like($plan, qr/Index Scan (?:using|on) documents_owner_idx/, 'rows: the index is used');
like($plan, qr/Index Cond: \(owner = 'spiffe:\/\/prod\/w7'::text\)/, 'rows: the index condition is the SPIFFE ID');
like($plan, qr/Filter: \(?ssl_satisfies/, 'rows: the policy is a filter on the rows that the index finds');
unlike($plan, qr/Seq Scan/, 'rows: the table is not scanned');

# A login event trigger.
SKIP:
{
	skip 'login event triggers need PostgreSQL 17', 5 if $major < 17;
	$server->query('CREATE DATABASE guarded', socket => 1);
	$server->query("CREATE EXTENSION sslinfo_plus; $recipe{login}", socket => 1, dbname => 'guarded');
	is($server->query('SELECT 1', %w7, dbname => 'guarded'), 1, 'login: a session with TLS 1.3 is let in');
	is($server->query('SELECT 1', socket => 1, dbname => 'guarded'), 1, 'login: a session over a Unix-domain socket is let in');
	like($server->error('', command => 'SELECT 1', tls => '1.2', dbname => 'guarded'), qr/does not satisfy the TLS policy "tls>=1\.3 local"/, 'login: a session with TLS 1.2 is refused');
	like($server->error('', command => 'SELECT 1', sslmode => 'disable', dbname => 'guarded'), qr/does not satisfy the TLS policy/, 'login: a session without TLS is refused');
	is($server->query('SELECT 1', tls => '1.2'), 1, 'login: a session of another database is let in');
}

done_testing();
