-- Policies: what is no policy, with its place; and what does not depend on the connection.
-- Every error here is 22023.

SELECT ssl_satisfies(NULL);
SELECT * FROM ssl_check(NULL);
SELECT ssl_require(NULL);
SELECT ssl_satisfies('');
SELECT ssl_satisfies('   ');

-- unknown words
SELECT ssl_satisfies('tls>=1.2 tsl>=1.3 aead');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM ssl_check('mozilla-old');
\echo :LAST_ERROR_SQLSTATE
SELECT ssl_require('mtls, tls>=1.3');
\echo :LAST_ERROR_SQLSTATE
SELECT ssl_satisfies('tls >= 1.3');

-- operators and missing values
SELECT ssl_satisfies('mtls tls=1.3');
SELECT ssl_satisfies('mtls bits>128');
SELECT ssl_satisfies('mtls aead>=1');
SELECT ssl_satisfies('mtls bits');
SELECT ssl_satisfies('mtls cn=');
SELECT ssl_satisfies('mtls cn=a| aead');
SELECT ssl_satisfies('mtls=yes');

-- wrong values
SELECT ssl_satisfies('client-cert tls>=1.1');
SELECT ssl_satisfies('tls bits>=99999999999999999999999');
SELECT ssl_satisfies('tls client-valid>=7w');
SELECT ssl_satisfies('tls client-valid>=40000d');
SELECT ssl_satisfies('tls fingerprint=00:11:22');
SELECT ssl_satisfies('tls san=admin.example');
SELECT ssl_satisfies('tls san=ip:10.0.0.0/8');
SELECT ssl_satisfies('tls san=uri:spiffe://*/web');
SELECT ssl_satisfies('tls cn=app_*');
SELECT ssl_satisfies('tls eku=clientauthentication');
SELECT ssl_satisfies('tls subject="CN=app,X=Acme"');

-- quotes
SELECT ssl_satisfies('tls cn="app');
SELECT ssl_satisfies('tls cn="a""b"c');
SELECT ssl_satisfies('tls cn=a;b');
SELECT ssl_satisfies('tls subject="CN=""app"""');

-- the caret stands in the right line
SELECT ssl_satisfies($$mtls
  tls>=1.3
  san=dns:app..example
  aead$$);

-- An argument that changes from row to row, and one that is a parameter.
SELECT policy, ssl_satisfies(policy || ' tls>=1.3') = (ssl_satisfies(policy) AND ssl_satisfies('tls>=1.3')) AS agrees
FROM unnest(ARRAY['tls', 'aead', 'tls', 'mtls', 'aead']) policy;
PREPARE satisfies(text) AS SELECT ssl_satisfies($1) = ssl_satisfies('tls');
EXECUTE satisfies('tls');
EXECUTE satisfies('tls tls');
EXECUTE satisfies('tsl');

-- ssl_check() and ssl_satisfies() agree, more policies are asked than are kept, and NULL is never an answer.
SELECT count(*) AS policies, bool_and(ssl_satisfies(policy) = (SELECT bool_and(satisfied) FROM ssl_check(policy))) AS agree,
       bool_or(ssl_satisfies(policy) IS NULL) AS some_null
FROM (SELECT 'bits>=' || n FROM generate_series(1, 300) n
      UNION ALL SELECT unnest(ARRAY['local', 'local tls', 'encrypted', 'tls', 'mtls', 'quantum-safe', 'mozilla-modern',
                                    'mozilla-intermediate'])) AS p (policy);
SELECT requirement, satisfied IS NULL AS unjudged, actual IS NULL AS unsaid FROM ssl_check('mtls bits>=0512 CN=app|"a b"')
WHERE requirement <> 'local';

-- A call that fails leaves nothing behind.
SELECT ssl_satisfies('cn=never satisfied=yes');
SELECT ssl_satisfies('bits>=100000');
