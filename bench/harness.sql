-- How two things are compared: in alternation, one pair after the other, each pair a ratio; the first pair only warms up.
-- The report has the median of the ratios and their quartiles. Set bench.pairs before.

CREATE SCHEMA bench;

CREATE FUNCTION bench.cpu_seconds() RETURNS float8 AS 'clock', 'bench_cpu_seconds' LANGUAGE C VOLATILE;
CREATE FUNCTION bench.call_seconds(function regprocedure) RETURNS float8 AS 'clock', 'bench_call_seconds' LANGUAGE C VOLATILE;

-- What is measured, in the order of the report. `bound`: the ratio (ours by theirs) to reach, and how the issue says it.
CREATE TABLE bench.subject (
    id serial PRIMARY KEY,
    what text UNIQUE,
    compared_with text,
    target text,
    bound float8,
    reached boolean,   -- where it is no ratio
    note text
);
CREATE TABLE bench.pair (what text REFERENCES bench.subject (what), pair int, ratio float8);
CREATE TABLE bench.instructions (what text, ours float8, theirs float8);
CREATE TABLE bench.scalar (call text, type text);

CREATE PROCEDURE bench.subject(what text, compared_with text, target text, bound float8) LANGUAGE sql AS $$
    INSERT INTO bench.subject (what, compared_with, target, bound) VALUES ($1, $2, $3, $4)
$$;
CREATE PROCEDURE bench.note(what text, note text) LANGUAGE sql AS $$
    UPDATE bench.subject s SET note = concat_ws('; ', s.note, $2) WHERE s.what = $1
$$;

-- A query that calls an expression of no columns `rows` times fifty times over. As arguments they are evaluated for every
-- row, STABLE or not; in a WHERE they would be a condition of the whole query, evaluated once.
CREATE FUNCTION bench.calls(expression text, rows int) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT count(num_nonnulls(%s)) FROM generate_series(1, %s) i', repeat(expression || ', ', 49) || expression,
                  rows)
$$;

-- The loop of it without the calls.
CREATE FUNCTION bench.loop(rows int) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT count(num_nonnulls(i)) FROM generate_series(1, %s) i', rows)
$$;

-- Seconds of a statement: of this backend's processor, or on the wall where other processes take part.
CREATE FUNCTION bench.seconds(statement text, wall boolean) RETURNS float8 LANGUAGE plpgsql STRICT AS $$
DECLARE
    start float8 := CASE WHEN wall THEN extract(epoch FROM clock_timestamp()) ELSE bench.cpu_seconds() END;
BEGIN
    EXECUTE statement;
    RETURN CASE WHEN wall THEN extract(epoch FROM clock_timestamp()) ELSE bench.cpu_seconds() END - start;
END
$$;

-- Compares two statements. ours_times and theirs_times: how often each does what is compared; what the loops take is taken off.
CREATE PROCEDURE bench.compare(subject text, ours text, theirs text, ours_times int DEFAULT 1, theirs_times int DEFAULT 1,
                               ours_loop text DEFAULT NULL, theirs_loop text DEFAULT NULL, wall boolean DEFAULT false)
LANGUAGE plpgsql AS $$
DECLARE
    o float8;
    t float8;
BEGIN
    FOR pair IN 0 .. current_setting('bench.pairs')::int LOOP
        IF pair % 2 = 0 THEN
            o := bench.seconds(ours, wall);
            t := bench.seconds(theirs, wall);
        ELSE
            t := bench.seconds(theirs, wall);
            o := bench.seconds(ours, wall);
        END IF;
        o := o - coalesce(bench.seconds(ours_loop, wall), 0);
        t := t - coalesce(bench.seconds(theirs_loop, wall), 0);
        IF pair > 0 THEN
            INSERT INTO bench.pair VALUES (subject, pair, (o / ours_times) / nullif(t / theirs_times, 0));
        END IF;
    END LOOP;
END
$$;

-- How often PostgreSQL itself counted a function called in one run of bench.calls() with `rows`.
CREATE FUNCTION bench.counted_calls(function regprocedure, expression text, rows int) RETURNS bigint LANGUAGE plpgsql
SET track_functions = 'all' AS $$
DECLARE
    before bigint := coalesce(pg_stat_get_xact_function_calls(function), 0);
BEGIN
    EXECUTE bench.calls(expression, rows);
    RETURN pg_stat_get_xact_function_calls(function) - before;
END
$$;

-- The scans of a statement's plan, and whether workers take part.
CREATE FUNCTION bench.plan(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    nodes text[] := '{}';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
        nodes := nodes || substring(line FROM '((?:Parallel )?(?:Seq|Index|Index Only|Bitmap Heap) Scan)');
    END LOOP;
    RETURN array_to_string(array_remove(nodes, NULL), ', ');
END
$$;

-- A ratio as a person reads it.
CREATE FUNCTION bench.shown(ratio float8) RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN ratio IS NULL THEN ''
        WHEN ratio > 0 AND ratio < 0.1 THEN '1/' || CASE WHEN 1 / ratio < 10000 THEN round((1 / ratio)::numeric)::text
                                             ELSE to_char(1 / ratio, 'FM999,999,999,999') END
        ELSE round(ratio::numeric, 2)::text
    END
$$;
