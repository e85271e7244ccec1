SELECT u.name AS schema, p.pubname::text AS name, c.relname::text AS parent, r.oid,
       CASE WHEN r.prattrs IS NOT NULL THEN
           ARRAY(SELECT a.attname::text FROM unnest(r.prattrs::int2[]) x(n)
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.n ORDER BY 1) END AS columns,
       pg_get_expr(r.prqual, r.prrelid) AS where
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
JOIN pg_class c ON c.oid = r.prrelid
JOIN user_schema u ON u.oid = c.relnamespace
