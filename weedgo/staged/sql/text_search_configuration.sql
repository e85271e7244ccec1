--@if EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)
SELECT u.name AS schema, c.cfgname::text AS name, c.oid, pg_get_userbyid(c.cfgowner)::text AS owner,
       format('%I.%I', pn.nspname, p.prsname) AS parser,
       (SELECT coalesce(json_object_agg(x.alias, x.dictionaries), '{}') FROM (
            SELECT t.alias, array_agg(format('%I.%I', dn.nspname, d.dictname) ORDER BY m.mapseqno) AS dictionaries
            FROM ts_token_type(c.cfgparser) t
            JOIN pg_ts_config_map m ON m.mapcfg = c.oid AND m.maptokentype = t.tokid
            JOIN pg_ts_dict d ON d.oid = m.mapdict
            JOIN pg_namespace dn ON dn.oid = d.dictnamespace
            GROUP BY t.alias
        ) x) AS mappings
FROM pg_ts_config c
JOIN user_schema u ON u.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_config'::regclass)
