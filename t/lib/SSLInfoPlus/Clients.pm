# SSLInfoPlus::Clients - runs the programs in docs/clients.md, as they stand there but for the server's name and port.
#
#   my $clients = SSLInfoPlus::Clients->new;                   # starts a server with the roles and files that they need
#   $clients->run('psycopg 3');                                # what the program of that section prints
#   $clients->run('psycopg 3', 'SELECT serial, der FROM …');   # with another query; each program prints its first two columns
#   $clients->test($section, login_parts => 1);                # the facts, ssl_require(), a refused login

package SSLInfoPlus::Clients;

use strict;
use warnings;
use utf8;

use Carp;
use Encode ();
use File::Basename ();
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::DER;
use SSLInfoPlus::Server;
use Test::More ();

my $document = File::Basename::dirname(__FILE__) . '/../../../docs/clients.md';
my $query    = 'SELECT version, client_dn FROM ssl_session()';

# By the language of a block: the name of its file, and the command that runs it.
my %language = (
	sh     => [ 'app.sh',   'bash' ],
	python => [ 'app.py',   '/usr/bin/python3' ],    # whose packages are Debian's
	js     => [ 'app.js',   'node' ],
	java   => [ 'App.java', qw(java -Xshare:auto -XX:TieredStopAtLevel=1 -cp /usr/share/java/postgresql.jar) ],
	go     => [ 'app.go',   qw(go run) ],
	perl   => [ 'app.pl',   '/usr/bin/perl' ],
	ruby   => [ 'app.rb',   'ruby' ],
	php    => [ 'app.php',  'php' ]);

sub new
{
	my ($class) = @_;
	my $server = SSLInfoPlus::Server->new('main', conf => <<'EOC');
shared_preload_libraries = 'sslinfo_plus'
sslinfo_plus.login_rules = 'app: client-cert tls>=1.3'
EOC
	$server->pki->make(
		'client',
		subject    => [ 'O=Acme', 'CN=app' ],
		serial     => '12345678901234567890123456789',
		not_after  => SSLInfoPlus::DER::generalized_time('99991231235959Z'),
		extensions => [ san(dns => 'a.example', dns => 'b.example', ip => '192.0.2.1') ]);
	$server->query("CREATE ROLE app LOGIN; ALTER ROLE app SET timezone = 'UTC'", socket => 1);
	$server->create_database('app');
	$server->query('CREATE EXTENSION sslinfo_plus', dbname => 'app');
	my $dir = PostgreSQL::Test::Utils::tempdir();
	for my $file (qw(root.crt client.crt client.key))
	{
		symlink File::Basename::dirname($server->pki->trusted) . "/$file", "$dir/$file" or croak "$file: $!";
	}
	# No program shall find a file, a service or a cache of who runs the test.
	@ENV{qw(HOME TZ)} = ($dir, 'UTC');
	$ENV{NODE_PATH} = '/usr/local/lib/node_modules';
	@ENV{qw(GO111MODULE GOPATH GOCACHE GOFLAGS)} = ('off', '/usr/share/gocode', "$dir/go-cache", '');
	return bless { server => $server, dir => $dir, text => _slurp($document) }, $class;
}

sub server { my ($self) = @_; return $self->{server}; }

# Changes settings of the server, name => value, for new sessions.
sub set
{
	my ($self, %setting) = @_;
	$self->server->query("ALTER SYSTEM SET $_ = '$setting{$_}'", socket => 1) for sort keys %setting;
	$self->server->reload;
	return;
}

# The blocks of a section: pairs of a language and a program.
sub blocks
{
	my ($self, $section) = @_;
	my ($text) = $self->{text} =~ /^## \Q$section\E\n(.*?)(?=^## |\z)/ms or croak "docs/clients.md has no section $section";
	return $text =~ /^```(\w+)\n(.*?)^```$/gms;
}

# The sections that have a program.
sub sections
{
	my ($self) = @_;
	return grep { $self->blocks($_) } $self->{text} =~ /^## (.+)$/gm;
}

# The sections whose programs were run.
sub tested { my ($self) = @_; return keys %{ $self->{tested} }; }

