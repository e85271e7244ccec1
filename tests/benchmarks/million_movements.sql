-- 2,000 lots at 5 places, 100 movements of each at each, of which a fifth are sales to orders.
SET session_replication_role = replica;
INSERT INTO stores (tenant_id, name, code, street, city, postal_code) VALUES (1, 'S', 'S', 'S', 'Toronto', 'M5V 1A1');
INSERT INTO product_categories (tenant_id, name, slug, path) VALUES (1, 'C', 'c', 'c');
INSERT INTO inventory_locations (tenant_id, store_id, code, name) SELECT 1, 1, 'L' || n, 'L' FROM generate_series(1, 5) n;
INSERT INTO products (tenant_id, sku, name, slug, category_id, retail_price_minor, external_id)
SELECT 1, 'SKU-' || to_char(n, 'FM0000'), 'P', 'p' || n, 1, 1, gen_random_uuid() FROM generate_series(1, 500) n;
INSERT INTO ocs_inventory (tenant_id, store_id, location_id, product_id, sku, batch_lot, quantity_on_hand, seq)
SELECT 1, 1, n % 5 + 1, n / 5 % 500 + 1, 'SKU-' || to_char(n / 5 % 500 + 1, 'FM0000'), 'LOT' || n / 2500, 100, 100
FROM generate_series(0, 9999) n;
INSERT INTO orders (tenant_id, order_number, checkout_key, store_id) SELECT 1, 'W' || n, gen_random_uuid(), 1 FROM generate_series(0, 99999) n;
INSERT INTO ocs_asn_shipments (tenant_id, asn_number, location_id) SELECT 1, 'A' || n, 1 FROM generate_series(1, 100) n;
INSERT INTO ocs_asn_lines (tenant_id, inventory_id, shipment_id, line_number, sku, cases_shipped, units_received, batch_lot)
SELECT 1, i.id, i.id % 100 + 1, i.id, i.sku, 10, 120, i.batch_lot FROM ocs_inventory i;
INSERT INTO inventory_movements (tenant_id, inventory_id, seq, store_id, sku, batch_lot, movement_type, quantity_delta, reserved_delta,
    balance_after, reserved_after, reference_type, reference_id, occurred_at)
SELECT 1, i.id, s, 1, i.sku, i.batch_lot, CASE s % 5 WHEN 0 THEN 'sale' WHEN 1 THEN 'release' ELSE 'reserve' END,
    -(s % 5 = 0)::int, 1, 100, 1, CASE s % 5 WHEN 0 THEN 'order' ELSE 'reservation' END,
    CASE s % 5 WHEN 0 THEN 'W' || (i.id * 100 + s) % 100000 ELSE gen_random_uuid()::text END, now() - s * interval '1 hour'
FROM ocs_inventory i, generate_series(1, 100) s;
