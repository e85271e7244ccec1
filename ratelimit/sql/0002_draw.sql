-- Reading and taking tokens of one table of buckets; made twice, for `{buckets}` by `{suffix}`.
-- A bucket of n shards is n rows with a share each, whole tokens where the capacity is whole.

CREATE FUNCTION public.agi_rate_limit_peek{suffix}(
        rule bigint, hash bytea, price double precision, most double precision,
        rate double precision, shards integer,
        OUT total double precision, OUT chosen integer, OUT stands boolean, OUT ahead boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF shards = 1 THEN
        SELECT least(most, b.tokens + rate * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at))),
               b.updated_at > clock_timestamp()
          INTO total, ahead
          FROM public.{buckets} AS b
         WHERE b.rule_id = rule AND b.shard = 0 AND b.key_hash = hash;
        stands := FOUND;
        total := coalesce(total, most);
        chosen := CASE WHEN total + 1e-9 >= price THEN 0 END;
        RETURN;
    END IF;
    SELECT sum(s.held), coalesce(bool_or(s.ahead), false),
           -- Any of those that hold enough, so that nobody waits for the same row.
           (array_agg(s.shard ORDER BY random()) FILTER (WHERE s.held + 1e-9 >= price))[1]
      INTO total, ahead, chosen
      FROM (SELECT i AS shard, b.updated_at > clock_timestamp() AS ahead,
                   least(p.share, coalesce(b.tokens + rate * p.share / most
                       * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at)), p.share)) AS held
              FROM generate_series(0, shards - 1) AS i
             CROSS JOIN LATERAL public.agi_rate_limit_share(most, shards, i) AS p(share)
              LEFT JOIN public.{buckets} AS b ON b.rule_id = rule AND b.shard = i AND b.key_hash = hash
           ) AS s;
    stands := true;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_peek{suffix}(bigint, bytea, double precision, double precision, double precision, integer) IS
    'What a key holds by now, read without a lock, and the shard that has enough.';

CREATE FUNCTION public.agi_rate_limit_draw{suffix}(
        rule bigint, part integer, hash bytea, price double precision, share double precision,
        rate double precision, owner text, stands boolean DEFAULT true)
    RETURNS double precision
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    left_over double precision;
BEGIN
    -- The clock is read when the row is locked, so that no time counts twice; a row that was dated
    -- in the future, before the clock was put back, is dated anew. Fractions add up to less than
    -- themselves: what lacks a billionth is enough.
    IF stands IS NOT FALSE THEN
        UPDATE public.{buckets} AS b
           SET tokens = greatest(0, least(share, b.tokens
                   + rate * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at))) - price),
               updated_at = clock_timestamp()
         WHERE b.rule_id = rule AND b.shard = part AND b.key_hash = hash
           AND least(share, b.tokens
                   + rate * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at))) + 1e-9 >= price
        RETURNING b.tokens INTO left_over;
        IF FOUND OR stands IS NULL THEN
            RETURN left_over;
        END IF;
    END IF;
    INSERT INTO public.{buckets} AS b (rule_id, shard, key_hash, tokens, updated_at, tenant)
    VALUES (rule, part, hash, greatest(0, share - price), clock_timestamp(), owner)
    ON CONFLICT (rule_id, shard, key_hash) DO UPDATE
       SET tokens = greatest(0, least(share, b.tokens
               + rate * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at))) - price),
           updated_at = clock_timestamp()
     WHERE least(share, b.tokens
               + rate * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at))) + 1e-9 >= price
    RETURNING b.tokens INTO left_over;
    RETURN left_over;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_draw{suffix}(bigint, integer, bytea, double precision, double precision, double precision, text, boolean) IS
    'Takes tokens from one shard and returns what is left; NULL, and nothing taken, where it holds too few. With stands NULL only from a row that is there, without a lock where it holds too few.';

CREATE FUNCTION public.agi_rate_limit_gather{suffix}(
        rule bigint, hash bytea, price double precision, most double precision,
        rate double precision, shards integer, owner text)
    RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lacking double precision := price;
    share double precision;
    held double precision;
    filled_at timestamptz;
BEGIN
    -- In the order of shards, as all who hold several do.
    FOR part IN 0..shards - 1 LOOP
        share := public.agi_rate_limit_share(most, shards, part);
        INSERT INTO public.{buckets} (rule_id, shard, key_hash, tokens, updated_at, tenant)
        VALUES (rule, part, hash, share, clock_timestamp(), owner)
        ON CONFLICT (rule_id, shard, key_hash) DO NOTHING;
        SELECT b.tokens, b.updated_at INTO held, filled_at FROM public.{buckets} AS b
         WHERE b.rule_id = rule AND b.shard = part AND b.key_hash = hash FOR UPDATE;
        held := least(share, held + rate * share / most
            * greatest(0, date_part('epoch', clock_timestamp() - filled_at)));
        UPDATE public.{buckets} AS b
           SET tokens = greatest(0, held - lacking), updated_at = clock_timestamp()
         WHERE b.rule_id = rule AND b.shard = part AND b.key_hash = hash;
        lacking := lacking - held;
        EXIT WHEN lacking <= 1e-9;
    END LOOP;
    RETURN lacking <= 1e-9;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_gather{suffix}(bigint, bytea, double precision, double precision, double precision, integer, text) IS
    'Takes tokens from several shards; whether there were enough. If not, the caller rolls back.';

CREATE FUNCTION public.agi_rate_limit_clean{suffix}(after_id bigint, batch integer)
    RETURNS TABLE (last_id bigint, deleted bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH span AS (
        SELECT b.id FROM public.{buckets} AS b WHERE b.id > after_id ORDER BY b.id LIMIT batch
    ), full_ones AS (
        -- Whoever takes from a bucket at this moment keeps it; what was taken meanwhile is seen
        -- here, as the row is read again once it is locked.
        SELECT b.id FROM public.{buckets} AS b
          JOIN public.agi_rate_limit_rules AS r ON r.id = b.rule_id
         CROSS JOIN LATERAL public.agi_rate_limit_share(r.capacity::double precision, r.shards, b.shard) AS s(share)
         WHERE b.id IN (SELECT s.id FROM span AS s)
           AND b.tokens + r.refill_per_sec::double precision / r.capacity::double precision * s.share
               * greatest(0, date_part('epoch', clock_timestamp() - b.updated_at)) >= s.share
           FOR UPDATE OF b SKIP LOCKED
    ), gone AS (
        DELETE FROM public.{buckets} AS b USING full_ones AS f WHERE b.id = f.id RETURNING b.id
    )
    SELECT (SELECT max(s.id) FROM span AS s), (SELECT count(*) FROM gone)
$$;
COMMENT ON FUNCTION public.agi_rate_limit_clean{suffix}(bigint, integer) IS
    'Deletes the full buckets among the next ones by id: a full bucket needs no row.';

REVOKE ALL ON FUNCTION
    public.agi_rate_limit_peek{suffix}(bigint, bytea, double precision, double precision, double precision, integer),
    public.agi_rate_limit_draw{suffix}(bigint, integer, bytea, double precision, double precision, double precision, text, boolean),
    public.agi_rate_limit_gather{suffix}(bigint, bytea, double precision, double precision, double precision, integer, text),
    public.agi_rate_limit_clean{suffix}(bigint, integer) FROM PUBLIC;
