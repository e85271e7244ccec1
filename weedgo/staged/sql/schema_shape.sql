-- For each schema a digest of all its definitions, its own name taken out.
WITH home AS (
    SELECT n.oid, n.nspname::text AS name, quote_ident(n.nspname) || '.' AS printed
      FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%s)
), line(home, text) AS (
    SELECT c.relnamespace, format('r %%s %%s %%s %%s %%s %%s %%s %%s', c.relname, c.relkind, c.relpersistence,
           c.reloptions, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, pg_get_partkeydef(c.oid))
      FROM pg_class c
    UNION ALL
    SELECT c.relnamespace, format('a %%s %%s %%s %%s %%s %%s %%s %%s %%s %%s', c.relname, a.attname,
           format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
           a.attcompression, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind NOT IN ('i', 'I', 'S', 't')
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT k.connamespace, format('k %%s %%s %%s %%s', k.conrelid::regclass, k.conname, k.convalidated,
           pg_get_constraintdef(k.oid)) FROM pg_constraint k
    UNION ALL
    SELECT c.relnamespace, format('i %%s %%s %%s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind IN ('i', 'I')
    UNION ALL
    SELECT c.relnamespace, format('t %%s %%s', pg_get_triggerdef(t.oid), t.tgenabled)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT p.pronamespace, format('f %%s %%s', pg_get_functiondef(p.oid),
           EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0))
      FROM pg_proc p WHERE p.prokind <> 'a'
    UNION ALL
    SELECT c.relnamespace, format('v %%s %%s', c.relname, pg_get_viewdef(c.oid)) FROM pg_class c WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT c.relnamespace, format('s %%s %%s %%s %%s %%s %%s %%s', c.relname, s.seqtypid::regtype, s.seqstart,
           s.seqincrement, s.seqmax, s.seqmin, s.seqcycle) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    UNION ALL
    SELECT c.relnamespace, format('p %%s %%s %%s %%s %%s %%s', c.relname, p.polname, p.polcmd, p.polpermissive,
           pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    UNION ALL
    SELECT t.typnamespace, format('y %%s %%s %%s %%s', t.typname, t.typtype, format_type(t.typbasetype, t.typtypmod),
           ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder))
      FROM pg_type t WHERE t.typrelid = 0 AND t.typelem = 0
    UNION ALL
    SELECT e.stxnamespace, pg_get_statisticsobjdef(e.oid) FROM pg_statistic_ext e
    UNION ALL
    SELECT coalesce(c.relnamespace, t.relnamespace, p.pronamespace, k.connamespace),
           format('d %%s %%s %%s', coalesce(c.relname::text, t.relname || ' ' || g.tgname, p.oid::regprocedure::text,
               k.conname::text), d.objsubid, d.description)
      FROM pg_description d
      LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid
      LEFT JOIN pg_trigger g ON d.classoid = 'pg_trigger'::regclass AND g.oid = d.objoid
      LEFT JOIN pg_class t ON t.oid = g.tgrelid
      LEFT JOIN pg_proc p ON d.classoid = 'pg_proc'::regclass AND p.oid = d.objoid
      LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
     WHERE d.objoid >= 16384
)
SELECT h.name, sum(hashtextextended(replace(l.text, h.printed, ''), 0)::numeric)::text
  FROM home h JOIN line l ON l.home = h.oid
 GROUP BY h.name
