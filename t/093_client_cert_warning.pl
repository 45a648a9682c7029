# sslinfo_plus.client_cert_warning: one line in the log per certificate and day, and from PostgreSQL 19 on a warning to the client.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use SSLInfoPlus::Server;
use Test::More;

my $server = SSLInfoPlus::Server->new('main', conf => "shared_preload_libraries = 'sslinfo_plus'\n");
my $pki    = $server->pki;
$pki->make('soon', subject => ["CN=soon\nforged"], not_after => time + 5 * 86400 + 600);
$pki->make('also', not_after => time + 5400);
$pki->make('later', not_after => time + 60 * 86400);

# The lines of the log that logins with these certificates add, and what the clients see.
sub logins
{
	my (@certs) = @_;
	my $offset = -s $server->node->logfile;
	my $seen   = '';
	for my $cert (@certs)
	{
		my ($code, $out, $errors) = $server->run('', command => 'SELECT 1', $cert ? (cert => $cert) : ());
		is($code, 0, 'a login succeeds with ' . ($cert // 'no certificate'));
		$seen .= $errors;
	}
	return (join("\n", $server->log_since($offset) =~ /LOG:  (client certificate .*)/g), $seen);
}

is((logins('soon'))[0], '', 'the warning is off by default');
$server->query("ALTER SYSTEM SET sslinfo_plus.client_cert_warning = '30d'", socket => 1);
$server->reload;
my ($lines, $seen) = logins('soon', 'soon', 'also', 'later', undef, 'also', 'soon');
is($lines, qq{client certificate "/CN=soon\\0Aforged" expires in 5 days and 0 hours\nclient certificate "/CN=also" expires in 0 days and 1 hours},
	'the log has one line for each certificate that expires soon');
my $warnings = () = $seen =~ /WARNING:  (?:\w+: )?client certificate expires soon/g;
is($warnings, $server->query('SHOW server_version_num') >= 190000 ? 5 : 0, 'the clients are warned from PostgreSQL 19 on');
is((logins('soon'))[0], '', 'another login on the same day writes no second line');
$server->query("ALTER SYSTEM SET sslinfo_plus.client_cert_warning = 0", socket => 1);
$server->reload;
$pki->make('third', not_after => time + 3600);
is((logins('third'))[0], '', 'the warning can be turned off again');

done_testing();
