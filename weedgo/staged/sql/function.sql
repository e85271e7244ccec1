--@if EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
SELECT u.name AS schema, p.proname::text || '(' || oidvectortypes(p.proargtypes) || ')' AS name, p.oid,
       pg_get_userbyid(p.proowner)::text AS owner, p.proacl::text[] AS acl,
       CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS routine,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition,
       pg_get_function_result(p.oid) AS _result,
       pg_get_function_arguments(p.oid) AS _arguments,
       p.proargnames AS _argument_names,
       ARRAY(SELECT x.n || ' ' || format_type(x.t, NULL) FROM unnest(p.proargmodes, p.proargnames, p.proallargtypes)
             WITH ORDINALITY x(m, n, t, o) WHERE x.m IN ('o', 'b', 't') ORDER BY x.o) AS _outputs,
       p.pronargdefaults AS _defaults,
       p.prokind::text AS _kind,
       p.proname::text AS _proname, oidvectortypes(p.proargtypes) AS _types,
       p.proargtypes::oid[]::regtype[]::text[] AS _argument_types
FROM pg_proc p
JOIN user_schema u ON u.oid = p.pronamespace
WHERE p.prokind <> 'a'
  AND p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_proc'::regclass)
  AND p.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'i')
