# SSLInfoPlus::Kerberos - a KDC of its own for one test, on 127.0.0.1, with the principal of a PostgreSQL server and a user.
#
#   my $why = SSLInfoPlus::Kerberos::missing();      # what is not installed; false if all is there
#   my $kdc = SSLInfoPlus::Kerberos->new($dir);      # $ENV{KRB5_CONFIG}, KRB5CCNAME and KRB5_KTNAME point to it from now on
#   $kdc->keytab; $kdc->user;
#   $kdc->log_in;                                    # gets the user a ticket
#
# (PostgreSQL::Test::Kerberos is in PostgreSQL 17 and newer only.)

package SSLInfoPlus::Kerberos;

use strict;
use warnings;

use Carp;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use SSLInfoPlus::Files 'write_file';

my $realm    = 'SSLINFO-PLUS.EXAMPLE';
my $password = 'secret';

sub _program
{
	my ($name) = @_;
	for my $dir (qw(/usr/sbin /usr/bin /usr/local/sbin /usr/local/bin)) { return "$dir/$name" if -x "$dir/$name"; }
	return;
}

sub missing
{
	return join ' ', grep { !_program($_) } qw(krb5kdc kdb5_util kadmin.local kinit);
}

sub new
{
	my ($class, $dir) = @_;
	my $self = bless { dir => $dir, user => 'alice' }, $class;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	mkdir $dir or croak "$dir: $!";
	write_file("$dir/krb5.conf", <<"EOC");
[libdefaults]
default_realm = $realm
dns_lookup_realm = false
dns_lookup_kdc = false
rdns = false
dns_canonicalize_hostname = false
[realms]
$realm = {
	kdc = 127.0.0.1:$port
}
EOC
	write_file("$dir/kdc.conf", <<"EOC");
[kdcdefaults]
kdc_listen = 127.0.0.1:$port
kdc_tcp_listen = 127.0.0.1:$port
[realms]
$realm = {
	database_name = $dir/principal
	admin_keytab = FILE:$dir/kadm5.keytab
	acl_file = $dir/kadm5.acl
	key_stash_file = $dir/stash
}
[logging]
kdc = FILE:$dir/kdc.log
EOC
	$ENV{KRB5_CONFIG}      = "$dir/krb5.conf";
	$ENV{KRB5_KDC_PROFILE} = "$dir/kdc.conf";
	$ENV{KRB5CCNAME}       = "FILE:$dir/tickets";
	$ENV{KRB5_KTNAME}      = $self->keytab;
	_run('', 'kdb5_util',    'create', '-s', '-P', $password);
	_run('', 'kadmin.local', '-q', "addprinc -pw $password $self->{user}");
	_run('', 'kadmin.local', '-q', 'addprinc -randkey postgres/localhost');
	_run('', 'kadmin.local', '-q', "ktadd -k ${\$self->keytab} postgres/localhost");
	_run('', 'krb5kdc', '-P', "$dir/kdc.pid");
	return $self;
}

sub keytab { my ($self) = @_; return "$self->{dir}/keytab"; }
sub user   { my ($self) = @_; return $self->{user}; }

sub log_in
{
	my ($self) = @_;
	_run("$password\n", 'kinit', $self->{user});
	return;
}

# The KDC is a daemon: it has to be ended, whatever became of the test.
sub DESTROY
{
	my ($self) = @_;
	local $?;
	open my $handle, '<', "$self->{dir}/kdc.pid" or return;
	my $pid = <$handle>;
	kill 'TERM', $pid + 0 if defined $pid && $pid =~ /^\d+$/;
	return;
}

sub _run
{
	my ($input, $name, @arguments) = @_;
	my ($out, $program) = ('', _program($name));
	IPC::Run::run([ $program, @arguments ], '<', \$input, '>', \$out, '2>&1') or croak "$program @arguments: $out";
	return;
}

1;
