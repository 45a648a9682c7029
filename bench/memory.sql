-- Memory of this session before and after calling everything once. Before that the statements are planned: what PostgreSQL
-- keeps of its catalogs for them is not the extension's, and would be there with any other function too.

CREATE TEMP TABLE everything AS
    SELECT CASE WHEN p.proretset OR t.typtype = 'c' OR p.prorettype = 'record'::regtype
                THEN format('SELECT * FROM %s(%s)', p.proname, a.arguments)
                ELSE format('SELECT %s(%s)', p.proname, a.arguments) END AS statement
    FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
                   JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'sslinfo_plus'
                   JOIN pg_type t ON t.oid = p.prorettype
                   CROSS JOIN LATERAL (SELECT CASE
                       WHEN p.pronargs = p.pronargdefaults THEN ''
                       WHEN p.proname ~ '_(field|values)$' THEN CASE p.proname WHEN 'ssl_client_san_values' THEN '''dns''' ELSE '''CN''' END
                       WHEN p.proargnames[1] = 'policy' THEN '''tls'''
                       WHEN p.proargtypes[0] = 'bytea'::regtype THEN '(ssl_client_certificate()).der' END AS arguments) a
    WHERE a.arguments IS NOT NULL AND p.provolatile = 's';

CREATE TEMP TABLE memory (moment text, contexts bigint, anonymous bigint);
CREATE FUNCTION pg_temp.look(moment text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO memory
        SELECT moment, sum(total_bytes),
               1024 * substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::bigint
        FROM pg_backend_memory_contexts
$$;
CREATE PROCEDURE pg_temp.run(prefix text, suffix text) LANGUAGE plpgsql AS $$
DECLARE
    s text;
BEGIN
    FOR s IN SELECT statement FROM everything LOOP
        EXECUTE prefix || s;
        EXECUTE suffix;
        COMMIT;
    END LOOP;
END
$$;
SELECT pg_temp.look('start');
CALL pg_temp.run('PREPARE everything AS ', 'DEALLOCATE everything');
SELECT pg_temp.look('before');
CALL pg_temp.run('', 'SELECT 1');
SELECT pg_temp.look('after');

CALL bench.subject('memory of a backend after calling everything once', 'before', 'at most 64 kB more', NULL);
SELECT format('CALL bench.note(%L, %L)', 'memory of a backend after calling everything once',
              format('%s kB more', (a.anonymous - b.anonymous) / 1024))
FROM memory b, memory a WHERE b.moment = 'before' AND a.moment = 'after' \gexec
UPDATE bench.subject SET reached = (SELECT max(anonymous) FILTER (WHERE moment = 'after') - max(anonymous) FILTER (WHERE moment = 'before') <= 65536 FROM memory)
WHERE what LIKE 'memory %';
