-- The scalars without arguments, one a line: 'name():text' or of another type.
SELECT p.proname || '():' || format_type(p.prorettype, NULL)
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
               JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'sslinfo_plus'
               JOIN pg_type t ON t.oid = p.prorettype
WHERE p.pronargs = 0 AND NOT p.proretset AND t.typtype = 'b' AND p.provolatile = 's' ORDER BY 1;
