-- ssl_parse_certificate(): what it reads, and what it refuses.
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- two public certificates; nobody has kept their keys
CREATE TEMPORARY TABLE c AS SELECT
'-----BEGIN CERTIFICATE-----
MIIC8DCCApagAwIBAgIJAPHi08S1ppeIMAoGCCqGSM49BAMCMC8xGzAZBgNVBAoM
EnNzbGluZm9fcGx1cyB0ZXN0czEQMA4GA1UEAwwHUm9vdCBDQTAgFw0yMDAxMDEw
MDAwMDBaGA85OTk5MTIzMTIzNTk1OVowSjELMAkGA1UEBhMCREUxEzARBgNVBAoM
CkFjbWUsIEluYy4xGDAKBgNVBAsMA29uZTAKBgNVBAsMA3R3bzEMMAoGA1UEAwwD
YXBwMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBhLnDGngA9ymAcVAmnyz2qcL
iJTESk9jNGmSi5wH6iIH+Jogsw5TmPIRnYcVWk4Cl+5nZbogHnuTXXDrxWoZUKOC
AXwwggF4MBIGA1UdEwEB/wQIMAYBAf8CAQMwDgYDVR0PAQH/BAQDAgKEMB4GA1Ud
JQQXMBUGCCsGAQUFBwMCBgkrBgEEAYaNHwEwagYDVR0RBGMwYYILYXBwLmV4YW1w
bGWCDSouYXBwLmV4YW1wbGWGGXNwaWZmZTovL2FjbWUuZXhhbXBsZS9hcHCBEGFw
cEBhY21lLmV4YW1wbGWHBMAAAgGHECABDbgAAAAAAAAAAAAAAAEwFgYDVR0gBA8w
DTALBgkrBgEEAYaNHwIwDAYDVR0OBAUEAwEC/jAOBgNVHSMEBzAFgAMDBP8wYAYI
KwYBBQUHAQEEVDBSMCUGCCsGAQUFBzABhhlodHRwOi8vb2NzcC5hY21lLmV4YW1w
bGUvMCkGCCsGAQUFBzAChh1odHRwOi8vY2EuYWNtZS5leGFtcGxlL2NhLmNydDAu
BgNVHR8EJzAlMCOgIaAfhh1odHRwOi8vY2EuYWNtZS5leGFtcGxlL2NhLmNybDAK
BggqhkjOPQQDAgNIADBFAiEA03h7/ScivHJBQf3hYu4GNE78RgGhTovnu1lZx0BG
44ECIFsXfYlSu8vH7gvB9H4WsGJFMJUZfabOKAWN5J3ap0y0
-----END CERTIFICATE-----
'::text AS example,
'-----BEGIN CERTIFICATE-----
MIIBLDCB06ADAgECAgID6jAKBggqhkjOPQQDAjAvMRswGQYDVQQKDBJzc2xpbmZv
X3BsdXMgdGVzdHMxEDAOBgNVBAMMB1Jvb3QgQ0EwHhcNNzAwMTAxMDAwMDAwWhcN
NDkxMjMxMjM1OTU5WjAQMQ4wDAYDVQQDDAVvdGhlcjBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABHLKgE3OXozoKD5TfK5MFbqSICMMVBxsKJFLarHuMSxCP0TWh8gA
Ca4xH+HclM3Ed+Ibc7vkR9Mr5YHAxFVn7VYwCgYIKoZIzj0EAwIDSAAwRQIhAPP9
ZC9r3WLtHq4VAj7TyhxBL68qWBP/OkXBc2EfvUTaAiAOni2iGIOKR8YGZIO2govY
298Pni8M55+oVEZ80Q0Mcg==
-----END CERTIFICATE-----
'::text AS other;

