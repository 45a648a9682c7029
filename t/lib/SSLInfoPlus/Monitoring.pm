# SSLInfoPlus::Monitoring - exporters and Prometheus from Debian, run against a test's server, and the files of monitoring/.
#
#   my $exporter = start_postgres_exporter($server, user => 'exporter');
#   my $prometheus = start_prometheus($server, [ $exporter->{port} ], rules => 'alerts.yaml');
#   http("http://127.0.0.1:$exporter->{port}/metrics");
#   query($prometheus, 'sslinfo_plus_info');                  # list of { labels, value }
#
# Processes run in the background as the user of the test, on free ports, and end with it.

package SSLInfoPlus::Monitoring;

use strict;
use warnings;

use Carp;
use Exporter 'import';
use FindBin;
use HTTP::Tiny;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SSLInfoPlus::Files 'write_file';
use Time::HiRes ();

our @EXPORT_OK = qw(file yaml http wait_for start_postgres_exporter start_sql_exporter start_prometheus query alerts metrics stop);
our %EXPORT_TAGS = (all => \@EXPORT_OK);

my @running;

# The path of a file in monitoring/.
sub file { my ($name) = @_; return "$FindBin::RealBin/../monitoring/$name"; }

# The contents of YAML or JSON text. (Perl's core has no parser for all of YAML.)
sub yaml
{
	my ($text) = @_;
	my ($json, $errors) = ('', '');
	IPC::Run::run([ 'python3', '-c', 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.read())))' ],
		\$text, \$json, \$errors) or croak $errors;
	return JSON::PP->new->decode($json);
}

# The body of a page; undef if there is no answer or an error.
sub http
{
	my ($url, %form) = @_;
	my $client   = HTTP::Tiny->new(timeout => 30);
	my $response = %form ? $client->post_form($url, \%form) : $client->get($url);
	return $response->{success} ? $response->{content} : undef;
}

# Calls a function until its result is true, for at most so many seconds, and returns it.
sub wait_for
{
	my ($function, $seconds) = @_;
	my $end = Time::HiRes::time() + ($seconds // $PostgreSQL::Test::Utils::timeout_default);
	my $result;
	while (!($result = $function->()) && Time::HiRes::time() < $end) { Time::HiRes::sleep(0.2) }
	return $result;
}

# Starts a program whose output goes to a log, and waits until it answers at its port.
sub _start
{
	my ($log, $port, $page, @command) = @_;
	my $process = { log => $log, port => $port, url => "http://127.0.0.1:$port" };
	$process->{run} = IPC::Run::start(\@command, '<', \undef, '>', $log, '2>&1');
	push @running, $process;
	wait_for(sub { defined http("$process->{url}$page") }) or croak "$command[0] does not answer: " . slurp_file($log);
	return $process;
}

# Ends a program that was started here.
sub stop
{
	my ($process) = @_;
	$process->{run}->kill_kill(grace => 10) if $process->{run};
	delete $process->{run};
	return;
}

END
{
	my $status = $?;
	stop($_) for @running;
	$? = $status;
}

# prometheus-postgres-exporter by the Unix-domain socket, with monitoring/postgres_exporter.yaml.
sub start_postgres_exporter
{
	my ($server, %want) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $node = $server->node;
	local $ENV{DATA_SOURCE_NAME} = "user=$want{user} host=" . $node->host . ' port=' . $node->port . ' dbname=postgres';
	return _start(
		$node->basedir . '/postgres_exporter.log', $port, '/', 'prometheus-postgres-exporter',
		"--web.listen-address=127.0.0.1:$port", '--disable-default-metrics', '--disable-settings-metrics',
		'--extend.query-path=' . file('postgres_exporter.yaml'));
}

# prometheus-sql-exporter by the Unix-domain socket. Its file has one connection and one interval, which are changed to the test's.
sub start_sql_exporter
{
	my ($server, %want) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $node = $server->node;
	my $text = slurp_file(file('sql_exporter.yaml'));
	my $url  = "postgres://$want{user}\@/postgres?host=" . $node->host . '&port=' . $node->port . '&sslmode=disable';
	$text =~ s/^ +- '\Kpostgres:[^']+/$url/m or croak 'no connection in sql_exporter.yaml';
	$text =~ s/^ +interval: \K\S+/1s/m or croak 'no interval in sql_exporter.yaml';
	my $config = write_file($node->basedir . '/sql_exporter.yaml', $text);
	return _start(
		$node->basedir . '/sql_exporter.log', $port, '/metrics', 'prometheus-sql-exporter',
		"-web.listen-address=127.0.0.1:$port", "-config.file=$config");
}

# Prometheus, which scrapes and judges every second. The alerts are those of monitoring/alerts.yaml without their `for`.
#   relabel   lines for metric_relabel_configs
sub start_prometheus
{
	my ($server, $exporter, %want) = @_;
	my $port  = PostgreSQL::Test::Cluster::get_free_port();
	my $dir   = $server->node->basedir . "/prometheus-$port";
	mkdir $dir or croak "$dir: $!";
	my $rules = slurp_file(file('alerts.yaml'));
	$rules =~ s/^ +for: .*\n//mg;
	write_file("$dir/alerts.yaml", $rules);
	my $relabel = $want{relabel} ? "    metric_relabel_configs:\n$want{relabel}" : '';
	my $config = write_file("$dir/prometheus.yml", <<"EOC");
global:
  scrape_interval: 1s
  scrape_timeout: 1s
  evaluation_interval: 1s
rule_files: ['$dir/alerts.yaml']
scrape_configs:
  - job_name: sslinfo_plus
    static_configs: [{ targets: ['127.0.0.1:$exporter->{port}'] }]
$relabel
EOC
	return _start("$dir.log", $port, '/-/ready', 'prometheus', "--config.file=$config", "--storage.tsdb.path=$dir/data",
		"--web.listen-address=127.0.0.1:$port");
}

# An answer of Prometheus's API.
sub _api
{
	my ($prometheus, $path, %form) = @_;
	my $answer = http("$prometheus->{url}/api/v1/$path", %form) // return;
	return JSON::PP->new->utf8->decode($answer)->{data};
}

# The samples that a PromQL expression has now: { metric, value }. Dies if the expression is none.
sub query
{
	my ($prometheus, $expression) = @_;
	my $data = _api($prometheus, 'query', query => $expression) // croak "not accepted by Prometheus: $expression";
	return map { { metric => $_->{metric}, value => $_->{value}[1] } } @{ $data->{result} };
}

# The alerts that fire now, by name: lists of their labels.
sub alerts
{
	my ($prometheus) = @_;
	my %firing;
	for my $alert (@{ _api($prometheus, 'alerts')->{alerts} })
	{
		push @{ $firing{ $alert->{labels}{alertname} } }, $alert->{labels} if $alert->{state} eq 'firing';
	}
	return \%firing;
}

# The samples of an exporter's page: { name, type, labels, value }.
sub metrics
{
	my ($exporter) = @_;
	my $page = http("$exporter->{url}/metrics") // croak 'the exporter does not answer: ' . slurp_file($exporter->{log});
	my (@samples, %type);
	for (split /\n/, $page)
	{
		$type{$1} = $2 if /^# TYPE (\S+) (\S+)/;
		next unless my ($name, $labels, $value) = /^([a-z]\w*)(?:\{(.*)\})? (\S+)$/;
		my %labels;
		$labels{$1} = $2 while ($labels // '') =~ /(\w+)="((?:[^"\\]|\\.)*)"/g;
		push @samples, { name => $name, type => $type{$name}, labels => \%labels, value => $value };
	}
	return @samples;
}

1;
