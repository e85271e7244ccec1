--@if EXISTS (SELECT FROM pg_aggregate WHERE aggfnoid::oid >= 16384)
SELECT u.name AS schema, p.proname::text || '(' || oidvectortypes(p.proargtypes) || ')' AS name, p.oid,
       pg_get_userbyid(p.proowner)::text AS owner, p.proacl::text[] AS acl,
       pg_get_function_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS result,
       g.aggkind::text AS aggregate_kind,
       array_remove(ARRAY[
           'SFUNC = ' || g.aggtransfn::text,
           'STYPE = ' || format_type(g.aggtranstype, NULL),
           'SSPACE = ' || nullif(g.aggtransspace, 0),
           'FINALFUNC = ' || nullif(g.aggfinalfn, 0)::regproc::text,
           CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           CASE WHEN g.aggfinalfn <> 0 AND g.aggfinalmodify <> CASE WHEN g.aggkind = 'n' THEN 'r'::"char" ELSE 'w' END
                THEN 'FINALFUNC_MODIFY = ' || CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
                                                                     ELSE 'READ_WRITE' END END,
           'COMBINEFUNC = ' || nullif(g.aggcombinefn, 0)::regproc::text,
           'SERIALFUNC = ' || nullif(g.aggserialfn, 0)::regproc::text,
           'DESERIALFUNC = ' || nullif(g.aggdeserialfn, 0)::regproc::text,
           'INITCOND = ' || quote_literal(g.agginitval),
           'MSFUNC = ' || nullif(g.aggmtransfn, 0)::regproc::text,
           'MINVFUNC = ' || nullif(g.aggminvtransfn, 0)::regproc::text,
           CASE WHEN g.aggmtransfn <> 0 THEN 'MSTYPE = ' || format_type(g.aggmtranstype, NULL) END,
           'MSSPACE = ' || nullif(g.aggmtransspace, 0),
           'MFINALFUNC = ' || nullif(g.aggmfinalfn, 0)::regproc::text,
           CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
           CASE WHEN g.aggmfinalfn <> 0 AND g.aggmfinalmodify <> CASE WHEN g.aggkind = 'n' THEN 'r'::"char" ELSE 'w' END
                THEN 'MFINALFUNC_MODIFY = ' || CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
                                                                       ELSE 'READ_WRITE' END END,
           'MINITCOND = ' || quote_literal(g.aggminitval),
           (SELECT format('SORTOP = OPERATOR(%I.%s)', sn.nspname, o.oprname)
            FROM pg_operator o JOIN pg_namespace sn ON sn.oid = o.oprnamespace WHERE o.oid = g.aggsortop),
           CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
           CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END
       ], NULL) AS parts,
       p.proname::text AS _proname, pg_get_function_identity_arguments(p.oid) AS _identity,
       coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*') AS _types
FROM pg_proc p
JOIN pg_aggregate g ON g.aggfnoid = p.oid
JOIN user_schema u ON u.oid = p.pronamespace
WHERE p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_proc'::regclass)
