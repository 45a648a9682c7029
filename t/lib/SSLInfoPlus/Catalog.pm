# SSLInfoPlus::Catalog - what the catalog says of an extension, as text that can be compared.
#
# Two databases have the same extension exactly where this text is equal: its members, with their definitions, privileges
# (the extension's own apart from the user's), columns and comments. OIDs, owners, and the version itself do not count.

package SSLInfoPlus::Catalog;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(callable_functions extension_query);

# Makes the view callable_function: those rows of pg_proc that are functions of sslinfo_plus and can be called without an argument
# or with one text; needs_text tells which.
sub callable_functions
{
	return <<'EOS';
CREATE VIEW callable_function AS
SELECT p.*, p.pronargs > p.pronargdefaults AS needs_text
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'sslinfo_plus'
  AND (p.pronargs = p.pronargdefaults OR p.proargtypes = ARRAY['text'::regtype]::oidvector);
EOS
}

# The query, one row per fact.
sub extension_query
{
	my ($extension) = @_;
	return <<"EOS";
SET search_path = pg_catalog;
WITH member AS (
	SELECT d.classid, d.objid, o.type || ' ' || o.identity AS id
	FROM pg_depend d
	JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = '$extension',
	     pg_identify_object(d.classid, d.objid, d.objsubid) o
	WHERE d.deptype = 'e'
	  -- array types and the row types of views are members from PostgreSQL 17 on
	  AND NOT EXISTS (SELECT FROM pg_type t WHERE t.typarray = d.objid AND d.classid = 'pg_type'::regclass)
	  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.reltype = d.objid AND c.relkind = 'v' AND d.classid = 'pg_type'::regclass))
SELECT id || fact FROM (
	SELECT id, ': ' || coalesce('comment ' || obj_description(objid, classid::regclass::name), 'no comment') AS fact FROM member
	UNION ALL
	SELECT id, ': ' || pg_get_functiondef(objid) FROM member WHERE classid = 'pg_proc'::regclass
	UNION ALL
	SELECT id, ': privileges ' || coalesce(p.proacl::text, 'as they come')
		FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
	UNION ALL
	SELECT id, ': privileges ' || coalesce(c.relacl::text, 'as they come') || ', ' || c.relkind::text
		|| coalesce(', ' || pg_get_viewdef(c.oid), '')
		FROM member JOIN pg_class c ON classid = 'pg_class'::regclass AND c.oid = objid
	UNION ALL
	SELECT id, format(', column %s %s: %s%s, %s', a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
			CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, coalesce(col_description(r.oid, a.attnum), 'no comment'))
		FROM member
		JOIN pg_class r ON classid = 'pg_class'::regclass AND r.oid = objid
		  OR classid = 'pg_type'::regclass AND r.reltype = objid
		JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL
	SELECT id, ': of the extension ' || i.initprivs::text
		FROM member JOIN pg_init_privs i ON i.classoid = classid AND i.objoid = objid
) facts (id, fact)
ORDER BY 1;
EOS
}

1;
