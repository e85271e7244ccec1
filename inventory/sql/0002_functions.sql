-- Stock is changed here: one round trip, rows locked in the order of their ids. The functions run
-- with the caller's rights. They look names up in the schema that was first in search_path at the
-- call, and nowhere else; an argument's default is evaluated before search_path is pinned. Their
-- statements are planned once in a session: planning took longer than what is planned.

-- What goes wrong has an SQLSTATE of ours, and its particulars as JSON in DETAIL:
--   WI001 insufficient stock, WI002 key reused, WI003 reservation closed, WI004 not sellable.

CREATE FUNCTION inventory_close(
    in_key uuid, in_status text, in_reason text, in_label jsonb, in_schema name DEFAULT current_schema()
) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    standing text;
    held text;
    sold boolean := in_status = 'committed';
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    SELECT r.status INTO standing FROM inventory_reservations AS r WHERE r.reservation_key = in_key FOR UPDATE;
    IF standing IS NULL THEN
        RETURN NULL;
    ELSIF standing = in_status THEN
        RETURN standing;
    ELSIF standing <> 'active' THEN
        RAISE EXCEPTION 'reservation % is % already', in_key, standing
            USING ERRCODE = 'WI003', DETAIL = jsonb_build_object('key', in_key, 'status', standing)::text;
    END IF;
    PERFORM 1 FROM ocs_inventory AS i
      WHERE i.id IN (SELECT l.inventory_id FROM inventory_reservation_lines AS l WHERE l.reservation_key = in_key)
      ORDER BY i.id
        FOR UPDATE;
    IF sold THEN
        SELECT min(i.sku || ' lot ' || i.batch_lot || ' is ' || i.lot_status) INTO held
          FROM ocs_inventory AS i JOIN inventory_reservation_lines AS l ON l.inventory_id = i.id
         WHERE l.reservation_key = in_key AND i.lot_status <> 'sellable';
        IF held IS NOT NULL THEN
            RAISE EXCEPTION 'reservation %: %', in_key, held
                USING ERRCODE = 'WI004', DETAIL = jsonb_build_object('key', in_key, 'lot', held)::text;
        END IF;
    END IF;
    UPDATE inventory_reservations SET status = in_status, closed_at = clock_timestamp(), closed_reason = in_reason
     WHERE reservation_key = in_key;
    PERFORM set_config('weedgo.movement', in_label::text, true);
    UPDATE ocs_inventory AS i
       SET quantity_reserved = i.quantity_reserved - l.quantity,
           quantity_on_hand = i.quantity_on_hand - CASE WHEN sold THEN l.quantity ELSE 0 END
      FROM inventory_reservation_lines AS l
     WHERE l.reservation_key = in_key AND i.id = l.inventory_id;
    PERFORM set_config('weedgo.movement', '', true);
    RETURN in_status;
END;
$$;
COMMENT ON FUNCTION inventory_close(uuid, text, text, jsonb, name) IS
    'Sells (committed) or lets go (released, expired) what a reservation holds; again is no change. NULL: no such key.';

CREATE FUNCTION inventory_expire_for(
    in_location bigint, in_skus text[], in_schema name DEFAULT current_schema()
) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    due uuid;
    lines integer;
    locked integer;
    expired integer := 0;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    -- Who asks holds locks on stock already, so nothing here waits for a lock.
    FOR due IN
        SELECT r.reservation_key FROM inventory_reservations AS r
         WHERE r.status = 'active' AND r.expires_at <= clock_timestamp() AND r.location_id = in_location
           AND EXISTS (SELECT FROM inventory_reservation_lines AS l
                        WHERE l.reservation_key = r.reservation_key AND l.sku = ANY (in_skus))
         ORDER BY r.expires_at
         LIMIT 100
           FOR UPDATE SKIP LOCKED
    LOOP
        SELECT count(*) INTO lines FROM inventory_reservation_lines AS l WHERE l.reservation_key = due;
        SELECT count(*) INTO locked FROM (
            SELECT i.id FROM ocs_inventory AS i
             WHERE i.id IN (SELECT l.inventory_id FROM inventory_reservation_lines AS l WHERE l.reservation_key = due)
               FOR UPDATE SKIP LOCKED) AS mine;
        CONTINUE WHEN locked < lines;
        PERFORM inventory_close(due, 'expired', 'expired', jsonb_build_object(
            'type', 'release', 'reference_type', 'reservation', 'reference_id', due, 'reason', 'expired'), in_schema);
        expired := expired + 1;
    END LOOP;
    RETURN expired;
END;
$$;
COMMENT ON FUNCTION inventory_expire_for(bigint, text[], name) IS
    'Lets go what was held for too long at a location, for somebody who wants those SKUs; waits for nobody.';

CREATE FUNCTION inventory_reserve(
    in_key uuid, in_location bigint, in_digest text, in_skus text[], in_units integer[], in_ttl interval,
    in_schema name DEFAULT current_schema()
) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    standing record;
    taken record;
    shortages jsonb;
    set_to text;
