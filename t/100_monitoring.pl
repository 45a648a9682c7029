# The metrics and alerts of monitoring/ in Debian's exporter and Prometheus, against a real server.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Copy ();
use IPC::Run ();
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Certificates ':extensions';
use SSLInfoPlus::Monitoring ':all';
use SSLInfoPlus::Server;
use Test::More;

my $year   = 365 * 86400;
my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $node   = $server->node;
my $pki    = $server->pki;
my $dir    = $node->basedir . '/tls';
mkdir $dir or die "$!";
$server->query('CREATE ROLE exporter LOGIN IN ROLE pg_monitor; CREATE ROLE plain LOGIN');

# Certificates for a year: those of the tests are for a month, of which there is an alert.
$pki->make('ca', issuer => 'ca', ca => 1, not_after => time + $year);
$pki->make($_, subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ], not_after => time + $year) for qw(good renewed);
$pki->make('old', subject => ['CN=localhost'], extensions => [ san(dns => 'localhost') ], not_before => time - 86400, not_after => time - 60);
$pki->make('app', subject => ['CN=postgres'], issuer => 'ca', not_after => time + $year);
sub install
{
	my ($name) = @_;
	File::Copy::cp($pki->crt($name), "$dir/server.crt") or die "$!";
	File::Copy::cp($pki->key($name), "$dir/server.key") or die "$!";
	chmod 0600, "$dir/server.key";
	return;
}
install('good');
File::Copy::cp($pki->crt('ca'), "$dir/ca.crt") or die "$!";
$node->append_conf('postgresql.conf', "ssl_cert_file = '$dir/server.crt'\nssl_key_file = '$dir/server.key'\nssl_ca_file = '$dir/ca.crt'\n");
$node->restart;
my @app = (cert => 'app');
$server->query('SELECT 1', @app);
my $session = $server->open_session(@app);
$server->say($session, 'SELECT 1');

# What docs/monitoring.md promises, by a role that is a member of pg_monitor alone.
my %promised = (
	gauge => [
		qw(info preloaded sessions certificate_not_after_seconds certificate_pending_reload certificate_problems config_check_failures
		  sessions_expired_certificate sessions_revoked_certificate client_cert_not_after_seconds client_plaintext_login_timestamp_seconds)
	],
	counter => [
		qw(logins_total logins_rejected_total logins_would_reject_total failures_total evictions_total handshake_seconds_total handshakes_total hello_retry_total)
	]);
my $exporter = start_postgres_exporter($server, user => 'exporter');
my @samples  = grep { $_->{name} =~ /^sslinfo_plus_/ } metrics($exporter);
for my $type (sort keys %promised)
{
	for my $name (@{ $promised{$type} })
	{
		my ($sample) = grep { $_->{name} eq "sslinfo_plus_$name" } @samples;
		is($sample && $sample->{type}, $type, "the exporter has the $type sslinfo_plus_$name");
	}
}
is_deeply([ sort(keys %{ { map { $_->{name} => 1 } @samples } }) ], [ sort(map { "sslinfo_plus_$_" } map { @$_ } values %promised) ], 'the exporter has no other metric with the prefix sslinfo_plus');
is_deeply([ map { $_->{name} } grep { $_->{value} eq 'NaN' } @samples ], [], 'no metric of a preloaded server is NaN');
is(join(' ', sort(keys %{ { map { map { $_ => 1 } keys %{ $_->{labels} } } @samples } })),
	'client_cert file fips group_kind key_exchange_group openssl ordinal reason role server source stage transport version view',
	'no label has a pid, an address, the name of a client or a fingerprint');
