/* sslinfo_plus--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sslinfo_plus" to load this file. \quit

-- Raises a clear error if contrib/sslinfo is installed in the same schema.
CREATE FUNCTION ssl_refuse_beside_sslinfo() RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C;
SELECT ssl_refuse_beside_sslinfo();
DROP FUNCTION ssl_refuse_beside_sslinfo();

-- Planner support function for the scalar functions below.

CREATE FUNCTION ssl_support(internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_support(internal) IS 'replaces a call of a scalar function by its value in a plan of this session';

-- 1. contrib/sslinfo's ten functions

CREATE FUNCTION ssl_is_used() RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_is_used() IS 'does this session use TLS?';

CREATE FUNCTION ssl_version() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_version() IS 'version of the TLS protocol of this session';

CREATE FUNCTION ssl_cipher() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_cipher() IS 'OpenSSL''s name of the cipher suite of this session';

CREATE FUNCTION ssl_client_cert_present() RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_cert_present() IS 'does this session have a verified client certificate?';

CREATE FUNCTION ssl_client_serial() RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_serial() IS 'serial number of the client certificate';

CREATE FUNCTION ssl_client_dn() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_dn() IS 'subject of the client certificate, as in pg_stat_ssl but never cut';

CREATE FUNCTION ssl_issuer_dn() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_issuer_dn() IS 'issuer of the client certificate, as in pg_stat_ssl but never cut';

CREATE FUNCTION ssl_client_dn_field(field text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_dn_field(text) IS 'first value of an attribute of the client certificate''s subject';

CREATE FUNCTION ssl_issuer_field(field text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_issuer_field(text) IS 'first value of an attribute of the client certificate''s issuer';

CREATE FUNCTION ssl_extension_info(OUT name text, OUT value text, OUT critical boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_extension_info() IS 'extensions of the client certificate, as OpenSSL prints them';

-- 2. This session

CREATE TYPE ssl_session AS (
    transport text,
    version text,
    cipher text,
    cipher_iana text,
    bits integer,
    compression boolean,
    forward_secrecy boolean,
    aead boolean,
    key_exchange_group text,
    post_quantum boolean,
    post_quantum_offered boolean,
    signature_algorithm text,
    client_signature_algorithm text,
    server_name text,
    alpn text,
    resumed boolean,
    bytes_received bigint,
    bytes_sent bigint,
    client_cert_present boolean,
    client_dn text,
    client_serial numeric,
    client_serial_hex text,
    issuer_dn text,
    client_not_before timestamptz,
    client_not_after timestamptz,
    client_fingerprint text,
    client_spiffe_id text,
    server_dn text,
    server_not_after timestamptz,
    server_fingerprint text,
    group_kind text,
    hello_retry boolean,
    handshake_time double precision,
    ja4 text,
    auth_method text,
    authn_id text,
    client_root_spki text
);
COMMENT ON TYPE ssl_session IS 'facts of a session, as ssl_session() returns them';
COMMENT ON COLUMN ssl_session.transport IS 'how the session reaches the server: tls, gss, socket, plain or none';
COMMENT ON COLUMN ssl_session.version IS 'version of the TLS protocol';
COMMENT ON COLUMN ssl_session.cipher IS 'OpenSSL''s name of the cipher suite';
COMMENT ON COLUMN ssl_session.cipher_iana IS 'IANA''s name of the cipher suite';
COMMENT ON COLUMN ssl_session.bits IS 'secret bits of the cipher';
COMMENT ON COLUMN ssl_session.compression IS 'does TLS compress the data?';
COMMENT ON COLUMN ssl_session.forward_secrecy IS 'was the key exchange ephemeral?';
COMMENT ON COLUMN ssl_session.aead IS 'is the cipher an AEAD?';
COMMENT ON COLUMN ssl_session.key_exchange_group IS 'key-exchange group';
COMMENT ON COLUMN ssl_session.post_quantum IS 'was the key exchange post-quantum?';
COMMENT ON COLUMN ssl_session.post_quantum_offered IS 'did the client offer a post-quantum group?';
COMMENT ON COLUMN ssl_session.signature_algorithm IS 'the server''s signature algorithm in the handshake';
COMMENT ON COLUMN ssl_session.client_signature_algorithm IS 'the client''s signature algorithm in the handshake';
COMMENT ON COLUMN ssl_session.server_name IS 'server name that the client asked for (SNI)';
COMMENT ON COLUMN ssl_session.alpn IS 'application protocol (ALPN)';
COMMENT ON COLUMN ssl_session.resumed IS 'was a TLS session resumed?';
COMMENT ON COLUMN ssl_session.bytes_received IS 'bytes of TLS records received so far, handshake included';
COMMENT ON COLUMN ssl_session.bytes_sent IS 'bytes of TLS records sent so far, handshake included';
COMMENT ON COLUMN ssl_session.client_cert_present IS 'is there a verified client certificate?';
COMMENT ON COLUMN ssl_session.client_dn IS 'subject of the client certificate';
COMMENT ON COLUMN ssl_session.client_serial IS 'serial number of the client certificate';
COMMENT ON COLUMN ssl_session.client_serial_hex IS 'the same in hex';
COMMENT ON COLUMN ssl_session.issuer_dn IS 'issuer of the client certificate';
COMMENT ON COLUMN ssl_session.client_not_before IS 'start of the client certificate''s validity';
COMMENT ON COLUMN ssl_session.client_not_after IS 'end of the client certificate''s validity';
COMMENT ON COLUMN ssl_session.client_fingerprint IS 'SHA-256 of the client certificate';
COMMENT ON COLUMN ssl_session.client_spiffe_id IS 'SPIFFE ID of the client certificate';
COMMENT ON COLUMN ssl_session.server_dn IS 'subject of the server certificate that the session used';
COMMENT ON COLUMN ssl_session.server_not_after IS 'end of that certificate''s validity';
COMMENT ON COLUMN ssl_session.server_fingerprint IS 'SHA-256 of that certificate';
COMMENT ON COLUMN ssl_session.group_kind IS 'kind of the key-exchange group: classical, hybrid or post-quantum';
COMMENT ON COLUMN ssl_session.hello_retry IS 'did the server ask for a second ClientHello, which costs a round trip?';
COMMENT ON COLUMN ssl_session.handshake_time IS 'milliseconds from the first ClientHello to the end of the handshake';
COMMENT ON COLUMN ssl_session.ja4 IS 'JA4 fingerprint of the ClientHello; no proof of identity';
COMMENT ON COLUMN ssl_session.auth_method IS 'method by which PostgreSQL authenticated the session, as in pg_hba.conf';
COMMENT ON COLUMN ssl_session.authn_id IS 'identity that the client proved; NULL for trust';
COMMENT ON COLUMN ssl_session.client_root_spki IS 'SHA-256 of the public key (SubjectPublicKeyInfo) of the root to which the client''s chain was verified';

-- Returns a named type instead of OUT arguments, since queries find its columns in a cache instead of the catalog.
CREATE FUNCTION ssl_session() RETURNS ssl_session
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_session() IS 'TLS facts of this session, in one row';

CREATE FUNCTION ssl_transport() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_transport() IS 'how this session reaches the server: tls, gss, socket, plain or none';

CREATE FUNCTION ssl_bits() RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_bits() IS 'secret bits of the cipher of this session';

CREATE FUNCTION ssl_compression() RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_compression() IS 'does TLS compress in this session?';

CREATE FUNCTION ssl_group() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_group() IS 'key-exchange group of this session';

CREATE FUNCTION ssl_group_kind() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_group_kind() IS 'key exchange of this session: classical, hybrid or post-quantum';

CREATE FUNCTION ssl_ja4() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_ja4() IS 'JA4 fingerprint of the ClientHello of this session; needs the preload';

CREATE FUNCTION ssl_auth_method() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_auth_method() IS 'method by which PostgreSQL authenticated this session, as in pg_hba.conf';

CREATE FUNCTION ssl_post_quantum() RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_post_quantum() IS 'was the key exchange of this session post-quantum?';

CREATE FUNCTION ssl_server_name() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_server_name() IS 'server name that the client asked for (SNI)';

CREATE FUNCTION ssl_alpn() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_alpn() IS 'application protocol negotiated in the handshake (ALPN)';

CREATE FUNCTION ssl_client_offer(OUT kind text, OUT ordinal integer, OUT code integer, OUT name text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_offer() IS 'what the client offered in its ClientHello: cipher suites, groups, signature algorithms and, with the preload, more';

CREATE FUNCTION ssl_channel_binding(type text DEFAULT 'tls-exporter') RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_channel_binding(text) IS 'channel binding data of this connection (RFC 9266, RFC 5929)';

-- 3. Certificates

CREATE TYPE ssl_certificate AS (
    subject text,
    issuer text,
    version integer,
    serial numeric,
    serial_hex text,
    not_before timestamptz,
    not_after timestamptz,
    dns_names text[],
    uri_names text[],
    email_names text[],
    ip_addresses inet[],
    key_algorithm text,
    key_bits integer,
    key_group text,
    key_strength integer,
    signature_algorithm text,
    signature_digest text,
    is_ca boolean,
    path_length integer,
    key_usage text[],
    extended_key_usage text[],
    policies text[],
    subject_key_id text,
    authority_key_id text,
    ocsp_urls text[],
    ca_issuer_urls text[],
    crl_urls text[],
    fingerprint text,
    spki_fingerprint text,
    der bytea
);
COMMENT ON TYPE ssl_certificate IS 'fields of an X.509 certificate (RFC 5280)';
COMMENT ON COLUMN ssl_certificate.subject IS 'subject as in RFC 4514, most specific first';
COMMENT ON COLUMN ssl_certificate.issuer IS 'issuer as in RFC 4514, most specific first';
COMMENT ON COLUMN ssl_certificate.version IS 'version of the certificate format, 1 to 3';
COMMENT ON COLUMN ssl_certificate.serial IS 'serial number; NULL beyond the 131072 digits that numeric can hold';
COMMENT ON COLUMN ssl_certificate.serial_hex IS 'serial number in hex';
COMMENT ON COLUMN ssl_certificate.not_before IS 'start of the validity';
COMMENT ON COLUMN ssl_certificate.not_after IS 'end of the validity';
COMMENT ON COLUMN ssl_certificate.dns_names IS 'dNSName alternative names';
COMMENT ON COLUMN ssl_certificate.uri_names IS 'URI alternative names';
COMMENT ON COLUMN ssl_certificate.email_names IS 'rfc822Name alternative names';
COMMENT ON COLUMN ssl_certificate.ip_addresses IS 'iPAddress alternative names';
COMMENT ON COLUMN ssl_certificate.key_algorithm IS 'algorithm of the public key';
COMMENT ON COLUMN ssl_certificate.key_bits IS 'size of the public key in bits';
COMMENT ON COLUMN ssl_certificate.key_group IS 'named curve of an EC key';
COMMENT ON COLUMN ssl_certificate.key_strength IS 'security bits of the public key';
COMMENT ON COLUMN ssl_certificate.signature_algorithm IS 'algorithm of the signature';
COMMENT ON COLUMN ssl_certificate.signature_digest IS 'hash of the signature, also of RSASSA-PSS; NULL if the signature hashes by itself';
COMMENT ON COLUMN ssl_certificate.is_ca IS 'may it issue certificates (basicConstraints)?';
COMMENT ON COLUMN ssl_certificate.path_length IS 'longest chain below it (basicConstraints)';
COMMENT ON COLUMN ssl_certificate.key_usage IS 'names of the keyUsage bits';
COMMENT ON COLUMN ssl_certificate.extended_key_usage IS 'purposes of extendedKeyUsage';
COMMENT ON COLUMN ssl_certificate.policies IS 'certificate policies, as OIDs';
COMMENT ON COLUMN ssl_certificate.subject_key_id IS 'subjectKeyIdentifier in hex';
COMMENT ON COLUMN ssl_certificate.authority_key_id IS 'authorityKeyIdentifier in hex';
COMMENT ON COLUMN ssl_certificate.ocsp_urls IS 'OCSP responders';
COMMENT ON COLUMN ssl_certificate.ca_issuer_urls IS 'URLs of the issuer certificate';
COMMENT ON COLUMN ssl_certificate.crl_urls IS 'URLs of the certificate revocation list';
COMMENT ON COLUMN ssl_certificate.fingerprint IS 'SHA-256 of the certificate in hex';
COMMENT ON COLUMN ssl_certificate.spki_fingerprint IS 'SHA-256 of the SubjectPublicKeyInfo in hex';
COMMENT ON COLUMN ssl_certificate.der IS 'the certificate in DER';

CREATE FUNCTION ssl_client_certificate() RETURNS ssl_certificate
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_certificate() IS 'the client certificate';

CREATE FUNCTION ssl_server_certificate() RETURNS ssl_certificate
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_server_certificate() IS 'the certificate that the server used in this session, as loaded in memory';

CREATE FUNCTION ssl_server_not_after() RETURNS timestamptz
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_server_not_after() IS 'end of validity of the certificate that the server used in this session';

-- Functions with a column of type ssl_certificate also return its fields as columns, since most drivers return a composite as text.
CREATE FUNCTION ssl_client_chain(
    OUT depth integer,
    OUT certificate ssl_certificate,
    OUT subject text,
    OUT issuer text,
    OUT version integer,
    OUT serial numeric,
    OUT serial_hex text,
    OUT not_before timestamptz,
    OUT not_after timestamptz,
    OUT dns_names text[],
    OUT uri_names text[],
    OUT email_names text[],
    OUT ip_addresses inet[],
    OUT key_algorithm text,
    OUT key_bits integer,
    OUT key_group text,
    OUT key_strength integer,
    OUT signature_algorithm text,
    OUT signature_digest text,
    OUT is_ca boolean,
    OUT path_length integer,
    OUT key_usage text[],
    OUT extended_key_usage text[],
    OUT policies text[],
    OUT subject_key_id text,
    OUT authority_key_id text,
    OUT ocsp_urls text[],
    OUT ca_issuer_urls text[],
    OUT crl_urls text[],
    OUT fingerprint text,
    OUT spki_fingerprint text,
    OUT der bytea
) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_chain() IS 'the chain that the client certificate was verified with, leaf to root';

CREATE FUNCTION ssl_server_chain(
    OUT depth integer,
    OUT certificate ssl_certificate,
    OUT subject text,
    OUT issuer text,
    OUT version integer,
    OUT serial numeric,
    OUT serial_hex text,
    OUT not_before timestamptz,
    OUT not_after timestamptz,
    OUT dns_names text[],
    OUT uri_names text[],
    OUT email_names text[],
    OUT ip_addresses inet[],
    OUT key_algorithm text,
    OUT key_bits integer,
    OUT key_group text,
    OUT key_strength integer,
    OUT signature_algorithm text,
    OUT signature_digest text,
    OUT is_ca boolean,
    OUT path_length integer,
    OUT key_usage text[],
    OUT extended_key_usage text[],
    OUT policies text[],
    OUT subject_key_id text,
    OUT authority_key_id text,
    OUT ocsp_urls text[],
    OUT ca_issuer_urls text[],
    OUT crl_urls text[],
    OUT fingerprint text,
    OUT spki_fingerprint text,
    OUT der bytea
) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_server_chain() IS 'the certificates that the server sent after its own in this session';

CREATE FUNCTION ssl_parse_certificate(pem text) RETURNS ssl_certificate
AS 'MODULE_PATHNAME', 'ssl_parse_certificate_pem' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ssl_parse_certificate(text) IS 'fields of the first certificate in a PEM text';

CREATE FUNCTION ssl_parse_certificate(der bytea) RETURNS ssl_certificate
AS 'MODULE_PATHNAME', 'ssl_parse_certificate_der' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ssl_parse_certificate(bytea) IS 'fields of a certificate in DER';

CREATE FUNCTION ssl_certificate_pem(der bytea) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ssl_certificate_pem(bytea) IS 'a certificate in DER as PEM text';

CREATE FUNCTION ssl_parse_certificates(
    pem text,
    OUT ordinal integer,
    OUT certificate ssl_certificate,
    OUT subject text,
    OUT issuer text,
    OUT version integer,
    OUT serial numeric,
    OUT serial_hex text,
    OUT not_before timestamptz,
    OUT not_after timestamptz,
    OUT dns_names text[],
    OUT uri_names text[],
    OUT email_names text[],
    OUT ip_addresses inet[],
    OUT key_algorithm text,
    OUT key_bits integer,
    OUT key_group text,
    OUT key_strength integer,
    OUT signature_algorithm text,
    OUT signature_digest text,
    OUT is_ca boolean,
    OUT path_length integer,
    OUT key_usage text[],
    OUT extended_key_usage text[],
    OUT policies text[],
    OUT subject_key_id text,
    OUT authority_key_id text,
    OUT ocsp_urls text[],
    OUT ca_issuer_urls text[],
    OUT crl_urls text[],
    OUT fingerprint text,
    OUT spki_fingerprint text,
    OUT der bytea
) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ssl_parse_certificates(text) IS 'fields of every certificate in a PEM text';

CREATE FUNCTION ssl_certificate_san(certificate ssl_certificate, OUT ordinal integer, OUT type text, OUT value text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ssl_certificate_san(ssl_certificate) IS 'subject alternative names of a certificate';

CREATE FUNCTION ssl_certificate_extensions(certificate ssl_certificate, OUT ordinal integer, OUT oid text, OUT name text, OUT critical boolean, OUT value text, OUT der bytea) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ssl_certificate_extensions(ssl_certificate) IS 'extensions of a certificate';

CREATE FUNCTION ssl_client_not_before() RETURNS timestamptz
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_not_before() IS 'start of the client certificate''s validity';

CREATE FUNCTION ssl_client_not_after() RETURNS timestamptz
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_not_after() IS 'end of the client certificate''s validity';

CREATE FUNCTION ssl_client_fingerprint(algorithm text DEFAULT 'sha256') RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_fingerprint(text) IS 'hex of a digest of the client certificate';

CREATE FUNCTION ssl_client_spki_fingerprint(algorithm text DEFAULT 'sha256') RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_spki_fingerprint(text) IS 'hex of a digest of the client certificate''s SubjectPublicKeyInfo';

CREATE FUNCTION ssl_client_spiffe_id() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_spiffe_id() IS 'SPIFFE ID of the client certificate';

CREATE FUNCTION ssl_client_auth_dn() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_client_auth_dn() IS 'the string that pg_hba.conf''s clientname=DN and pg_ident.conf compare';

CREATE FUNCTION ssl_client_dn_values(field text) RETURNS text[]
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_dn_values(text) IS 'all values of an attribute of the client certificate''s subject';

CREATE FUNCTION ssl_issuer_dn_field(field text) RETURNS text
AS 'MODULE_PATHNAME', 'ssl_issuer_field' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED SUPPORT ssl_support;
COMMENT ON FUNCTION ssl_issuer_dn_field(text) IS 'the same as ssl_issuer_field(), by the name that fits ssl_client_dn_field()';

CREATE FUNCTION ssl_issuer_dn_values(field text) RETURNS text[]
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_issuer_dn_values(text) IS 'all values of an attribute of the client certificate''s issuer';

CREATE FUNCTION ssl_client_dn_fields(OUT ordinal integer, OUT rdn integer, OUT name text, OUT oid text, OUT value text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_dn_fields() IS 'attributes of the client certificate''s subject';

CREATE FUNCTION ssl_issuer_dn_fields(OUT ordinal integer, OUT rdn integer, OUT name text, OUT oid text, OUT value text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_issuer_dn_fields() IS 'attributes of the client certificate''s issuer';

CREATE FUNCTION ssl_client_san(OUT ordinal integer, OUT type text, OUT value text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_san() IS 'subject alternative names of the client certificate';

CREATE FUNCTION ssl_client_san_values(type text) RETURNS text[]
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_san_values(text) IS 'subject alternative names of one type: dns, uri, email, ip, dirname, rid, other';

CREATE FUNCTION ssl_client_extensions(OUT ordinal integer, OUT oid text, OUT name text, OUT critical boolean, OUT value text, OUT der bytea) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_extensions() IS 'extensions of the client certificate';

-- 4. Policy

-- Not STRICT: a NULL policy is an error.
CREATE FUNCTION ssl_satisfies(policy text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_satisfies(text) IS 'does this session meet every requirement of a policy?';

CREATE FUNCTION ssl_check(policy text, OUT requirement text, OUT satisfied boolean, OUT actual text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_check(text) IS 'each requirement of a policy, whether this session meets it, and what was found';

CREATE FUNCTION ssl_require(policy text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_require(text) IS 'raises an error unless this session meets every requirement of a policy';
-- 5. All sessions and logins

CREATE FUNCTION pg_stat_ssl_plus(
    OUT pid integer,
    OUT visible boolean,
    OUT transport text,
    OUT version text,
    OUT cipher text,
    OUT cipher_iana text,
    OUT bits integer,
    OUT compression boolean,
    OUT forward_secrecy boolean,
    OUT aead boolean,
    OUT key_exchange_group text,
    OUT post_quantum boolean,
    OUT post_quantum_offered boolean,
    OUT signature_algorithm text,
    OUT client_signature_algorithm text,
    OUT server_name text,
    OUT alpn text,
    OUT resumed boolean,
    OUT client_cert_present boolean,
    OUT client_dn text,
    OUT client_serial numeric,
    OUT client_serial_hex text,
    OUT issuer_dn text,
    OUT client_not_before timestamptz,
    OUT client_not_after timestamptz,
    OUT client_fingerprint text,
    OUT client_spiffe_id text,
    OUT server_dn text,
    OUT server_not_after timestamptz,
    OUT server_fingerprint text,
    OUT group_kind text,
    OUT hello_retry boolean,
    OUT handshake_time double precision,
    OUT ja4 text,
    OUT auth_method text,
    OUT authn_id text,
    OUT client_root_spki text,
    OUT hba_file text,
    OUT hba_line integer
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_stat_sessions' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_plus() IS 'TLS facts of every session of the server';

CREATE VIEW pg_stat_ssl_plus AS
    SELECT s.*, s.client_not_after OPERATOR(pg_catalog.<) pg_catalog.now() AS expired FROM pg_stat_ssl_plus() s;
GRANT SELECT ON pg_stat_ssl_plus TO PUBLIC;
COMMENT ON VIEW pg_stat_ssl_plus IS 'TLS facts of every session of the server';
COMMENT ON COLUMN pg_stat_ssl_plus.pid IS 'process ID, as in pg_stat_activity';
COMMENT ON COLUMN pg_stat_ssl_plus.visible IS 'may the current role see the facts? if not, they are NULL';
COMMENT ON COLUMN pg_stat_ssl_plus.transport IS 'how the session reaches the server: tls, gss, socket or plain';
COMMENT ON COLUMN pg_stat_ssl_plus.version IS 'version of the TLS protocol';
COMMENT ON COLUMN pg_stat_ssl_plus.cipher IS 'OpenSSL''s name of the cipher suite';
COMMENT ON COLUMN pg_stat_ssl_plus.cipher_iana IS 'IANA''s name of the cipher suite';
COMMENT ON COLUMN pg_stat_ssl_plus.bits IS 'secret bits of the cipher';
COMMENT ON COLUMN pg_stat_ssl_plus.compression IS 'does TLS compress the data?';
COMMENT ON COLUMN pg_stat_ssl_plus.forward_secrecy IS 'was the key exchange ephemeral?';
COMMENT ON COLUMN pg_stat_ssl_plus.aead IS 'is the cipher an AEAD?';
COMMENT ON COLUMN pg_stat_ssl_plus.key_exchange_group IS 'key-exchange group';
COMMENT ON COLUMN pg_stat_ssl_plus.post_quantum IS 'was the key exchange post-quantum?';
COMMENT ON COLUMN pg_stat_ssl_plus.post_quantum_offered IS 'did the client offer a post-quantum group?';
COMMENT ON COLUMN pg_stat_ssl_plus.signature_algorithm IS 'the server''s signature algorithm in the handshake';
COMMENT ON COLUMN pg_stat_ssl_plus.client_signature_algorithm IS 'the client''s signature algorithm in the handshake';
COMMENT ON COLUMN pg_stat_ssl_plus.server_name IS 'server name that the client asked for (SNI)';
COMMENT ON COLUMN pg_stat_ssl_plus.alpn IS 'application protocol (ALPN)';
COMMENT ON COLUMN pg_stat_ssl_plus.resumed IS 'was a TLS session resumed?';
COMMENT ON COLUMN pg_stat_ssl_plus.client_cert_present IS 'is there a verified client certificate?';
COMMENT ON COLUMN pg_stat_ssl_plus.client_dn IS 'subject of the client certificate';
COMMENT ON COLUMN pg_stat_ssl_plus.client_serial IS 'serial number of the client certificate';
COMMENT ON COLUMN pg_stat_ssl_plus.client_serial_hex IS 'the same in hex';
COMMENT ON COLUMN pg_stat_ssl_plus.issuer_dn IS 'issuer of the client certificate';
COMMENT ON COLUMN pg_stat_ssl_plus.client_not_before IS 'start of the client certificate''s validity';
COMMENT ON COLUMN pg_stat_ssl_plus.client_not_after IS 'end of the client certificate''s validity';
COMMENT ON COLUMN pg_stat_ssl_plus.client_fingerprint IS 'SHA-256 of the client certificate';
COMMENT ON COLUMN pg_stat_ssl_plus.client_spiffe_id IS 'SPIFFE ID of the client certificate';
COMMENT ON COLUMN pg_stat_ssl_plus.server_dn IS 'subject of the server certificate that the session used';
COMMENT ON COLUMN pg_stat_ssl_plus.server_not_after IS 'end of that certificate''s validity';
COMMENT ON COLUMN pg_stat_ssl_plus.server_fingerprint IS 'SHA-256 of that certificate';
COMMENT ON COLUMN pg_stat_ssl_plus.group_kind IS 'kind of the key-exchange group: classical, hybrid or post-quantum';
COMMENT ON COLUMN pg_stat_ssl_plus.hello_retry IS 'did the server ask for a second ClientHello, which costs a round trip?';
COMMENT ON COLUMN pg_stat_ssl_plus.handshake_time IS 'milliseconds from the first ClientHello to the end of the handshake';
COMMENT ON COLUMN pg_stat_ssl_plus.ja4 IS 'JA4 fingerprint of the ClientHello; no proof of identity';
COMMENT ON COLUMN pg_stat_ssl_plus.auth_method IS 'method by which PostgreSQL authenticated the session, as in pg_hba.conf';
COMMENT ON COLUMN pg_stat_ssl_plus.authn_id IS 'identity that the client proved; NULL for trust';
COMMENT ON COLUMN pg_stat_ssl_plus.client_root_spki IS 'SHA-256 of the public key (SubjectPublicKeyInfo) of the root to which the client''s chain was verified';
COMMENT ON COLUMN pg_stat_ssl_plus.hba_file IS 'file with the line of pg_hba.conf that admitted the session, without its directory; for pg_read_all_stats';
COMMENT ON COLUMN pg_stat_ssl_plus.hba_line IS 'number of that line; for pg_read_all_stats';
COMMENT ON COLUMN pg_stat_ssl_plus.expired IS 'has the client certificate expired since the login?';

CREATE FUNCTION pg_stat_ssl_usage(
    OUT datname text,
    OUT usename text,
    OUT transport text,
    OUT version text,
    OUT cipher text,
    OUT key_exchange_group text,
    OUT post_quantum_offered boolean,
    OUT client_cert boolean,
    OUT issuer_dn text,
    OUT auth_method text,
    OUT hba_file text,
    OUT hba_line integer,
    OUT ja4 text,
    OUT connections bigint,
    OUT rejected bigint,
    OUT would_reject bigint,
    OUT first_seen timestamptz,
    OUT last_seen timestamptz,
    OUT last_client_addr inet,
    OUT last_application_name text,
    OUT total_handshake_time double precision,
    OUT max_handshake_time double precision,
    OUT nearest_not_after timestamptz,
    OUT last_not_after timestamptz,
    OUT last_reason text
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_stat_usage' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_usage() IS 'logins since the last reset, grouped by database, role and TLS facts';
REVOKE ALL ON FUNCTION pg_stat_ssl_usage() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_stat_ssl_usage() TO pg_read_all_stats;

CREATE VIEW pg_stat_ssl_usage AS
    SELECT * FROM pg_stat_ssl_usage();
GRANT SELECT ON pg_stat_ssl_usage TO pg_read_all_stats;
COMMENT ON VIEW pg_stat_ssl_usage IS 'logins since the last reset, grouped by database, role and TLS facts';
COMMENT ON COLUMN pg_stat_ssl_usage.datname IS 'name of the database; NULL for physical replication';
COMMENT ON COLUMN pg_stat_ssl_usage.usename IS 'name of the role';
COMMENT ON COLUMN pg_stat_ssl_usage.transport IS 'how the sessions reached the server: tls, gss, socket or plain';
COMMENT ON COLUMN pg_stat_ssl_usage.version IS 'version of the TLS protocol';
COMMENT ON COLUMN pg_stat_ssl_usage.cipher IS 'OpenSSL''s name of the cipher suite';
COMMENT ON COLUMN pg_stat_ssl_usage.key_exchange_group IS 'key-exchange group';
COMMENT ON COLUMN pg_stat_ssl_usage.post_quantum_offered IS 'did the clients offer a post-quantum group?';
COMMENT ON COLUMN pg_stat_ssl_usage.client_cert IS 'did the clients present a certificate?';
COMMENT ON COLUMN pg_stat_ssl_usage.issuer_dn IS 'issuer of the client certificates, at most 254 bytes';
COMMENT ON COLUMN pg_stat_ssl_usage.auth_method IS 'method by which PostgreSQL authenticated the clients, as in pg_hba.conf';
COMMENT ON COLUMN pg_stat_ssl_usage.hba_file IS 'file with the line of pg_hba.conf that admitted them, without its directory';
COMMENT ON COLUMN pg_stat_ssl_usage.hba_line IS 'number of that line';
COMMENT ON COLUMN pg_stat_ssl_usage.ja4 IS 'JA4 fingerprint of their ClientHello; NULL if it was not read, or if there are more than 16 of them';
COMMENT ON COLUMN pg_stat_ssl_usage.connections IS 'accepted logins';
COMMENT ON COLUMN pg_stat_ssl_usage.rejected IS 'logins that the login rules refused';
COMMENT ON COLUMN pg_stat_ssl_usage.would_reject IS 'accepted logins that the login rules would have refused';
COMMENT ON COLUMN pg_stat_ssl_usage.first_seen IS 'time of the first of these logins';
COMMENT ON COLUMN pg_stat_ssl_usage.last_seen IS 'time of the last';
COMMENT ON COLUMN pg_stat_ssl_usage.last_client_addr IS 'address of the last client; NULL for a Unix-domain socket';
COMMENT ON COLUMN pg_stat_ssl_usage.last_application_name IS 'application_name of the last client';
COMMENT ON COLUMN pg_stat_ssl_usage.total_handshake_time IS 'time of their handshakes in milliseconds';
COMMENT ON COLUMN pg_stat_ssl_usage.max_handshake_time IS 'time of the longest of their handshakes in milliseconds';
COMMENT ON COLUMN pg_stat_ssl_usage.nearest_not_after IS 'earliest expiry of their client certificates that are still valid';
COMMENT ON COLUMN pg_stat_ssl_usage.last_not_after IS 'end of validity of the client certificate of the last login';
COMMENT ON COLUMN pg_stat_ssl_usage.last_reason IS 'requirements that were not met by the last login that did not satisfy its login rule';

CREATE FUNCTION pg_stat_ssl_usage_info(
    OUT entries bigint,
    OUT evictions bigint,
    OUT stats_reset timestamptz,
    OUT connections bigint,
    OUT rejected bigint,
    OUT would_reject bigint,
    OUT total_handshake_time double precision,
    OUT handshakes bigint,
    OUT hello_retries bigint
) RETURNS record
AS 'MODULE_PATHNAME', 'ssl_stat_usage_info' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_usage_info() IS 'state of pg_stat_ssl_usage, and totals of all logins';

CREATE VIEW pg_stat_ssl_usage_info AS
    SELECT * FROM pg_stat_ssl_usage_info();
GRANT SELECT ON pg_stat_ssl_usage_info TO PUBLIC;
COMMENT ON VIEW pg_stat_ssl_usage_info IS 'state of pg_stat_ssl_usage, and totals of all logins';
COMMENT ON COLUMN pg_stat_ssl_usage_info.entries IS 'rows in pg_stat_ssl_usage';
COMMENT ON COLUMN pg_stat_ssl_usage_info.evictions IS 'rows that were evicted for new ones, see sslinfo_plus.usage_max';
COMMENT ON COLUMN pg_stat_ssl_usage_info.stats_reset IS 'time from which logins are counted';
COMMENT ON COLUMN pg_stat_ssl_usage_info.connections IS 'accepted logins, including those whose row was evicted';
COMMENT ON COLUMN pg_stat_ssl_usage_info.rejected IS 'logins that the login rules refused';
COMMENT ON COLUMN pg_stat_ssl_usage_info.would_reject IS 'accepted logins that the login rules would have refused';
COMMENT ON COLUMN pg_stat_ssl_usage_info.total_handshake_time IS 'time of the handshakes of logins in milliseconds';
COMMENT ON COLUMN pg_stat_ssl_usage_info.handshakes IS 'logins whose handshake was timed';
COMMENT ON COLUMN pg_stat_ssl_usage_info.hello_retries IS 'number of these with a second ClientHello, which costs a round trip';

CREATE FUNCTION pg_stat_ssl_usage_reset() RETURNS void
AS 'MODULE_PATHNAME', 'ssl_stat_usage_reset' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_usage_reset() IS 'removes the logins in pg_stat_ssl_usage';
REVOKE ALL ON FUNCTION pg_stat_ssl_usage_reset() FROM PUBLIC;

CREATE FUNCTION pg_stat_ssl_failures(
    OUT stage text,
    OUT reason text,
    OUT client_addr inet,
    OUT usename text,
    OUT datname text,
    OUT count bigint,
    OUT first_seen timestamptz,
    OUT last_seen timestamptz,
    OUT message text,
    OUT alert text,
    OUT alert_from text,
    OUT offered_version text,
    OUT server_name text,
    OUT ja4 text
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_stat_failures' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_failures() IS 'failed attempts to connect since the last reset';
REVOKE ALL ON FUNCTION pg_stat_ssl_failures() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_stat_ssl_failures() TO pg_read_all_stats;

CREATE VIEW pg_stat_ssl_failures AS
    SELECT * FROM pg_stat_ssl_failures();
GRANT SELECT ON pg_stat_ssl_failures TO pg_read_all_stats;
COMMENT ON VIEW pg_stat_ssl_failures IS 'failed attempts to connect since the last reset';
COMMENT ON COLUMN pg_stat_ssl_failures.stage IS 'stage that they reached: startup, handshake, hba, authentication or login rule';
COMMENT ON COLUMN pg_stat_ssl_failures.reason IS 'reason for the failure';
COMMENT ON COLUMN pg_stat_ssl_failures.client_addr IS 'address of the client; NULL for a Unix-domain socket';
COMMENT ON COLUMN pg_stat_ssl_failures.usename IS 'role that the client named; NULL if the attempt failed before';
COMMENT ON COLUMN pg_stat_ssl_failures.datname IS 'database that the client named; NULL if the attempt failed before';
COMMENT ON COLUMN pg_stat_ssl_failures.count IS 'number of attempts';
COMMENT ON COLUMN pg_stat_ssl_failures.first_seen IS 'time of the first of these attempts';
COMMENT ON COLUMN pg_stat_ssl_failures.last_seen IS 'time of the last';
COMMENT ON COLUMN pg_stat_ssl_failures.message IS 'the server''s message about the last; NULL if there was none';
COMMENT ON COLUMN pg_stat_ssl_failures.alert IS 'TLS alert of the last, by its name in RFC 8446';
COMMENT ON COLUMN pg_stat_ssl_failures.alert_from IS 'who sent the alert: server or client';
COMMENT ON COLUMN pg_stat_ssl_failures.offered_version IS 'highest TLS version that the last client offered';
COMMENT ON COLUMN pg_stat_ssl_failures.server_name IS 'server name that the last client asked for (SNI)';
COMMENT ON COLUMN pg_stat_ssl_failures.ja4 IS 'JA4 fingerprint of the last client''s ClientHello; no proof of identity';

CREATE FUNCTION pg_stat_ssl_failure_totals(OUT stage text, OUT reason text, OUT count bigint, OUT last_seen timestamptz) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_stat_failure_totals' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_failure_totals() IS 'number of failed attempts by reason since the last reset';
REVOKE ALL ON FUNCTION pg_stat_ssl_failure_totals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_stat_ssl_failure_totals() TO pg_read_all_stats;

CREATE VIEW pg_stat_ssl_failure_totals AS
    SELECT * FROM pg_stat_ssl_failure_totals();
GRANT SELECT ON pg_stat_ssl_failure_totals TO pg_read_all_stats;
COMMENT ON VIEW pg_stat_ssl_failure_totals IS 'number of failed attempts by reason since the last reset';
COMMENT ON COLUMN pg_stat_ssl_failure_totals.stage IS 'stage that they reached';
COMMENT ON COLUMN pg_stat_ssl_failure_totals.reason IS 'reason for the failure';
COMMENT ON COLUMN pg_stat_ssl_failure_totals.count IS 'number of attempts, including those whose row was evicted';
COMMENT ON COLUMN pg_stat_ssl_failure_totals.last_seen IS 'time of the last; NULL if there was none';

CREATE FUNCTION pg_stat_ssl_failures_info(OUT entries bigint, OUT evictions bigint, OUT stats_reset timestamptz) RETURNS record
AS 'MODULE_PATHNAME', 'ssl_stat_failures_info' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_failures_info() IS 'state of pg_stat_ssl_failures';

CREATE VIEW pg_stat_ssl_failures_info AS
    SELECT * FROM pg_stat_ssl_failures_info();
GRANT SELECT ON pg_stat_ssl_failures_info TO PUBLIC;
COMMENT ON VIEW pg_stat_ssl_failures_info IS 'state of pg_stat_ssl_failures';
COMMENT ON COLUMN pg_stat_ssl_failures_info.entries IS 'rows in pg_stat_ssl_failures';
COMMENT ON COLUMN pg_stat_ssl_failures_info.evictions IS 'rows that were evicted for new ones, see sslinfo_plus.failures_max';
COMMENT ON COLUMN pg_stat_ssl_failures_info.stats_reset IS 'time from which failed attempts are counted';

CREATE FUNCTION pg_stat_ssl_failures_reset() RETURNS void
AS 'MODULE_PATHNAME', 'ssl_stat_failures_reset' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pg_stat_ssl_failures_reset() IS 'removes the failed attempts and sets their totals to zero';
REVOKE ALL ON FUNCTION pg_stat_ssl_failures_reset() FROM PUBLIC;

CREATE FUNCTION ssl_login_rule(role name, database name) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_login_rule(name, name) IS 'the rule of sslinfo_plus.login_rules that would judge such a login; NULL if there is none';
REVOKE ALL ON FUNCTION ssl_login_rule(name, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ssl_login_rule(name, name) TO pg_read_all_settings;

CREATE FUNCTION pg_ssl_login_rules(OUT ordinal integer, OUT role text, OUT database text, OUT policy text, OUT error text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_login_rules' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION pg_ssl_login_rules() IS 'the rules of sslinfo_plus.login_rules';
REVOKE ALL ON FUNCTION pg_ssl_login_rules() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_ssl_login_rules() TO pg_read_all_settings;

CREATE VIEW pg_ssl_login_rules AS
    SELECT * FROM pg_ssl_login_rules();
GRANT SELECT ON pg_ssl_login_rules TO pg_read_all_settings;
COMMENT ON VIEW pg_ssl_login_rules IS 'the rules of sslinfo_plus.login_rules; for members of pg_read_all_settings';
COMMENT ON COLUMN pg_ssl_login_rules.ordinal IS 'place of the rule, from 1: the first rule that matches judges a login';
COMMENT ON COLUMN pg_ssl_login_rules.role IS 'pattern of the role, as it is written';
COMMENT ON COLUMN pg_ssl_login_rules.database IS 'pattern of the database, as it is written; * if the rule has none';
COMMENT ON COLUMN pg_ssl_login_rules.policy IS 'policy that the login must satisfy';
COMMENT ON COLUMN pg_ssl_login_rules.error IS 'error in the rule; NULL for a rule in force';

-- 6. The server's certificates and configuration

CREATE FUNCTION pg_ssl_certificates(
    OUT source text,
    OUT host text,
    OUT file text,
    OUT ordinal integer,
    OUT on_disk boolean,
    OUT loaded boolean,
    OUT subject text,
    OUT issuer text,
    OUT serial numeric,
    OUT not_before timestamptz,
    OUT not_after timestamptz,
    OUT fingerprint text,
    OUT spki_fingerprint text,
    OUT key_algorithm text,
    OUT key_bits integer,
    OUT key_strength integer,
    OUT signature_algorithm text,
    OUT entries integer,
    OUT problems text[]
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_server_certificates' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION pg_ssl_certificates() IS 'every certificate and CRL that TLS of this server uses, on disk and loaded';
REVOKE ALL ON FUNCTION pg_ssl_certificates() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_ssl_certificates() TO pg_monitor;

CREATE VIEW pg_ssl_certificates AS
    SELECT * FROM pg_ssl_certificates();
GRANT SELECT ON pg_ssl_certificates TO pg_monitor;
COMMENT ON VIEW pg_ssl_certificates IS 'every certificate and CRL that TLS of this server uses, on disk and loaded';
COMMENT ON COLUMN pg_ssl_certificates.source IS 'purpose: server, server_chain, client_ca or crl';
COMMENT ON COLUMN pg_ssl_certificates.host IS 'names in pg_hosts.conf; NULL for the settings';
COMMENT ON COLUMN pg_ssl_certificates.file IS 'name of the file; NULL if it is loaded only';
COMMENT ON COLUMN pg_ssl_certificates.ordinal IS 'position in the file, from 1';
COMMENT ON COLUMN pg_ssl_certificates.on_disk IS 'is it in the file?';
COMMENT ON COLUMN pg_ssl_certificates.loaded IS 'do new sessions use it? NULL if that is not known';
COMMENT ON COLUMN pg_ssl_certificates.subject IS 'subject in RFC 4514''s form; NULL for a CRL';
COMMENT ON COLUMN pg_ssl_certificates.issuer IS 'issuer in RFC 4514''s form';
COMMENT ON COLUMN pg_ssl_certificates.serial IS 'serial number';
COMMENT ON COLUMN pg_ssl_certificates.not_before IS 'start of its validity; of a CRL: thisUpdate';
COMMENT ON COLUMN pg_ssl_certificates.not_after IS 'end of its validity; of a CRL: nextUpdate';
COMMENT ON COLUMN pg_ssl_certificates.fingerprint IS 'SHA-256 of the certificate or CRL';
COMMENT ON COLUMN pg_ssl_certificates.spki_fingerprint IS 'SHA-256 of the public key';
COMMENT ON COLUMN pg_ssl_certificates.key_algorithm IS 'algorithm of the public key';
COMMENT ON COLUMN pg_ssl_certificates.key_bits IS 'bits of the public key';
COMMENT ON COLUMN pg_ssl_certificates.key_strength IS 'security bits of the public key';
COMMENT ON COLUMN pg_ssl_certificates.signature_algorithm IS 'algorithm of the issuer''s signature';
COMMENT ON COLUMN pg_ssl_certificates.entries IS 'number of revoked certificates in a CRL';
COMMENT ON COLUMN pg_ssl_certificates.problems IS 'problems; empty if there is none';

CREATE FUNCTION ssl_config_check(OUT setting text, OUT host text, OUT file text, OUT ok boolean, OUT problem text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_config_check() IS 'result of a reload or a restart with the current TLS files and settings';
REVOKE ALL ON FUNCTION ssl_config_check() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ssl_config_check() TO pg_monitor;

CREATE FUNCTION pg_ssl_recheck(OUT pid integer, OUT status text, OUT reason text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ssl_recheck' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION pg_ssl_recheck() IS 'sessions with a client certificate, checked again by the CA and CRL files on disk';
REVOKE ALL ON FUNCTION pg_ssl_recheck() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_ssl_recheck() TO pg_monitor;

-- 7. The library

CREATE FUNCTION ssl_library(OUT name text, OUT runtime_version text, OUT build_version text, OUT fips boolean, OUT post_quantum boolean) RETURNS record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_library() IS 'the TLS library that the server has loaded';
