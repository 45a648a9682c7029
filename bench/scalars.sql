-- Scalars per call, against the cheapest functions that PostgreSQL and contrib/sslinfo have. scripts/bench has filled
-- bench.scalar.

-- Is each function really called as often as the loop says?
DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['ssl_is_used()', 'ssl_version()', 'contrib.ssl_version()'] LOOP
        IF bench.counted_calls(f::regprocedure, f, 100) <> 5000 THEN
            RAISE EXCEPTION 'the loop calls % another number of times', f;
        END IF;
    END LOOP;
END
$$;

DO $$
DECLARE
    c record;
BEGIN
    FOR c IN
        WITH scalar AS (SELECT call, CASE type WHEN 'text' THEN 'version()' ELSE 'pg_backend_pid()' END AS other FROM bench.scalar)
        SELECT call AS what, call, other, other AS compared_with, 40000 AS other_rows, 'at most 1.5 times' AS target, 1.5 AS bound
        FROM scalar
        UNION ALL SELECT call || ' ', call, 'contrib.' || call, 'contrib', 400, 'at least 20 times cheaper', 1 / 20.0
        FROM unnest(ARRAY['ssl_client_dn()', 'ssl_issuer_dn()', 'ssl_client_serial()']) call
        UNION ALL SELECT call, call, 'contrib.' || call, 'contrib', 800, 'at least 10 times cheaper', 1 / 10.0
        FROM unnest(ARRAY[$q$ssl_client_dn_field('CN')$q$, $q$ssl_issuer_field('CN')$q$]) call
        UNION ALL SELECT call, call, 'ssl_is_used()', 'ssl_is_used()', 40000, 'at most 3 times', 3
        FROM unnest(ARRAY[$q$ssl_satisfies('mtls tls>=1.3')$q$]) call
    LOOP
        CALL bench.subject(c.what, c.compared_with, c.target, c.bound);
        CALL bench.compare(c.what, bench.calls(c.call, 40000), bench.calls(c.other, c.other_rows), 40000, c.other_rows,
                           bench.loop(40000), bench.loop(c.other_rows));
    END LOOP;
END
$$;
