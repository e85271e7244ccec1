--@if EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384)
-- Members that no operator class owns belong to the family itself.
SELECT u.name AS schema, f.opfname::text || ' USING ' || m.amname AS name, f.oid,
       pg_get_userbyid(f.opfowner)::text AS owner,
       (SELECT coalesce(json_agg(json_build_array(x.entry, x.key) ORDER BY x.entry), '[]') FROM (
            SELECT format('OPERATOR %s %s%s', o.amopstrategy, o.amopopr::regoperator,
                          CASE WHEN o.amopsortfamily <> 0 THEN format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname) END)
                       AS entry,
                   format('OPERATOR %s (%s, %s)', o.amopstrategy, format_type(o.amoplefttype, NULL),
                          format_type(o.amoprighttype, NULL)) AS key
            FROM pg_depend d
            JOIN pg_amop o ON o.oid = d.objid
            LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily
            LEFT JOIN pg_namespace sn ON sn.oid = s.opfnamespace
            WHERE d.classid = 'pg_amop'::regclass AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid
            UNION ALL
            SELECT format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
                          format_type(p.amprocrighttype, NULL), p.amproc::regprocedure),
                   format('FUNCTION %s (%s, %s)', p.amprocnum, format_type(p.amproclefttype, NULL),
                          format_type(p.amprocrighttype, NULL))
            FROM pg_depend d
            JOIN pg_amproc p ON p.oid = d.objid
            WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid
        ) x) AS members,
       format('%I.%I USING %I', u.name, f.opfname, m.amname) AS _named
FROM pg_opfamily f
JOIN user_schema u ON u.oid = f.opfnamespace
JOIN pg_am m ON m.oid = f.opfmethod
WHERE f.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_opfamily'::regclass)
