-- What needs shared_preload_libraries: where it is not there, an error with a hint. (server_1.out: where it is.)
SELECT count(*) > 0 FROM pg_stat_ssl_plus;
SELECT count(*) > 0 FROM pg_stat_ssl_usage;
SELECT stats_reset < now() FROM pg_stat_ssl_usage_info;
-- (never called where it would reset the counts of a server in use)
SELECT pg_stat_ssl_usage_reset() WHERE current_setting('shared_preload_libraries') !~ 'sslinfo_plus';
\set VERBOSITY sqlstate
SELECT count(*) > 0 FROM pg_stat_ssl_plus;
\set VERBOSITY default
-- its settings
SELECT name, boot_val, context, vartype, min_val, max_val, enumvals FROM pg_settings WHERE name LIKE 'sslinfo\_plus.%' ORDER BY name COLLATE "C";
-- LOAD does no harm, and the functions of the session work
LOAD 'sslinfo_plus';
SELECT transport IS NOT NULL AS transport FROM ssl_session();
-- who may do what
CREATE ROLE regress_ssl_nobody;
CREATE ROLE regress_ssl_monitor IN ROLE pg_monitor;
SELECT r AS role, has_table_privilege(r, 'pg_stat_ssl_plus', 'SELECT') AS sessions,
       has_table_privilege(r, 'pg_stat_ssl_usage', 'SELECT') AS usage,
       has_function_privilege(r, 'pg_stat_ssl_usage()', 'EXECUTE') AS usage_function,
       has_table_privilege(r, 'pg_stat_ssl_usage_info', 'SELECT') AS info,
       has_function_privilege(r, 'pg_stat_ssl_usage_reset()', 'EXECUTE') AS reset
FROM unnest(ARRAY['regress_ssl_nobody', 'regress_ssl_monitor']) r;
DROP ROLE regress_ssl_nobody, regress_ssl_monitor;
-- the views have the columns of ssl_session() less the byte counts
SELECT attname FROM pg_attribute WHERE attrelid = 'pg_stat_ssl_plus'::regclass AND attnum > 0
EXCEPT
SELECT attname FROM pg_attribute WHERE attrelid = 'ssl_session'::regclass AND attnum > 0
ORDER BY 1;
SELECT attname FROM pg_attribute WHERE attrelid = 'ssl_session'::regclass AND attnum > 0
EXCEPT
SELECT attname FROM pg_attribute WHERE attrelid = 'pg_stat_ssl_plus'::regclass AND attnum > 0
ORDER BY 1;
