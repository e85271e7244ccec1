-- Enough rows that the planner prefers an index to reading a table. Triggers and foreign keys are
-- off while they are loaded (session_replication_role); other tests look at those.

CREATE TEMPORARY TABLE codes ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY code) AS n, code
FROM (SELECT lpad(n::text, 14, '0') AS code FROM generate_series(1, 30000) n) c WHERE gtin14_is_valid(code);
CREATE INDEX ON codes (n);
ANALYZE codes;

INSERT INTO stores (tenant_id, name, code, street, city, postal_code, license_expires_on)
SELECT :tenant, 'Shop ' || n, 'S' || n, 'Street', 'Toronto', 'M5V 1A1', CASE WHEN n % 20 = 0 THEN DATE '2026-01-01' + n END
FROM generate_series(1, 2000) n;
INSERT INTO brands (tenant_id, name, slug) SELECT :tenant, 'Brand ' || n, 'b' || n FROM generate_series(1, 3000) n;
INSERT INTO product_categories (tenant_id, parent_id, name, slug, path, sort_order)
SELECT :tenant, CASE WHEN n > 20 THEN n % 20 + 1 END, 'C' || n, 'c' || n, 'c' || n % 20 || '/c' || n, n FROM generate_series(1, 3000) n;
INSERT INTO products (tenant_id, sku, name, slug, brand_id, category_id, short_description, thc_max, retail_price_minor,
    unit_cost_minor, each_gtin, popularity, metadata, tags, external_id, is_featured, is_active, updated_at)
SELECT :tenant, 'SKU-' || to_char(n, 'FM000000'), 'Strain' || n || ' kush', 'p' || n, n % 300 + 1, n % 300 + 1,
    'word' || n % 500, CASE WHEN n % 3 = 0 THEN n % 30 END, 1000 + n % 5000, n % 900,
    (SELECT c.code FROM codes c WHERE c.n = g.n % 3000 + 1 AND g.n % 2 = 0), n % 700,
    jsonb_build_object('k', n % 900), ARRAY['t' || n % 800], gen_random_uuid(), n % 50 = 0, n % 10 <> 0,
    now() - n * interval '1 minute'
FROM generate_series(1, 20000) AS g (n);
INSERT INTO price_history (tenant_id, product_id, sku, new_price_minor, changed_at)
SELECT :tenant, n % 4000 + 1, 'SKU-' || to_char(n % 4000 + 1, 'FM000000'), n, now() - n * interval '1 minute' FROM generate_series(1, 20000) n;
INSERT INTO product_reviews (tenant_id, product_id, user_id, rating, status, created_at)
SELECT :tenant, n % 2000 + 1, n, 4, CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'published' END, now() - n * interval '1 minute' FROM generate_series(1, 10000) n;
INSERT INTO customers (tenant_id, home_store_id, first_name, last_name, email, phone, preferred_contact, tags, last_order_at, user_id)
SELECT :tenant, n % 400 + 1, 'F' || n, 'L' || n % 3000, 'c' || n || '@example.org', '416' || n, 'email', ARRAY['t' || n % 500], now() - n * interval '1 minute', n
FROM generate_series(1, 20000) n;
INSERT INTO roles (tenant_id, name) SELECT :tenant, 'r' || n FROM generate_series(1, 200) n;
INSERT INTO user_roles (tenant_id, user_id, role_id, expires_at)
SELECT :tenant, n, n % 200 + 1, CASE WHEN n % 50 = 0 THEN now() + n * interval '1 hour' END FROM generate_series(1, 10000) n;
INSERT INTO wishlists (tenant_id, user_id, product_id, sku, notify_on_restock, added_at)
SELECT :tenant, n % 1000, n % 9000 + 1, 'SKU-' || to_char(n % 9000 + 1, 'FM000000'), n % 5 = 0, now() - n * interval '1 minute' FROM generate_series(1, 9000) n;
INSERT INTO login_events (tenant_id, user_id, email, outcome, ip_address, occurred_at)
SELECT :tenant, n % 900, 'u' || n % 900 || '@example.org', CASE WHEN n % 9 = 0 THEN 'failure' ELSE 'success' END, ('10.0.' || n % 50 || '.' || n % 250)::inet, now() - n * interval '1 minute' FROM generate_series(1, 20000) n;
INSERT INTO orders (tenant_id, order_number, checkout_key, store_id, customer_id, status, payment_status, external_reference, scheduled_for, metadata, placed_at)
SELECT :tenant, 'W' || n, gen_random_uuid(), n % 200 + 1, n % 5000 + 1, CASE WHEN n % 40 = 0 THEN 'ready' ELSE 'completed' END,
    CASE WHEN n % 60 = 0 THEN 'failed' ELSE 'paid' END, CASE WHEN n % 4 = 0 THEN 'X' || n ELSE '' END,
    CASE WHEN n % 10 = 0 THEN now() + n * interval '1 minute' END, jsonb_build_object('k', n % 900), now() - n * interval '1 minute'
