-- Taking tokens by one rule or several at once; the caller is ratelimit/store.py.

CREATE FUNCTION public.agi_rate_limit_one(
        rule public.agi_rate_limit_rules, hash bytea, price double precision, owner text,
        taking boolean, OUT within boolean, OUT remaining double precision)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most double precision := rule.capacity;
    rate double precision := rule.refill_per_sec;
    seen record;
BEGIN
    IF rule.durable THEN
        seen := public.agi_rate_limit_peek_logged(rule.id, hash, price, most, rate, rule.shards);
    ELSE
        seen := public.agi_rate_limit_peek(rule.id, hash, price, most, rate, rule.shards);
    END IF;
    remaining := seen.total;
    -- NaN counts as more than any capacity.
    within := price <= seen.total + 1e-9;
    IF seen.ahead AND NOT within THEN
        PERFORM public.agi_rate_limit_put_back(rule.id, hash);
    END IF;
    -- A refusal ends here, without a lock.
    IF NOT (within AND taking AND price > 0) THEN
        RETURN;
    END IF;
    IF rule.shards > 1 THEN
        within := public.agi_rate_limit_spread(rule, hash, price, owner, seen.chosen);
        remaining := seen.total - CASE WHEN within THEN price ELSE 0 END;
        RETURN;
    END IF;
    IF rule.durable THEN
        remaining := public.agi_rate_limit_draw_logged(rule.id, 0, hash, price, most, rate, owner, seen.stands);
    ELSE
        remaining := public.agi_rate_limit_draw(rule.id, 0, hash, price, most, rate, owner, seen.stands);
    END IF;
    within := remaining IS NOT NULL;
    IF NOT within THEN
        -- Others were faster.
        SELECT o.remaining INTO remaining
          FROM public.agi_rate_limit_one(rule, hash, price, owner, false) AS o;
    END IF;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_one(public.agi_rate_limit_rules, bytea, double precision, text, boolean) IS
    'What a key holds by a rule, and whether that is enough; takes it if asked to.';

CREATE FUNCTION public.agi_rate_limit_spread(
        rule public.agi_rate_limit_rules, hash bytea, price double precision, owner text, chosen integer)
    RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most double precision := rule.capacity;
    rate double precision := rule.refill_per_sec;
    share double precision := public.agi_rate_limit_share(most, rule.shards, chosen);
    left_over double precision;
    enough boolean;
BEGIN
    -- A shard that was asked in vain stays locked until the savepoint is undone; who then asks them
    -- all, in their order, must hold none.
    IF chosen IS NOT NULL THEN
        BEGIN
            IF rule.durable THEN
                left_over := public.agi_rate_limit_draw_logged(
                    rule.id, chosen, hash, price, share, rate * share / most, owner);
            ELSE
                left_over := public.agi_rate_limit_draw(
                    rule.id, chosen, hash, price, share, rate * share / most, owner);
            END IF;
            IF left_over IS NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'RL001';
            END IF;
            RETURN true;
        EXCEPTION WHEN SQLSTATE 'RL001' THEN NULL;
        END;
    END IF;
    BEGIN
        IF rule.durable THEN
            enough := public.agi_rate_limit_gather_logged(rule.id, hash, price, most, rate, rule.shards, owner);
        ELSE
            enough := public.agi_rate_limit_gather(rule.id, hash, price, most, rate, rule.shards, owner);
        END IF;
        IF NOT enough THEN
            RAISE EXCEPTION USING ERRCODE = 'RL001';
        END IF;
        RETURN true;
    EXCEPTION WHEN SQLSTATE 'RL001' THEN
        RETURN false;
    END;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_spread(public.agi_rate_limit_rules, bytea, double precision, text, integer) IS
    'Takes tokens from the chosen shard, or from several where none has enough.';

