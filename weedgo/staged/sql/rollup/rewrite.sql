-- What views select, and rules.
SELECT r.ev_class AS relid, (r.rulename <> '_RETURN')::int AS objects,
       hash_record_extended(ROW(
           r.rulename, r.ev_enabled,
           CASE WHEN r.rulename = '_RETURN' THEN pg_get_viewdef(r.ev_class) ELSE pg_get_ruledef(r.oid) END), 0) AS hash
FROM pg_rewrite r
WHERE r.ev_class >= 16384
