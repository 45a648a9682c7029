# scripts/migrate-from-sslinfo hands what depends on contrib/sslinfo over to sslinfo_plus and back: nothing is dropped, all of
# it works, and neither direction leaves a trace in the dump or the catalog.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Catalog 'extension_query';
use SSLInfoPlus::Document 'is_documented';
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', extension => 0);
my $node   = $server->node;
$server->pki->make($_, subject => [ 'O=Acme', "CN=$_" ]) for qw(alice bob);
my %app  = (dbname => 'app', user => 'app', cert => 'alice');
my @owner = (dbname => 'app', socket => 1);

# Exit code, output and error output of the script.
sub migrate
{
	my (@arguments) = @_;
	my ($out, $errors) = ('', '');
	IPC::Run::run([ "$FindBin::RealBin/../scripts/migrate-from-sslinfo", @arguments ], \'', \$out, \$errors);
	return ($? >> 8, $out, $errors);
}
my $app = $server->connstr(@owner);

# The database as pg_dump sees it. (\restrict has a new key in each dump.)
sub dump_of
{
	my ($database) = @_;
	my ($dump, $errors);
	IPC::Run::run([ 'pg_dump', '-d', $server->connstr(dbname => $database, socket => 1) ], '>', \$dump, '2>', \$errors)
	  or die $errors;
	return $dump =~ s/^\\(un)?restrict .*\n//mgr;
}

$server->query('CREATE ROLE app LOGIN; CREATE ROLE auditor; CREATE ROLE clerk LOGIN');
$server->create_database('app');
$server->query(<<'EOS', @owner);
CREATE SCHEMA tls;
GRANT USAGE ON SCHEMA tls TO app, clerk;
CREATE EXTENSION sslinfo SCHEMA tls;
REVOKE EXECUTE ON FUNCTION tls.ssl_client_serial() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tls.ssl_client_serial() TO auditor WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION tls.ssl_client_serial() TO app;

CREATE VIEW me AS SELECT tls.ssl_client_dn() AS dn, tls.ssl_client_dn_field('CN') AS cn, tls.ssl_is_used() AS tls;
CREATE VIEW me_too AS SELECT cn FROM me;
CREATE VIEW extensions AS SELECT * FROM tls.ssl_extension_info();
CREATE MATERIALIZED VIEW seen AS SELECT tls.ssl_version() AS version;
CREATE TABLE secret (owner text DEFAULT tls.ssl_client_dn_field('CN'), serial numeric DEFAULT tls.ssl_client_serial(),
                     what text CHECK (tls.ssl_is_used() OR what IS NOT NULL));
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (owner = tls.ssl_client_dn_field('CN')) WITH CHECK (tls.ssl_client_cert_present());
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.what := NEW.what || ''!''; RETURN NEW; END';
CREATE TRIGGER stamp BEFORE INSERT ON secret FOR EACH ROW WHEN (tls.ssl_is_used()) EXECUTE FUNCTION stamp();
CREATE FUNCTION atomic() RETURNS text BEGIN ATOMIC SELECT tls.ssl_issuer_field('CN'); END;
CREATE FUNCTION tied() RETURNS text LANGUAGE sql AS 'SELECT tls.ssl_cipher()';
ALTER FUNCTION tied() DEPENDS ON EXTENSION sslinfo;
GRANT SELECT, INSERT ON secret, me, me_too, extensions TO app;
EOS

my $original  = dump_of('app');
my $contribs  = $server->query(extension_query('sslinfo'), @owner);
my $depending = <<'EOS';
SELECT string_agg(format('%s %s %s on %s', d.classid::regclass, d.objid, d.objsubid, d.refobjid), E'\n' ORDER BY d.objid, d.refobjid)
FROM pg_depend d JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
WHERE p.pronamespace = 'tls'::regnamespace
  -- not the extension's own functions, which depend on their support function, and views
  AND p.proname <> 'ssl_support'
  AND NOT EXISTS (SELECT FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
                  WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND c.relnamespace = p.pronamespace)
EOS
my $dependents = $server->query($depending, @owner);

