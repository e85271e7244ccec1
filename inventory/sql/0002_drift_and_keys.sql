-- It shows drift and mends nothing: what is wrong has a cause that somebody has to see.
CREATE VIEW inventory_drift WITH (security_invoker = true) AS
SELECT i.id AS inventory_id, i.sku, i.batch_lot,
       i.quantity_on_hand, coalesce(m.on_hand, 0) AS moved_on_hand,
       i.quantity_reserved, coalesce(m.reserved, 0) AS moved_reserved,
       i.seq, coalesce(m.movements, 0) AS movements
  FROM ocs_inventory AS i
  LEFT JOIN (
        SELECT inventory_id, sum(quantity_delta) AS on_hand, sum(reserved_delta) AS reserved,
               count(*) AS movements
          FROM inventory_movements
         GROUP BY inventory_id
       ) AS m ON m.inventory_id = i.id
 WHERE i.quantity_on_hand <> coalesce(m.on_hand, 0)
    OR i.quantity_reserved <> coalesce(m.reserved, 0)
    OR i.seq <> coalesce(m.movements, 0);
COMMENT ON VIEW inventory_drift IS 'Stock rows whose counters are not the sum of their movements, or whose numbers have gaps.';

-- The shop and the SKU of a stock row are those of its location and product.
ALTER TABLE ocs_inventory
    ADD CONSTRAINT ocs_inventory_location_store_fkey
        FOREIGN KEY (location_id, store_id) REFERENCES inventory_locations (id, store_id),
    ADD CONSTRAINT ocs_inventory_product_sku_fkey
        FOREIGN KEY (product_id, sku) REFERENCES products (id, sku) ON UPDATE CASCADE;
-- Room for updates in place.
ALTER TABLE ocs_inventory SET (fillfactor = 70);
-- A period opens with what the one before it closed with, and months follow each other.
ALTER TABLE inventory_closed_months
    ADD CONSTRAINT inventory_closed_months_previous_check
        CHECK (previous_month = month - interval '1 month'),
    ADD CONSTRAINT inventory_closed_months_previous_fkey
        FOREIGN KEY (store_id, previous_month) REFERENCES inventory_closed_months (store_id, month);
ALTER TABLE inventory_periods
    ADD CONSTRAINT inventory_periods_previous_check
        CHECK (previous_month = month - interval '1 month'),
    ADD CONSTRAINT inventory_periods_month_fkey
        FOREIGN KEY (store_id, month) REFERENCES inventory_closed_months (store_id, month),
    ADD CONSTRAINT inventory_periods_opening_fkey
        FOREIGN KEY (store_id, sku, upc, previous_month, opening_units, opening_minor)
        REFERENCES inventory_periods (store_id, sku, upc, month, closing_units, closing_minor);