CREATE FUNCTION public.agi_rate_limit_put_back(rule bigint, hash bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.agi_rate_limit_buckets AS b SET updated_at = clock_timestamp()
     WHERE b.rule_id = rule AND b.key_hash = hash AND b.updated_at > clock_timestamp();
    UPDATE public.agi_rate_limit_buckets_logged AS b SET updated_at = clock_timestamp()
     WHERE b.rule_id = rule AND b.key_hash = hash AND b.updated_at > clock_timestamp();
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_put_back(bigint, bytea) IS
    'Dates buckets anew that are dated in the future: the clock was put back, and they would not fill.';

CREATE FUNCTION public.agi_rate_limit_asked(
        rules bigint[], hashes bytea[], costs double precision[], owners text[])
    RETURNS TABLE (rule public.agi_rate_limit_rules, hash bytea, price double precision, owner text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- In one order for all, so that no two wait for each other.
    RETURN QUERY
        SELECT r, a.hash, coalesce(a.cost, r.default_cost::double precision), a.owner
          FROM unnest(rules, hashes, costs, owners) AS a(id, hash, cost, owner)
          JOIN public.agi_rate_limit_rules AS r ON r.id = a.id
         WHERE r.enabled AND r.mode <> 'off'
           AND (r.starts_at IS NULL OR r.starts_at <= clock_timestamp())
           AND (r.ends_at IS NULL OR r.ends_at > clock_timestamp())
         ORDER BY r.durable, r.id, a.hash;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_asked(bigint[], bytea[], double precision[], text[]) IS
    'The rules that are in force among those asked for, in the order in which buckets are locked.';

CREATE FUNCTION public.agi_rate_limit_take_all(
        rules bigint[], hashes bytea[], costs double precision[], owners text[],
        taking boolean DEFAULT true)
    RETURNS TABLE (
        rule_id bigint, mode text, within boolean, taken boolean, capacity double precision,
        remaining double precision, rate double precision, price double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record;
    got record;
    lone public.agi_rate_limit_rules;
    refused boolean := false;
    limits integer := 0;
    left_over double precision[] := '{}';
BEGIN
    IF 0 > ANY (costs) THEN
        RAISE EXCEPTION 'a cost is below zero' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF cardinality(rules) = 1 THEN
        -- One rule needs no savepoint, and mostly there is a bucket that holds enough.
        SELECT r.* INTO lone FROM public.agi_rate_limit_rules AS r
         WHERE r.id = rules[1] AND r.enabled AND r.mode <> 'off'
           AND (r.starts_at IS NULL OR r.starts_at <= clock_timestamp())
           AND (r.ends_at IS NULL OR r.ends_at > clock_timestamp());
        IF NOT FOUND THEN
            RETURN;
        END IF;
        rule_id := lone.id; mode := lone.mode; capacity := lone.capacity; rate := lone.refill_per_sec;
        price := coalesce(costs[1], lone.default_cost);
        IF taking AND price > 0 AND lone.shards = 1 THEN
            IF lone.durable THEN
                remaining := public.agi_rate_limit_draw_logged(
                    lone.id, 0, hashes[1], price, capacity, rate, owners[1], NULL);
            ELSE
                remaining := public.agi_rate_limit_draw(
                    lone.id, 0, hashes[1], price, capacity, rate, owners[1], NULL);
            END IF;
        END IF;
        within := remaining IS NOT NULL;
        IF NOT within THEN
            got := public.agi_rate_limit_one(lone, hashes[1], price, owners[1], taking);
            within := got.within; remaining := got.remaining;
        END IF;
        taken := taking AND within;
        RETURN NEXT;
        RETURN;
    END IF;
    -- A refusal is found without a lock, mostly; else the savepoint takes back what was taken.
    BEGIN
        FOR asked IN SELECT * FROM public.agi_rate_limit_asked(rules, hashes, costs, owners)
                      WHERE (rule).mode = 'enforce' LOOP
            got := public.agi_rate_limit_one(asked.rule, asked.hash, asked.price, asked.owner, false);
            refused := refused OR NOT got.within;
        END LOOP;
        FOR asked IN SELECT * FROM public.agi_rate_limit_asked(rules, hashes, costs, owners)
                      WHERE (rule).mode = 'enforce' AND taking AND NOT refused LOOP
            got := public.agi_rate_limit_one(asked.rule, asked.hash, asked.price, asked.owner, true);
            IF NOT got.within THEN
                RAISE EXCEPTION USING ERRCODE = 'RL001';
            END IF;
            left_over := left_over || got.remaining;
        END LOOP;
    EXCEPTION WHEN SQLSTATE 'RL001' THEN
        refused := true;
    END;
    FOR asked IN SELECT * FROM public.agi_rate_limit_asked(rules, hashes, costs, owners) LOOP
        rule_id := (asked.rule).id; mode := (asked.rule).mode; capacity := (asked.rule).capacity;
        rate := (asked.rule).refill_per_sec; price := asked.price;
        taken := taking AND NOT refused;
        IF mode = 'enforce' AND taken THEN
            limits := limits + 1;
            within := true;
            remaining := left_over[limits];
        ELSE
            got := public.agi_rate_limit_one(asked.rule, asked.hash, asked.price, asked.owner, taken);
            within := got.within;
            remaining := got.remaining;
            taken := taken AND within;
        END IF;
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_take_all(bigint[], bytea[], double precision[], text[], boolean) IS
    'Takes tokens by all rules that limit, or by none; those that only count are asked one by one.';

CREATE OR REPLACE FUNCTION public.agi_rate_limit_take(rule_name text, bucket_key text, cost double precision DEFAULT NULL)
    RETURNS TABLE (
        within boolean, mode text, capacity double precision, remaining double precision,
        retry_after double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT t.within, t.mode, t.capacity, t.remaining,
               CASE WHEN t.within THEN 0
                    WHEN t.price <= t.capacity AND t.rate > 0 THEN greatest(0, (t.price - t.remaining) / t.rate)
                    ELSE 'Infinity'::double precision END
          FROM public.agi_rate_limit_take_all(
              ARRAY(SELECT r.id FROM public.agi_rate_limit_rules AS r WHERE r.name = rule_name),
              ARRAY[sha256(convert_to(bucket_key, 'UTF8'))], ARRAY[agi_rate_limit_take.cost],
              ARRAY[NULL::text]) AS t;
    IF NOT FOUND THEN
        -- What no rule limits is free.
        RETURN QUERY SELECT true, 'off', NULL::double precision, NULL::double precision, 0::double precision;
    END IF;
END;
$$;

REVOKE ALL ON FUNCTION
    public.agi_rate_limit_one(public.agi_rate_limit_rules, bytea, double precision, text, boolean),
    public.agi_rate_limit_spread(public.agi_rate_limit_rules, bytea, double precision, text, integer),
    public.agi_rate_limit_put_back(bigint, bytea),
    public.agi_rate_limit_asked(bigint[], bytea[], double precision[], text[]),
    public.agi_rate_limit_take_all(bigint[], bytea[], double precision[], text[], boolean) FROM PUBLIC;