-- SQLSTATE of an attempt to parse, the words after it only where they are not OpenSSL's
CREATE FUNCTION pg_temp.attempt(pem text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (ssl_parse_certificate(pem)).subject;
EXCEPTION WHEN invalid_text_representation OR invalid_binary_representation THEN
    RETURN SQLSTATE || ' ' ||
           coalesce(substring(SQLERRM FROM '.*: (?:no |PEM block|[0-9]+ trail).*'), substring(SQLERRM FROM '[^:]*'));
END $$;
CREATE FUNCTION pg_temp.attempt(der bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (ssl_parse_certificate(der)).subject;
EXCEPTION WHEN invalid_text_representation OR invalid_binary_representation THEN
    RETURN SQLSTATE || ' ' ||
           coalesce(substring(SQLERRM FROM '.*: (?:no |PEM block|[0-9]+ trail).*'), substring(SQLERRM FROM '[^:]*'));
END $$;

-- every column of the type, and none without a value
SELECT key, value FROM c, json_each(to_json(ssl_parse_certificate(c.example))) WHERE key <> 'der';
SELECT count(*) AS columns, count(*) FILTER (WHERE value = 'null') AS without_value
FROM c, jsonb_each(to_jsonb(ssl_parse_certificate(c.example)));

-- a certificate that says as little as it may
SELECT key, value FROM c, json_each(to_json(ssl_parse_certificate(c.other))) WHERE key <> 'der';

-- DER is what PEM wraps
SELECT d = ssl_parse_certificate(example) AS same,
       (d).der = decode(regexp_replace(example, '-----[A-Z ]+-----', '', 'g'), 'base64') AS der,
       (d).fingerprint = encode(sha256((d).der), 'hex') AS fingerprint
FROM (SELECT example, ssl_parse_certificate((ssl_parse_certificate(example)).der) AS d FROM c) x;

-- NULL for NULL; a literal without a type is PEM
SELECT ssl_parse_certificate(NULL::text) IS NULL AS text, ssl_parse_certificate(NULL::bytea) IS NULL AS bytea;
SELECT ssl_parse_certificate('');

-- PEM: what stands before and after the block is ignored, of two blocks the first counts
SELECT pg_temp.attempt(E'\n  subject=who knows\n' || example || 'and so on' || repeat('x', 1000)) FROM c;
SELECT pg_temp.attempt(example || other), pg_temp.attempt(other || example) FROM c;
SELECT pg_temp.attempt(replace(other, E'\n', E'\r\n')), pg_temp.attempt(rtrim(other, E'\n')) FROM c;
SELECT pg_temp.attempt(replace(other, 'CERTIFICATE', 'X509 CERTIFICATE')) FROM c;
-- a private key is passed over, be it before the certificate or alone
SELECT pg_temp.attempt(replace(other, 'CERTIFICATE', 'PRIVATE KEY') || other),
       pg_temp.attempt(replace(other, 'CERTIFICATE', 'PRIVATE KEY')) FROM c;
SELECT pg_temp.attempt(replace(other, 'CERTIFICATE', 'CERTIFICATE REQUEST')) FROM c;
-- an encrypted block asks nobody for a pass phrase
SELECT pg_temp.attempt(replace(other, E'E-----\nM',
    E'E-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n\nM')) FROM c;
-- no PEM at all, and damaged PEM
SELECT pg_temp.attempt(''), pg_temp.attempt('junk'), pg_temp.attempt(repeat('junk ', 100000)),
       pg_temp.attempt(E'-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n');
SELECT pg_temp.attempt(replace(other, '-----END', '')), pg_temp.attempt(replace(other, 'END CERT', 'END CRET')),
       pg_temp.attempt(left(other, -100)), pg_temp.attempt(replace(other, 'MII', 'M*I')),
       pg_temp.attempt(replace(other, 'MIIB', 'AIIB'))
FROM c;
-- bytes after the certificate, inside of the block
SELECT pg_temp.attempt(E'-----BEGIN CERTIFICATE-----\n' || encode((ssl_parse_certificate(other)).der || '\x00', 'base64') ||
                       E'\n-----END CERTIFICATE-----\n') FROM c;

-- DER
CREATE TEMPORARY TABLE d AS SELECT (ssl_parse_certificate(other)).der FROM c;
SELECT pg_temp.attempt(der) FROM d;
SELECT pg_temp.attempt(''::bytea), pg_temp.attempt('\x00'::bytea),
       pg_temp.attempt('\x3000'::bytea), pg_temp.attempt('\x3080'::bytea),
       pg_temp.attempt('\x3084ffffffff'::bytea), pg_temp.attempt(decode(repeat('00', 100000), 'hex'));
SELECT pg_temp.attempt(der || '\x00'), pg_temp.attempt(der || der), pg_temp.attempt('\x00' || der) FROM d;
SELECT pg_temp.attempt(convert_to(other, 'SQL_ASCII')) AS pem_as_bytes FROM c;
-- every way to cut it short is refused
SELECT split_part(pg_temp.attempt(substring(der FOR n)), ' ', 1) AS sqlstate, count(*)
FROM d, generate_series(0, length(der) - 1) n GROUP BY 1;
-- a byte changed anywhere: a certificate or 22P03, and nothing else
SELECT count(*) FILTER (WHERE answer <> '22P03 invalid X.509 certificate') > 0 AS some_parse,
       count(*) FILTER (WHERE answer = '22P03 invalid X.509 certificate') > 0 AS some_do_not,
       count(answer) = 8 * 304 AS all_answer
FROM d, generate_series(0, length(der) - 1) n, unnest(ARRAY[1, 2, 4, 8, 16, 32, 64, 128]) x,
     pg_temp.attempt(set_byte(der, n, get_byte(der, n) # x)) answer;

-- as a set of rows, in a view, in parallel plans
CREATE TEMPORARY VIEW v AS SELECT (ssl_parse_certificate(example)).* FROM c;
SELECT subject, upper(not_after::text) AS not_after FROM v;
SELECT provolatile, proparallel FROM pg_proc WHERE proname = 'ssl_parse_certificate' AND proargtypes = '25';

-- every certificate of a bundle, in order; other blocks and text are skipped
SELECT p.ordinal, (p.certificate).fingerprint = (ssl_parse_certificate(CASE p.ordinal WHEN 2 THEN example ELSE other END)).fingerprint AS same
FROM c, ssl_parse_certificates('first' || E'\n' || other || example || replace(other, 'CERTIFICATE', 'PRIVATE KEY') || E'\n' || other) p;
-- beside each certificate its columns, for clients that read no composite
SELECT count(*), bool_and(to_jsonb(p) - 'ordinal' - 'certificate' = to_jsonb(p.certificate)) AS same FROM c, ssl_parse_certificates(other || example) p;
SELECT count(*) FROM ssl_parse_certificates('none');
SELECT count(*) FROM c, ssl_parse_certificates(repeat(example, 1000));
SELECT count(*) FROM ssl_parse_certificates(NULL);
\set VERBOSITY sqlstate
SELECT count(*) FROM c, ssl_parse_certificates(example || E'-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n');
\set VERBOSITY default
-- blanks at the start of lines, as nginx writes them
SELECT pg_temp.attempt(replace(other, E'\n', E'\n\t')) FROM c;
-- the limits: 1 MB for a certificate, 16 MB for a bundle
SELECT pg_temp.attempt(repeat(E'\n', 1048576 - length(other)) || other), pg_temp.attempt(repeat(E'\n', 1048577 - length(other)) || other) FROM c;
SELECT pg_temp.attempt(convert_to(repeat('x', 1048576), 'SQL_ASCII')), pg_temp.attempt(convert_to(repeat('x', 1048577), 'SQL_ASCII'));
SELECT ssl_parse_certificate(repeat(E'\n', 100000000));
SELECT count(*) FROM c, ssl_parse_certificates(repeat(E'\n', 16777216 - length(other)) || other);
SELECT count(*) FROM c, ssl_parse_certificates(repeat(E'\n', 16777217 - length(other)) || other);

-- names and extensions of any certificate
SELECT s.* FROM c, ssl_certificate_san(ssl_parse_certificate(example)) s;
SELECT e.ordinal, e.oid, e.name, e.critical, e.value IS NOT NULL AS value, length(e.der) > 0 AS der FROM c, ssl_certificate_extensions(ssl_parse_certificate(example)) e;
SELECT b.ordinal, count(s.value) FROM c, ssl_parse_certificates(other || E'\n' || example) b
LEFT JOIN ssl_certificate_san(b.certificate) s ON true GROUP BY 1 ORDER BY 1;
-- a row that is no certificate
SELECT (SELECT count(*) FROM ssl_certificate_san(NULL)), (SELECT count(*) FROM ssl_certificate_extensions(NULL)),
       (SELECT count(*) FROM ssl_certificate_san(jsonb_populate_record(NULL::ssl_certificate, '{"subject": "CN=x"}')));
\set VERBOSITY sqlstate
SELECT * FROM ssl_certificate_san(jsonb_populate_record(NULL::ssl_certificate, '{"der": ""}'));
SELECT * FROM ssl_certificate_extensions(jsonb_populate_record(NULL::ssl_certificate, '{"der": "\\x3000"}'));
\set VERBOSITY default
SELECT * FROM ssl_certificate_san(jsonb_populate_record(NULL::ssl_certificate, jsonb_build_object('der', repeat('x', 1048577))));
SELECT proname, provolatile, proparallel, proisstrict FROM pg_proc WHERE proname LIKE 'ssl\_certificate\_%' ORDER BY 1;