# Runs the section's programs and returns all that they print. $edit is called with the text of each before it runs.
sub run
{
	my ($self, $section, $sql, $edit) = @_;
	my @blocks = $self->blocks($section);
	my $all    = '';
	$self->{tested}{$section} = 1;
	while (my ($language, $program) = splice @blocks, 0, 2)
	{
		my ($file, @command) = @{ $language{$language} // croak "no way to run $language" };
		my $port = $self->server->node->port;
		$program =~ s/\bdb\.example\.com\b/localhost/g;
		$program =~ s/\b5432\b/$port/g;
		$program =~ s/\Q$query\E/$sql/g or $language eq 'sh' or croak "$section has another query" if defined $sql;
		$program = $self->_scan_all($program, $sql) if $language eq 'go' && defined $sql;
		$program = $edit->($program) if $edit;
		open my $handle, '>:encoding(UTF-8)', "$self->{dir}/$file" or croak "$file: $!";
		print $handle $program;
		close $handle or croak "$file: $!";
		my $out = '';
		IPC::Run::run([ @command, $file ], '<', \undef, '>&', \$out,
			init => sub { chdir $self->{dir} or die "$self->{dir}: $!" },
			IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
		$all .= Encode::decode('UTF-8', $out);
	}
	return $all;
}

# The program of a section against a server that it satisfies and against one with TLS 1.2: the error of ssl_require(), and a login
# that is refused. Options:
#   edit         changes the program, see run()
#   login_state  the SQLSTATE that the driver has for a refused login; 28000 unless given
#   hint         0: the driver does not show the HINT of a statement
#   values       see test_values()
sub test
{
	my ($self, $section, %want) = @_;
	my $program = sub { return $self->run($section, undef, $want{edit}) =~ s/\n+\z/\n/r };
	Test::More::is($program->(), "TLSv1.3\n/O=Acme/CN=app\n", "$section reads facts, and ssl_require() succeeds");
	$self->test_values($section, $want{edit}, %{ $want{values} });

	$self->set(ssl_max_protocol_version => 'TLSv1.2');
	my $reason = qr/tls>=1\.3: (?:found )?TLSv1\.2/;
	my $advice = $want{hint} // 1 ? qr/Client: use a TLS library with that version/ : qr/(?!.*Client: use)/s;
	Test::More::like(
		$program->(),
		qr/\ATLSv1\.2\n.*^(?:ERROR:  )?28000\b.*does not satisfy the TLS policy "client-cert tls>=1\.3".*$reason.*$advice/ms,
		"$section shows the error of ssl_require()");
	$self->set('sslinfo_plus.login_action' => 'reject');
	my $state = $want{login_state} // '28000';
	Test::More::like(
		$program->(),
		qr/\A\Q$state\E\b.*login refused: this connection does not satisfy tls>=1\.3.*$reason.*Client: use a TLS library with that version/s,
		"$section shows a refused login: " . ($state || 'no SQLSTATE') . ', message, DETAIL and HINT');
	$self->set('sslinfo_plus.login_action' => 'off', ssl_max_protocol_version => '');
	return;
}

# What the program of a section makes of each type, beside whole rows of ssl_client_certificate() and ssl_session(). Values are texts
# or patterns:
#   array, bytea, infinity
#   numeric     the digits unless given
#   not_after   9999-12-31 23:59:59+00 unless given
#   east        the error with the same date in the time zone Asia/Shanghai; none unless given
sub test_values
{
	my ($self, $section, $edit, %want) = @_;
	my $whole = sub { return ref $_[0] ? $_[0] : qr/\Q$_[0]\E/ };
	my $shows = sub {
		my ($sql, $expected, $what) = @_;
		Test::More::like($self->run($section, $sql, $edit), $expected, "$section has the expected result: $what");
	};
	my $serial    = $whole->($want{numeric} // '12345678901234567890123456789');
	my $not_after = $whole->($want{not_after} // qr/9999-12-31 23:59:59\+00.*/);
	$shows->('SELECT serial, dns_names, c.* FROM ssl_client_certificate() c',
		qr/\A$serial\n@{[ $whole->($want{array}) ]}\n/, 'numeric and text[] of ssl_client_certificate()');
	$shows->('SELECT client_not_after, client_serial, s.* FROM ssl_session() s', qr/\A$not_after\n$serial\n/,
		'a certificate without expiry in ssl_session()');
	$shows->("SELECT '' || depth, der, serial, dns_names, not_after FROM ssl_client_chain()", qr/\A0\n@{[ $whole->($want{bytea}) ]}\n/, 'bytea of ssl_client_chain()');
	$shows->("SELECT 1, timestamptz 'infinity'", qr/\A(?:1\n)?@{[ $whole->($want{infinity}) ]}\n/, 'the instant infinity');

	# JDBC's sessions have the time zone of the client, the others that of the role.
	local $ENV{TZ} = 'Asia/Shanghai';
	$self->server->query("ALTER ROLE app SET timezone = '$ENV{TZ}'", socket => 1);
	if ($want{east})
	{
		$shows->('SELECT subject, not_after FROM ssl_client_certificate()', $want{east}, 'no expiry is an error east of UTC');
	}
	else
	{
		$shows->('SELECT subject, not_after FROM ssl_client_certificate()', qr/\ACN=app,O=Acme\n.*(?:9999|10000)/, 'no expiry is read east of UTC');
	}
	$shows->("SELECT not_after::text, not_after AT TIME ZONE 'UTC' FROM ssl_client_certificate()",
		qr/\A10000-01-01 07:59:59\+08\n.*9999/, 'as text, and without a time zone, no expiry is read east of UTC');
	$self->server->query("ALTER ROLE app SET timezone = 'UTC'", socket => 1);
	return;
}

# A program in Go with a variable for each column of the query.
sub _scan_all
{
	my ($self, $program, $sql) = @_;
	my @columns = split /\n/, $self->server->query("$sql \\gdesc", dbname => 'app');
	return $program =~ s/\.Scan\(&first, &second\K/', new(any)' x (@columns - 2)/er;
}

sub _slurp { return Encode::decode('UTF-8', PostgreSQL::Test::Utils::slurp_file($_[0]), Encode::FB_CROAK); }

1;
