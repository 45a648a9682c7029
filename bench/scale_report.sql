-- A line per object: how its cost grows.
\pset format unaligned
\pset tuples_only on
SELECT E'| query | grows with | from | to | the cost grows | exponent |\n|---|---|---|---|---|---|';
SELECT format('| `%s` | %s | %s | %s | %s times | %s |', query, grows, to_char(min(size), 'FM999,999'), to_char(max(size), 'FM999,999'),
              round((max(seconds) FILTER (WHERE last) / max(seconds) FILTER (WHERE first))::numeric, 1),
              round(regr_slope(ln(seconds), ln(size))::numeric, 2))
FROM (SELECT *, size = min(size) OVER w AS first, size = max(size) OVER w AS last FROM bench.scale WINDOW w AS (PARTITION BY query)) s
GROUP BY query, grows ORDER BY min(id);
