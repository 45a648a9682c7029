-- Nothing is left behind; what depends on the extension is protected.
CREATE VIEW my_session AS SELECT ssl_is_used() AS tls;
DROP EXTENSION sslinfo_plus;
DROP VIEW my_session;
DROP EXTENSION sslinfo_plus;
SELECT count(*) FROM pg_proc WHERE probin LIKE '%sslinfo_plus%';
SELECT to_regtype('ssl_certificate');
