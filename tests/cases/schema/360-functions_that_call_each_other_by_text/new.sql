CREATE FUNCTION z_header(name text) RETURNS text LANGUAGE sql STABLE AS $$SELECT 'agent of ' || name$$;
CREATE FUNCTION "M mid"() RETURNS text LANGUAGE plpgsql STABLE AS $$BEGIN RETURN public.z_header('all'); END$$;
CREATE FUNCTION a_agent() RETURNS text LANGUAGE sql STABLE AS $$SELECT coalesce(public."M mid"(), 'nobody')$$;
CREATE FUNCTION zz_least(t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length(t)';
CREATE FUNCTION z_length(t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT public.zz_least(t)';
CREATE FUNCTION a_short(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT public.z_length(t) < 9';
CREATE DOMAIN short AS text CHECK (a_short(VALUE));
CREATE TABLE visit (id int PRIMARY KEY, agent text DEFAULT a_agent(), code short DEFAULT 'none');
-- Each calls the other; one of them a table that calls it.
CREATE FUNCTION r_even(n int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RETURN n = 0 OR public.r_odd(n - 1); END$$;
CREATE FUNCTION r_odd(n int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RETURN n <> 0 AND public.r_even(n - 1); END$$;
CREATE FUNCTION next_label() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT count(*) + 1 FROM label); END$$;
CREATE TABLE label (n int PRIMARY KEY DEFAULT next_label(), even boolean DEFAULT r_even(4));
CREATE MATERIALIZED VIEW agents AS SELECT a_agent() AS agent, r_odd(3) AS odd;
