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

CREATE TABLE bench.lookup (name text, what text);
INSERT INTO bench.lookup VALUES
    ('field', $q$lookup, policy tenant = ssl_client_dn_field('CN')$q$),
    ('field_once', $q$lookup, policy tenant = (SELECT ssl_client_dn_field('CN'))$q$),
    ('spiffe', 'lookup, policy spiffe = ssl_client_spiffe_id()');

DO $$
DECLARE
    f record;
    query text := 'SELECT count(*), sum(amount) FROM bench.%s';
    rows bigint;
BEGIN
    FOR f IN SELECT * FROM bench.lookup LOOP
        CALL bench.subject(f.what, 'contrib', 'index scan; at least 1,000 times cheaper', 1 / 1000.0);
        EXECUTE format('SELECT count(*) FROM bench.%s', f.name) INTO rows;
        IF rows <> 10 THEN
            RAISE EXCEPTION 'the policy % lets % rows through', f.name, rows;
        END IF;
        CALL bench.note(f.what, format('%s; contrib: %s', bench.plan(format(query, f.name)),
                                       bench.plan(format(query, 'field_contrib'))));
    END LOOP;
END
$$;

-- contrib's scan takes seconds: each is compared with the lookups next to it.
DO $$
DECLARE
    f record;
    query text := 'SELECT count(*), sum(amount) FROM bench.%s';
    scan float8;
BEGIN
    FOR pair IN 0 .. current_setting('bench.pairs')::int LOOP
        scan := bench.seconds(format(query, 'field_contrib'), false);
        FOR f IN SELECT * FROM bench.lookup LOOP
            INSERT INTO bench.pair
                SELECT f.what, pair, bench.seconds(
                           format('DO $d$ BEGIN FOR i IN 1 .. 500 LOOP PERFORM count(*), sum(amount) FROM bench.%s; END LOOP; END $d$',
                                  f.name), false) / 500 / scan
                WHERE pair > 0;
        END LOOP;
    END LOOP;
END
$$;

DO $$
DECLARE
    f record;
    query text := 'SELECT count(*), sum(amount) FROM bench.%s';
BEGIN
    FOR f IN
        SELECT * FROM (VALUES
            ('all_once', $q$aggregate over all rows, policy tenant = (SELECT ssl_client_dn_field('CN'))$q$),
            ('all_plain', $q$aggregate over all rows, policy tenant = ssl_client_dn_field('CN')$q$)) AS v (name, what)
    LOOP
        CALL bench.subject(f.what, 'a literal', 'parallel plan; at most 1.1 times', 1.1);
        CALL bench.note(f.what, format('%s; literal: %s', bench.plan(format(query, f.name)),
                                       bench.plan(format(query, 'all_literal'))));
        CALL bench.compare(f.what, format(query, f.name), format(query, 'all_literal'), wall => true);
    END LOOP;
END
$$;
