# SSLInfoPlus::Server - a PostgreSQL server with TLS for one test, on 127.0.0.1 and a Unix-domain socket, and its own PKI.
#
#   my $server = SSLInfoPlus::Server->new('main');
#   $server->pki->make('app', subject => ['CN=app']);
#   $server->query('SELECT ssl_version()');                                  # TLS, no client certificate
#   $server->query('SELECT ssl_client_dn()', cert => 'app', tls => '1.2');
#   $server->query('SELECT ssl_is_used()', sslmode => 'disable');
#   $server->query('SELECT ssl_is_used()', socket => 1);
#
# SQL and results are characters, sent as UTF-8 whatever the database's encoding is.

package SSLInfoPlus::Server;

use strict;
use warnings;

use Carp;
use Encode ();
use JSON::PP ();
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates;
use Test::More ();
use Time::HiRes ();

# Starts a server and, unless extension => 0, creates the extension in its database postgres. Also:
#   conf   lines for postgresql.conf
#   hba    lines for pg_hba.conf, before those that let everybody in
#   streaming   as allows_streaming of PostgreSQL::Test::Cluster: 1 or 'logical'
sub new
{
	my ($class, $name, %want) = @_;

	# libpq of newer servers has variables that PostgreSQL::Test::Utils does not know yet.
	delete @ENV{ grep { /^PGSSL/ } keys %ENV };
	_print_utf8();

	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(
		allows_streaming => $want{streaming} // 0,
		extra            => [ '--encoding=UTF8', '--locale=C' ]);
	mkdir my $pki_dir = $node->basedir . '/pki' or croak "$!";
	my $self = bless { node => $node, pki => SSLInfoPlus::Certificates->new($pki_dir) }, $class;

	$node->append_conf('postgresql.conf', <<"EOC" . ($want{conf} // ''));
listen_addresses = '127.0.0.1'
ssl = on
ssl_ca_file = '${\$self->pki->trusted}'
ssl_cert_file = '${\$self->pki->crt('server')}'
ssl_key_file = '${\$self->pki->key('server')}'
EOC
	unlink $node->data_dir . '/pg_hba.conf';
	$node->append_conf('pg_hba.conf', ($want{hba} // '') . <<'EOC');
local all         all trust
local replication all trust
host  all         all 127.0.0.1/32 trust
host  replication all 127.0.0.1/32 trust
EOC
	$node->start;
	$self->query('CREATE EXTENSION sslinfo_plus') if $want{extension} // 1;
	return $self;
}

sub node { my ($self) = @_; return $self->{node}; }
sub pki  { my ($self) = @_; return $self->{pki}; }

# A new database, in the given encoding if there is one.
sub create_database
{
	my ($self, $name, $encoding) = @_;
	$encoding //= 'UTF8';
	return $self->query(
		"CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
}

# Makes the server read its configuration and its certificates again, and waits until new sessions have them.
sub reload
{
	my ($self) = @_;
	my $before = $self->query('SELECT pg_conf_load_time()', socket => 1);
	$self->node->reload;
	$self->wait_for("SELECT pg_conf_load_time() > '$before'") or croak 'no reload';
	return;
}

# Changes settings that a reload changes, and reloads; an undefined value resets.
sub set
{
	my ($self, %settings) = @_;
	$self->query(defined $settings{$_} ? "ALTER SYSTEM SET $_ = '$settings{$_}'" : "ALTER SYSTEM RESET $_", socket => 1)
	  for sort keys %settings;
	$self->reload;
	return;
}

# libpq's connection string for:
#   dbname, user, client_encoding ('UTF8')
#   socket   true: by the Unix-domain socket
#   sslmode  'verify-full' unless given
#   cert     name of the certificate in the PKI that the client shows; none unless given
#   tls      '1.2' or '1.3': that version and no other
#   options  more, as text
sub connstr
{
	my ($self, %want) = @_;
	my $pki = $self->pki;
	my %p = (
		port            => $self->node->port,
		dbname          => $want{dbname} // 'postgres',
		client_encoding => $want{client_encoding} // 'UTF8',
		gssencmode      => 'disable');
	$p{user} = $want{user} if defined $want{user};

	# Every file is named, so that nothing comes from the home directory of who runs the test.
	%p = $want{socket}
	  ? (%p, host => $self->node->host)
	  : (
		%p,
		host        => 'localhost',
		hostaddr    => '127.0.0.1',
		sslmode     => $want{sslmode} // 'verify-full',
		sslrootcert => $pki->crt('root'),
		sslcrl      => 'invalid',
		sslcrldir   => 'invalid',
		sslcert     => defined $want{cert} ? $pki->crt($want{cert}) : 'invalid',
		sslkey      => defined $want{cert} ? $pki->key($want{cert}) : 'invalid');
	@p{qw(ssl_min_protocol_version ssl_max_protocol_version)} = ("TLSv$want{tls}") x 2 if defined $want{tls};
	return join ' ', (map { "$_='$p{$_}'" } sort keys %p), $want{options} // ();
}

# Runs SQL in a new session and returns psql's exit code, its output (unaligned, no header) and its error output. Takes what
# connstr() takes, raw => 1 for bytes in and out, and command => SQL to run by psql's argument. If the login may be refused,
# all SQL must come by command: writing to a psql that has ended dies.
sub run
{
	my ($self, $sql, %want) = @_;
	my ($code, $out, $errors) = $self->node->psql(
		$want{dbname} // 'postgres',
		$want{raw} ? $sql : Encode::encode('UTF-8', $sql),
		connstr      => $self->connstr(%want),
		extra_params => [ '-v', 'VERBOSITY=verbose', defined $want{command} ? ('-c', Encode::encode('UTF-8', $want{command})) : () ],
		timeout      => $PostgreSQL::Test::Utils::timeout_default);
	croak "a login that may be refused takes its SQL by command: $errors" if $sql ne '' && $errors =~ /^psql: error: connection to server/m;
	return ($code, $want{raw} ? $out : Encode::decode('UTF-8', $out, Encode::FB_CROAK), $errors);
}

# The output of SQL that must succeed.
sub query
{
	my ($self, $sql, %want) = @_;
	my ($code, $out, $errors) = $self->run($sql, %want);
	croak "psql ended with $code: $errors\nin: $sql" if $code;
	return $out;
}

# Waits until a query over the socket says true, ten times a second; false if it never does. The server may be down meanwhile,
# and may refuse the login: unlike poll_query_until() of PostgreSQL::Test::Cluster, this writes nothing to psql, which may have ended.
sub wait_for
{
	my ($self, $sql) = @_;
	my ($code, $out, $errors);
	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		($code, $out, $errors) = $self->run('', socket => 1, command => $sql);
		return 1 if $code == 0 && $out eq 't';
		Time::HiRes::sleep(0.1);
	}
	Test::More::diag("never true: $sql\n$out\n$errors");
	return 0;
}

# What ssl_parse_certificate() says of certificates in DER: for each a hash of the type's columns, of which serial is text, or
# only { error => SQLSTATE }. Further arguments as for run().
sub parse
{
	my ($self, $ders, %want) = @_;
	my $json = JSON::PP->new->utf8;
	my $rows = join '', map { unpack('H*', $_) . "\n" } @$ders;
	my $out  = $self->query(<<"EOS", %want);
SET timezone = 'UTC';
CREATE TEMPORARY TABLE given (id serial, der text);
COPY given (der) FROM STDIN;
$rows\\.
CREATE FUNCTION pg_temp.parsed(der bytea) RETURNS jsonb LANGUAGE plpgsql AS \$\$
DECLARE
	c ssl_certificate;
BEGIN
	c := ssl_parse_certificate(der);
	RETURN to_jsonb(c) || jsonb_build_object('serial', c.serial::text);
EXCEPTION WHEN OTHERS THEN
	RETURN jsonb_build_object('error', SQLSTATE);
END \$\$;
SELECT pg_temp.parsed(decode(der, 'hex')) FROM given ORDER BY id;
EOS
	return map { $json->decode(Encode::encode('UTF-8', $_)) } split /\n/, $out;
}

# The first error that the SQL raises, as '22023: message'; empty if it raises none.
sub error
{
	my ($self, $sql, %want) = @_;
	my ($code, $out, $errors) = $self->run($sql, %want);
	return $errors =~ /(?:ERROR|FATAL):  (\w{5}: .*)/ ? $1 : $code ? $errors : '';
}

# A session that stays open: a psql whose input the caller writes. See say() and finish().
sub open_session
{
	my ($self, %want) = @_;
	my $session = { in => '', out => '' };
	$session->{run} = IPC::Run::start(
		[
			'psql', qw(-XAtq -v VERBOSITY=verbose -f -), '-d', $self->connstr(%want)
		],
		'<', \$session->{in}, '>', \$session->{out}, '2>&1',
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $session;
}

# Has an open session run SQL, and returns all that it said until it was done with it.
sub say
{
	my ($self, $session, $sql) = @_;
	$session->{out} = '';
	$session->{in} .= Encode::encode('UTF-8', $sql) . ";\n\\echo DONE\n";
	$session->{run}->pump until $session->{out} =~ s/DONE\n\z//;
	return Encode::decode('UTF-8', $session->{out} =~ s/\n\z//r, Encode::FB_CROAK);
}

# Closes it; returns psql's exit code.
sub finish
{
	my ($self, $session) = @_;
	$session->{run}->finish;
	return $session->{run}->result;
}

# The file of a test-only module that the build made in test/. (PGXS tells where it built by TESTDIR up to PostgreSQL 15.)
sub test_module { my ($name) = @_; return ($ENV{TESTDIR} // "$ENV{TESTDATADIR}/..") . "/test/$name/$name"; }

# What the server's log says since $offset bytes, from which a test can see a crash.
sub log_since
{
	my ($self, $offset) = @_;
	return PostgreSQL::Test::Utils::slurp_file($self->node->logfile, $offset // 0);
}

# Titles and diagnostics of tests may have any character. PostgreSQL::Test::Utils ties Test::More's handles to an object that
# is an array of the real ones.
sub _print_utf8
{
	my $builder = Test::More->builder;
	for my $handle ($builder->output, $builder->failure_output, $builder->todo_output)
	{
		my $tee = tied *$handle;
		for my $real ($tee ? @$tee : $handle)
		{
			binmode $real, ':encoding(UTF-8)' unless grep { /utf8|UTF-8/ } PerlIO::get_layers($real);
		}
	}
	return;
}

1;
