-- The same functions where the tables may be on another node of a Citus cluster: what the ledger's
-- trigger is told by a setting is told where the rows are, by a query that is run there. Elsewhere
-- nothing but a comparison is added. Citus plans some statements only by the values at hand.

CREATE OR REPLACE FUNCTION inventory_close(
    in_key uuid, in_status text, in_reason text, in_label jsonb, in_schema name DEFAULT current_schema()
) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clustered constant boolean := current_setting('citus.propagate_set_commands', true) IS NOT NULL;
    standing text;
    held text;
    sold boolean := in_status = 'committed';
    closing timestamptz;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    IF clustered THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
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
    closing := clock_timestamp();
    UPDATE inventory_reservations SET status = in_status, closed_at = closing, closed_reason = in_reason
     WHERE reservation_key = in_key;
    IF clustered THEN
        PERFORM set_config('weedgo.movement', in_label::text, true) FROM inventory_reservations AS r WHERE r.reservation_key = in_key;
    ELSE
        PERFORM set_config('weedgo.movement', in_label::text, true);
    END IF;
    UPDATE ocs_inventory AS i
       SET quantity_reserved = i.quantity_reserved - l.quantity,
           quantity_on_hand = i.quantity_on_hand - CASE WHEN sold THEN l.quantity ELSE 0 END
      FROM inventory_reservation_lines AS l
     WHERE l.reservation_key = in_key AND i.id = l.inventory_id;
    IF clustered THEN
        PERFORM set_config('weedgo.movement', '', true) FROM inventory_reservations AS r WHERE r.reservation_key = in_key;
    ELSE
        PERFORM set_config('weedgo.movement', '', true);
    END IF;
    RETURN in_status;
END;
$$;

CREATE OR REPLACE FUNCTION inventory_reserve(
    in_key uuid, in_location bigint, in_digest text, in_skus text[], in_units integer[], in_ttl interval,
    in_schema name DEFAULT current_schema()
) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clustered constant boolean := current_setting('citus.propagate_set_commands', true) IS NOT NULL;
    standing record;
    taken record;
    mine bigint[];
    shortages jsonb;
    set_to text;
BEGIN
    -- An assignment is evaluated at once; PERFORM would be a query.
    set_to := set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    IF clustered THEN
        set_to := set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
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
               AND (mine IS NULL OR i.id = ANY (mine))
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
               array_agg(h.units) AS units, coalesce(sum(h.units), 0) AS total,
               (SELECT array_agg(k.id) FROM locked AS k) AS locked
          INTO taken FROM held AS h;
        IF taken.kind IN ('in_transit', 'quarantine') THEN
            RAISE EXCEPTION 'nothing is sold from %: it is %', taken.code, replace(taken.kind, '_', ' ')
                USING ERRCODE = 'WI004', DETAIL = jsonb_build_object('location', in_location)::text;
        END IF;
        EXIT WHEN taken.total = (SELECT sum(u) FROM unnest(in_units) AS u);
        -- Not those that can be sold since a moment ago: their locks would be out of order.
        mine := coalesce(taken.locked, '{}');
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
    IF clustered THEN
        PERFORM set_config('weedgo.movement', jsonb_build_object(
        'type', 'reserve', 'reference_type', 'reservation', 'reference_id', in_key)::text, true) FROM inventory_reservations AS r WHERE r.reservation_key = in_key;
    ELSE
        set_to := set_config('weedgo.movement', jsonb_build_object(
        'type', 'reserve', 'reference_type', 'reservation', 'reference_id', in_key)::text, true);
    END IF;
    -- By keys: a join would read the whole table, as it does not know how few they are.
    UPDATE ocs_inventory AS i
       SET quantity_reserved = i.quantity_reserved + taken.units[array_position(taken.ids, i.id)]
     WHERE i.id = ANY (taken.ids);
    IF clustered THEN
        PERFORM set_config('weedgo.movement', '', true) FROM inventory_reservations AS r WHERE r.reservation_key = in_key;
    ELSE
        set_to := set_config('weedgo.movement', '', true);
    END IF;
    RETURN to_jsonb(standing);
END;
$$;

CREATE OR REPLACE FUNCTION inventory_move(
    in_inventory bigint, in_delta integer, in_label jsonb, in_schema name DEFAULT current_schema()
) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clustered constant boolean := current_setting('citus.propagate_set_commands', true) IS NOT NULL;
    standing record;
    after_it integer;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    IF clustered THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
    SELECT i.sku, i.quantity_available INTO standing FROM ocs_inventory AS i WHERE i.id = in_inventory FOR UPDATE;
    IF standing IS NULL THEN
        RETURN NULL;
    ELSIF standing.quantity_available + in_delta < 0 THEN
        RAISE EXCEPTION 'not enough stock of %', standing.sku
            USING ERRCODE = 'WI001', DETAIL = jsonb_build_array(jsonb_build_object(
                'sku', standing.sku, 'wanted', -in_delta,
                'shortage', -in_delta - standing.quantity_available))::text;
    END IF;
    IF clustered THEN
        PERFORM set_config('weedgo.movement', in_label::text, true) FROM ocs_inventory AS i WHERE i.id = in_inventory;
    ELSE
        PERFORM set_config('weedgo.movement', in_label::text, true);
    END IF;
    UPDATE ocs_inventory SET quantity_on_hand = quantity_on_hand + in_delta WHERE id = in_inventory
    RETURNING quantity_on_hand INTO after_it;
    IF clustered THEN
        PERFORM set_config('weedgo.movement', '', true) FROM ocs_inventory AS i WHERE i.id = in_inventory;
    ELSE
        PERFORM set_config('weedgo.movement', '', true);
    END IF;
    RETURN after_it;
