-- The table of docs/performance.md: what a user asks, in words. The scalars of one kind are one row, that of the dearest of them.
\pset format unaligned
\pset tuples_only on
\pset fieldsep ''

CREATE VIEW bench.result AS
    SELECT s.what, s.compared_with, s.target, r.median, r.lower, r.upper, i.ours / nullif(i.theirs, 0) AS instructions,
           coalesce(s.reached, r.median <= s.bound) AS reached, s.note
    FROM bench.subject s
         LEFT JOIN (SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio) AS median,
                           percentile_cont(0.25) WITHIN GROUP (ORDER BY ratio) AS lower,
                           percentile_cont(0.75) WITHIN GROUP (ORDER BY ratio) AS upper
                    FROM bench.pair GROUP BY what) r USING (what)
         LEFT JOIN bench.instructions i USING (what);

CREATE TABLE bench.wording (id serial, what text, words text, compared_with text);
INSERT INTO bench.wording (what, words, compared_with)
    SELECT DISTINCT ON (compared_with) what,
           format('a fact of type %s, the dearest of %s: %s', CASE compared_with WHEN 'version()' THEN 'text' ELSE 'boolean, number or time' END,
                  count(*) OVER (PARTITION BY compared_with), what), format('PostgreSQL''s `%s`', compared_with)
    FROM bench.result WHERE compared_with IN ('version()', 'pg_backend_pid()') ORDER BY compared_with DESC, median DESC;
INSERT INTO bench.wording (what, words, compared_with) VALUES
    ('ssl_client_dn() ', 'subject of the client certificate: ssl_client_dn()', 'contrib/sslinfo'),
    ('ssl_issuer_dn() ', 'its issuer: ssl_issuer_dn()', 'contrib/sslinfo'),
    ('ssl_client_serial() ', 'its serial number: ssl_client_serial()', 'contrib/sslinfo'),
    ($$ssl_client_dn_field('CN')$$, $$one attribute of the subject: ssl_client_dn_field('CN')$$, 'contrib/sslinfo'),
    ($$ssl_issuer_field('CN')$$, $$one attribute of the issuer: ssl_issuer_field('CN')$$, 'contrib/sslinfo'),
    ($$lookup, policy tenant = ssl_client_dn_field('CN')$$, 'ten rows of two million, row security by the common name', 'contrib/sslinfo'),
    ('lookup, policy spiffe = ssl_client_spiffe_id()', 'ten rows of two million, row security by the SPIFFE ID', 'contrib/sslinfo, by the common name'),
    ('LOAD', 'loading the library without the preload', 'contrib/sslinfo'),
    ($$aggregate over all rows, policy tenant = ssl_client_dn_field('CN')$$, 'a sum over two million rows, row security by the common name', 'a literal in the policy'),
    ($$ssl_satisfies('mtls tls>=1.3')$$, $$a policy of two words: ssl_satisfies('mtls tls>=1.3')$$, '`ssl_is_used()`'),
    ('first call in a session: ssl_version()', 'the first fact that a session asks for: ssl_version()', 'the session''s TLS handshake'),
    ('first call in a session: ssl_session(), all facts', 'all facts at once, for the first time: ssl_session()', 'the session''s TLS handshake'),
    ('first call in a session with the preload: ssl_session(), all facts', 'the same with the preload', 'the session''s TLS handshake'),
    ('ssl_session(), whole row, at 10 connections', 'all facts, again, at 10 connections: ssl_session()', 'the row of `pg_stat_ssl`'),
    ('ssl_session(), whole row, at 1000 connections', 'all facts, again, at 1,000 connections', 'the row of `pg_stat_ssl`'),
    ('ssl_session(), whole row, at 1000 connections, growth', 'all facts, at 1,000 connections', 'at 10 connections'),
    ('memory of a backend after calling everything once', 'memory of a session that has called every function', 'before the calls'),
    ('SELECT * FROM pg_stat_ssl_plus, at 1000 connections', 'all sessions of a server with 1,000: pg_stat_ssl_plus', '`pg_stat_ssl`'),
    ('SELECT pid, version, client_not_after FROM pg_stat_ssl_plus, at 1000 connections', 'three columns of them', 'three columns of `pg_stat_ssl`'),
    ('TLS login with the preload', 'a login over TLS with the preload', 'without the preload'),
    ('one scrape with postgres_exporter.yaml, at 1000 connections', 'one scrape of all metrics, at 1,000 connections', ''),
    ('failed handshake with the preload', 'a failed handshake with the preload', 'without the preload'),
    ('TLS login while all views are read', 'a login over TLS while another session reads all views, with 100,000 rows of logins, in a loop', 'while it reads `generate_series(1, 1000000)`');

\t off
\pset format unaligned
\pset fieldsep ' | '
\pset recordsep '\n'
\t on
SELECT E'| what | compared with | time | middle half of the pairs | instructions | wanted | reached |\n|---|---|---|---|---|---|---|';
SELECT format('| %s | %s | %s | %s | %s | %s | %s |', w.words, w.compared_with,
              CASE WHEN r.median IS NULL THEN r.note ELSE bench.shown(r.median) END,
              CASE WHEN r.median IS NOT NULL THEN bench.shown(r.lower) || ' to ' || bench.shown(r.upper) END,
              bench.shown(r.instructions), r.target, CASE WHEN r.reached THEN 'yes' WHEN NOT r.reached THEN '**no**' END)
FROM bench.wording w JOIN bench.result r USING (what)
ORDER BY w.id;
