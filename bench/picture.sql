-- The ratios against contrib/sslinfo and pg_stat_ssl for picture.pl: words, median, quartiles.
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\t'
SELECT w.words, r.median, r.lower, r.upper FROM bench.wording w JOIN bench.result r USING (what)
WHERE w.compared_with ~ 'contrib|pg_stat_ssl`' ORDER BY r.median;