# What the dependents do for a session of the application.
sub works
{
	my ($title) = @_;
	is($server->query('SELECT * FROM me', %app), '/O=Acme/CN=alice|alice|t', "$title: a view works");
	is($server->query('SELECT * FROM me_too', %app), 'alice', "$title: a view of a view works");
	is($server->query("INSERT INTO secret (what) VALUES ('x') RETURNING owner, what", %app), 'alice|x!',
		"$title: a default, a trigger and a check work");
	is($server->query('SELECT count(*) > 0 FROM secret', %app), 't', "$title: a policy lets its owner see a row");
	is($server->query('SELECT count(*) FROM secret', %app, cert => 'bob'), '0', "$title: a policy lets nobody else see the row");
	like($server->error('SELECT tls.ssl_client_serial()', %app, user => 'clerk'),
		qr/^42501/, "$title: a privilege that was taken stays taken");
	is($server->query('SELECT atomic()', %app), 'Root CA', "$title: a function with a parsed body works");
	is($server->query('SELECT tied() IS NOT NULL', %app), 't', "$title: a function tied to the extension works");
	return;
}
works('before the migration');
$server->query('TRUNCATE secret', @owner);

# Dry run.
my ($code, $out, $errors) = migrate($app);
is($code, 0, 'a dry run succeeds') or diag $errors;
like($out, qr/^sslinfo 1\.\d becomes sslinfo_plus \S+ in schema tls of database app$/m, 'a dry run prints the migration that it would do');
like($out, qr/^  policy own on table public\.secret$/m, 'a dry run prints the objects of the migration');
like($out, qr/nothing was changed/, 'a dry run prints that it changed nothing');
is(dump_of('app'), $original, 'a dry run changes nothing');

# Forth.
($code, $out, $errors) = migrate('--apply', $app);
is($code, 0, 'the script hands over to sslinfo_plus') or diag $errors;
is($server->query("SELECT string_agg(extname, ' ') FROM pg_extension WHERE extname ~ 'sslinfo'", @owner), 'sslinfo_plus',
	'sslinfo is gone, sslinfo_plus is there');
is($server->query("SELECT count(*) FROM pg_namespace WHERE nspname ~ 'handover'", @owner), '0', 'the schema that the script used is gone');
is($server->query($depending, @owner), $dependents, 'the same objects depend on the same functions after the migration');
my $expected = $original =~ s/\bsslinfo\b/sslinfo_plus/gr;
my $comment  = qr/^(COMMENT ON EXTENSION sslinfo_plus IS).*/m;
is(dump_of('app') =~ s/$comment/$1/r, $expected =~ s/$comment/$1/r, 'a dump after the migration differs in the name of the extension only');
works('after the migration');
$server->query('TRUNCATE secret', @owner);
is($server->query("SELECT provolatile FROM pg_proc WHERE proname = 'ssl_client_dn_field'", @owner), 's', 'functions are STABLE after the migration');
is($server->query('SELECT count(*) FROM tls.ssl_session()', %app), '1', 'new functions can be called after the migration');

# The same as an installation from nothing.
$server->create_database('fresh');
$server->query('CREATE SCHEMA tls; CREATE EXTENSION sslinfo_plus SCHEMA tls', dbname => 'fresh');
my $without_acl = sub { $_[0] =~ s/^(function tls\.ssl_client_serial\(\): privileges) .*/$1/mr };
is(
	$without_acl->($server->query(extension_query('sslinfo_plus'), @owner)),
	$without_acl->($server->query(extension_query('sslinfo_plus'), dbname => 'fresh')),
	'the catalog is that of a fresh installation, but for the privileges that the user changed');

# It can be dumped and restored.
$server->create_database('restored');
$server->query(dump_of('app'), dbname => 'restored', socket => 1);
is(dump_of('restored'), dump_of('app'), 'the migrated database is the same after dump and restore');

# Back is refused as long as something needs what contrib/sslinfo has not.
$server->query('CREATE VIEW whole AS SELECT * FROM tls.ssl_session()', @owner);
($code, $out, $errors) = migrate('--back', '--apply', $app);
is($code, 3, 'the way back is refused while a view depends on a function that sslinfo lacks');
like($errors, qr/view public\.whole depends on function/, 'the refusal of the way back names the view');
unlike($errors, qr/CASCADE/, 'the refusal of the way back does not suggest CASCADE');
$server->query('DROP VIEW whole', @owner);

# Back.
($code, $out, $errors) = migrate('--back', '--apply', $app);
is($code, 0, 'the script hands back to sslinfo') or diag $errors;
is(dump_of('app'), $original, 'the dump after the way back is the one from before the migration');
is($server->query(extension_query('sslinfo'), @owner), $contribs, 'the catalog after the way back has the extension from before the migration');
works('after the way back');

