-- With as many rows as fill_statistics.pl made.
SELECT (SELECT count(*) FROM pg_stat_ssl_usage) AS logins, (SELECT count(*) FROM pg_stat_ssl_failures) AS failures \gset
CALL bench.measure('pg_stat_ssl_usage', 'rows', :logins, 'SELECT * FROM pg_stat_ssl_usage');
CALL bench.measure('pg_stat_ssl_usage_info', 'rows of pg_stat_ssl_usage', :logins, 'SELECT * FROM pg_stat_ssl_usage_info');
CALL bench.measure('pg_stat_ssl_failures', 'rows', :failures, 'SELECT * FROM pg_stat_ssl_failures');
CALL bench.measure('pg_stat_ssl_failure_totals', 'rows of pg_stat_ssl_failures', :failures, 'SELECT * FROM pg_stat_ssl_failure_totals');
