--@if EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384)
SELECT u.name AS schema, c.opcname::text || ' USING ' || m.amname AS name, c.oid,
       pg_get_userbyid(c.opcowner)::text AS owner,
       format_type(c.opcintype, NULL) AS type, c.opcdefault AS default,
       CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage,
       format('%I.%I', fn.nspname, f.opfname) AS family,
       (SELECT coalesce(json_agg(x.entry ORDER BY x.entry), '[]') FROM (
            SELECT format('OPERATOR %s %s%s', o.amopstrategy, o.amopopr::regoperator,
                          CASE WHEN o.amopsortfamily <> 0 THEN format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname) END)
                       AS entry
            FROM pg_depend d
            JOIN pg_amop o ON o.oid = d.objid
            LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily
            LEFT JOIN pg_namespace sn ON sn.oid = s.opfnamespace
            WHERE d.classid = 'pg_amop'::regclass AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
            UNION ALL
            SELECT format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
                          format_type(p.amprocrighttype, NULL), p.amproc::regprocedure)
            FROM pg_depend d
            JOIN pg_amproc p ON p.oid = d.objid
            WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
        ) x) AS members,
       m.amname::text AS _method,
       format('%I.%I', u.name, c.opcname) AS _class,
       format('%I.%I USING %I', u.name, c.opcname, m.amname) AS _named
FROM pg_opclass c
JOIN user_schema u ON u.oid = c.opcnamespace
JOIN pg_am m ON m.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_opclass'::regclass)