# What it refuses.
for my $case (
	[ [ '--back', $app ], qr/extension "sslinfo_plus" is not installed in database "app"/, 'an extension that is not there' ],
	[ [ $server->connstr(dbname => 'app', socket => 1, user => 'clerk') ], qr/needs a superuser/, 'a user who is no superuser' ])
{
	my ($arguments, $error, $title) = @$case;
	($code, $out, $errors) = migrate(@$arguments);
	isnt($code, 0, "$title is refused");
	like($errors, $error, "the refusal has its reason: $title");
}
$server->query('CREATE EXTENSION sslinfo_plus', @owner);
($code, $out, $errors) = migrate('--apply', $app);
isnt($code, 0, 'a database with both extensions is refused');
like($errors, qr/is installed already.*DROP EXTENSION sslinfo_plus/s, 'the refusal of a database with both extensions has a hint');
$server->query('DROP EXTENSION sslinfo_plus', @owner);
$server->query(<<'EOS', @owner);
CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER EXTENSION sslinfo ADD FUNCTION mine();
EOS
($code, $out, $errors) = migrate('--apply', $app);
isnt($code, 0, 'a function that was added to sslinfo is not dropped with it');
like($errors, qr/DETAIL:  function public\.mine\(\)/, 'the refusal names the function that was added to sslinfo');
is((migrate('--nonsense'))[0], 2, 'a wrong option exits with code 2');

# The owner of sslinfo may be no superuser (REASSIGN OWNED), and may have added functions of sslinfo_plus's names to it. They must not
# become C functions that he owns.
$server->query('CREATE ROLE tenant LOGIN; CREATE ROLE left_the_company LOGIN SUPERUSER');
$server->query('CREATE DATABASE tenant OWNER tenant');
my @tenant = (dbname => 'tenant', socket => 1);
$server->query('CREATE EXTENSION sslinfo', @tenant, user => 'left_the_company');
$server->query('REASSIGN OWNED BY left_the_company TO tenant; GRANT ALL ON SCHEMA public TO tenant', @tenant);
$server->query(<<'EOS', @tenant, user => 'tenant');
CREATE FUNCTION ssl_group() RETURNS text LANGUAGE sql AS 'SELECT 1::text';
ALTER EXTENSION sslinfo ADD FUNCTION ssl_group();
EOS
my $tenant = $server->connstr(@tenant);
my $owners = q{SELECT string_agg(DISTINCT format('%s %s', l.lanname, pg_get_userbyid(p.proowner)), ',' ORDER BY format('%s %s', l.lanname, pg_get_userbyid(p.proowner)))
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.proname ~ '^ssl_'};
my $before = $server->query($owners, @tenant);
($code, $out, $errors) = migrate('--apply', $tenant);
isnt($code, 0, 'a function that the owner of sslinfo added is not taken over');
like($errors, qr/has members that.*DETAIL:  function (public\.)?ssl_group\(\)/s, 'the refusal names the function that the owner of sslinfo added');
is($server->query($owners, @tenant), $before, 'the refusal changes no owner of a function');
$server->query('ALTER EXTENSION sslinfo DROP FUNCTION ssl_group(); DROP FUNCTION ssl_group()', @tenant, user => 'tenant');
# Nor what he put in the place of contrib's functions, by replacing or by renaming them.
for my $case (
	[ <<'EOS', 'ssl_version()', 'a function that replaces one of contrib' ],
ALTER EXTENSION sslinfo DROP FUNCTION ssl_version();
ALTER FUNCTION ssl_version() RENAME TO kept;
CREATE FUNCTION ssl_version() RETURNS text LANGUAGE sql AS 'SELECT 1::text';
ALTER EXTENSION sslinfo ADD FUNCTION ssl_version();
EOS
	[ 'ALTER FUNCTION ssl_cipher() RENAME TO ssl_group', 'ssl_group()', 'a function of contrib under a name of sslinfo_plus' ],
	[ <<'EOS', 'ssl_cipher()', 'a function of contrib under the name of another' ])
