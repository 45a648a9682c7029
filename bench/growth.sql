-- Does ssl_session() cost more at 1000 connections than at 10? Both in times of SELECT 1, pair by pair.
CALL bench.subject('ssl_session(), whole row, at 1000 connections, growth', 'at 10 connections', 'no growth (1.1 times)', 1.1);
INSERT INTO bench.pair
    SELECT 'ssl_session(), whole row, at 1000 connections, growth', pair, many.ratio / few.ratio
    FROM bench.pair many JOIN bench.pair few USING (pair)
    WHERE many.what LIKE '%SELECT 1, at 1000 %' AND few.what LIKE '%SELECT 1, at 10 %';
