-- contrib/sslinfo's functions where they need no TLS: their answers without it, their arguments, who may call them.
SET client_min_messages = warning;

-- whatever this connection is, pg_stat_ssl says the same (what it cuts at 63 bytes aside)
SELECT ssl_is_used() = ssl AS is_used,
       ssl_version() IS NOT DISTINCT FROM version AS version,
       ssl_cipher() IS NOT DISTINCT FROM cipher AS cipher,
       ssl_client_cert_present() = (client_dn IS NOT NULL) AS cert_present,
       ssl_client_serial() IS NOT DISTINCT FROM client_serial AS serial,
       left(ssl_client_dn(), 63) IS NOT DISTINCT FROM client_dn AS client_dn,
       left(ssl_issuer_dn(), 63) IS NOT DISTINCT FROM issuer_dn AS issuer_dn
FROM pg_stat_ssl WHERE pid = pg_backend_pid();

SELECT count(*) AS extensions FROM ssl_extension_info();
SELECT ssl_client_dn_field('CN'), ssl_client_dn_field(NULL), ssl_issuer_field('CN'), ssl_issuer_field(NULL);
SELECT ssl_client_dn_field('no such field') IS NULL AS no_certificate_no_error;

-- usable in an index condition, which a VOLATILE function is not
CREATE TEMPORARY TABLE documents (owner text PRIMARY KEY);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM documents WHERE owner = ANY (ssl_client_dn_values('CN'));
RESET enable_seqscan;
RESET enable_bitmapscan;

-- in a plan a scalar is its value
EXPLAIN (COSTS OFF, VERBOSE) SELECT ssl_client_cert_present(), ssl_client_dn(), ssl_client_dn_field('CN'), ssl_satisfies('mtls');

-- a plain role
CREATE ROLE regress_sslinfo_plus_user;
SET ROLE regress_sslinfo_plus_user;
SELECT ssl_is_used() IS NOT NULL AS answers, count(*) FROM ssl_extension_info();
RESET ROLE;
DROP ROLE regress_sslinfo_plus_user;

-- errors in the arguments
\set VERBOSITY terse
SELECT ssl_client_dn_field();
SELECT ssl_client_dn_field('CN', 1);
\set VERBOSITY default
