-- How a bucket is split. The body is parsed when it is made, so no search_path can change it, and
-- the planner may put it in place.

CREATE FUNCTION public.agi_rate_limit_share(most double precision, shards integer, part integer)
    RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN shards = 1 THEN most ELSE
        floor(most / shards)
        + CASE WHEN part < floor(most) - shards * floor(most / shards) THEN 1 ELSE 0 END
        + CASE part WHEN 0 THEN most - floor(most) ELSE 0 END END;
COMMENT ON FUNCTION public.agi_rate_limit_share(double precision, integer, integer) IS
    'The capacity of one of the shards of a bucket; they add up to the whole.';
REVOKE ALL ON FUNCTION public.agi_rate_limit_share(double precision, integer, integer) FROM PUBLIC;
