SELECT d.classoid::int8 AS classid, d.objoid::int8 AS oid, d.objsubid AS subid, d.description AS text
FROM pg_description d
WHERE d.objoid >= 16384
   OR (d.classoid = 'pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM user_schema))