my ($app) = grep { $_->{name} eq 'sslinfo_plus_sessions' && $_->{labels}{transport} eq 'tls' } @samples;
is("$app->{labels}{version} $app->{labels}{client_cert} $app->{value}", 'TLSv1.3 true 1', 'a session over TLS is counted with its facts');
is(scalar(grep { $_->{name} eq 'sslinfo_plus_failures_total' } @samples), $server->query('SELECT count(*) FROM pg_stat_ssl_failure_totals'), 'each reason to fail is there before it happens');
for ([ logins_total => 'connections' ], [ handshakes_total => 'handshakes' ])
{
	my ($name, $column) = @$_;
	my @bounds   = ($server->query("SELECT $column FROM pg_stat_ssl_usage_info", socket => 1));
	my ($sample) = grep { $_->{name} eq "sslinfo_plus_$name" } metrics($exporter);
	push @bounds, $server->query("SELECT $column FROM pg_stat_ssl_usage_info", socket => 1);
	ok(1 < $sample->{value} && $bounds[0] <= $sample->{value} && $sample->{value} <= $bounds[1], "$name is the column $column");
}

# Alerts. (The rules are those of the file without their waiting times.)
my $output;
ok(IPC::Run::run([ 'promtool', 'test', 'rules', file('alerts_test.yaml') ], '>&', \$output), 'promtool passes the tests of the alerts') or diag($output);
my $prometheus = start_prometheus($server, $exporter);
sub value { my ($name) = @_; my ($sample) = query($prometheus, $name); return $sample ? $sample->{value} : undef; }
sub fires { my ($name) = @_; return wait_for(sub { alerts($prometheus)->{$name} }, 60); }
sub ends { my ($name) = @_; return wait_for(sub { !alerts($prometheus)->{$name} }, 60); }
ok(wait_for(sub { value('count_over_time(sslinfo_plus_info[1m]) >= 4') }), 'Prometheus scrapes the exporter');
is_deeply(alerts($prometheus), {}, 'a healthy server fires no alert');