ALTER FUNCTION ssl_cipher() RENAME TO swap;
ALTER FUNCTION ssl_version() RENAME TO ssl_cipher;
ALTER FUNCTION swap() RENAME TO ssl_version;
EOS
{
	my ($sql, $named, $title) = @$case;
	$server->query('CREATE DATABASE attack OWNER tenant');
	my @attack = (dbname => 'attack', socket => 1);
	$server->query('CREATE EXTENSION sslinfo', @attack, user => 'left_the_company');
	$server->query('REASSIGN OWNED BY left_the_company TO tenant; GRANT ALL ON SCHEMA public TO tenant', @attack);
	$server->query($sql, @attack, user => 'tenant');
	my $as_it_was = $server->query($owners, @attack);
	($code, $out, $errors) = migrate('--apply', $server->connstr(@attack));
	is($code, 3, "$title is not taken over");
	like($errors, qr/has members that.*DETAIL:.*\Q$named\E/s, "the refusal names $named: $title");
	is($server->query($owners, @attack), $as_it_was, "the refusal changes no owner: $title");
	$server->query('DROP DATABASE attack');
}
# A function that is no member stays with its owner.
$server->query(<<'EOS', @tenant, user => 'tenant');
CREATE FUNCTION ssl_group(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE VIEW mine AS SELECT ssl_is_used() AS used, ssl_group('x') AS value;
EOS
($code, $out, $errors) = migrate('--apply', $tenant);
is($code, 0, 'a database whose owner is no superuser is handed over') or diag $errors;
my $superuser = $server->query('SELECT rolname FROM pg_roles WHERE oid = 10', @tenant);
is($server->query(q{SELECT string_agg(DISTINCT pg_get_userbyid(p.proowner)::text, ' ') FROM pg_proc p
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'sslinfo_plus'}, @tenant), $superuser,
	'all functions of the extension have the owner that a fresh installation gives them');
is($server->query(q{SELECT pg_get_userbyid(proowner), prosrc FROM pg_proc WHERE oid = 'ssl_group(text)'::regprocedure}, @tenant), 'tenant|SELECT $1',
	'a function that a user owns keeps its owner and its body');
is($server->query('SELECT used FROM mine', @tenant, user => 'tenant'), 'f', 'a view that depends on the extension works for its owner');

# The catalog is that of a fresh installation, owners included.
$server->create_database('fresh_public');
$server->query('CREATE EXTENSION sslinfo_plus', dbname => 'fresh_public');
my $owned = q{SELECT string_agg(format('%s %s', pg_describe_object(d.classid, d.objid, d.objsubid),
  coalesce(pg_get_userbyid(p.proowner), pg_get_userbyid(c.relowner), pg_get_userbyid(t.typowner))), E'\n' ORDER BY pg_describe_object(d.classid, d.objid, d.objsubid))
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'sslinfo_plus'
  LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
  WHERE d.deptype = 'e'};
is($server->query($owned, @tenant), $server->query($owned, dbname => 'fresh_public'), 'the owners after the migration are those of a fresh installation');
is($server->query(extension_query('sslinfo_plus'), @tenant), $server->query(extension_query('sslinfo_plus'), dbname => 'fresh_public'),
	'the catalog after the migration is that of a fresh installation');

# What was added to sslinfo_plus is not dropped with it on the way back, whatever it is.
for my $case (
	[ 'CREATE TABLE added AS SELECT 1 AS one', 'TABLE added' ],
	[ 'CREATE VIEW added AS SELECT ssl_group()', 'VIEW added' ],
	[ 'CREATE SEQUENCE added', 'SEQUENCE added' ],
	[ q{CREATE DOMAIN added AS text}, 'DOMAIN added' ],
	[ q{CREATE FUNCTION added() RETURNS int LANGUAGE sql AS 'SELECT 1'}, 'FUNCTION added()' ])
{
	my ($sql, $object) = @$case;
	$server->query("$sql; ALTER EXTENSION sslinfo_plus ADD $object", dbname => 'fresh_public');
	($code, $out, $errors) = migrate('--back', '--apply', $server->connstr(dbname => 'fresh_public', socket => 1));
	is($code, 3, "the way back is refused with an added member: $object");
	like($errors, qr/DETAIL:.*\badded/, "the refusal names the added member: $object");
	$server->query("ALTER EXTENSION sslinfo_plus DROP $object; DROP $object", dbname => 'fresh_public');
}
($code, $out, $errors) = migrate('--back', '--apply', $server->connstr(dbname => 'fresh_public', socket => 1));
is($code, 0, 'the way back succeeds without added members') or diag $errors;

# The two short ways of docs/migrate.md, and its dry run.
my @blocks = map { $_->{text} } SSLInfoPlus::Document->new('docs/migrate.md')->blocks;
for my $i (0, 1)
{
	$server->create_database("short$i");
	$server->query('CREATE EXTENSION sslinfo', dbname => "short$i");
	is($server->query($blocks[$i], dbname => "short$i", cert => 'alice'), ('', 't')[$i], ('in place of sslinfo', 'beside sslinfo')[$i] . ': the statements of docs/migrate.md run');
}
my ($example) = grep { /^Dry run/m } @blocks;
$server->create_database('example');
$server->query(<<'EOS', dbname => 'example');
CREATE EXTENSION sslinfo;
CREATE TABLE t (a text CHECK (ssl_is_used()), u text DEFAULT ssl_client_dn());
CREATE POLICY p ON t USING (ssl_client_cert_present());
CREATE VIEW v AS SELECT ssl_version();
EOS
($code, $out, $errors) = migrate($server->connstr(dbname => 'example', socket => 1));
is_documented($out =~ s/database example$/database app/mr, $example, 'a dry run prints the documented output');

done_testing();