FROM generate_series(1, 20000) n;
INSERT INTO order_items (tenant_id, order_id, product_id, sku, product_name, quantity, unit_price_minor, line_total_minor, batch_lot)
SELECT :tenant, n % 20000 + 1, n % 5000 + 1, 'SKU-' || to_char(n % 5000 + 1, 'FM000000'), 'x', 1, 1, 1, CASE WHEN n % 3 = 0 THEN 'L' || n % 2000 ELSE '' END FROM generate_series(1, 40000) n;
INSERT INTO order_status_history (tenant_id, order_id, to_status, reason_code, changed_at)
SELECT :tenant, n % 20000 + 1, 'x', CASE WHEN n % 90 = 0 THEN 'r' || n % 30 ELSE '' END, now() - n * interval '1 minute' FROM generate_series(1, 30000) n;
INSERT INTO carts (tenant_id, store_id, customer_id, session_key, status, updated_at)
SELECT :tenant, 1, n, 's' || n, CASE WHEN n % 3 = 0 THEN 'open' ELSE 'ordered' END, now() - n * interval '1 minute' FROM generate_series(1, 9000) n;
INSERT INTO tax_rates (tenant_id, region, name, effective_from) SELECT :tenant, 'R' || n, 'HST', '2010-07-01' FROM generate_series(1, 500) n;
INSERT INTO deliveries (tenant_id, order_id, store_id, driver_id, zone_id, address, status, window_start, window_end, created_at)
SELECT :tenant, n, n % 200 + 1, CASE WHEN n % 20 <> 0 THEN n % 300 + 1 END, NULL, '{}', CASE WHEN n % 30 = 1 THEN 'en_route' ELSE 'failed' END, now() - n * interval '1 hour', now() - n * interval '1 hour' + interval '30 minutes', now() - n * interval '1 hour' FROM generate_series(1, 9000) n;
INSERT INTO delivery_events (tenant_id, delivery_id, event_type, occurred_at)
SELECT :tenant, n % 9000 + 1, CASE WHEN n % 90 = 0 THEN 'failed' ELSE 'location' END, now() - n * interval '1 minute' FROM generate_series(1, 20000) n;
INSERT INTO drivers (tenant_id, user_id, store_id, status, hired_on)
SELECT :tenant, n, n % 200 + 1, CASE WHEN n % 5 = 0 THEN 'available' ELSE 'offline' END, '2024-01-01' FROM generate_series(1, 3000) n;
INSERT INTO promotions (tenant_id, store_id, name, discount_type, discount_value, starts_at, ends_at, status)
SELECT :tenant, n % 300 + 1, 'P' || n, 'percent', 1, now() - n * interval '1 day', now() - (n - 10) * interval '1 day', CASE WHEN n % 10 = 0 THEN 'active' ELSE 'ended' END FROM generate_series(1, 6000) n;
INSERT INTO promotion_usage (tenant_id, promotion_id, order_id, discount_minor, used_at) SELECT :tenant, n % 900 + 1, n, 1, now() - n * interval '1 minute' FROM generate_series(1, 9000) n;
INSERT INTO discount_codes (tenant_id, promotion_id, code, valid_until) SELECT :tenant, n % 900 + 1, 'CODE' || n, now() + n * interval '1 day' FROM generate_series(1, 9000) n;
INSERT INTO message_templates (tenant_id, code, channel, body) SELECT :tenant, 't', 'email', 'x';
INSERT INTO broadcasts (tenant_id, store_id, template_id, name, status, scheduled_at, created_at)
SELECT :tenant, n % 200 + 1, 1, 'B', CASE WHEN n % 50 = 0 THEN 'scheduled' ELSE 'sent' END, now() + n * interval '1 hour', now() - n * interval '1 hour' FROM generate_series(1, 6000) n;
INSERT INTO broadcast_recipients (tenant_id, broadcast_id, customer_id, status) SELECT :tenant, n % 400 + 1, n, CASE WHEN n % 20 = 0 THEN 'queued' ELSE 'sent' END FROM generate_series(1, 20000) n;
INSERT INTO notifications (tenant_id, user_id, kind, title, created_at, read_at) SELECT :tenant, n % 900, 'k', 't', now() - n * interval '1 minute', CASE WHEN n % 4 > 0 THEN now() END FROM generate_series(1, 12000) n;
INSERT INTO ai_conversations (tenant_id, store_id, customer_id, escalated_at, started_at)
SELECT :tenant, n % 200 + 1, n % 5000 + 1, CASE WHEN n % 60 = 0 THEN now() - n * interval '1 minute' END, now() - n * interval '1 minute' FROM generate_series(1, 12000) n;
INSERT INTO ai_messages (tenant_id, conversation_id, position, role, content) SELECT :tenant, n % 12000 + 1, n / 12000 + 1, 'user', 'something about topic' || n % 900 FROM generate_series(1, 20000) n;

