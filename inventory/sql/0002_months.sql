-- Ontario's monthly report, and closing a month. A month is one of the shop's clock; its figures come
-- from the ledger. Values are at what the units cost when they moved.

CREATE FUNCTION inventory_month_bounds(
    in_store bigint, in_month date, in_schema name DEFAULT current_schema(), OUT starts timestamptz, OUT ends timestamptz
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    SELECT in_month::timestamp AT TIME ZONE s.time_zone, (in_month + interval '1 month') AT TIME ZONE s.time_zone
      INTO starts, ends FROM stores AS s WHERE s.id = in_store;
END;
$$;
COMMENT ON FUNCTION inventory_month_bounds(bigint, date, name) IS
    'The midnights by a shop''s clock between which a month is.';

CREATE FUNCTION inventory_month(in_store bigint, in_month date, in_schema name DEFAULT current_schema())
RETURNS TABLE (
    sku text, upc text, unit_weight_g numeric,
    opening_units bigint, purchased_units bigint, returned_units bigint, other_additions_units bigint, transferred_in_units bigint, sold_units bigint, destroyed_units bigint, stolen_units bigint, supplier_returned_units bigint, other_reductions_units bigint, transferred_out_units bigint, closing_units bigint,
    opening_minor bigint, purchased_minor bigint, returned_minor bigint, other_additions_minor bigint, transferred_in_minor bigint, sold_minor bigint, destroyed_minor bigint, stolen_minor bigint, supplier_returned_minor bigint, other_reductions_minor bigint, transferred_out_minor bigint, closing_minor bigint,
    unexplained_units bigint
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    starts timestamptz;
    ends timestamptz;
    follows boolean;
BEGIN
    PERFORM set_config('search_path', quote_ident(in_schema) || ', pg_catalog, pg_temp', true);
    SELECT b.starts, b.ends INTO starts, ends FROM inventory_month_bounds(in_store, in_month, in_schema) AS b;
    follows := EXISTS (SELECT FROM inventory_closed_months AS m
                        WHERE m.store_id = in_store AND m.month = in_month - interval '1 month');
    RETURN QUERY
    WITH after_it AS (
        SELECT m.inventory_id, sum(m.quantity_delta) AS units
          FROM inventory_movements AS m
         WHERE m.store_id = in_store AND m.occurred_at >= ends
         GROUP BY m.inventory_id
    ), ledger AS (
        -- What is on hand now, less what moved since.
        SELECT i.sku, coalesce(i.each_gtin::text, '') AS upc, max(i.unit_cost_minor) AS cost,
               sum(i.quantity_on_hand - coalesce(a.units, 0)) AS units
          FROM ocs_inventory AS i LEFT JOIN after_it AS a ON a.inventory_id = i.id
         WHERE i.store_id = in_store
         GROUP BY i.sku, coalesce(i.each_gtin::text, '')
    ), moved AS (
        SELECT i.sku, coalesce(i.each_gtin::text, '') AS upc,
               CASE WHEN m.movement_type IN ('transfer_in', 'transfer_out') THEN 'transfer'
                    WHEN m.movement_type IN ('receipt', 'return', 'sale', 'destruction', 'theft', 'supplier_return')
                         THEN m.movement_type
                    ELSE 'other' END AS kind,
               m.quantity_delta, m.unit_cost_minor, m.reference_id
          FROM inventory_movements AS m JOIN ocs_inventory AS i ON i.id = m.inventory_id
         WHERE m.store_id = in_store AND m.occurred_at >= starts AND m.occurred_at < ends AND m.quantity_delta <> 0
    ), flows AS (
        -- A transfer within the shop goes nowhere.
        SELECT t.sku, t.upc, t.kind, sum(t.quantity_delta) AS units, sum(t.quantity_delta * t.unit_cost_minor) AS minor
          FROM moved AS t
         GROUP BY t.sku, t.upc, t.kind,
               CASE WHEN t.kind = 'transfer' THEN t.reference_id ELSE sign(t.quantity_delta)::text END
    ), sums AS (
        SELECT f.sku, f.upc,
               coalesce(sum(units) FILTER (WHERE kind = 'receipt'), 0) AS purchased_units,
               coalesce(sum(units) FILTER (WHERE kind = 'return'), 0) AS returned_units,
               coalesce(sum(units) FILTER (WHERE kind = 'other' AND units > 0), 0) AS other_additions_units,
               coalesce(sum(units) FILTER (WHERE kind = 'transfer' AND units > 0), 0) AS transferred_in_units,
               coalesce(-sum(units) FILTER (WHERE kind = 'sale'), 0) AS sold_units,
               coalesce(-sum(units) FILTER (WHERE kind = 'destruction'), 0) AS destroyed_units,
               coalesce(-sum(units) FILTER (WHERE kind = 'theft'), 0) AS stolen_units,
               coalesce(-sum(units) FILTER (WHERE kind = 'supplier_return'), 0) AS supplier_returned_units,
               coalesce(-sum(units) FILTER (WHERE kind = 'other' AND units < 0), 0) AS other_reductions_units,
               coalesce(-sum(units) FILTER (WHERE kind = 'transfer' AND units < 0), 0) AS transferred_out_units,
               coalesce(sum(minor) FILTER (WHERE kind = 'receipt'), 0) AS purchased_minor,
               coalesce(sum(minor) FILTER (WHERE kind = 'return'), 0) AS returned_minor,
               coalesce(sum(minor) FILTER (WHERE kind = 'other' AND units > 0), 0) AS other_additions_minor,
               coalesce(sum(minor) FILTER (WHERE kind = 'transfer' AND units > 0), 0) AS transferred_in_minor,
               coalesce(-sum(minor) FILTER (WHERE kind = 'sale'), 0) AS sold_minor,
               coalesce(-sum(minor) FILTER (WHERE kind = 'destruction'), 0) AS destroyed_minor,
               coalesce(-sum(minor) FILTER (WHERE kind = 'theft'), 0) AS stolen_minor,
               coalesce(-sum(minor) FILTER (WHERE kind = 'supplier_return'), 0) AS supplier_returned_minor,
               coalesce(-sum(minor) FILTER (WHERE kind = 'other' AND units < 0), 0) AS other_reductions_minor,
               coalesce(-sum(minor) FILTER (WHERE kind = 'transfer' AND units < 0), 0) AS transferred_out_minor
          FROM flows AS f GROUP BY f.sku, f.upc
    ), before_all AS (
        SELECT i.sku, coalesce(i.each_gtin::text, '') AS upc, sum(m.quantity_delta) AS units,
               sum(m.quantity_delta * m.unit_cost_minor) AS minor
          FROM inventory_movements AS m JOIN ocs_inventory AS i ON i.id = m.inventory_id
         WHERE NOT follows AND m.store_id = in_store AND m.occurred_at < starts
         GROUP BY i.sku, coalesce(i.each_gtin::text, '')
        UNION ALL
        SELECT p.sku, p.upc, p.closing_units, p.closing_minor
          FROM inventory_periods AS p
         WHERE follows AND p.store_id = in_store AND p.month = in_month - interval '1 month'
    ), keys AS (
        SELECT l.sku, l.upc FROM ledger AS l UNION SELECT b.sku, b.upc FROM before_all AS b
    ), s AS (
        SELECT k.sku, k.upc, coalesce(v.purchased_units, 0) AS purchased_units, coalesce(v.returned_units, 0) AS returned_units, coalesce(v.other_additions_units, 0) AS other_additions_units, coalesce(v.transferred_in_units, 0) AS transferred_in_units, coalesce(v.sold_units, 0) AS sold_units, coalesce(v.destroyed_units, 0) AS destroyed_units, coalesce(v.stolen_units, 0) AS stolen_units, coalesce(v.supplier_returned_units, 0) AS supplier_returned_units, coalesce(v.other_reductions_units, 0) AS other_reductions_units, coalesce(v.transferred_out_units, 0) AS transferred_out_units, coalesce(v.purchased_minor, 0) AS purchased_minor, coalesce(v.returned_minor, 0) AS returned_minor, coalesce(v.other_additions_minor, 0) AS other_additions_minor, coalesce(v.transferred_in_minor, 0) AS transferred_in_minor, coalesce(v.sold_minor, 0) AS sold_minor, coalesce(v.destroyed_minor, 0) AS destroyed_minor, coalesce(v.stolen_minor, 0) AS stolen_minor, coalesce(v.supplier_returned_minor, 0) AS supplier_returned_minor, coalesce(v.other_reductions_minor, 0) AS other_reductions_minor, coalesce(v.transferred_out_minor, 0) AS transferred_out_minor
          FROM keys AS k LEFT JOIN sums AS v ON v.sku = k.sku AND v.upc = k.upc
    ), o AS (
        SELECT k.sku, k.upc, coalesce(b.units, 0) AS units, coalesce(b.minor, 0) AS minor
          FROM keys AS k LEFT JOIN before_all AS b ON b.sku = k.sku AND b.upc = k.upc
    ), d AS (
        SELECT s.sku, s.upc, s.purchased_units + s.returned_units + s.other_additions_units + s.transferred_in_units - s.sold_units - s.destroyed_units - s.stolen_units - s.supplier_returned_units - s.other_reductions_units - s.transferred_out_units AS net_units,
               s.purchased_minor + s.returned_minor + s.other_additions_minor + s.transferred_in_minor - s.sold_minor - s.destroyed_minor - s.stolen_minor - s.supplier_returned_minor - s.other_reductions_minor - s.transferred_out_minor AS net_minor,
               coalesce(l.units, 0) AS ledger_units, max(coalesce(l.cost, 0)) OVER (PARTITION BY s.sku) AS unit_cost
          FROM s LEFT JOIN ledger AS l ON l.sku = s.sku AND l.upc = s.upc
    ), x AS (
        -- A UPC that was written down later takes units over; what more than that differs is an error.
        SELECT d.sku, d.upc, d.net_units, d.net_minor, d.unit_cost,
               sum(d.ledger_units - o.units - d.net_units) OVER (PARTITION BY d.sku) AS unexplained,
               CASE WHEN sum(d.ledger_units - o.units - d.net_units) OVER (PARTITION BY d.sku) = 0
                    THEN d.ledger_units - o.units - d.net_units ELSE 0 END AS renamed
          FROM d JOIN o ON o.sku = d.sku AND o.upc = d.upc
    )
    SELECT s.sku::text, s.upc::text, p.net_weight_g,
           (o.units)::bigint, (s.purchased_units)::bigint, (s.returned_units)::bigint, (s.other_additions_units + greatest(x.renamed, 0))::bigint, (s.transferred_in_units)::bigint, (s.sold_units)::bigint, (s.destroyed_units)::bigint, (s.stolen_units)::bigint, (s.supplier_returned_units)::bigint, (s.other_reductions_units + greatest(-x.renamed, 0))::bigint, (s.transferred_out_units)::bigint, (o.units + x.net_units + x.renamed)::bigint,
           (o.minor)::bigint, (s.purchased_minor)::bigint, (s.returned_minor)::bigint, (s.other_additions_minor + greatest(x.renamed, 0) * x.unit_cost)::bigint, (s.transferred_in_minor)::bigint, (s.sold_minor)::bigint, (s.destroyed_minor)::bigint, (s.stolen_minor)::bigint, (s.supplier_returned_minor)::bigint, (s.other_reductions_minor + greatest(-x.renamed, 0) * x.unit_cost
            -- Costs that were changed meanwhile leave no value where no units are.
            + CASE WHEN o.units + x.net_units + x.renamed = 0 THEN o.minor + x.net_minor + x.renamed * x.unit_cost ELSE 0 END)::bigint, (s.transferred_out_minor)::bigint, (CASE WHEN o.units + x.net_units + x.renamed = 0 THEN 0 ELSE o.minor + x.net_minor + x.renamed * x.unit_cost END)::bigint,
           x.unexplained::bigint
      FROM s JOIN o ON o.sku = s.sku AND o.upc = s.upc
             JOIN x ON x.sku = s.sku AND x.upc = s.upc
             LEFT JOIN products AS p ON p.sku = s.sku
     WHERE (o.units, o.minor) <> (0, 0) OR x.renamed <> 0 OR x.unexplained <> 0
        OR (s.purchased_units, s.returned_units, s.other_additions_units, s.transferred_in_units, s.sold_units, s.destroyed_units, s.stolen_units, s.supplier_returned_units, s.other_reductions_units, s.transferred_out_units) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
     ORDER BY 1, 2;
END;
$$;
COMMENT ON FUNCTION inventory_month(bigint, date, name) IS
    'A month of a shop by SKU and UPC, from the closing of the month before and the ledger; unexplained_units is not zero where they do not agree.';

CREATE FUNCTION inventory_close_month(
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
COMMENT ON FUNCTION inventory_close_month(bigint, date, bigint, name) IS
    'Writes a month''s figures down for good; returns how many rows that are.';

REVOKE ALL ON FUNCTION
    inventory_month_bounds(bigint, date, name), inventory_month(bigint, date, name),
    inventory_close_month(bigint, date, bigint, name)
    FROM PUBLIC;
