-- All sessions: the view of the preload against PostgreSQL's.
CALL bench.subject('SELECT * FROM pg_stat_ssl_plus, at 1000 connections', 'pg_stat_ssl', 'at most 1.0 times', 1);
CALL bench.compare_asks('SELECT * FROM pg_stat_ssl_plus, at 1000 connections', 'SELECT * FROM pg_stat_ssl_plus',
                        'SELECT * FROM pg_stat_ssl', 20);
CALL bench.subject('SELECT pid, version, client_not_after FROM pg_stat_ssl_plus, at 1000 connections',
                   'SELECT pid, version, client_dn FROM pg_stat_ssl', '', NULL);
CALL bench.compare_asks('SELECT pid, version, client_not_after FROM pg_stat_ssl_plus, at 1000 connections',
                        'SELECT pid, version, client_not_after FROM pg_stat_ssl_plus',
                        'SELECT pid, version, client_dn FROM pg_stat_ssl', 20);

-- The first call, where the login has read the facts.
CALL bench.subject('first call in a session with the preload: ssl_session(), all facts', 'TLS handshake', 'at most 1 %', 0.01);
INSERT INTO bench.pair
    SELECT 'first call in a session with the preload: ssl_session(), all facts', pair, first / seconds
    FROM bench.session JOIN bench.handshake USING (pair) WHERE kind = 'preload' AND pair > 0;
