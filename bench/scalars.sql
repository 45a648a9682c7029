-- Scalars per call, against the cheapest functions that PostgreSQL and contrib/sslinfo have.

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

-- Every scalar without arguments, whichever the extension has.
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN
        SELECT p.proname || '()' AS call, p.prorettype = 'text'::regtype AS is_text
        FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
                       JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'sslinfo_plus'
                       JOIN pg_type t ON t.oid = p.prorettype
        WHERE p.pronargs = 0 AND NOT p.proretset AND t.typtype = 'b' AND p.prorettype <> 'void'::regtype
        ORDER BY 2, 1
    LOOP
        CALL bench.subject(f.call, CASE WHEN f.is_text THEN 'version()' ELSE 'pg_backend_pid()' END, 'at most 1.5 times', 1.5);
        CALL bench.compare_calls(f.call, f.call, CASE WHEN f.is_text THEN 'version()' ELSE 'pg_backend_pid()' END,
                                 40000, 40000);
    END LOOP;
END
$$;

DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['ssl_client_dn()', 'ssl_issuer_dn()', 'ssl_client_serial()'] LOOP
        CALL bench.subject(f || ' ', 'contrib', 'at least 20 times cheaper', 1 / 20.0);
        CALL bench.compare_calls(f || ' ', f, 'contrib.' || f, 40000, 400);
    END LOOP;
    FOREACH f IN ARRAY ARRAY['ssl_client_dn_field(''CN'')', 'ssl_issuer_field(''CN'')'] LOOP
        CALL bench.subject(f, 'contrib', 'at least 10 times cheaper', 1 / 10.0);
        CALL bench.compare_calls(f, f, 'contrib.' || f, 40000, 800);
    END LOOP;

    f := $f$ssl_satisfies('mtls tls>=1.3')$f$;
    CALL bench.subject(f, 'ssl_is_used()', 'at most 3 times', 3);
    IF to_regprocedure('ssl_satisfies(text)') IS NULL THEN
        CALL bench.note(f, 'not run: no such function');
    ELSE
        CALL bench.compare_calls(f, f, 'ssl_is_used()', 40000, 40000);
    END IF;
END
$$;
