-- Trade item numbers (GS1 General Specifications, 7.9). The bodies are parsed here and now, or pin
-- search_path, which so cannot make them mean something else.

-- Not inline: every statement that changes a table with this check would unfold it first.
CREATE FUNCTION gtin14_is_valid(gtin text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN gtin ~ '^[0-9]{14}$' AND (
        3 * (ascii(substr(gtin, 1, 1)) + ascii(substr(gtin, 3, 1)) + ascii(substr(gtin, 5, 1))
             + ascii(substr(gtin, 7, 1)) + ascii(substr(gtin, 9, 1)) + ascii(substr(gtin, 11, 1))
             + ascii(substr(gtin, 13, 1)) - 7 * 48)
        + ascii(substr(gtin, 2, 1)) + ascii(substr(gtin, 4, 1)) + ascii(substr(gtin, 6, 1))
        + ascii(substr(gtin, 8, 1)) + ascii(substr(gtin, 10, 1)) + ascii(substr(gtin, 12, 1))
        + ascii(substr(gtin, 14, 1)) - 7 * 48) % 10 = 0;
END;
$$;
COMMENT ON FUNCTION gtin14_is_valid(text) IS 'Whether a text is 14 digits of which the last is GS1''s check digit.';

CREATE FUNCTION gtin_normalize(gtin text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lpad(regexp_replace(gtin, '[^0-9]', '', 'g'), 14, '0');
COMMENT ON FUNCTION gtin_normalize(text) IS 'Any GTIN as the 14 digits under which GTIN-8, -12 and -13 are equal to it.';

CREATE FUNCTION gtin_is_valid(gtin text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN gtin ~ '^([0-9]{8}|[0-9]{12,14})$' AND gtin14_is_valid(lpad(gtin, 14, '0'));
COMMENT ON FUNCTION gtin_is_valid(text) IS 'Whether a text is a GTIN-8, -12, -13 or -14 with a correct check digit.';

REVOKE ALL ON FUNCTION gtin14_is_valid(text), gtin_normalize(text), gtin_is_valid(text) FROM PUBLIC;