INSERT INTO inventory_locations (tenant_id, store_id, code, name, kind)
SELECT :tenant, n % 2000 + 1, 'L' || n, 'L', CASE WHEN n % 80 = 0 THEN 'vault' ELSE 'shelf' END FROM generate_series(1, 4000) n;
INSERT INTO ocs_inventory (tenant_id, store_id, location_id, product_id, sku, batch_lot, each_gtin, case_gtin, quantity_on_hand, lot_status, expires_on, reorder_point, seq)
SELECT :tenant, n % 200 + 1, n % 400 + 1, n % 5000 + 1, 'SKU-' || to_char(n % 5000 + 1, 'FM000000'), 'L' || n,
    (SELECT c.code FROM codes c WHERE c.n = g.n % 3000 + 1 AND g.n % 2 = 0), (SELECT c.code FROM codes c WHERE c.n = g.n % 3000 + 1 AND g.n % 3 = 0), n % 90, CASE WHEN n % 90 = 0 THEN 'recalled' ELSE 'sellable' END,
    current_date + n % 400, CASE WHEN n % 9 = 0 THEN 5 END, 1 FROM generate_series(1, 20000) AS g (n);
INSERT INTO inventory_movements (tenant_id, inventory_id, seq, store_id, sku, batch_lot, movement_type, quantity_delta, reserved_delta, balance_after, reserved_after, reference_type, reference_id, occurred_at)
SELECT :tenant, n % 20000 + 1, n / 20000 + 1, n % 200 + 1, 'SKU-' || to_char(n % 5000 + 1, 'FM000000'), 'L' || n % 20000, CASE n % 40 WHEN 0 THEN 'destruction' WHEN 1 THEN 'direct_write' WHEN 2 THEN 'receipt' ELSE 'sale' END, 1, 0, 1, 0, 'order', 'W' || n, now() - n * interval '1 minute' FROM generate_series(1, 40000) n;
INSERT INTO inventory_lots (tenant_id, product_id, sku, lot_number, expires_on)
SELECT :tenant, n % 5000 + 1, 'SKU-' || to_char(n % 5000 + 1, 'FM000000'), 'L' || n, current_date + n % 900 FROM generate_series(1, 9000) n;
INSERT INTO gtin_aliases (tenant_id, gtin, product_id, valid_from, valid_to)
SELECT :tenant, lpad(n::text, 14, '0'), n, '2024-01-01', NULL FROM generate_series(1, 50000) n WHERE gtin14_is_valid(lpad(n::text, 14, '0'));
INSERT INTO inventory_reservations (tenant_id, reservation_key, location_id, digest, status, expires_at, closed_at, created_at)
SELECT :tenant, gen_random_uuid(), n % 400 + 1, 'x', CASE WHEN n % 50 = 0 THEN 'active' ELSE 'committed' END, now() - interval '1 hour' + n * interval '1 second', CASE WHEN n % 50 > 0 THEN now() END, now() - n * interval '1 minute' FROM generate_series(1, 12000) n;
INSERT INTO inventory_reservation_lines (tenant_id, reservation_key, inventory_id, sku, batch_lot, quantity)
SELECT :tenant, r.reservation_key, row_number() OVER () % 20000 + 1, 'x', 'L' || row_number() OVER () % 5000, 1 FROM inventory_reservations r;
INSERT INTO ocs_asn_shipments (tenant_id, asn_number, location_id, tracking_number, shipped_at, arrived_at)
SELECT :tenant, 'A' || n, 1, 'T' || n, now() - n * interval '1 hour', CASE WHEN n % 50 > 0 THEN now() END FROM generate_series(1, 6000) n;
INSERT INTO ocs_asn_lines (tenant_id, inventory_id, shipment_id, line_number, sku, cases_shipped, batch_lot, exception_code)
SELECT :tenant, n, n % 6000 + 1, n / 6000 + 1, 'SKU-' || to_char(n % 5000 + 1, 'FM000000'), 1, 'L' || n, CASE WHEN n % 90 = 0 THEN 'unknown_gtin' ELSE '' END FROM generate_series(1, 12000) n;
INSERT INTO inventory_counts (tenant_id, location_id, status, started_at, posted_at) SELECT :tenant, n % 300 + 1, 'posted', now() - n * interval '1 hour', now() FROM generate_series(1, 6000) n;
INSERT INTO inventory_transfers (tenant_id, origin_id, destination_id, transit_id, reference_code, status, created_at)
SELECT :tenant, n % 300 + 1, n % 300 + 2, 1, 'R' || n, CASE WHEN n % 50 = 0 THEN 'in_transit' ELSE 'received' END, now() - n * interval '1 hour' FROM generate_series(1, 6000) n;
INSERT INTO inventory_transfer_items (tenant_id, transfer_id, inventory_id, sku, batch_lot, quantity_sent)
SELECT :tenant, n % 6000 + 1, n, 'SKU-' || to_char(n % 5000 + 1, 'FM000000'), 'L' || n, 1 FROM generate_series(1, 9000) n;
INSERT INTO inventory_destructions (tenant_id, inventory_id, store_id, sku, quantity, reason, method, certificate_number, destroyed_at)
SELECT :tenant, n, n % 200 + 1, 'SKU-' || to_char(n % 2000 + 1, 'FM000000'), 1, 'x', 'x', 'C' || n, now() - n * interval '1 hour' FROM generate_series(1, 6000) n;
INSERT INTO inventory_recalls (tenant_id, product_id, sku, lot_number, announced_at, closed_at)
SELECT :tenant, n % 2000 + 1, 'S' || n, 'L' || n, now() - n * interval '1 hour', CASE WHEN n % 50 > 0 THEN now() END FROM generate_series(1, 6000) n;
INSERT INTO inventory_periods (tenant_id, store_id, sku, month, opening_units, closing_units)
SELECT :tenant, n % 200 + 1, 'S' || n, DATE '2020-01-01' + n % 60 * interval '1 month', 0, 0 FROM generate_series(1, 9000) n;