BEGIN
    -- An assignment is evaluated at once; PERFORM would be a query.
    set_to := set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    INSERT INTO inventory_reservations AS r (reservation_key, location_id, digest, expires_at)
    VALUES (in_key, in_location, in_digest, clock_timestamp() + in_ttl)
    ON CONFLICT (reservation_key) DO NOTHING
    RETURNING r.* INTO standing;
    IF NOT FOUND THEN
        SELECT r.* INTO standing FROM inventory_reservations AS r WHERE r.reservation_key = in_key;
        IF standing.digest <> in_digest THEN
            RAISE EXCEPTION 'key % has reserved something else', in_key
                USING ERRCODE = 'WI002', DETAIL = jsonb_build_object('key', in_key)::text;
        END IF;
        RETURN to_jsonb(standing);
    END IF;

    FOR try IN 1..2 LOOP
        -- A row that had to be waited for comes as it is once its lock is held.
        WITH place AS MATERIALIZED (
            SELECT l.kind, l.code, (clock_timestamp() AT TIME ZONE s.time_zone)::date AS today
              FROM inventory_locations AS l JOIN stores AS s ON s.id = l.store_id WHERE l.id = in_location
        ), locked AS MATERIALIZED (
            SELECT i.id, i.sku, i.batch_lot, i.quantity_available AS free, i.expires_on
              FROM ocs_inventory AS i
             WHERE i.location_id = in_location AND i.lot_status = 'sellable' AND i.sku = ANY (in_skus)
             ORDER BY i.id
               FOR UPDATE
        ), first_expired AS (
            SELECT k.id, k.sku, k.batch_lot, k.free,
                   sum(k.free) OVER (PARTITION BY k.sku ORDER BY k.expires_on NULLS LAST, k.id) - k.free AS before
              FROM locked AS k, place AS p
             WHERE k.free > 0 AND coalesce(k.expires_on, p.today) >= p.today
        ), held AS (
            SELECT f.id, f.sku, f.batch_lot, least(f.free, w.units - f.before)::integer AS units
              FROM unnest(in_skus, in_units) AS w (sku, units)
              JOIN first_expired AS f ON f.sku = w.sku AND f.before < w.units
        )
        SELECT (SELECT p.kind FROM place AS p) AS kind, (SELECT p.code FROM place AS p) AS code,
               array_agg(h.id) AS ids, array_agg(h.sku) AS skus, array_agg(h.batch_lot) AS lots,
               array_agg(h.units) AS units, coalesce(sum(h.units), 0) AS total
          INTO taken FROM held AS h;
        IF taken.kind IN ('in_transit', 'quarantine') THEN
            RAISE EXCEPTION 'nothing is sold from %: it is %', taken.code, replace(taken.kind, '_', ' ')
                USING ERRCODE = 'WI004', DETAIL = jsonb_build_object('location', in_location)::text;
        END IF;
        EXIT WHEN taken.total = (SELECT sum(u) FROM unnest(in_units) AS u);
        CONTINUE WHEN try = 1 AND inventory_expire_for(in_location, in_skus, in_schema) > 0;
        SELECT jsonb_agg(jsonb_build_object('sku', w.sku, 'wanted', w.units, 'shortage', w.units - coalesce(h.units, 0))
                         ORDER BY w.sku)
          INTO shortages
          FROM unnest(in_skus, in_units) AS w (sku, units)
          LEFT JOIN (SELECT t.sku, sum(t.units) AS units FROM unnest(taken.skus, taken.units) AS t (sku, units)
                      GROUP BY t.sku) AS h ON h.sku = w.sku
         WHERE w.units > coalesce(h.units, 0);
        RAISE EXCEPTION 'not enough stock at location %', in_location
            USING ERRCODE = 'WI001', DETAIL = shortages::text;
    END LOOP;

    INSERT INTO inventory_reservation_lines (tenant_id, reservation_key, inventory_id, sku, batch_lot, quantity)
    SELECT standing.tenant_id, in_key, t.* FROM unnest(taken.ids, taken.skus, taken.lots, taken.units) AS t;
    set_to := set_config('weedgo.movement', jsonb_build_object(
        'type', 'reserve', 'reference_type', 'reservation', 'reference_id', in_key)::text, true);
    -- By keys: a join would read the whole table, as it does not know how few they are.
    UPDATE ocs_inventory AS i
       SET quantity_reserved = i.quantity_reserved + taken.units[array_position(taken.ids, i.id)]
     WHERE i.id = ANY (taken.ids);
    set_to := set_config('weedgo.movement', '', true);
    RETURN to_jsonb(standing);
END;
$$;
COMMENT ON FUNCTION inventory_reserve(uuid, bigint, text, text[], integer[], interval, name) IS
    'Holds units of one or more SKUs at a location, first expired first out, all or nothing; returns the reservation.';

CREATE FUNCTION inventory_move(
    in_inventory bigint, in_delta integer, in_label jsonb, in_schema name DEFAULT current_schema()
) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    standing record;
    after_it integer;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    SELECT i.sku, i.quantity_available INTO standing FROM ocs_inventory AS i WHERE i.id = in_inventory FOR UPDATE;
    IF standing IS NULL THEN
        RETURN NULL;
    ELSIF standing.quantity_available + in_delta < 0 THEN
        RAISE EXCEPTION 'not enough stock of %', standing.sku
            USING ERRCODE = 'WI001', DETAIL = jsonb_build_array(jsonb_build_object(
                'sku', standing.sku, 'wanted', -in_delta,
                'shortage', -in_delta - standing.quantity_available))::text;
    END IF;
    PERFORM set_config('weedgo.movement', in_label::text, true);
    UPDATE ocs_inventory SET quantity_on_hand = quantity_on_hand + in_delta WHERE id = in_inventory
    RETURNING quantity_on_hand INTO after_it;
    PERFORM set_config('weedgo.movement', '', true);
    RETURN after_it;
END;
$$;
COMMENT ON FUNCTION inventory_move(bigint, integer, jsonb, name) IS
    'Changes what is on hand of one stock row, with its reason; returns what it is then, NULL for no such row.';

REVOKE ALL ON FUNCTION
    inventory_reserve(uuid, bigint, text, text[], integer[], interval, name),
    inventory_expire_for(bigint, text[], name),
    inventory_close(uuid, text, text, jsonb, name),
    inventory_move(bigint, integer, jsonb, name)
    FROM PUBLIC;
