-- Comments on relations and on what belongs to them.
SELECT coalesce(i.indrelid, s.refobjid, k.conrelid, t.tgrelid, p.polrelid, r.ev_class, d.objoid) AS relid, 1 AS objects,
       hash_record_extended(ROW(
           d.classoid, coalesce(c.relname, k.conname, t.tgname, p.polname, r.rulename), d.objsubid, d.description), 0) AS hash
FROM pg_description d
LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid
LEFT JOIN pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_depend s ON c.relkind = 'S' AND s.classid = 'pg_class'::regclass AND s.objid = c.oid AND s.deptype = 'i'
                     AND s.refclassid = 'pg_class'::regclass
LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
LEFT JOIN pg_trigger t ON d.classoid = 'pg_trigger'::regclass AND t.oid = d.objoid
LEFT JOIN pg_policy p ON d.classoid = 'pg_policy'::regclass AND p.oid = d.objoid
LEFT JOIN pg_rewrite r ON d.classoid = 'pg_rewrite'::regclass AND r.oid = d.objoid
WHERE d.objoid >= 16384
  AND d.classoid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
                     'pg_rewrite'::regclass)
