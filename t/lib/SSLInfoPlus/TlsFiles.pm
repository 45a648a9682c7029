# SSLInfoPlus::TlsFiles - the TLS files of a test's server in a directory of their own, where a test may break them, and how the
# server and ssl_config_check() judge them.
#
#   my $files = SSLInfoPlus::TlsFiles->new($server);      # server.crt, server.key and ca.crt of the server's PKI
#   $files->write('server.crt', 'garbage');
#   $files->refused;            # ssl_cert_file: ...
#   $files->reload_works;       # 0
#   $files->restore;

package SSLInfoPlus::TlsFiles;

use strict;
use warnings;

use Carp;
use PostgreSQL::Test::Utils ();
use SSLInfoPlus::Files 'write_file';
use Time::HiRes ();

# How an exporter connects: by the Unix-domain socket, as a member of pg_monitor.
our @monitor = (socket => 1, user => 'monitor');

sub new
{
	my ($class, $server) = @_;
	my $self = bless { server => $server, dir => $server->node->basedir . '/tls', saved => {} }, $class;
	mkdir $self->{dir} or croak "$!";
	$server->query('CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE stranger LOGIN', socket => 1);
	$self->install('server');
	$self->write('ca.crt', PostgreSQL::Test::Utils::slurp_file($server->pki->crt('root')));
	$server->set(ssl_cert_file => $self->path('server.crt'), ssl_key_file => $self->path('server.key'), ssl_ca_file => $self->path('ca.crt'));
	return $self;
}

sub path { my ($self, $name) = @_; return "$self->{dir}/$name"; }

# Writes a file, which only its owner may read.
sub write { my ($self, $name, $text) = @_; write_file($self->path($name), $text); chmod 0600, $self->path($name); return; }

# Copies the certificate and the key of this name in the PKI.
sub install
{
	my ($self, $name) = @_;
	my $pki = $self->{server}->pki;
	$self->write('server.crt', PostgreSQL::Test::Utils::slurp_file($pki->crt($name)));
	$self->write('server.key', PostgreSQL::Test::Utils::slurp_file($pki->key($name)));
	return;
}

# Keeps the files as they are now; restore() puts them back, whatever is in their place.
sub save
{
	my ($self) = @_;
	$self->{saved} = { map { $_ => PostgreSQL::Test::Utils::slurp_file($_) } glob "$self->{dir}/*" };
	return;
}

sub restore
{
	my ($self) = @_;
	for my $file (sort keys %{ $self->{saved} })
	{
		unlink $file;
		rmdir $file;
		write_file($file, $self->{saved}{$file});
		chmod 0600, $file;
	}
	return;
}

# What ssl_config_check() reports: what a reload or restart would refuse or what cannot be checked, and what it would not mind.
sub refused { my ($self) = @_; return $self->_findings('ok IS DISTINCT FROM true'); }
sub noted   { my ($self) = @_; return $self->_findings('ok AND problem IS NOT NULL'); }

sub _findings
{
	my ($self, $where) = @_;
	return $self->{server}->query(
		"SELECT string_agg(concat(setting, CASE WHEN ok IS NULL THEN ' (unknown)' END, ': ', problem), '; ' ORDER BY setting, file) FROM ssl_config_check() WHERE $where", @monitor);
}

# The problems in pg_ssl_certificates.
sub problems
{
	my ($self) = @_;
	return $self->{server}->query(
		"SELECT string_agg(source || ': ' || array_to_string(problems, ', '), '; ' ORDER BY source, file, ordinal) FROM pg_ssl_certificates WHERE problems <> '{}'", @monitor);
}

# Does the server take the files at a reload, and does it start with them? A server that does not start stays down.
sub reload_works
{
	my ($self) = @_;
	my $offset = -s $self->{server}->node->logfile;
	$self->{server}->reload;
	Time::HiRes::sleep(0.2);
	return $self->{server}->log_since($offset) !~ /SSL configuration was not reloaded|cannot be reloaded/ ? 1 : 0;
}

sub restart_works
{
	my ($self) = @_;
	$self->{server}->node->stop('fast');
	return $self->{server}->node->start(fail_ok => 1);
}

1;
