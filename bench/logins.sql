-- TLS logins with the preload, from bench.login. The ratio is of times, so that 0.99 of the connections per second are 1.01.
CALL bench.subject('TLS login with the preload', 'without', 'at least 0.99 of the connections per second (1.01 of the time)',
                   1 / 0.99);
INSERT INTO bench.pair
    SELECT 'TLS login with the preload', pair, unloaded / loaded FROM bench.login WHERE pair > 0;

CALL bench.subject('TLS login while all views are read', 'while it reads generate_series()', 'at most 2 % fewer connections per second (1.02 of the time)',
                   1 / 0.98);
INSERT INTO bench.pair
    SELECT 'TLS login while all views are read', pair, beside_other / beside_views FROM bench.login WHERE pair > 0;

-- Instructions alone: most of the time of a failed attempt is the client's.
CALL bench.subject('failed handshake with the preload', 'without', 'at most 1.02 of the instructions', NULL);
UPDATE bench.subject SET reached = (SELECT ours / theirs <= 1.02 FROM bench.instructions i WHERE i.what = subject.what)
WHERE what = 'failed handshake with the preload';
