-- Addresses that stand for another object: row and array types, view rules, the index behind a constraint,
-- the sequence behind an identity column, the expression of a generated column, members of extensions and of
-- operator classes.
SELECT 'pg_type'::regclass::int8, t.oid::int8, 'pg_class'::regclass::int8, t.typrelid::int8, 0
FROM pg_type t WHERE t.typrelid <> 0 AND t.oid >= 16384
UNION ALL
SELECT 'pg_type'::regclass::int8, t.typarray::int8, 'pg_type'::regclass::int8, t.oid::int8, 0
FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384
UNION ALL
SELECT 'pg_type'::regclass::int8, r.rngmultitypid::int8, 'pg_type'::regclass::int8, r.rngtypid::int8, 0
FROM pg_range r WHERE r.rngtypid >= 16384
UNION ALL
SELECT 'pg_rewrite'::regclass::int8, r.oid::int8, 'pg_class'::regclass::int8, r.ev_class::int8, 0
FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.oid >= 16384
UNION ALL
SELECT 'pg_class'::regclass::int8, k.conindid::int8, 'pg_constraint'::regclass::int8, k.oid::int8, 0
FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x') AND k.oid >= 16384
UNION ALL
SELECT 'pg_attrdef'::regclass::int8, d.oid::int8, 'pg_class'::regclass::int8, d.adrelid::int8, d.adnum
FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE a.attgenerated <> ''
UNION ALL
SELECT 'pg_class'::regclass::int8, d.objid::int8, 'pg_class'::regclass::int8, d.refobjid::int8, d.refobjsubid
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.deptype = 'i' AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
UNION ALL
SELECT d.classid::int8, d.objid::int8, d.refclassid::int8, d.refobjid::int8, 0
FROM pg_depend d
WHERE d.deptype = 'e'
UNION ALL
SELECT d.classid::int8, d.objid::int8, d.refclassid::int8, d.refobjid::int8, 0
FROM pg_depend d
WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND d.objid >= 16384
  AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
