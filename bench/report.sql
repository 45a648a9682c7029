-- The table of docs/lab/performance.md.
\pset format unaligned
\pset tuples_only on
\pset fieldsep ''
SELECT '| what | compared with | to reach | ratio | quartiles | ratio of instructions | reached | |' || E'\n'
    || '|---|---|---|---|---|---|---|---|';
SELECT format('| `%s` | `%s` | %s | %s | %s | %s | %s | %s |', rtrim(s.what), s.compared_with, s.target,
              bench.shown(r.median), bench.shown(r.lower) || ' – ' || bench.shown(r.upper),
              bench.shown(i.ours / nullif(i.theirs, 0)),
              CASE WHEN coalesce(s.reached, r.median <= s.bound) THEN 'yes'
                   WHEN NOT coalesce(s.reached, r.median <= s.bound) THEN '**no**' ELSE '' END,
              s.note)
FROM bench.subject s
     LEFT JOIN (SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio) AS median,
                       percentile_cont(0.25) WITHIN GROUP (ORDER BY ratio) AS lower,
                       percentile_cont(0.75) WITHIN GROUP (ORDER BY ratio) AS upper
                FROM bench.pair GROUP BY what) r USING (what)
     LEFT JOIN bench.instructions i USING (what)
ORDER BY s.id;
