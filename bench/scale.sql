-- Cost as the work grows: processor time of a query at several sizes of what it reads. scripts/bench reports the exponent of the
-- growth: 0 for no growth, 1 for a cost per row, 2 for a cost per pair of rows.
CREATE TABLE bench.scale (id serial, query text, grows text, size int, seconds float8);

-- The best of the pairs, each long enough to be measured.
CREATE PROCEDURE bench.measure(query text, grows text, size int, statement text) LANGUAGE plpgsql AS $$
DECLARE
    times int := 1;
    best float8;
    start float8;
BEGIN
    FOR pair IN 0 .. current_setting('bench.pairs')::int LOOP
        start := bench.cpu_seconds();
        CALL bench.ask(statement, times);
        start := (bench.cpu_seconds() - start) / times;
        best := least(start, CASE WHEN pair > 1 THEN best END);
        times := greatest(1, least(1000, (0.05 / start)::int));
    END LOOP;
    INSERT INTO bench.scale (query, grows, size, seconds) VALUES ($1, $2, $3, best);
END
$$;

SELECT format('CALL bench.measure(%L, %L, %s, %L)', 'ssl_parse_certificates(pem)', 'certificates', n,
              format('SELECT count(*) FROM ssl_parse_certificates(repeat(%L, %s))', pem, n))
FROM pg_read_file(:'certificate') pem, unnest(ARRAY[10, 100, 1000]) n \gexec
SELECT format('CALL bench.measure(%L, %L, %s, %L)', 'ssl_check(policy)', 'values of a requirement', n,
              format('SELECT count(*) FROM ssl_check(%L)', (SELECT 'cn=' || string_agg('app-' || i, '|') FROM generate_series(1, n) i)))
FROM unnest(ARRAY[10, 100, 900]) n \gexec
