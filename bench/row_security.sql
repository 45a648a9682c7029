-- Row security by the client certificate, on tables of two million rows. Each policy belongs to a role of its own, and a view
-- of that role's shows what the policy lets through.

CREATE TABLE bench.tenants (tenant text NOT NULL, spiffe text NOT NULL, amount int NOT NULL);
INSERT INTO bench.tenants
    SELECT 'app-' || i % 200000, 'spiffe://example.org/app-' || i % 200000, i % 1000 FROM generate_series(1, 1999990) i;
INSERT INTO bench.tenants
    SELECT ssl_client_dn_field('CN'), ssl_client_spiffe_id(), i FROM generate_series(1, 10) i;
CREATE INDEX ON bench.tenants (tenant);
CREATE INDEX ON bench.tenants (spiffe);
CREATE TABLE bench.own AS
    SELECT ssl_client_dn_field('CN') AS tenant, i % 1000 AS amount FROM generate_series(1, 2000000) i;
VACUUM ANALYZE bench.tenants;
VACUUM ANALYZE bench.own;
ALTER TABLE bench.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE bench.own ENABLE ROW LEVEL SECURITY;

DO $$
DECLARE
    p record;
BEGIN
    FOR p IN
        SELECT * FROM (VALUES
            ('field', 'tenants', $q$tenant = ssl_client_dn_field('CN')$q$),
            ('field_once', 'tenants', $q$tenant = (SELECT ssl_client_dn_field('CN'))$q$),
            ('field_contrib', 'tenants', $q$tenant = contrib.ssl_client_dn_field('CN')$q$),
            ('spiffe', 'tenants', 'spiffe = ssl_client_spiffe_id()'),
            ('all_literal', 'own', format('tenant = %L', ssl_client_dn_field('CN'))),
            ('all_plain', 'own', $q$tenant = ssl_client_dn_field('CN')$q$),
            ('all_once', 'own', $q$tenant = (SELECT ssl_client_dn_field('CN'))$q$)) AS v (name, source, condition)
    LOOP
        EXECUTE format('CREATE ROLE bench_%1$s; GRANT USAGE, CREATE ON SCHEMA bench TO bench_%1$s;
                        GRANT USAGE ON SCHEMA contrib TO bench_%1$s; GRANT SELECT ON bench.%2$s TO bench_%1$s;
                        CREATE POLICY %1$s ON bench.%2$s TO bench_%1$s USING (%3$s);
                        CREATE VIEW bench.%1$s AS SELECT * FROM bench.%2$s; ALTER VIEW bench.%1$s OWNER TO bench_%1$s',
                       p.name, p.source, p.condition);
    END LOOP;
END
$$;

-- Lookups against contrib's scan of all rows, and aggregates over all rows against the same with a literal; these by the time on
-- the wall, since workers take part.
DO $$
DECLARE
    c record;
    query text := 'SELECT count(*), sum(amount) FROM bench.%s';
    rows bigint;
BEGIN
    FOR c IN
        SELECT *, name LIKE 'all%' AS whole FROM (VALUES
            ('field', $q$lookup, policy tenant = ssl_client_dn_field('CN')$q$, 'field_contrib', 10),
            ('field_once', $q$lookup, policy tenant = (SELECT ssl_client_dn_field('CN'))$q$, 'field_contrib', 10),
            ('spiffe', 'lookup, policy spiffe = ssl_client_spiffe_id()', 'field_contrib', 10),
            ('all_once', $q$aggregate over all rows, policy tenant = (SELECT ssl_client_dn_field('CN'))$q$, 'all_literal', 2000000),
            ('all_plain', $q$aggregate over all rows, policy tenant = ssl_client_dn_field('CN')$q$, 'all_literal', 2000000))
            AS v (name, what, other, visible)
    LOOP
        EXECUTE format('SELECT count(*) FROM bench.%s', c.name) INTO rows;
        IF rows <> c.visible THEN
            RAISE EXCEPTION 'the policy % lets % rows through', c.name, rows;
        END IF;
        IF c.whole THEN
            CALL bench.subject(c.what, 'a literal', 'parallel plan; at most 1.1 times', 1.1);
            CALL bench.compare(c.what, format(query, c.name), format(query, c.other), wall => true);
        ELSE
            CALL bench.subject(c.what, 'contrib', 'index scan; at least 1,000 times cheaper', 1 / 1000.0);
            CALL bench.compare(c.what, format('DO $d$ BEGIN FOR i IN 1 .. 500 LOOP PERFORM count(*), sum(amount) FROM bench.%s; END LOOP; END $d$',
                                              c.name), format(query, c.other), ours_times => 500);
        END IF;
        CALL bench.note(c.what, format('%s; %s: %s', bench.plan(format(query, c.name)),
                                       CASE WHEN c.whole THEN 'a literal' ELSE 'contrib' END, bench.plan(format(query, c.other))));
    END LOOP;
END
$$;
