-- Taking tokens; the caller is ratelimit/services.py.

CREATE FUNCTION public.agi_rate_limit_take(rule_name text, bucket_key text, cost double precision DEFAULT NULL)
    RETURNS TABLE (
        within boolean, mode text, capacity double precision, remaining double precision,
        retry_after double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    rule public.agi_rate_limit_rules%ROWTYPE;
    most double precision;
    rate double precision;
    price double precision;
    hash bytea := sha256(convert_to(bucket_key, 'UTF8'));
    home text;
    left_over double precision;
    filled_at timestamptz;
BEGIN
    SELECT * INTO rule FROM public.agi_rate_limit_rules AS r
     WHERE r.name = rule_name AND r.enabled AND r.mode <> 'off'
       AND (r.starts_at IS NULL OR r.starts_at <= clock_timestamp())
       AND (r.ends_at IS NULL OR r.ends_at > clock_timestamp());
    IF NOT FOUND THEN
        -- What no rule limits is free.
        RETURN QUERY SELECT true, 'off', NULL::double precision, NULL::double precision, 0::double precision;
        RETURN;
    END IF;
    most := rule.capacity;
    rate := rule.refill_per_sec;
    price := coalesce(agi_rate_limit_take.cost, rule.default_cost);
    IF price < 0 THEN
        RAISE EXCEPTION 'a cost of % tokens is below zero', price USING ERRCODE = 'invalid_parameter_value';
    END IF;
    home := CASE WHEN rule.durable THEN 'agi_rate_limit_buckets_logged' ELSE 'agi_rate_limit_buckets' END;

    -- NaN counts as more than any capacity.
    IF price <= most THEN
        -- The clock is read when the row is locked, so that no time counts twice.
        EXECUTE format($take$
            INSERT INTO public.%I AS b (rule_id, key_hash, tokens, updated_at)
            VALUES ($1, $2, $3 - $5, clock_timestamp())
            ON CONFLICT (rule_id, shard, key_hash) DO UPDATE
               SET tokens = least($3, b.tokens
                       + $4 * greatest(0, extract(epoch FROM clock_timestamp() - b.updated_at))) - $5,
                   updated_at = clock_timestamp()
             WHERE least($3, b.tokens
                       + $4 * greatest(0, extract(epoch FROM clock_timestamp() - b.updated_at))) >= $5
            RETURNING tokens $take$, home)
        INTO left_over USING rule.id, hash, most, rate, price;
        IF left_over IS NOT NULL THEN
            RETURN QUERY SELECT true, rule.mode::text, most, left_over, 0::double precision;
            RETURN;
        END IF;
    END IF;

    EXECUTE format(
        'SELECT tokens, updated_at FROM public.%I WHERE rule_id = $1 AND shard = 0 AND key_hash = $2', home)
    INTO left_over, filled_at USING rule.id, hash;
    IF filled_at > clock_timestamp() THEN
        -- The clock was put back; the bucket would not fill until it is there again.
        EXECUTE format($clamp$
            UPDATE public.%I SET updated_at = clock_timestamp()
             WHERE rule_id = $1 AND shard = 0 AND key_hash = $2 AND updated_at > clock_timestamp() $clamp$, home)
        USING rule.id, hash;
    END IF;
    left_over := least(most, coalesce(left_over, most)
        + rate * greatest(0, extract(epoch FROM clock_timestamp() - filled_at)));
    RETURN QUERY SELECT false, rule.mode::text, most, left_over,
        CASE WHEN price <= most AND rate > 0 THEN greatest(0, (price - left_over) / rate)
             ELSE 'Infinity'::double precision END;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_take(text, text, double precision) IS
    'Takes tokens from a key''s bucket if it holds enough; a refused call takes nothing.';

CREATE FUNCTION public.rate_limit_take(rule_name text, bucket_key text, cost double precision DEFAULT 1)
    RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT within OR mode = 'shadow' FROM public.agi_rate_limit_take(rule_name, bucket_key, cost)
$$;
COMMENT ON FUNCTION public.rate_limit_take(text, text, double precision) IS
    'Takes tokens from a bucket if it holds enough; a refused call changes nothing.';

REVOKE ALL ON FUNCTION
    public.agi_rate_limit_take(text, text, double precision),
    public.rate_limit_take(text, text, double precision) FROM PUBLIC;
