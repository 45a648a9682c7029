CALL bench.subject('first call in a session: ssl_version()', 'TLS handshake', 'at most 1 %', 0.01);
CALL bench.subject('first call in a session: ssl_session(), all facts', 'TLS handshake', 'at most 1 %', 0.01);
INSERT INTO bench.pair
    SELECT 'first call in a session: ssl_version()', pair, first / seconds
    FROM bench.session JOIN bench.handshake USING (pair) WHERE kind = 'one';
INSERT INTO bench.pair
    SELECT 'first call in a session: ssl_session(), all facts', pair, first / seconds
    FROM bench.session JOIN bench.handshake USING (pair) WHERE kind = 'whole';

CALL bench.subject('LOAD', 'contrib', 'at most 2 times', 2);
INSERT INTO bench.pair
    SELECT 'LOAD', pair, ours.load / theirs.load FROM bench.session ours JOIN bench.session theirs USING (pair)
    WHERE ours.kind = 'one' AND theirs.kind = 'contrib';