END;
$$;

CREATE OR REPLACE FUNCTION inventory_close_month(
    in_store bigint, in_month date, in_actor bigint, in_schema name DEFAULT current_schema()
) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    starts timestamptz;
    ends timestamptz;
    last_closed date;
    first_moved date;
    previous date;
    wrong jsonb;
    written integer;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    SELECT b.starts, b.ends INTO starts, ends FROM inventory_month_bounds(in_store, in_month, in_schema) AS b;
    IF ends > clock_timestamp() THEN
        RAISE EXCEPTION '% is not over', to_char(in_month, 'YYYY-MM') USING ERRCODE = 'WI005';
    END IF;
    -- Whoever moves stock of the shop holds this lock shared until the end of the transaction.
    PERFORM pg_advisory_xact_lock('ocs_inventory'::regclass::oid::integer, (in_store % 2147483647)::integer);
    -- That lock is another one on each node of a Citus cluster; this one goes to the rows.
    IF current_setting('citus.propagate_set_commands', true) IS NOT NULL THEN
        LOCK TABLE ocs_inventory IN SHARE MODE;
    END IF;

    SELECT max(m.month) INTO last_closed FROM inventory_closed_months AS m WHERE m.store_id = in_store;
    SELECT date_trunc('month', min(m.occurred_at) AT TIME ZONE s.time_zone)::date INTO first_moved
      FROM stores AS s JOIN inventory_movements AS m ON m.store_id = s.id WHERE s.id = in_store GROUP BY s.time_zone;
    previous := (in_month - interval '1 month')::date;
    IF last_closed >= in_month THEN
        RAISE EXCEPTION '% is closed already', to_char(in_month, 'YYYY-MM') USING ERRCODE = 'WI005';
    ELSIF last_closed < previous OR last_closed IS NULL AND first_moved < in_month THEN
        RAISE EXCEPTION '% cannot be closed before %', to_char(in_month, 'YYYY-MM'),
                to_char(coalesce((last_closed + interval '1 month')::date, first_moved), 'YYYY-MM')
            USING ERRCODE = 'WI005';
    END IF;
    SELECT jsonb_agg(DISTINCT r.sku) INTO wrong FROM inventory_month(in_store, in_month, in_schema) AS r
     WHERE r.unexplained_units <> 0;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the ledger of % does not open with what the month before closed with: %', to_char(in_month, 'YYYY-MM'),
                (SELECT string_agg(w, ', ') FROM jsonb_array_elements_text(wrong) AS w)
            USING ERRCODE = 'WI006', DETAIL = wrong::text;
    END IF;
    INSERT INTO inventory_closed_months (store_id, month, previous_month, starts_at, ends_at, closed_at, closed_by)
    VALUES (in_store, in_month, CASE WHEN last_closed IS NOT NULL THEN previous END, starts, ends, clock_timestamp(), in_actor);
    INSERT INTO inventory_periods (store_id, month, previous_month, sku, upc, unit_weight_g,
        opening_units, purchased_units, returned_units, other_additions_units, transferred_in_units, sold_units, destroyed_units, stolen_units, supplier_returned_units, other_reductions_units, transferred_out_units, closing_units,
        opening_minor, purchased_minor, returned_minor, other_additions_minor, transferred_in_minor, sold_minor, destroyed_minor, stolen_minor, supplier_returned_minor, other_reductions_minor, transferred_out_minor, closing_minor)
    SELECT in_store, in_month, p.month, r.sku, r.upc, r.unit_weight_g,
        r.opening_units, r.purchased_units, r.returned_units, r.other_additions_units, r.transferred_in_units, r.sold_units, r.destroyed_units, r.stolen_units, r.supplier_returned_units, r.other_reductions_units, r.transferred_out_units, r.closing_units,
        r.opening_minor, r.purchased_minor, r.returned_minor, r.other_additions_minor, r.transferred_in_minor, r.sold_minor, r.destroyed_minor, r.stolen_minor, r.supplier_returned_minor, r.other_reductions_minor, r.transferred_out_minor, r.closing_minor
      FROM inventory_month(in_store, in_month, in_schema) AS r
      LEFT JOIN inventory_periods AS p
        ON p.store_id = in_store AND p.month = previous AND p.sku = r.sku AND p.upc = r.upc;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END;
$$;
