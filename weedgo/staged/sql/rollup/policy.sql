-- Policies.
SELECT p.polrelid AS relid, 1 AS objects,
       hash_record_extended(ROW(
           p.polname, p.polcmd, p.polpermissive, p.polroles = '{0}',
           ARRAY(SELECT r.rolname FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1),
           pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), 0) AS hash
FROM pg_policy p
