-- Whole rows: ssl_session() and pg_stat_ssl. Each ask is a transaction of its own, as an application's are: pg_stat_ssl
-- copies the state of all sessions once a transaction.

CREATE PROCEDURE bench.ask(query text, times int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. times LOOP
        EXECUTE query;
        COMMIT;
    END LOOP;
END
$$;

-- As bench.compare(), outside a transaction.
CREATE PROCEDURE bench.compare_asks(subject text, ours text, theirs text, times int) LANGUAGE plpgsql AS $$
DECLARE
    start float8;
    o float8;
    t float8;
BEGIN
    FOR pair IN 0 .. current_setting('bench.pairs')::int LOOP
        start := bench.cpu_seconds();
        CALL bench.ask(CASE WHEN pair % 2 = 0 THEN ours ELSE theirs END, times);
        o := bench.cpu_seconds() - start;
        start := bench.cpu_seconds();
        CALL bench.ask(CASE WHEN pair % 2 = 0 THEN theirs ELSE ours END, times);
        t := bench.cpu_seconds() - start;
        IF pair > 0 THEN
            INSERT INTO bench.pair VALUES (subject, pair, CASE WHEN pair % 2 = 0 THEN o / t ELSE t / o END);
        END IF;
    END LOOP;
END
$$;
