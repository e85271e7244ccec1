SELECT '' AS schema, p.pubname::text AS name, u.name AS parent, n.oid
FROM pg_publication_namespace n
JOIN pg_publication p ON p.oid = n.pnpubid
JOIN user_schema u ON u.oid = n.pnnspid
