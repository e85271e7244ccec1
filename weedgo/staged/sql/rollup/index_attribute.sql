-- What is set on the columns of indexes.
SELECT i.indrelid AS relid, 0 AS objects,
       hash_record_extended(ROW(i.indexrelid::regclass::text, a.attnum, a.attstattarget, a.attoptions), 0) AS hash
FROM pg_attribute a
JOIN pg_index i ON i.indexrelid = a.attrelid
WHERE a.attrelid >= 16384 AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL)
