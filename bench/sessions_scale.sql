-- At :connections connections, with the preload.
CALL bench.measure('pg_stat_ssl_plus', 'sessions', :connections, 'SELECT * FROM pg_stat_ssl_plus');
CALL bench.measure('pg_stat_ssl', 'sessions', :connections, 'SELECT * FROM pg_stat_ssl');
CALL bench.measure('ssl_session()', 'sessions', :connections, 'SELECT * FROM ssl_session()');
