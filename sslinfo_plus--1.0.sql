/* sslinfo_plus--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sslinfo_plus" to load this file. \quit

-- 1. contrib/sslinfo's ten functions

CREATE FUNCTION ssl_is_used() RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_is_used() IS 'does this session use TLS?';

CREATE FUNCTION ssl_version() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_version() IS 'version of the TLS protocol of this session';

CREATE FUNCTION ssl_cipher() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_cipher() IS 'OpenSSL''s name of the cipher suite of this session';

CREATE FUNCTION ssl_client_cert_present() RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_cert_present() IS 'does this session have a verified client certificate?';

CREATE FUNCTION ssl_client_serial() RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_serial() IS 'serial number of the client certificate';

CREATE FUNCTION ssl_client_dn() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_dn() IS 'subject of the client certificate, as in pg_stat_ssl but never cut';

CREATE FUNCTION ssl_issuer_dn() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_issuer_dn() IS 'issuer of the client certificate, as in pg_stat_ssl but never cut';

CREATE FUNCTION ssl_client_dn_field(field text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_client_dn_field(text) IS 'first value of an attribute of the client certificate''s subject';

CREATE FUNCTION ssl_issuer_field(field text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_issuer_field(text) IS 'first value of an attribute of the client certificate''s issuer';

CREATE FUNCTION ssl_extension_info(OUT name text, OUT value text, OUT critical boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ssl_extension_info() IS 'extensions of the client certificate, as OpenSSL prints them';
