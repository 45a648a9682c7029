-- What happens once in a session. scripts/bench calls bench.session() in sessions of their own, in alternation: with the
-- extension and TLS (kinds 'whole' and 'one'; 'preload' with the preload), with contrib ('contrib'), and without TLS ('plain').

CREATE TABLE bench.session (pair int, kind text, login float8, load float8, first float8);

-- Processor time of this session until now, of LOAD, and of the first call of a function.
CREATE FUNCTION bench.session(pair int, kind text, library text, function text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    login float8 := bench.cpu_seconds();
    load float8;
BEGIN
    EXECUTE 'LOAD ''plpgsql''';
    load := bench.seconds(format('LOAD %L', library), false);
    INSERT INTO bench.session VALUES (pair, kind, login, load, bench.call_seconds(function::regprocedure));
END
$$;

-- The processor time of a TLS handshake: a login with less a login without.
CREATE VIEW bench.handshake AS
    SELECT pair, avg(login) FILTER (WHERE kind IN ('one', 'whole')) - avg(login) FILTER (WHERE kind = 'plain') AS seconds
    FROM bench.session GROUP BY pair;