# A file that is renewed and not reloaded, asked for by a session that is younger than the last reload, and by one that is older.
install('renewed');
my $alert = fires('SslCertificateNotReloaded');
is_deeply([ sort map { $_->{file} // '' } @{ $alert // [] } ], [ '', "$dir/server.crt" ], 'a certificate that is renewed and not reloaded fires an alert');
$server->reload;
$server->finish($session);
$session = $server->open_session(@app);
$server->say($session, 'SELECT 1');
ok(ends('SslCertificateNotReloaded'), 'the reload ends the alert about a certificate that is not reloaded');
ok(wait_for(sub { (value('sslinfo_plus_certificate_pending_reload{source="server"}') // '') eq '0' }), 'the exporter, whose session is older than the reload, has the state from a younger session');
$server->finish($session);
$session = $server->open_session(@app);
$server->say($session, 'SELECT 1');
install('old');
ok($alert = fires('SslCertificateNotReloaded'), 'a certificate that is renewed and not reloaded fires an alert again, by the younger session');
ok($alert = fires('SslCertificateExpired'), 'an expired certificate fires an alert');
is($alert && $alert->[0]{file}, "$dir/server.crt", 'the alert names the file of the expired certificate');
install('good');
ok(ends('SslCertificateExpired'), 'a good certificate ends the alert about an expired one');
unlink "$dir/server.key";
ok(fires('SslConfigCheckFails'), 'a missing key fires an alert before the next restart');
install('good');
$server->reload;
$server->finish($session);
$session = $server->open_session(@app);
$server->say($session, 'SELECT 1');
ok(ends('SslConfigCheckFails') && ends('SslCertificateNotReloaded'), 'a good key and a reload end the alerts');

# A session that outlives its certificate. Logins.
$pki->make('short', subject => ['CN=postgres'], issuer => 'ca', not_after => time + 4);
my $short = $server->open_session(cert => 'short');
$server->say($short, 'SELECT 1');
ok(fires('SslSessionCertificateExpired'), 'a session whose certificate has expired fires an alert');
$server->finish($short);

# A session whose certificate is revoked after the login. The CRL is read from the disk; only its setting needs a reload.
$pki->make('gone', subject => ['CN=postgres'], issuer => 'ca', not_after => time + $year);
my $gone = $server->open_session(cert => 'gone');
$server->say($gone, 'SELECT 1');
sub crl { open my $file, '>', "$dir/ca.crl" or die "$!"; print $file $pki->crl('ca', next_update => time + $year, @_); close $file or die "$!"; return; }
crl();
$server->set(ssl_crl_file => "$dir/ca.crl");
ok(wait_for(sub { value('sslinfo_plus_certificate_not_after_seconds{source="crl"}') }), 'the exporter has a metric of the CRL');
is(value('sslinfo_plus_sessions_revoked_certificate'), 0, 'no session has a revoked certificate so far');
crl(revoked => [ $pki->serial('gone') ]);
ok(fires('SslSessionCertificateRevoked'), 'a session whose certificate was revoked fires an alert without a reload');
is(value('sslinfo_plus_sessions_revoked_certificate'), 1, 'only the session with a revoked certificate is counted');
$server->finish($gone);
ok(ends('SslSessionCertificateRevoked'), 'the end of the session ends the alert about its revoked certificate');
$server->set(ssl_crl_file => '');
$server->finish($session);
$session = $server->open_session(@app);
$server->say($session, 'SELECT 1');
$server->query("ALTER SYSTEM SET sslinfo_plus.login_rules = 'plain: tls>=1.3'", socket => 1);
$server->query("ALTER SYSTEM SET sslinfo_plus.login_action = 'log'", socket => 1);
$server->reload;
ok(!alerts($prometheus)->{SslLoginWouldBeRejected} && !alerts($prometheus)->{SslPlaintextLogin}, 'no login would be refused so far');
$server->query('SELECT 1', user => 'plain', sslmode => 'disable');
ok(fires('SslPlaintextLogin'), 'a login without encryption fires an alert when its session is gone');
ok(fires('SslLoginWouldBeRejected'), 'the first login that would be refused fires an alert');
is(value('sslinfo_plus_logins_would_reject_total'), 1, 'the login that would be refused is counted once');
$server->error('', command => 'SELECT 1', user => 'nobody_of_that_name', cert => 'app');
ok(wait_for(sub { value('sum(increase(sslinfo_plus_failures_total[1m]))') }), 'the first failed attempt raises the metric of the failures');

# The dashboard: what each panel asks for is there. (Another login, so that the last certificate of the role is a good one.)
$server->query('SELECT 1', @app);
wait_for(sub { query($prometheus, 'sslinfo_plus_client_cert_not_after_seconds{role="postgres"} > 0') });
my $dashboard = yaml(slurp_file(file('dashboard.json')));
for my $panel (@{ $dashboard->{panels} })
{
	for my $target (@{ $panel->{targets} // [] })
	{
		my $expression = $target->{expr} =~ s/\$instance/.*/gr =~ s/\$__rate_interval/1m/gr;
		cmp_ok(scalar(query($prometheus, $expression)), '>', 0, "the panel '$panel->{title}' of the dashboard has data: $target->{expr}");
	}
}

# Counters do not fall by a restart. Without the preload a clear metric, and no error.
my $logins = value('sslinfo_plus_logins_total');
$server->finish($session);
$node->restart;
ok(wait_for(sub { (value('sslinfo_plus_logins_total') // 0) > $logins }), 'a restart does not lower the number of logins');
is(value('sum(resets(sslinfo_plus_logins_total[10m])) + sum(resets(sslinfo_plus_failures_total[10m]))'), 0, 'no counter was reset');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
my $offset = -s $node->logfile;
$node->restart;
ok(fires('SslNotPreloaded'), 'a server without the preload fires an alert');
@samples = grep { $_->{name} =~ /^sslinfo_plus_/ } metrics($exporter);
is_deeply([ map { $_->{value} } grep { $_->{name} eq 'sslinfo_plus_preloaded' } @samples ], [0], 'sslinfo_plus_preloaded is 0 without the preload');
is(scalar(grep { $_->{name} eq 'sslinfo_plus_certificate_not_after_seconds' } @samples), 2, 'the exporter has the metrics of the certificates without the preload');
unlike($server->log_since($offset), qr/^.*ERROR:.*\n.*\n?.*STATEMENT:.*ssl/m, 'no query of the exporter fails without the preload');
is_deeply(alerts($prometheus)->{SslMetricsMissing}, undef, 'no alert about missing metrics fires without the preload');

done_testing();
