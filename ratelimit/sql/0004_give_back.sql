-- What a process took ahead and did not give out goes back; the caller is ratelimit/worker.py.

CREATE FUNCTION public.agi_rate_limit_give_back(rules bigint[], hashes bytea[], tokens double precision[])
    RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH back AS (
        SELECT r.id, r.capacity::double precision AS most, r.refill_per_sec::double precision AS rate,
               g.hash, sum(g.tokens) AS tokens
          FROM unnest(agi_rate_limit_give_back.rules, hashes, agi_rate_limit_give_back.tokens) AS g (id, hash, tokens)
          JOIN public.agi_rate_limit_rules AS r ON r.id = g.id
         WHERE g.tokens > 0 AND r.lease > 0
         GROUP BY r.id, g.hash
    ), plain AS (
        UPDATE public.agi_rate_limit_buckets AS b
           SET tokens = least(k.most, b.tokens + k.tokens)
          FROM back AS k WHERE b.rule_id = k.id AND b.shard = 0 AND b.key_hash = k.hash
        RETURNING 1
    ), durable AS (
        UPDATE public.agi_rate_limit_buckets_logged AS b
           SET tokens = least(k.most, b.tokens + k.tokens)
          FROM back AS k WHERE b.rule_id = k.id AND b.shard = 0 AND b.key_hash = k.hash
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM plain) + (SELECT count(*) FROM durable)
$$;
COMMENT ON FUNCTION public.agi_rate_limit_give_back(bigint[], bytea[], double precision[]) IS
    'Gives tokens back that a process took ahead by a lease; returns to how many buckets.';
REVOKE ALL ON FUNCTION public.agi_rate_limit_give_back(bigint[], bytea[], double precision[]) FROM PUBLIC;
