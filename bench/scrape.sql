-- One scrape: every query of monitoring/postgres_exporter.yaml, which are in bench.scrape, by a member of pg_monitor alone.
CALL bench.subject('one scrape with postgres_exporter.yaml, at 1000 connections', '', 'at most 20 ms and 5 MB', NULL);
CREATE TABLE bench.scrape_time (pair int, seconds float8, peak bigint);
CREATE FUNCTION bench.peak_memory() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
    SELECT 1024 * substring(pg_read_file('/proc/self/status') FROM 'VmPeak:\s+(\d+)')::bigint
$$;
CREATE ROLE scraper IN ROLE pg_monitor;
GRANT USAGE ON SCHEMA bench TO scraper;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA bench TO scraper;
SELECT format('CALL bench.note(%L, %L)', 'one scrape with postgres_exporter.yaml, at 1000 connections',
              format('with %s connections over TLS with a certificate, %s rows of logins and %s of failures',
                     (SELECT count(*) FROM pg_stat_ssl_plus WHERE client_cert_present), (SELECT entries FROM pg_stat_ssl_usage_info),
                     (SELECT entries FROM pg_stat_ssl_failures_info))) \gexec
SET ROLE scraper;
DO $$
DECLARE
    q text;
    seconds float8;
    before bigint := bench.peak_memory();
BEGIN
    FOR pair IN 0 .. current_setting('bench.pairs')::int LOOP
        seconds := 0;
        FOR q IN SELECT query FROM bench.scrape LOOP
            seconds := seconds + bench.seconds(q, false);
        END LOOP;
        INSERT INTO bench.scrape_time VALUES (pair, seconds, bench.peak_memory() - before);
    END LOOP;
END
$$;
RESET ROLE;
SELECT format('CALL bench.note(%L, %L)', 'one scrape with postgres_exporter.yaml, at 1000 connections',
              format('%s ms of the processor; %s MB more at the most, planning included', round(1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)::numeric, 1),
                     round(max(peak) / 1048576.0, 1)))
FROM bench.scrape_time WHERE pair > 0 \gexec
UPDATE bench.subject SET reached = (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) < 0.02 AND max(peak) < 5 * 1048576 FROM bench.scrape_time WHERE pair > 0)
WHERE what LIKE 'one scrape %';
