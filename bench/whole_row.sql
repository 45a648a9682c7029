-- ssl_session() against pg_stat_ssl, at as many connections as scripts/bench opened: :connections. At 10, and then at 1000.

\set row 'ssl_session(), whole row, at ' :connections ' connections'
CALL bench.subject(:'row', 'the row of pg_stat_ssl', 'cheaper', 1);
CALL bench.compare_asks(:'row', 'SELECT * FROM ssl_session()', 'SELECT * FROM pg_stat_ssl WHERE pid = pg_backend_pid()', 1000);

-- What it costs in times of a statement that does nothing, to see whether it grows with the connections.
\set row 'ssl_session(), whole row, in times of SELECT 1, at ' :connections ' connections'
CALL bench.subject(:'row', 'SELECT 1', '', NULL);
CALL bench.compare_asks(:'row', 'SELECT * FROM ssl_session()', 'SELECT 1', 1000);