INSERT INTO payment_providers (tenant_id, code, name, kind, adapter, methods) SELECT :tenant, 'x' || n, 'X', 'sandbox', 'sandbox', '{card}' FROM generate_series(1, 40) n;
INSERT INTO payment_transactions (tenant_id, order_id, store_id, method, status, amount_minor, created_at)
SELECT :tenant, n, n % 200 + 1, 'card', CASE WHEN n % 90 = 0 THEN 'pending' ELSE 'paid' END, 1, now() - n * interval '1 minute' FROM generate_series(1, 15000) n;
INSERT INTO payment_operation (tenant_id, transaction_id, order_id, provider_id, kind, status, amount_minor, request_key, provider_key, provider_reference, failure_code, next_check_at, created_at)
SELECT :tenant, n, n, n % 40 + 1, 'charge', CASE WHEN n % 90 = 0 THEN 'unknown' ELSE 'succeeded' END, 1, 'k' || n, gen_random_uuid(), 'pi_' || n,
    CASE WHEN n % 80 = 0 THEN 'f' || n % 7 ELSE '' END, CASE WHEN n % 90 = 0 THEN now() - interval '1 hour' + n * interval '1 second' END, now() - n * interval '1 minute' FROM generate_series(1, 15000) n;
INSERT INTO payment_webhook_events (tenant_id, provider_id, event_id, event_type, payload, received_at, processed_at)
SELECT :tenant, 1, 'e' || n, 't', '{}', now() - n * interval '1 minute', CASE WHEN n % 60 > 0 THEN now() END FROM generate_series(1, 9000) n;
INSERT INTO payment_provider_health_metrics (tenant_id, provider_id, method, bucket_start) SELECT :tenant, 1, 'card', now() - n * interval '10 seconds' FROM generate_series(1, 9000) n;
INSERT INTO ledger_account (tenant_id, code, name, kind) SELECT :tenant, 'a' || n, 'A', 'asset' FROM generate_series(1, 300) n;
INSERT INTO ledger_entry (tenant_id, key, description, posted_at) SELECT :tenant, 'k' || n, 'x', now() - n * interval '1 minute' FROM generate_series(1, 12000) n;
INSERT INTO ledger_line (tenant_id, entry_id, account_id, amount_minor) SELECT :tenant, n / 2 + 1, n % 300 + 1, 1 FROM generate_series(1, 24000) n;
INSERT INTO payment_disputes (tenant_id, provider_id, provider_reference, reason, amount_minor, status, closed_at, evidence_due_at, opened_at)
SELECT :tenant, n % 40 + 1, 'd' || n, 'x', 1, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'won' END, CASE WHEN n % 50 > 0 THEN now() END, now() + n * interval '1 hour', now() - n * interval '1 hour' FROM generate_series(1, 6000) n;
INSERT INTO payment_settlements (tenant_id, provider_id, payout_reference, payout_date, gross_minor, net_minor, status)
SELECT :tenant, n % 40 + 1, 'p' || n, current_date - n, 1, 1, CASE WHEN n % 80 = 0 THEN 'imported' ELSE 'closed' END FROM generate_series(1, 6000) n;
INSERT INTO payment_settlement_lines (tenant_id, settlement_id, provider_reference, gross_minor, net_minor, match_status, operation_id)
SELECT :tenant, n % 3000 + 1, 'pi_' || n, 1, 1, CASE WHEN n % 80 = 0 THEN 'unmatched' ELSE 'matched' END, n FROM generate_series(1, 15000) n;

SET LOCAL session_replication_role = origin;
ANALYZE stores, brands, product_categories, products, price_history, product_reviews, customers, roles, user_roles, wishlists,
    login_events, orders, order_items, order_status_history, carts, tax_rates, deliveries, delivery_events, drivers, promotions,
    promotion_usage, discount_codes, broadcasts, broadcast_recipients, notifications, ai_conversations, ai_messages,
    inventory_locations, ocs_inventory, inventory_movements, inventory_lots, gtin_aliases, inventory_reservations,
    inventory_reservation_lines, ocs_asn_shipments, ocs_asn_lines, inventory_counts, inventory_transfers, inventory_transfer_items,
    inventory_destructions, inventory_recalls, inventory_periods, payment_transactions, payment_operation, payment_webhook_events,
    payment_provider_health_metrics, ledger_account, ledger_entry, ledger_line, payment_disputes, payment_settlements,
    payment_settlement_lines;
