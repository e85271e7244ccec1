-- Stock is changed here: one round trip, rows locked in the order of their ids. The functions run
-- with the caller's rights. They look names up in the schema that was first in search_path at the
-- call, and nowhere else; an argument's default is evaluated before search_path is pinned.

-- What goes wrong has an SQLSTATE of ours, and its particulars as JSON in DETAIL:
--   WI001 insufficient stock, WI002 key reused, WI003 reservation closed, WI004 not sellable.

CREATE FUNCTION inventory_reserve(
    in_key uuid, in_location bigint, in_digest text, in_lines jsonb, in_ttl interval,
    in_schema name DEFAULT current_schema()
) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known record;
    shortages jsonb;
    today date;
    label text := jsonb_build_object('type', 'reserve', 'reference_type', 'reservation', 'reference_id', in_key)::text;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    INSERT INTO inventory_reservations (reservation_key, location_id, digest, expires_at)
    VALUES (in_key, in_location, in_digest, clock_timestamp() + in_ttl)
    ON CONFLICT (reservation_key) DO NOTHING;
    IF NOT FOUND THEN
        SELECT r.status, r.digest INTO known FROM inventory_reservations AS r WHERE r.reservation_key = in_key;
        IF known.digest <> in_digest THEN
            RAISE EXCEPTION 'key % has reserved something else', in_key
                USING ERRCODE = 'WI002', DETAIL = jsonb_build_object('key', in_key)::text;
        END IF;
        RETURN known.status;
    END IF;

    SELECT (clock_timestamp() AT TIME ZONE s.time_zone)::date INTO today
      FROM inventory_locations AS l JOIN stores AS s ON s.id = l.store_id WHERE l.id = in_location;

    PERFORM 1 FROM ocs_inventory AS i
      WHERE i.location_id = in_location AND i.lot_status = 'sellable'
        AND i.sku IN (SELECT w.sku FROM jsonb_to_recordset(in_lines) AS w (sku text, quantity integer))
      ORDER BY i.id
        FOR UPDATE;

    -- A new statement sees what the locks waited for. First expired, first out.
    INSERT INTO inventory_reservation_lines (reservation_key, inventory_id, sku, batch_lot, quantity)
    SELECT in_key, f.id, f.sku, f.batch_lot, least(f.quantity_available, w.quantity - f.before)
      FROM jsonb_to_recordset(in_lines) AS w (sku text, quantity integer)
      JOIN (
            SELECT i.id, i.sku, i.batch_lot, i.quantity_available,
                   sum(i.quantity_available) OVER (
                       PARTITION BY i.sku ORDER BY i.expires_on NULLS LAST, i.id
                   ) - i.quantity_available AS before
              FROM ocs_inventory AS i
             WHERE i.location_id = in_location AND i.lot_status = 'sellable'
               AND i.quantity_available > 0 AND coalesce(i.expires_on, today) >= today
               AND i.sku IN (SELECT w2.sku FROM jsonb_to_recordset(in_lines) AS w2 (sku text, quantity integer))
           ) AS f ON f.sku = w.sku AND f.before < w.quantity;

    SELECT jsonb_agg(jsonb_build_object('sku', w.sku, 'wanted', w.quantity, 'shortage', w.quantity - coalesce(l.held, 0))
                     ORDER BY w.sku)
      INTO shortages
      FROM jsonb_to_recordset(in_lines) AS w (sku text, quantity integer)
      LEFT JOIN (SELECT r.sku, sum(r.quantity) AS held FROM inventory_reservation_lines AS r
                  WHERE r.reservation_key = in_key GROUP BY r.sku) AS l ON l.sku = w.sku
     WHERE w.quantity > coalesce(l.held, 0);
    IF shortages IS NOT NULL THEN
        RAISE EXCEPTION 'not enough stock at location %', in_location
            USING ERRCODE = 'WI001', DETAIL = shortages::text;
    END IF;

    PERFORM set_config('weedgo.movement', label, true);
    UPDATE ocs_inventory AS i SET quantity_reserved = i.quantity_reserved + l.quantity
      FROM inventory_reservation_lines AS l
     WHERE l.reservation_key = in_key AND i.id = l.inventory_id;
    PERFORM set_config('weedgo.movement', '', true);
    RETURN 'active';
END;
$$;
COMMENT ON FUNCTION inventory_reserve(uuid, bigint, text, jsonb, interval, name) IS
    'Holds units of one or more SKUs at a location, first expired first out, all or nothing.';

CREATE FUNCTION inventory_close(
    in_key uuid, in_status text, in_reason text, in_actor bigint, in_schema name DEFAULT current_schema()
) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
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
    PERFORM set_config('weedgo.movement', jsonb_build_object(
        'type', CASE WHEN sold THEN 'sale' ELSE 'release' END, 'reference_type', 'reservation',
        'reference_id', in_key, 'reason', in_reason, 'actor', in_actor)::text, true);
    UPDATE ocs_inventory AS i
       SET quantity_reserved = i.quantity_reserved - l.quantity,
           quantity_on_hand = i.quantity_on_hand - CASE WHEN sold THEN l.quantity ELSE 0 END
      FROM inventory_reservation_lines AS l
     WHERE l.reservation_key = in_key AND i.id = l.inventory_id;
    PERFORM set_config('weedgo.movement', '', true);
    RETURN in_status;
END;
$$;
COMMENT ON FUNCTION inventory_close(uuid, text, text, bigint, name) IS
    'Sells (committed) or lets go (released, expired) what a reservation holds; again is no change. NULL: no such key.';

CREATE FUNCTION inventory_move(
    in_inventory bigint, in_delta integer, in_reserved_delta integer, in_type text,
    in_reference_type text, in_reference_id text, in_reason text, in_actor bigint,
    in_schema name DEFAULT current_schema()
) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    standing record;
    after_it integer;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    SELECT i.sku, i.quantity_on_hand, i.quantity_available INTO standing
      FROM ocs_inventory AS i WHERE i.id = in_inventory FOR UPDATE;
    IF standing IS NULL THEN
        RETURN NULL;
    ELSIF standing.quantity_available + in_delta - in_reserved_delta < 0 THEN
        RAISE EXCEPTION 'not enough stock of %', standing.sku
            USING ERRCODE = 'WI001', DETAIL = jsonb_build_array(jsonb_build_object(
                'sku', standing.sku, 'wanted', in_reserved_delta - in_delta,
                'shortage', in_reserved_delta - in_delta - standing.quantity_available))::text;
    END IF;
    PERFORM set_config('weedgo.movement', jsonb_build_object(
        'type', in_type, 'reference_type', in_reference_type, 'reference_id', in_reference_id,
        'reason', in_reason, 'actor', in_actor)::text, true);
    UPDATE ocs_inventory
       SET quantity_on_hand = quantity_on_hand + in_delta, quantity_reserved = quantity_reserved + in_reserved_delta
     WHERE id = in_inventory
    RETURNING quantity_on_hand INTO after_it;
    PERFORM set_config('weedgo.movement', '', true);
    RETURN after_it;
END;
$$;
COMMENT ON FUNCTION inventory_move(bigint, integer, integer, text, text, text, text, bigint, name) IS
    'Changes the counters of one stock row, with its reason; returns what is on hand, NULL for no such row.';

REVOKE ALL ON FUNCTION
    inventory_reserve(uuid, bigint, text, jsonb, interval, name),
    inventory_close(uuid, text, text, bigint, name),
    inventory_move(bigint, integer, integer, text, text, text, text, bigint, name)
    FROM PUBLIC;
