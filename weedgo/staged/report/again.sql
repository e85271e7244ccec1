-- Lets this file be run again: what a step makes and what stands already is left as it is.
CREATE OR REPLACE FUNCTION pg_temp.missing(kind text, name text[], whole boolean)
RETURNS boolean LANGUAGE plpgsql AS $function$
DECLARE
    found record;
BEGIN
    SELECT * INTO found FROM pg_catalog.pg_get_object_address(kind, name, '{}');
    IF whole AND (
        EXISTS (SELECT FROM pg_catalog.pg_index i
                WHERE i.indexrelid = found.objid AND NOT i.indisvalid
                  AND found.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
        OR EXISTS (SELECT FROM pg_catalog.pg_constraint c
                   WHERE c.oid = found.objid AND NOT c.convalidated
                     AND found.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass)
    ) THEN
        RAISE EXCEPTION '% % was left unfinished', kind, pg_catalog.array_to_string(name, '.')
            USING HINT = 'Drop it, then run this file again.';
    END IF;
    RAISE WARNING '% % stands already and is left as it is', kind,
        pg_catalog.array_to_string(name, '.');
    RETURN false;
EXCEPTION
    WHEN undefined_object OR undefined_table OR undefined_column OR undefined_function
        OR invalid_schema_name THEN
        RETURN true;
END
$function$;
CREATE OR REPLACE FUNCTION pg_temp.of_another_type(name text[], type text)
RETURNS boolean LANGUAGE sql SET search_path = '' AS $function$
    SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) <> $2
    FROM pg_catalog.pg_get_object_address('table column', $1, '{}') f
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.objid AND a.attnum = f.objsubid
$function$;
