-- What the extension installs, and that it explains itself.
CREATE EXTENSION sslinfo_plus;

-- its functions: signature, volatility, parallel safety, whether strict, whether any role may call them
SELECT p.oid::regprocedure AS function, pg_get_function_result(p.oid) LIKE 'SETOF%' AS set,
       p.provolatile AS volatile, p.proparallel AS parallel, p.proisstrict AS strict,
       has_function_privilege('public', p.oid, 'EXECUTE') AS public
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'sslinfo_plus')
ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C";

-- objects without a comment: none (PostgreSQL 17 lists array types and the row types of views as well)
SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
FROM pg_depend d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'sslinfo_plus')
  AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass)
  AND NOT EXISTS (SELECT FROM pg_type t WHERE t.typarray = d.objid)
  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.reltype = d.objid AND c.relkind = 'v')
  AND obj_description(d.objid, d.classid::regclass::name) IS NULL;

-- columns of its types and views without a comment: none
SELECT c.relname, a.attname
FROM pg_depend d
LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
JOIN pg_class c ON c.oid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid ELSE t.typrelid END
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'sslinfo_plus')
  AND col_description(c.oid, a.attnum) IS NULL;

-- it can be moved (that it is trusted, t/006 shows)
SELECT extrelocatable FROM pg_extension WHERE extname = 'sslinfo_plus';
