-- The functions of this session and of its client's certificate, in whatever connection this is: their shape, and that they
-- agree with what PostgreSQL shows itself. What TLS fills them with is for the TAP tests.
SET client_min_messages = warning;

SELECT count(*) FROM ssl_session();
SELECT s.transport = CASE WHEN t.ssl THEN 'tls' WHEN g.encrypted THEN 'gss'
                          WHEN inet_client_addr() IS NULL THEN 'socket' ELSE 'plain' END AS transport,
       s.version IS NOT DISTINCT FROM t.version AS version,
       s.cipher IS NOT DISTINCT FROM t.cipher AS cipher,
       s.bits IS NOT DISTINCT FROM t.bits AS bits,
       s.client_serial IS NOT DISTINCT FROM t.client_serial AS client_serial,
       s.client_cert_present = (t.client_dn IS NOT NULL) AS client_cert_present
FROM ssl_session() s, pg_stat_ssl t JOIN pg_stat_gssapi g USING (pid) WHERE pid = pg_backend_pid();

-- the scalars say what the row says
SELECT s.transport = ssl_transport() AS transport, s.version IS NOT DISTINCT FROM ssl_version() AS version,
       s.cipher IS NOT DISTINCT FROM ssl_cipher() AS cipher, s.bits IS NOT DISTINCT FROM ssl_bits() AS bits,
       s.compression = ssl_compression() AS compression, s.key_exchange_group IS NOT DISTINCT FROM ssl_group() AS "group",
       s.post_quantum = ssl_post_quantum() AS post_quantum, s.server_name IS NOT DISTINCT FROM ssl_server_name() AS server_name,
       s.alpn IS NOT DISTINCT FROM ssl_alpn() AS alpn
FROM ssl_session() s;
SELECT s.client_cert_present = ssl_client_cert_present() AS present, s.client_dn IS NOT DISTINCT FROM ssl_client_dn() AS dn,
       s.client_serial IS NOT DISTINCT FROM ssl_client_serial() AS serial, s.issuer_dn IS NOT DISTINCT FROM ssl_issuer_dn() AS issuer,
       s.client_not_before IS NOT DISTINCT FROM ssl_client_not_before() AS not_before,
       s.client_not_after IS NOT DISTINCT FROM ssl_client_not_after() AS not_after,
       s.client_fingerprint IS NOT DISTINCT FROM ssl_client_fingerprint() AS fingerprint,
       s.client_spiffe_id IS NOT DISTINCT FROM ssl_client_spiffe_id() AS spiffe_id
FROM ssl_session() s;

-- the columns by name and type, in order
SELECT string_agg(attname || ' ' || atttypid::regtype, E'\n' ORDER BY attnum) AS ssl_session
FROM pg_attribute WHERE attrelid = 'ssl_session'::regclass;

-- predicates are never NULL
SELECT ssl_is_used() IS NOT NULL AND ssl_client_cert_present() IS NOT NULL AND ssl_post_quantum() IS NOT NULL AND
       s.post_quantum IS NOT NULL AND s.client_cert_present IS NOT NULL AS never_null
FROM ssl_session() s;

-- without a certificate, or without TLS: NULL and no rows
SELECT ssl_client_certificate() IS NULL = NOT ssl_client_cert_present() AS client,
       ssl_server_certificate() IS NULL = NOT ssl_is_used() AS server,
       (ssl_channel_binding() IS NULL) = NOT ssl_is_used() AS channel_binding,
       (ssl_client_auth_dn() IS NULL) = NOT ssl_client_cert_present() AS auth_dn;
SELECT EXISTS (SELECT FROM ssl_client_offer()) = ssl_is_used() AS offer,
       EXISTS (SELECT FROM ssl_client_chain()) = ssl_client_cert_present() AS chain,
       EXISTS (SELECT FROM ssl_client_dn_fields()) = ssl_client_cert_present() AS dn_fields,
       EXISTS (SELECT FROM ssl_issuer_dn_fields()) = ssl_client_cert_present() AS issuer_fields,
       (SELECT count(*) FROM ssl_client_extensions()) >= (SELECT count(*) FROM ssl_extension_info()) AS extensions,
       ssl_client_cert_present() OR NOT EXISTS (SELECT FROM ssl_client_san()) AS san;

-- the library, of which every column has a value
SELECT name, runtime_version ~ '^\d+\.' AS runtime_version, build_version ~ '^\d+\.' AS build_version, fips IS NOT NULL AS fips,
       post_quantum IS NOT NULL AS post_quantum
FROM ssl_library();

-- in a WHERE, a DEFAULT, a CHECK and a policy
CREATE TEMPORARY TABLE audit (
    what text CHECK (ssl_transport() IN ('tls', 'gss', 'socket', 'plain', 'none')),
    how text DEFAULT ssl_transport(),
    post_quantum boolean DEFAULT ssl_post_quantum(),
    session jsonb DEFAULT to_jsonb(ssl_session()));
INSERT INTO audit VALUES ('login');
SELECT what, how = ssl_transport() AS how, post_quantum = ssl_post_quantum() AS post_quantum,
       (SELECT count(*) FROM jsonb_object_keys(session)) AS facts
FROM audit WHERE how = ssl_transport();
