-- All sessions: the view of the preload against PostgreSQL's.
CALL bench.subject('SELECT * FROM pg_stat_ssl_plus, at 1000 connections', 'pg_stat_ssl', 'at most 1.0 times', 1);
CALL bench.compare_asks('SELECT * FROM pg_stat_ssl_plus, at 1000 connections', 'SELECT * FROM pg_stat_ssl_plus',
                        'SELECT * FROM pg_stat_ssl', 20);
CALL bench.subject('SELECT pid, version, client_not_after FROM pg_stat_ssl_plus, at 1000 connections',
                   'SELECT pid, version, client_dn FROM pg_stat_ssl', '', NULL);
CALL bench.compare_asks('SELECT pid, version, client_not_after FROM pg_stat_ssl_plus, at 1000 connections',
                        'SELECT pid, version, client_not_after FROM pg_stat_ssl_plus',
                        'SELECT pid, version, client_dn FROM pg_stat_ssl', 20);
