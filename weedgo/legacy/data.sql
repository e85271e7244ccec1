-- WeedGo, current database: 1.8 million rows, the same every time.
--
-- Loads after current.sql, in one transaction, as the owner of the tables.

BEGIN;

-- Foreign keys are set aside and come back at the end, where each checks all its rows at once.
CREATE TEMPORARY TABLE set_aside_keys ON COMMIT DROP AS
SELECT conrelid::regclass AS relation, conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint
 WHERE contype = 'f'
   AND connamespace = 'public'::regnamespace;

DO $$
DECLARE
    foreign_key record;
BEGIN
    FOR foreign_key IN SELECT * FROM set_aside_keys LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', foreign_key.relation, foreign_key.name);
    END LOOP;
END;
$$;

-- ---------------------------------------------------------------------------
-- Tenants, stores and users
-- ---------------------------------------------------------------------------

INSERT INTO tenants (id, name, code, legal_name, business_number, contact_email, contact_phone,
                     subscription_tier, max_stores, status, settings, created_at, updated_at)
SELECT n,
       'Retailer ' || n,
       'retailer-' || lpad(n::text, 2, '0'),
       'Retailer ' || n || ' Inc.',
       lpad((100000000 + n * 7919)::text, 9, '0') || 'RT0001',
       'office@retailer-' || n || '.example',
       '416-555-' || lpad((1000 + n)::text, 4, '0'),
       (ARRAY['community', 'basic', 'professional', 'enterprise'])[1 + n % 4],
       5,
       CASE WHEN n = 20 THEN 'suspended' ELSE 'active' END,
       jsonb_build_object('theme', (ARRAY['green', 'dark', 'plain'])[1 + n % 3], 'age_gate', true),
       timestamptz '2023-01-01 00:00+00' + n * interval '3 days',
       timestamptz '2023-06-01 00:00+00'
  FROM generate_series(1, 20) AS n;

INSERT INTO stores (id, tenant_id, name, code, crol_number, street, city, province, postal_code, phone,
                    latitude, longitude, delivery_radius_km, opening_hours, status, created_at, updated_at)
SELECT n,
       1 + (n - 1) % 20,
       'Store ' || n,
       'S' || lpad(n::text, 3, '0'),
       'CRSA' || (1000000 + n),
       (10 + n * 3) || ' Queen Street West',
       (ARRAY['Toronto', 'Ottawa', 'Hamilton', 'London', 'Kingston', 'Windsor'])[1 + n % 6],
       'ON',
       (ARRAY['M5V', 'K1P', 'L8P', 'N6A', 'K7L', 'N9A'])[1 + n % 6] || ' ' || n % 10 || (ARRAY['A', 'B', 'C', 'E', 'G'])[1 + n % 5] || (n + 3) % 10,
       '416-555-' || lpad((2000 + n)::text, 4, '0'),
       42.3 + (n * 37 % 300) / 100.0,
       -83.0 + (n * 53 % 700) / 100.0,
       5 + n % 10,
       '{"mon": ["09:00", "23:00"], "sun": ["10:00", "21:00"]}',
       CASE WHEN n % 30 = 0 THEN 'inactive' ELSE 'active' END,
       timestamptz '2023-02-01 00:00+00' + n * interval '1 day',
       timestamptz '2023-06-01 00:00+00'
  FROM generate_series(1, 60) AS n;

INSERT INTO users (id, store_id, email, password_hash, first_name, last_name, phone, role,
                   is_active, email_verified, last_login_at, created_at, updated_at)
SELECT n,
       1 + (n - 1) % 60,
       'user' || n || '@example.com',
       'pbkdf2_sha256$600000$' || md5('salt' || n),
       (ARRAY['Ava', 'Liam', 'Noah', 'Mia', 'Zoe', 'Omar', 'Priya', 'Chen', 'Luca', 'Sara'])[1 + n % 10],
       (ARRAY['Smith', 'Tremblay', 'Singh', 'Wong', 'Martin', 'Roy', 'Khan', 'Brown', 'Lee'])[1 + n % 9] || n % 200,
       '416-' || lpad((n % 1000)::text, 3, '0') || '-' || lpad((n * 7 % 10000)::text, 4, '0'),
       CASE WHEN n = 1 THEN 'super_admin'
            WHEN n <= 20 THEN 'tenant_admin'
            WHEN n <= 80 THEN 'store_manager'
            WHEN n <= 400 THEN 'staff'
            WHEN n <= 600 THEN 'driver'
            ELSE 'customer' END,
       n % 50 <> 0,
       n % 7 <> 0,
       CASE WHEN n % 3 = 0 THEN timestamptz '2025-06-30 00:00+00' - (n % 4000) * interval '1 hour' END,
       timestamptz '2023-03-01 00:00+00' + n * interval '30 minutes',
       timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 20000) AS n;

-- ---------------------------------------------------------------------------
-- Catalogue side
-- ---------------------------------------------------------------------------

INSERT INTO brands (id, name, slug, description, website_url, country_code, is_active, created_at, updated_at)
SELECT i, w.first || ' ' || w.second || CASE WHEN i > 100 THEN ' ' || i ELSE '' END,
       lower(w.first || '-' || w.second || CASE WHEN i > 100 THEN '-' || i ELSE '' END),
       'Small batches from ' || w.second || ' country', 'https://brands.example/' || i, 'CA', i % 17 <> 0,
       timestamptz '2022-01-01 12:00+00' + i * interval '1 day', timestamptz '2025-01-01 12:00+00'
FROM generate_series(1, 400) AS i,
     LATERAL (SELECT (ARRAY['Northern','Maple','Cedar','Granite','Harbour','Prairie','Silver','Copper','Boreal','Quiet'])[1 + i % 10] AS first,
                     (ARRAY['Leaf','Ridge','Bloom','Coast','Acres','Garden','Lake','Hollow','Pine','Works'])[1 + i / 10 % 10] AS second) AS w;

INSERT INTO product_categories (id, parent_id, name, slug, path, sort_order, unit_of_measure, created_at, updated_at)
SELECT i, NULL, name, lower(replace(name, ' ', '-')), lower(replace(name, ' ', '-')), i,
       (ARRAY['g','g','g','mg','ml','g','ml','each','seed','each'])[i], '2022-01-01 12:00+00', '2022-01-01 12:00+00'
FROM unnest(ARRAY['Flower','Pre Rolls','Vapes','Edibles','Beverages','Concentrates','Oils','Topicals','Seeds','Accessories'])
     WITH ORDINALITY AS root (name, i);
INSERT INTO product_categories (id, parent_id, name, slug, path, sort_order, unit_of_measure, created_at, updated_at)
SELECT 10 + i, p.id, p.name || ' ' || s.name, p.slug || '-' || lower(s.name), p.path || '/' || lower(s.name), s.n,
       p.unit_of_measure, p.created_at, p.updated_at
FROM product_categories AS p
CROSS JOIN unnest(ARRAY['Value','Core','Premium','Organic','Limited']) WITH ORDINALITY AS s (name, n)
CROSS JOIN LATERAL (SELECT (p.id - 1) * 5 + s.n AS i) AS k
WHERE p.id <= 10;

INSERT INTO suppliers (id, name, code, contact_name, contact_email, contact_phone, address, payment_terms_days, rating, created_at, updated_at)
SELECT i, CASE i WHEN 1 THEN 'Ontario Cannabis Store' ELSE 'Supplier ' || i END, 'SUP-' || lpad(i::text, 4, '0'), 'Desk ' || i,
       'Orders' || i || '@supplier.example', '416-555-' || lpad(i::text, 4, '0'),
       jsonb_build_object('city', (ARRAY['Toronto','Guelph','Ottawa','London'])[1 + i % 4], 'province', 'ON'),
       (ARRAY[0,15,30,45])[1 + i % 4], 3 + (i % 20) / 10.0, '2022-01-01 12:00+00', '2022-01-01 12:00+00'
FROM generate_series(1, 120) AS i;

INSERT INTO strains (id, name, species, description, lineage, flavours, created_at)
SELECT i, (ARRAY['Blue','Purple','Sour','Golden','White','Lemon','Grand','Night','Ghost','Mountain'])[1 + i % 10] || ' '
          || (ARRAY['Kush','Haze','Diesel','Dream','Widow','Cookies','Punch','Express','Cheese','Glue'])[1 + i / 10 % 10] || ' ' || i,
       (ARRAY['indica','sativa','hybrid'])[1 + i % 3], 'Cultivar number ' || i,
       ARRAY['parent-' || i % 40, 'parent-' || (i + 7) % 40], ARRAY[(ARRAY['citrus','pine','earth','berry','diesel'])[1 + i % 5]],
       '2022-01-01 12:00+00'
FROM generate_series(1, 500) AS i;

INSERT INTO products (id, sku, name, slug, brand_id, category_id, strain_id, supplier_id, short_description, long_description, plant_type,
                      thc_min, thc_max, cbd_min, cbd_max, net_weight_g, unit_cost, retail_price, is_active, is_featured, created_at, updated_at)
SELECT i, 'SKU-' || lpad(i::text, 6, '0'), s.name || ' ' || c.name, 'product-' || i, 1 + i * 7 % 400, c.id, s.id, 1 + i % 120,
       c.name || ' of ' || s.name, 'Grown indoors, dried slowly and packed by hand. ' || s.description,
       (ARRAY['indica','sativa','hybrid','blend'])[1 + i % 4],
       CASE WHEN i % 10 < 9 THEN 10 + i % 12 END, CASE WHEN i % 10 < 9 THEN 14 + i % 16 + 4 END, 0, i % 5,
       (ARRAY[1, 3.5, 7, 14, 28])[1 + i % 5], 4 + i % 60 * 0.5, 9.95 + i % 70, i % 23 <> 0, i % 40 = 0,
       timestamptz '2023-01-01 12:00+00' + i * interval '3 hours', timestamptz '2024-12-01 12:00+00' + i * interval '1 hour'
FROM generate_series(1, 5000) AS i
JOIN strains AS s ON s.id = 1 + i * 13 % 500
JOIN product_categories AS c ON c.id = 11 + i % 50;

INSERT INTO product_variants (id, product_id, sku, name, size_value, size_unit, price_delta, is_default, created_at, updated_at)
SELECT (p.id - 1) * 2 + v, p.id, p.sku || '-V' || v, CASE v WHEN 1 THEN 'Single' ELSE 'Double' END, p.net_weight_g * v, 'g',
       (v - 1) * 8.50, v = 1, p.created_at, p.updated_at
FROM products AS p, generate_series(1, 2) AS v;

INSERT INTO product_images (id, product_id, url, alt_text, sort_order, is_primary, file_size_bytes, created_at)
SELECT (p.id - 1) * 2 + v, p.id, 'https://images.example/' || p.slug || '/' || v || '.webp', p.name, v, v = 1, 20000 + p.id * v, p.created_at
FROM products AS p, generate_series(1, 2) AS v;

INSERT INTO product_attributes (id, code, label, data_type, is_filterable, created_at)
SELECT i, 'attribute_' || i, 'Attribute ' || i, (ARRAY['text','number','boolean','choice'])[1 + i % 4], i % 2 = 0, '2022-01-01 12:00+00'
FROM generate_series(1, 24) AS i;

INSERT INTO product_attribute_values (id, product_id, attribute_id, value_text, value_number, source, created_at)
SELECT (p.id - 1) * 3 + v, p.id, 1 + (p.id + v * 5) % 24, CASE WHEN v < 3 THEN 'value ' || p.id % 97 END,
       CASE WHEN v = 3 THEN p.id % 311 END, 'ocs', p.created_at
FROM products AS p, generate_series(1, 3) AS v;

INSERT INTO terpenes (id, name, aroma, boiling_point_c)
SELECT i, name, 'notes of ' || lower(name), 150 + i * 3
FROM unnest(ARRAY['Myrcene','Limonene','Caryophyllene','Pinene','Linalool','Humulene','Terpinolene','Ocimene','Bisabolol','Nerolidol',
                  'Guaiol','Camphene','Borneol','Eucalyptol','Valencene','Geraniol','Phellandrene','Carene','Sabinene','Fenchol'])
     WITH ORDINALITY AS t (name, i);

INSERT INTO product_terpenes (product_id, terpene_id, percent)
SELECT p.id, 1 + (p.id + v * 6) % 20, round((p.id % 37 + v) / 20.0, 3)
FROM products AS p, generate_series(1, 3) AS v;

INSERT INTO product_tags (id, name, slug)
SELECT i, 'Tag ' || i, 'tag-' || i FROM generate_series(1, 60) AS i;
INSERT INTO product_tag_links (product_id, tag_id, created_at)
SELECT p.id, 1 + (p.id * v) % 60, p.created_at FROM products AS p, generate_series(1, 2) AS v
ON CONFLICT DO NOTHING;

INSERT INTO product_recommendations (id, product_id, recommended_product_id, kind, score, created_at)
SELECT (p.id - 1) * 4 + k, p.id, 1 + (p.id - 1 + 17 * k) % 5000, (ARRAY['similar','bought_together','upsell','substitute'])[k],
       round(1.0 / (1 + (p.id * k) % 97), 6), '2025-09-01 12:00+00'
FROM products AS p, generate_series(1, 4) AS k;

INSERT INTO product_views (id, product_id, store_id, user_id, session_key, referrer, viewed_at)
SELECT i, 1 + i * 31 % 5000, 1 + i % 60, CASE WHEN i % 3 > 0 THEN 1 + i * 7 % 20000 END, md5('session' || i / 4),
       CASE WHEN i % 5 = 0 THEN 'https://search.example' END, timestamptz '2025-08-01 12:00+00' + i * interval '3 minutes'
FROM generate_series(1, 30000) AS i;

INSERT INTO product_reviews (id, product_id, store_id, user_id, rating, title, body, status, created_at, updated_at)
SELECT i, 1 + i % 5000, 1 + i % 60, 1 + i * 37 % 20000, 1 + i * 11 % 5, 'Review ' || i,
       (ARRAY['Smooth and fragrant','Arrived late but fresh','Too dry for me','Great value for the price','Strong citrus nose'])[1 + i % 5],
       CASE WHEN i % 60 = 0 THEN 'pending' WHEN i % 91 = 0 THEN 'hidden' ELSE 'published' END,
       timestamptz '2024-06-01 12:00+00' + i * interval '55 minutes', timestamptz '2024-06-01 12:00+00' + i * interval '55 minutes'
FROM generate_series(1, 12000) AS i;
INSERT INTO review_votes (review_id, user_id, is_helpful, created_at)
SELECT r.id, 1 + (r.user_id + 100) % 20000, r.id % 4 > 0, r.created_at + interval '2 days' FROM product_reviews AS r;
INSERT INTO review_responses (id, review_id, responder_id, body, created_at)
SELECT row_number() OVER (ORDER BY r.id), r.id, 1 + r.id % 300, 'Thank you for telling us.', r.created_at + interval '1 day'
FROM product_reviews AS r WHERE r.id % 4 = 0;

INSERT INTO wishlists (id, user_id, product_id, store_id, note, added_at)
SELECT i, 1 + i * 7919 % 5000, 1 + (i * 31 + i / 5000 * 97) % 5000, 1 + i % 60, NULL,
       timestamptz '2025-01-01 12:00+00' + i * interval '20 minutes'
FROM generate_series(1, 15000) AS i;

-- OCS catalogue, stock and purchases

INSERT INTO ocs_product_catalog (id, ocs_sku, product_id, item_number, product_name, brand_name, supplier_name, category, subcategory,
                                 unit_price, units_per_case, size_text, thc_content, cbd_content, grow_method, created_at, updated_at)
SELECT i, 'OCS-' || lpad(i::text, 6, '0'), p.id, lpad((100000 + i)::text, 8, '0'), coalesce(p.name, 'Unlisted item ' || i), b.name, 'Supplier ' || 1 + i % 120,
       (ARRAY['Flower','Pre Rolls','Vapes','Edibles','Beverages','Concentrates'])[1 + i % 6], 'Core ' || i % 5,
       4 + i % 60 * 0.5, (ARRAY[1, 6, 12, 24])[1 + i % 4], '3.5 g', i % 30, i % 5, (ARRAY['indoor','greenhouse','outdoor'])[1 + i % 3],
       '2023-01-01 12:00+00', '2025-09-01 12:00+00'
FROM generate_series(1, 6000) AS i
LEFT JOIN products AS p ON p.id = i
LEFT JOIN brands AS b ON b.id = p.brand_id;

INSERT INTO inventory_locations (id, store_id, code, name, kind, created_at)
SELECT (s - 1) * 5 + n, s, 'L' || n, initcap(replace(k, '_', ' ')), k, '2023-01-01 12:00+00'
FROM generate_series(1, 60) AS s,
     unnest(ARRAY['shelf','vault','backroom','in_transit','quarantine']) WITH ORDINALITY AS kinds (k, n);

INSERT INTO ocs_inventory (id, store_id, location_id, product_id, sku, stock_quantity, units_per_case, unit_cost, packaged_on, expires_on,
                           lot_status, created_at, updated_at)
SELECT i, s.store_id, (s.store_id - 1) * 5 + 1 + i % 3, p.id, p.sku, CASE WHEN i % 29 = 0 THEN i % 10 ELSE 10 + i * 17 % 140 END,
       (ARRAY[1, 6, 12, 24])[1 + i % 4], p.unit_cost, date '2025-01-01' + i % 240, date '2025-12-01' + i % 500,
       CASE WHEN i % 200 = 0 THEN 'quarantine' WHEN i % 333 = 0 THEN 'expired' ELSE 'sellable' END,
       '2025-02-01 12:00+00', timestamptz '2025-09-01 12:00+00' + i * interval '10 seconds'
FROM generate_series(1, 30000) AS i
CROSS JOIN LATERAL (SELECT 1 + (i - 1) % 60 AS store_id) AS s
JOIN products AS p ON p.id = 1 + ((i - 1) / 60 * 10 + i % 10) % 5000;

INSERT INTO ocs_price_list (id, sku, wholesale_price, suggested_price, effective_from, effective_to, created_at)
SELECT (p.id - 1) * 2 + v, p.sku, p.unit_cost * (0.9 + v * 0.05), p.retail_price, date '2024-01-01' + (v - 1) * 365,
       CASE v WHEN 1 THEN date '2024-12-31' END, '2024-01-01 12:00+00'
FROM products AS p, generate_series(1, 2) AS v;

INSERT INTO ocs_purchase_orders (id, store_id, supplier_id, po_number, status, ordered_at, expected_on, received_at, subtotal, tax_total,
                                 created_at, updated_at)
SELECT i, 1 + i % 60, 1 + i % 120, 'PO-' || lpad(i::text, 7, '0'), CASE WHEN i > 2900 THEN (ARRAY['submitted','confirmed','shipped'])[1 + i % 3]
       WHEN i % 50 = 0 THEN 'cancelled' ELSE 'received' END,
       t.at, (t.at + interval '5 days')::date, CASE WHEN i <= 2900 AND i % 50 > 0 THEN t.at + interval '5 days' END,
       400 + i % 900, round((400 + i % 900) * 0.13, 2), t.at, t.at
FROM generate_series(1, 3000) AS i, LATERAL (SELECT timestamptz '2024-06-01 14:00+00' + i * interval '4 hours' AS at) AS t;

INSERT INTO ocs_purchase_order_items (id, purchase_order_id, product_id, sku, cases_ordered, units_per_case, unit_cost, created_at)
SELECT (o.id - 1) * 4 + v, o.id, p.id, p.sku, 1 + (o.id + v) % 9, 12, p.unit_cost, o.created_at
FROM ocs_purchase_orders AS o, generate_series(1, 4) AS v, LATERAL (SELECT * FROM products WHERE id = 1 + (o.id * 4 + v * 101) % 5000) AS p;

INSERT INTO ocs_asn_shipments (id, purchase_order_id, asn_number, carrier, tracking_number, shipped_at, arrived_at, created_at)
SELECT row_number() OVER (ORDER BY o.id), o.id, 'ASN-' || lpad(o.id::text, 7, '0'), 'Carrier ' || o.id % 3, 'TRK' || lpad((o.id * 977)::text, 12, '0'),
       o.ordered_at + interval '3 days', o.received_at, o.ordered_at + interval '3 days'
FROM ocs_purchase_orders AS o WHERE o.status IN ('received', 'shipped');
INSERT INTO ocs_asn_lines (id, shipment_id, sku, cases_shipped, units_per_case, batch_lot, expires_on)
SELECT row_number() OVER (ORDER BY a.id, i.id), a.id, i.sku, i.cases_ordered, i.units_per_case, 'LOT-' || i.product_id || '-' || a.id % 9, date '2026-01-01' + (i.id % 400)::integer
FROM ocs_asn_shipments AS a JOIN ocs_purchase_order_items AS i ON i.purchase_order_id = a.purchase_order_id;

-- Lots, movements, reservations, transfers, counts

INSERT INTO inventory_lots (id, product_id, lot_number, packaged_on, expires_on, status, received_quantity, remaining_quantity, created_at)
SELECT i, 1 + (i - 1) % 5000, 'LOT-' || 1 + (i - 1) % 5000 || '-' || (i - 1) / 5000, date '2025-01-01' + i % 240, date '2025-11-01' + i % 500,
       CASE WHEN i % 150 = 0 THEN 'recalled' ELSE 'sellable' END, 240, i * 7 % 241, '2025-02-01 12:00+00'
FROM generate_series(1, 8000) AS i;

INSERT INTO gtin_aliases (id, gtin, product_id, packaging, created_at)
SELECT i, body || (10 - (SELECT sum(substr(body, n, 1)::integer * CASE WHEN n % 2 = 1 THEN 3 ELSE 1 END)
                         FROM generate_series(1, 13) AS n) % 10) % 10,
       1 + (i - 1) % 5000, CASE WHEN i > 5000 THEN 'case' ELSE 'each' END, '2023-01-01 12:00+00'
FROM generate_series(1, 6000) AS i, LATERAL (SELECT '006284' || lpad(i::text, 7, '0') AS body) AS b;

INSERT INTO inventory_movements (id, inventory_id, store_id, movement_type, quantity_delta, reference_type, reference_id, actor_id, occurred_at)
SELECT i, 1 + (i * 13 - 1) % 30000, 1 + ((i * 13 - 1) % 30000) % 60,
       CASE WHEN i % 10 < 6 THEN 'sale' WHEN i % 10 < 8 THEN 'receipt' WHEN i % 500 = 8 THEN 'destruction' WHEN i % 10 = 8 THEN 'adjustment' ELSE 'return' END,
       CASE WHEN i % 10 < 6 THEN -1 - i % 3 WHEN i % 10 < 8 THEN 12 WHEN i % 500 = 8 THEN -2 ELSE 1 END,
       CASE WHEN i % 10 < 6 THEN 'order' WHEN i % 10 < 8 THEN 'purchase_order' END,
       CASE WHEN i % 10 < 6 THEN 1 + i % 150000 WHEN i % 10 < 8 THEN 1 + i % 3000 END,
       CASE WHEN i % 2 = 0 THEN 1 + i * 7 % 300 END, timestamptz '2025-01-01 12:00+00' + i * interval '4 minutes'
FROM generate_series(1, 100000) AS i;

INSERT INTO inventory_reservations (id, reservation_key, inventory_id, store_id, quantity, status, expires_at, created_at)
SELECT i, md5('reservation' || i)::uuid, 1 + i * 11 % 30000, 1 + (i * 11 % 30000) % 60, 1 + i % 3,
       CASE WHEN i > 7900 THEN 'active' ELSE (ARRAY['committed','released','expired'])[1 + i % 3] END,
       timestamptz '2025-09-01 12:15+00' + i * interval '5 minutes', timestamptz '2025-09-01 12:00+00' + i * interval '5 minutes'
FROM generate_series(1, 8000) AS i;

INSERT INTO inventory_adjustments (id, inventory_id, store_id, quantity_before, quantity_after, reason_code, created_at)
SELECT i, 1 + i * 5 % 30000, 1 + (i * 5 % 30000) % 60, 20, 18 + i % 4, (ARRAY['count','damage','theft','sample','correction','broken_case'])[1 + i % 6],
       timestamptz '2025-01-01 12:00+00' + i * interval '80 minutes'
FROM generate_series(1, 5000) AS i;

INSERT INTO inventory_transfers (id, from_store_id, to_store_id, status, requested_at, shipped_at, received_at, created_at, updated_at)
SELECT i, 1 + i % 40, 21 + i % 40, CASE WHEN i > 1950 THEN 'in_transit' WHEN i % 40 = 0 THEN 'cancelled' ELSE 'received' END,
       t.at, t.at + interval '1 day', CASE WHEN i <= 1950 AND i % 40 > 0 THEN t.at + interval '2 days' END, t.at, t.at
FROM generate_series(1, 2000) AS i, LATERAL (SELECT timestamptz '2025-01-01 15:00+00' + i * interval '3 hours' AS at) AS t;
INSERT INTO inventory_transfer_items (id, transfer_id, product_id, sku, quantity_sent, quantity_received)
SELECT (t.id - 1) * 3 + v, t.id, p.id, p.sku, 2 + (t.id + v) % 10, CASE WHEN t.status = 'received' THEN 2 + (t.id + v) % 10 END
FROM inventory_transfers AS t, generate_series(1, 3) AS v, LATERAL (SELECT * FROM products WHERE id = 1 + (t.id * 3 + v * 71) % 5000) AS p;

INSERT INTO inventory_counts (id, store_id, count_type, status, started_at, posted_at)
SELECT i, 1 + i % 60, (ARRAY['cycle','full','spot','month_end'])[1 + i % 4], CASE WHEN i > 1190 THEN 'open' ELSE 'posted' END,
       t.at, CASE WHEN i <= 1190 THEN t.at + interval '3 hours' END
FROM generate_series(1, 1200) AS i, LATERAL (SELECT timestamptz '2025-01-01 12:00+00' + i * interval '5 hours' AS at) AS t;
INSERT INTO inventory_count_lines (id, count_id, inventory_id, book_quantity, counted_quantity, counted_at)
SELECT (c.id - 1) * 10 + v, c.id, 1 + (c.id * 10 + v * 60) % 30000, 40, CASE WHEN (c.id + v) % 12 = 0 THEN 39 ELSE 40 END, c.started_at + v * interval '4 minutes'
FROM inventory_counts AS c, generate_series(1, 10) AS v;

INSERT INTO inventory_destructions (id, store_id, inventory_id, quantity, reason, method, destroyed_at, created_at)
SELECT i, 1 + i % 60, i * 37, 1 + i % 4, (ARRAY['expired','damaged','recalled','returned'])[1 + i % 4], 'rendered unusable and composted', t.at, t.at
FROM generate_series(1, 800) AS i, LATERAL (SELECT timestamptz '2025-01-01 12:00+00' + i * interval '7 hours' AS at) AS t;
INSERT INTO inventory_recalls (id, product_id, lot_number, severity, announced_at, closed_at, instructions)
SELECT row_number() OVER (ORDER BY l.id), l.product_id, l.lot_number, (ARRAY['I','II','III'])[1 + l.id % 3], timestamptz '2025-03-01 12:00+00' + l.id * interval '30 minutes',
       CASE WHEN l.id % 4 > 0 THEN timestamptz '2025-09-15 12:00+00' END, 'Stop sale and hold for pickup'
FROM inventory_lots AS l WHERE l.status = 'recalled';

INSERT INTO reorder_rules (id, store_id, product_id, minimum_quantity, target_quantity, updated_at)
SELECT i, 1 + (i - 1) % 60, 1 + (i - 1) / 60 * 37 % 5000, 5 + i % 10, 40 + i % 30, '2025-06-01 12:00+00'
FROM generate_series(1, 6000) AS i;
INSERT INTO supplier_products (id, supplier_id, product_id, supplier_sku, unit_cost, created_at)
SELECT i, 1 + (i - 1) % 120, 1 + (i - 1) % 5000, 'S' || 1 + (i - 1) % 120 || '-' || lpad(i::text, 6, '0'), 4 + i % 60 * 0.48, '2023-01-01 12:00+00'
FROM generate_series(1, 6000) AS i;
INSERT INTO supplier_invoices (id, supplier_id, purchase_order_id, invoice_number, invoice_date, due_date, total_amount, status, created_at)
SELECT row_number() OVER (ORDER BY o.id), o.supplier_id, o.id, 'INV-' || lpad(o.id::text, 7, '0'), o.received_at::date, o.received_at::date + 30,
       o.subtotal + o.tax_total, CASE WHEN o.id > 2800 THEN 'open' WHEN o.id % 97 = 0 THEN 'overdue' ELSE 'paid' END, o.received_at
FROM ocs_purchase_orders AS o WHERE o.status = 'received';

-- Prices, promotions, discounts, bundles

INSERT INTO price_history (id, product_id, store_id, old_price, new_price, changed_at, changed_by)
SELECT i, 1 + i % 5000, CASE WHEN i % 4 > 0 THEN 1 + i % 60 END, 10 + i % 70, 10 + (i + 7) % 70 + 0.95,
       timestamptz '2023-06-01 09:00+00' + i * interval '12 minutes', CASE WHEN i % 5 > 0 THEN 1 + i * 3 % 300 END
FROM generate_series(1, 100000) AS i;

INSERT INTO pricing_rules (id, store_id, category_id, name, strategy, markup_percent, priority, created_at)
SELECT i, 1 + i % 60, 11 + i % 50, 'Rule ' || i, (ARRAY['markup','fixed_margin','competitor','msrp'])[1 + i % 4], 30 + i % 25, i % 100, '2024-01-01 12:00+00'
FROM generate_series(1, 2400) AS i;

INSERT INTO store_price_overrides (id, store_id, product_id, price, starts_at, ends_at, reason, created_at)
SELECT i, 1 + (i - 1) % 60, 1 + (i - 1) / 60 * 101 % 5000, 9.95 + i % 60, t.at, t.at + interval '30 days', 'clearance', t.at
FROM generate_series(1, 3000) AS i, LATERAL (SELECT timestamptz '2025-06-01 04:00+00' + i % 90 * interval '1 day' AS at) AS t;

INSERT INTO excise_rates (province_code, excise_class, flat_rate, ad_valorem_rate, rate_basis, valid_from, valid_to)
SELECT province, class, rate, ad_valorem, basis, date '2018-10-17', NULL
FROM unnest(ARRAY['ON','QC','BC','AB','MB']) AS province,
     (VALUES ('flowering', 1.0, 0.10, 'gram'), ('non_flowering', 0.3, 0.10, 'gram'), ('seed', 1.0, 0.10, 'seed'), ('edible', 0.01, 0, 'thc_mg'), ('oil', 0.01, 0, 'thc_mg')) AS c (class, rate, ad_valorem, basis);

INSERT INTO promotions (id, store_id, name, description, discount_type, discount_value, starts_at, ends_at, status, created_at, updated_at)
SELECT i, 1 + i % 60, 'Promotion ' || i, 'Campaign number ' || i, (ARRAY['percent','amount','fixed_price','bogo'])[1 + i % 4], 5 + i % 20,
       t.at, t.at + interval '21 days', CASE WHEN i > 2950 THEN 'scheduled' WHEN i > 2850 THEN 'active' ELSE 'ended' END, t.at, t.at
FROM generate_series(1, 3000) AS i, LATERAL (SELECT timestamptz '2024-09-01 04:00+00' + i * interval '3 hours' AS at) AS t;
INSERT INTO promotion_products (id, promotion_id, product_id, is_excluded)
SELECT (p.id - 1) * 4 + v, p.id, 1 + (p.id * 4 + v * 733) % 5000, v = 4 FROM promotions AS p, generate_series(1, 4) AS v;
INSERT INTO promotion_usage (id, promotion_id, user_id, store_id, order_reference, discount_amount, basket_total, used_at)
SELECT i, 1 + i * 7 % 2900, CASE WHEN i % 3 > 0 THEN 1 + i * 11 % 20000 END, 1 + i % 60, 'ORD-' || lpad(i::text, 8, '0'), 1 + i % 15, 30 + i % 120,
       timestamptz '2024-10-01 12:00+00' + i * interval '30 minutes'
FROM generate_series(1, 15000) AS i;

INSERT INTO discount_codes (id, promotion_id, code, percent_off, amount_off, valid_from, valid_until, maximum_redemptions, is_active, created_at)
SELECT i, CASE WHEN i % 3 = 0 THEN 1 + i % 3000 END, 'SAVE' || upper(substr(md5('code' || i), 1, 10)), CASE WHEN i % 2 = 0 THEN 5 + i % 20 END,
       CASE WHEN i % 2 = 1 THEN 2 + i % 10 END, timestamptz '2024-09-01 04:00+00' + i * interval '3 hours',
       timestamptz '2024-12-01 04:00+00' + i * interval '3 hours', 100, i > 2600, '2024-09-01 04:00+00'
FROM generate_series(1, 3000) AS i;
INSERT INTO discount_redemptions (id, discount_code_id, user_id, order_reference, amount, redeemed_at)
SELECT i, 1 + i % 3000, 1 + i * 17 % 20000, 'ORD-' || lpad((i * 3)::text, 8, '0'), 1 + i % 9, timestamptz '2024-10-01 12:00+00' + i * interval '1 hour'
FROM generate_series(1, 8000) AS i;

INSERT INTO bundles (id, store_id, name, description, pricing, discount_percent, fixed_price, is_active, created_at, updated_at)
SELECT i, 1 + i % 60, 'Bundle ' || i, 'Three favourites', CASE WHEN i % 3 = 0 THEN 'fixed' ELSE 'percent' END,
       CASE WHEN i % 3 > 0 THEN 10 + i % 10 END, CASE WHEN i % 3 = 0 THEN 49.95 END, i % 7 > 0, '2025-01-01 12:00+00', '2025-01-01 12:00+00'
FROM generate_series(1, 2000) AS i;
INSERT INTO bundle_items (id, bundle_id, product_id, quantity)
SELECT (b.id - 1) * 3 + v, b.id, 1 + (b.id * 3 + v * 1009) % 5000, 1 + v % 2 FROM bundles AS b, generate_series(1, 3) AS v;

-- Stores

INSERT INTO store_hours (store_id, day_of_week, opens_at, closes_at)
SELECT s, d, CASE WHEN d = 0 THEN time '11:00' ELSE time '10:00' END, CASE WHEN d IN (4, 5, 6) THEN time '23:00' ELSE time '21:00' END
FROM generate_series(1, 60) AS s, generate_series(0, 6) AS d;
INSERT INTO store_settings (store_id, category, key, value, updated_at)
SELECT s, (ARRAY['pos','delivery','menu'])[1 + k % 3], 'setting_' || k, jsonb_build_object('enabled', (s + k) % 2 = 0, 'level', k), '2025-01-01 12:00+00'
FROM generate_series(1, 60) AS s, generate_series(1, 60) AS k;
INSERT INTO store_holidays (store_id, holiday_date, name, is_closed)
SELECT s, d, name, true
FROM generate_series(1, 60) AS s,
     (VALUES (date '2025-12-25', 'Christmas Day'), (date '2026-01-01', 'New Year''s Day'), (date '2026-04-03', 'Good Friday'), (date '2026-07-01', 'Canada Day')) AS h (d, name);
INSERT INTO compliance_reports (store_id, report_type, period_start, period_end, status, payload, created_at)
SELECT s, t, m::date, (m + interval '1 month')::date - 1, CASE WHEN m >= date '2025-09-01' THEN 'draft' ELSE 'accepted' END,
       jsonb_build_object('units', s * 10, 'month', to_char(m, 'YYYY-MM')), m + interval '1 month'
FROM generate_series(1, 60) AS s, unnest(ARRAY['monthly_federal','agco_sales']) AS t,
     generate_series(timestamp '2023-01-01', timestamp '2025-10-01', interval '1 month') AS m;

-- What only this database has

INSERT INTO product_search_documents (product_id, document, indexed_at)
SELECT id, to_tsvector('english', name || ' ' || coalesce(short_description, '')), '2025-09-01 12:00+00' FROM products;
INSERT INTO inventory_forecasts (store_id, product_id, forecast_date, expected_units, lower_bound, upper_bound, model, created_at)
SELECT 1 + i % 60, 1 + i * 3 % 5000, date '2025-10-01' + i / 3000, 4 + i % 9, 2, 20, 'ets', '2025-09-30 12:00+00' FROM generate_series(1, 6000) AS i;
INSERT INTO label_print_jobs (store_id, product_id, template, copies, status, queued_at, finished_at)
SELECT 1 + i % 60, 1 + i % 5000, 'shelf', 1 + i % 3, CASE WHEN i > 990 THEN 'queued' ELSE 'done' END, t.at, CASE WHEN i <= 990 THEN t.at + interval '1 minute' END
FROM generate_series(1, 1000) AS i, LATERAL (SELECT timestamptz '2025-09-01 12:00+00' + i * interval '20 minutes' AS at) AS t;
INSERT INTO compliance_licences (store_id, licence_type, licence_number, issued_on, expires_on)
SELECT s, t, upper(left(t, 3)) || right(t, 3) || lpad(s::text, 6, '0'), date '2024-01-01' + s, date '2026-01-01' + s
FROM generate_series(1, 60) AS s, unnest(ARRAY['retail_store','delivery']) AS t;
INSERT INTO store_zones (store_id, name, boundary)
SELECT s, 'Zone ' || s, polygon(box(point(-79.5 + s * 0.01, 43.6), point(-79.4 + s * 0.01, 43.7))) FROM generate_series(1, 60) AS s;
INSERT INTO menu_boards (store_id, name, layout, published_at)
SELECT s, n, jsonb_build_object('columns', 3, 'board', n), '2025-08-01 12:00+00' FROM generate_series(1, 60) AS s, unnest(ARRAY['Entrance','Counter']) AS n;
INSERT INTO price_experiments (product_id, variant, price, exposures, conversions, started_at)
SELECT p, v, 10 + p % 40, 1000 + p, 30 + p % 50, '2025-08-01 12:00+00' FROM generate_series(1, 200) AS p, unnest(ARRAY['control','lower']) AS v;
INSERT INTO supplier_scorecards (supplier_id, month, on_time_percent, fill_rate_percent, defects)
SELECT s, m::date, 80 + s % 20, 85 + s % 15, s % 4 FROM generate_series(1, 120) AS s, generate_series(timestamp '2025-01-01', timestamp '2025-09-01', interval '1 month') AS m;

-- ---------------------------------------------------------------------------
-- Roles, sessions and log-ins
-- ---------------------------------------------------------------------------

INSERT INTO roles (id, name, description, is_system)
SELECT n, name, 'Everything that a ' || lower(name) || ' does', n <= 4
  FROM unnest(ARRAY['Administrator', 'Manager', 'Budtender', 'Driver', 'Buyer', 'Accountant', 'Marketer', 'Auditor'])
       WITH ORDINALITY AS t (name, n);

INSERT INTO permissions (id, code, resource, action, description)
SELECT row_number() OVER (ORDER BY r.ord, a.ord), r.resource || '.' || a.action, r.resource, a.action, initcap(a.action) || ' ' || r.resource
  FROM unnest(ARRAY['products', 'inventory', 'orders', 'payments', 'customers', 'deliveries', 'reports', 'settings'])
       WITH ORDINALITY AS r (resource, ord)
 CROSS JOIN unnest(ARRAY['view', 'create', 'update', 'delete', 'export']) WITH ORDINALITY AS a (action, ord);

INSERT INTO role_permissions (role_id, permission_id, granted_at)
SELECT r, p, timestamptz '2023-03-01 00:00+00'
  FROM generate_series(1, 8) AS r, generate_series(1, 40) AS p
 WHERE r = 1 OR (r * p) % 3 = 0;

INSERT INTO user_roles (user_id, role_id, granted_at)
SELECT u, 1 + (u + k) % 8, timestamptz '2023-04-01 00:00+00'
  FROM generate_series(1, 600) AS u, generate_series(0, 1) AS k;

INSERT INTO user_sessions (id, user_id, token_hash, ip_address, user_agent, expires_at, last_seen_at, created_at)
SELECT md5('session' || n)::uuid,
       1 + (n * 13) % 20000,
       md5('token' || n) || md5('hash' || n),
       ('10.' || n % 200 || '.' || n % 250 || '.' || 1 + n % 200)::inet,
       (ARRAY['Mozilla/5.0 (iPhone)', 'Mozilla/5.0 (Windows NT 10.0)', 'Mozilla/5.0 (Macintosh)', 'WeedGo POS 2.1'])[1 + n % 4],
       timestamptz '2025-01-01 00:00+00' + n * interval '30 minutes',
       timestamptz '2024-12-20 00:00+00' + n * interval '25 minutes',
       timestamptz '2024-12-15 00:00+00' + n * interval '25 minutes'
  FROM generate_series(1, 10000) AS n;

INSERT INTO login_events (id, user_id, email, outcome, failure_reason, ip_address, user_agent, occurred_at)
SELECT n,
       1 + (n * 17) % 20000,
       'user' || 1 + (n * 17) % 20000 || '@example.com',
       CASE WHEN n % 12 = 0 THEN 'failure' WHEN n % 500 = 0 THEN 'locked' WHEN n % 9 = 0 THEN 'logout' ELSE 'success' END,
       CASE WHEN n % 12 = 0 THEN 'wrong_password' END,
       ('192.0.' || n % 100 || '.' || 1 + n % 250)::inet,
       'Mozilla/5.0',
       timestamptz '2024-07-01 00:00+00' + n * interval '25 minutes'
  FROM generate_series(1, 20000) AS n;

INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, last_used_at, expires_at, is_active, created_at)
SELECT n,
       1 + n % 600,
       'Key ' || n,
       'wg_' || substr(md5('prefix' || n), 1, 8),
       md5('key' || n) || md5('api' || n),
       ARRAY[(ARRAY['orders:read', 'orders:write', 'inventory:read', 'reports:read'])[1 + n % 4], 'profile'],
       timestamptz '2025-06-01 00:00+00' - n * interval '1 hour',
       timestamptz '2026-06-01 00:00+00',
       n % 10 <> 0,
       timestamptz '2024-01-01 00:00+00' + n * interval '2 hours'
  FROM generate_series(1, 2000) AS n;

INSERT INTO password_reset_tokens (id, user_id, token_hash, expires_at, used_at, created_at)
SELECT n,
       1 + (n * 29) % 20000,
       md5('reset' || n),
       timestamptz '2024-07-01 01:00+00' + n * interval '3 hours',
       CASE WHEN n % 20 <> 0 THEN timestamptz '2024-07-01 00:20+00' + n * interval '3 hours' END,
       timestamptz '2024-07-01 00:00+00' + n * interval '3 hours'
  FROM generate_series(1, 2500) AS n;

INSERT INTO user_preferences (user_id, theme, language, preferences, updated_at)
SELECT n,
       (ARRAY['light', 'dark', 'system'])[1 + n % 3],
       (ARRAY['en', 'en', 'fr'])[1 + n % 3],
       jsonb_build_object('density', n % 3, 'beta', n % 400 = 0, 'favourite_category', 'c' || n % 30),
       timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 6000) AS n;

-- ---------------------------------------------------------------------------
-- Customers, loyalty and consent
-- ---------------------------------------------------------------------------

INSERT INTO customers (id, user_id, home_store_id, first_name, last_name, email, phone, date_of_birth, status, created_at, updated_at)
SELECT n,
       600 + n,
       1 + (n - 1) % 60,
       (ARRAY['Ava', 'Liam', 'Noah', 'Mia', 'Zoe', 'Omar', 'Priya', 'Chen', 'Luca', 'Sara'])[1 + (600 + n) % 10],
       (ARRAY['Smith', 'Tremblay', 'Singh', 'Wong', 'Martin', 'Roy', 'Khan', 'Brown', 'Lee'])[1 + (600 + n) % 9] || (600 + n) % 200,
       'user' || 600 + n || '@example.com',
       CASE WHEN n % 4 <> 0 THEN '647-' || lpad((n % 1000)::text, 3, '0') || '-' || lpad((n * 3 % 10000)::text, 4, '0') END,
       date '1950-01-01' + (n * 37) % 20000,
       CASE WHEN n % 400 = 0 THEN 'blocked' ELSE 'active' END,
       timestamptz '2023-03-15 00:00+00' + n * interval '80 minutes',
       timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 10000) AS n;

INSERT INTO customer_addresses (id, customer_id, label, street, city, province, postal_code, is_default, created_at, updated_at)
SELECT n,
       1 + (n - 1) % 10000,
       CASE WHEN n <= 10000 THEN 'home' ELSE 'work' END,
       (1 + n % 999) || ' Dundas Street',
       (ARRAY['Toronto', 'Ottawa', 'Hamilton', 'London', 'Kingston', 'Windsor'])[1 + n % 6],
       'ON',
       (ARRAY['M5V', 'K1P', 'L8P', 'N6A', 'K7L', 'N9A'])[1 + n % 6] || ' ' || n % 10
           || (ARRAY['A', 'B', 'C', 'E', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R'])[1 + n % 13] || n / 10 % 10,
       n <= 10000,
       timestamptz '2023-04-01 00:00+00' + n * interval '1 hour',
       timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 12000) AS n;

INSERT INTO customer_notes (id, customer_id, author_id, body, created_at, updated_at)
SELECT n, 1 + (n * 7) % 10000, 81 + n % 320, 'Prefers low THC, asked on visit ' || n,
       timestamptz '2024-01-01 00:00+00' + n * interval '1 hour', timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 5000) AS n;

INSERT INTO loyalty_programs (id, store_id, name, points_per_dollar, point_value_cents, is_active, created_at)
SELECT n, n, 'Green points ' || n, 1 + n % 3, 1.000, n % 15 <> 0, timestamptz '2023-03-01 00:00+00'
  FROM generate_series(1, 60) AS n;

INSERT INTO loyalty_accounts (id, program_id, customer_id, points_balance, lifetime_points, enrolled_at, updated_at)
SELECT n, 1 + (n - 1) % 60, n, (n * 31) % 3000, (n * 31) % 3000 + n % 500,
       timestamptz '2023-04-01 00:00+00' + n * interval '1 hour', timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 8000) AS n;

-- ---------------------------------------------------------------------------
-- Carts, orders and taxes
-- ---------------------------------------------------------------------------

INSERT INTO tax_rates (id, region, name, federal_rate, provincial_rate, effective_from)
VALUES (1, 'CA-ON', 'HST', 0.05, 0.08, '2010-07-01'),
       (2, 'CA-BC', 'GST+PST', 0.05, 0.07, '2013-04-01'),
       (3, 'CA-AB', 'GST', 0.05, 0, '2008-01-01'),
       (4, 'CA-QC', 'GST+QST', 0.05, 0.09975, '2013-01-01'),
       (5, 'CA-NS', 'HST', 0.05, 0.10, '2010-07-01'),
       (6, 'CA-MB', 'GST+PST', 0.05, 0.07, '2019-07-01');

INSERT INTO carts (id, store_id, customer_id, session_key, status, expires_at, created_at, updated_at)
SELECT n,
       1 + (n - 1) % 60,
       CASE WHEN n % 3 <> 0 THEN 1 + (n * 11) % 10000 END,
       md5('cart' || n),
       CASE WHEN n % 15 = 0 THEN 'open' WHEN n % 4 = 0 THEN 'abandoned' ELSE 'ordered' END,
       timestamptz '2025-01-08 00:00+00' + n * interval '40 minutes',
       timestamptz '2025-01-01 00:00+00' + n * interval '40 minutes',
       timestamptz '2025-01-01 01:00+00' + n * interval '40 minutes'
  FROM generate_series(1, 6000) AS n;

INSERT INTO cart_items (id, cart_id, product_id, sku, quantity, unit_price, added_at)
SELECT n,
       1 + (n - 1) / 2,
       p.id,
       'SKU-' || lpad(p.id::text, 6, '0'),
       1 + n % 4,
       8.95 + p.id % 55,
       timestamptz '2025-01-01 00:10+00' + (n / 2) * interval '40 minutes'
  FROM generate_series(1, 12000) AS n
 CROSS JOIN LATERAL (SELECT 1 + (n * 41) % 5000 AS id) AS p;

INSERT INTO orders (id, order_number, store_id, customer_id, status, payment_status, fulfilment, subtotal, discount_total,
                    tax_total, delivery_fee, total, notes, placed_at, completed_at, created_at, updated_at)
SELECT n,
       'WG-' || lpad(n::text, 8, '0'),
       1 + (n - 1) % 60,
       1 + (n::bigint * 7919) % 10000,
       s.status,
       CASE WHEN s.status IN ('completed', 'ready') THEN 'paid'
            WHEN s.status = 'returned' THEN 'refunded'
            WHEN s.status = 'cancelled' THEN CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'refunded' END
            WHEN n % 9 = 0 THEN 'unpaid'
            ELSE 'authorized' END,
       f.fulfilment,
       i.subtotal,
       d.discount,
       round((i.subtotal - d.discount) * 0.13, 2),
       f.fee,
       i.subtotal - d.discount + round((i.subtotal - d.discount) * 0.13, 2) + f.fee,
       CASE WHEN n % 200 = 0 THEN 'Please ring twice' END,
       f.placed_at,
       CASE WHEN s.status IN ('completed', 'returned') THEN f.placed_at + interval '45 minutes' END,
       f.placed_at,
       f.placed_at + interval '45 minutes'
  FROM generate_series(1, 150000) AS n
 CROSS JOIN LATERAL (
       SELECT CASE WHEN n % 5 IN (0, 1) THEN 'delivery' WHEN n % 5 = 2 THEN 'in_store' ELSE 'pickup' END AS fulfilment,
              CASE WHEN n % 5 IN (0, 1) THEN 5.00 ELSE 0 END AS fee,
              timestamptz '2023-07-01 00:00+00' + n * interval '7 minutes' AS placed_at) AS f
 CROSS JOIN LATERAL (
       SELECT CASE WHEN n > 147000 THEN (ARRAY['pending', 'confirmed', 'preparing', 'ready'])[1 + n % 4]
                   WHEN n % 25 = 0 THEN 'cancelled'
                   WHEN n % 97 = 0 THEN 'returned'
                   ELSE 'completed' END AS status) AS s
 CROSS JOIN LATERAL (
       SELECT sum((1 + (n + k) % 3) * (8.95 + (1 + (n * 31 + k * 977) % 5000) % 55)) AS subtotal
         FROM generate_series(1, 2) AS k) AS i
 CROSS JOIN LATERAL (SELECT CASE WHEN n % 10 = 0 THEN 5.00 ELSE 0 END AS discount) AS d;

INSERT INTO order_items (id, order_id, product_id, sku, product_name, quantity, unit_price, line_total, created_at)
SELECT n * 2 - 2 + k,
       n,
       p.id,
       'SKU-' || lpad(p.id::text, 6, '0'),
       'Product ' || p.id,
       1 + (n + k) % 3,
       8.95 + p.id % 55,
       (1 + (n + k) % 3) * (8.95 + p.id % 55),
       timestamptz '2023-07-01 00:00+00' + n * interval '7 minutes'
  FROM generate_series(1, 150000) AS n
 CROSS JOIN generate_series(1, 2) AS k
 CROSS JOIN LATERAL (SELECT 1 + (n * 31 + k * 977) % 5000 AS id) AS p;

INSERT INTO order_status_history (id, order_id, from_status, to_status, changed_by, changed_at)
SELECT n,
       120000 + n,
       'pending',
       o.status,
       81 + n % 320,
       o.placed_at + interval '10 minutes'
  FROM generate_series(1, 30000) AS n
  JOIN orders AS o ON o.id = 120000 + n;

INSERT INTO order_discounts (id, order_id, label, kind, amount, created_at)
SELECT n, n * 10, 'Five dollars off', (ARRAY['promotion', 'coupon', 'loyalty', 'manual'])[1 + n % 4], 5.00,
       timestamptz '2023-07-01 00:00+00' + n * interval '70 minutes'
  FROM generate_series(1, 15000) AS n;

INSERT INTO order_taxes (id, order_id, tax_rate_id, amount)
SELECT o.id - 130000, o.id, 1, o.tax_total
  FROM orders AS o
 WHERE o.id > 130000;

INSERT INTO loyalty_transactions (id, account_id, order_id, kind, points, reason, created_at)
SELECT n,
       1 + (n * 3) % 8000,
       CASE WHEN n % 10 < 8 THEN n * 7 END,
       CASE WHEN n % 10 < 8 THEN 'earn' WHEN n % 10 = 8 THEN 'redeem' ELSE 'bonus' END,
       CASE WHEN n % 10 = 8 THEN -100 ELSE 10 + n % 90 END,
       CASE WHEN n % 10 = 9 THEN 'birthday' END,
       timestamptz '2023-07-01 00:00+00' + n * interval '50 minutes'
  FROM generate_series(1, 20000) AS n;

INSERT INTO consent_records (id, customer_id, purpose, granted, source, recorded_at)
SELECT n, 1 + (n - 1) % 10000, (ARRAY['terms', 'marketing_email'])[1 + (n - 1) / 10000], n <= 10000 OR n % 3 <> 0,
       (ARRAY['web', 'kiosk', 'counter'])[1 + n % 3], timestamptz '2023-04-01 00:00+00' + n * interval '30 minutes'
  FROM generate_series(1, 20000) AS n;

INSERT INTO age_verifications (id, customer_id, method, result, verified_by, verified_at)
SELECT n, n, (ARRAY['in_person', 'document_scan', 'third_party', 'at_door'])[1 + n % 4],
       CASE WHEN n % 90 = 0 THEN 'referred' ELSE 'passed' END, 81 + n % 320,
       timestamptz '2023-04-01 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 10000) AS n;

-- ---------------------------------------------------------------------------
-- Deliveries
-- ---------------------------------------------------------------------------

INSERT INTO delivery_zones (id, store_id, name, base_fee, fee_per_km, is_active, created_at)
SELECT n, 1 + (n - 1) % 60, (ARRAY['Centre', 'North', 'South'])[1 + (n - 1) / 60], 4 + n % 4, 0.75, n % 20 <> 0,
       timestamptz '2023-03-01 00:00+00'
  FROM generate_series(1, 180) AS n;

INSERT INTO drivers (id, user_id, store_id, vehicle_type, status, hired_on, updated_at)
SELECT n, 400 + n, 1 + (400 + n - 1) % 60, (ARRAY['car', 'bike', 'van'])[1 + n % 3],
       (ARRAY['available', 'busy', 'offline', 'offline'])[1 + n % 4], date '2023-03-01' + n, timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 200) AS n;

INSERT INTO driver_shifts (id, driver_id, starts_at, ends_at, created_at)
SELECT n, 1 + (n - 1) % 200,
       timestamptz '2025-06-01 14:00+00' + ((n - 1) / 200) * interval '1 day',
       timestamptz '2025-06-01 22:00+00' + ((n - 1) / 200) * interval '1 day',
       timestamptz '2025-05-25 00:00+00'
  FROM generate_series(1, 4000) AS n;

INSERT INTO deliveries (id, order_id, store_id, driver_id, address_id, status, fee, assigned_at, delivered_at, created_at, updated_at)
SELECT row_number() OVER (ORDER BY o.id),
       o.id,
       o.store_id,
       CASE WHEN o.status <> 'pending' THEN 1 + (o.id * 3) % 200 END,
       o.customer_id,
       CASE WHEN o.status = 'cancelled' THEN 'cancelled'
            WHEN o.status IN ('completed', 'returned') THEN CASE WHEN o.id % 400 = 0 THEN 'failed' ELSE 'delivered' END
            WHEN o.status = 'pending' THEN 'pending'
            ELSE (ARRAY['assigned', 'picked_up', 'en_route'])[1 + o.id % 3] END::delivery_status,
       o.delivery_fee,
       CASE WHEN o.status <> 'pending' THEN o.placed_at + interval '5 minutes' END,
       CASE WHEN o.status IN ('completed', 'returned') AND o.id % 400 <> 0 THEN o.placed_at + interval '40 minutes' END,
       o.placed_at,
       o.placed_at + interval '40 minutes'
  FROM orders AS o
 WHERE o.fulfilment = 'delivery';

INSERT INTO delivery_events (id, delivery_id, event_type, details, occurred_at)
SELECT n,
       40000 + 1 + (n - 1) % 20000,
       CASE WHEN n % 300 = 0 THEN 'failed' ELSE (ARRAY['assigned', 'picked_up', 'location', 'arrived', 'delivered'])[1 + n % 5] END,
       '{}',
       timestamptz '2024-12-01 00:00+00' + n * interval '10 minutes'
  FROM generate_series(1, 25000) AS n;

-- ---------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------

INSERT INTO payment_providers (id, code, name, kind, config, is_active, created_at, updated_at)
SELECT n, code, initcap(code), kind, '{"timeout_ms": 10000}', n <> 6, timestamptz '2023-03-01 00:00+00', timestamptz '2023-03-01 00:00+00'
  FROM (VALUES (1, 'moneris', 'card'), (2, 'clover', 'card'), (3, 'interac', 'interac'),
               (4, 'paywallet', 'wallet'), (5, 'till', 'cash'), (6, 'sandbox', 'sandbox')) AS t (n, code, kind);

INSERT INTO payment_methods (id, customer_id, provider_id, kind, token, brand, last4, expires_month, expires_year, created_at)
SELECT n, n, 1 + n % 2, 'card', 'tok_' || md5('card' || n), (ARRAY['visa', 'mastercard'])[1 + n % 2], lpad((n * 17 % 10000)::text, 4, '0'),
       1 + n % 12, 2025 + n % 5, timestamptz '2023-04-01 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 8000) AS n;

INSERT INTO payment_transactions (id, order_id, store_id, provider_id, payment_method_id, kind, method, status, amount_minor,
                                  provider_reference, error_message, created_at, updated_at)
SELECT o.id,
       o.id,
       o.store_id,
       m.provider_id,
       CASE WHEN m.method = 'card' AND o.customer_id <= 8000 THEN o.customer_id END,
       CASE WHEN o.payment_status = 'authorized' THEN 'authorize' ELSE 'charge' END,
       m.method,
       CASE WHEN o.payment_status = 'failed' THEN 'declined'
            WHEN o.payment_status = 'unpaid' THEN CASE WHEN o.id % 2 = 0 THEN 'unknown' ELSE 'sent' END
            ELSE 'succeeded' END,
       (o.total * 100)::bigint,
       'ref_' || lpad(to_hex(o.id * 2654435761 % 4294967296), 8, '0'),
       CASE WHEN o.payment_status = 'failed' THEN 'declined by the issuer' END,
       o.placed_at + interval '1 minute',
       o.placed_at + interval '2 minutes'
  FROM orders AS o
 CROSS JOIN LATERAL (
       SELECT CASE o.id % 10 WHEN 7 THEN 3 WHEN 8 THEN 5 WHEN 9 THEN 4 ELSE 1 + o.id % 2 END AS provider_id,
              CASE o.id % 10 WHEN 7 THEN 'interac' WHEN 8 THEN 'cash' WHEN 9 THEN 'wallet' ELSE 'card' END AS method) AS m
 ORDER BY o.id;

INSERT INTO payment_refunds (id, transaction_id, amount_minor, reason, status, provider_reference, created_at, updated_at)
SELECT row_number() OVER (ORDER BY t.id), t.id, t.amount_minor / 2, 'returned goods',
       CASE WHEN t.id % 97 = 0 AND t.id % 11 = 0 THEN 'pending' ELSE 'succeeded' END,
       're_' || substr(md5('refund' || t.id), 1, 12),
       t.created_at + interval '2 days', t.created_at + interval '2 days'
  FROM payment_transactions AS t
 WHERE t.status = 'succeeded'
   AND (t.id % 97 = 0 OR t.id % 50 = 25);

INSERT INTO payment_disputes (id, transaction_id, provider_id, provider_reference, reason, amount_minor, status, opened_at, closed_at, updated_at)
SELECT row_number() OVER (ORDER BY t.id), t.id, t.provider_id, 'dp_' || substr(md5('dispute' || t.id), 1, 12),
       (ARRAY['fraudulent', 'not_received', 'duplicate', 'not_as_described'])[1 + t.id % 4], t.amount_minor,
       CASE WHEN t.id > 140000 THEN 'open' WHEN t.id % 3 = 0 THEN 'lost' ELSE 'won' END,
       t.created_at + interval '20 days',
       CASE WHEN t.id <= 140000 THEN t.created_at + interval '50 days' END,
       t.created_at + interval '20 days'
  FROM payment_transactions AS t
 WHERE t.status = 'succeeded'
   AND t.id % 101 = 1;

INSERT INTO payment_settlements (id, provider_id, store_id, payout_reference, gross_minor, fee_minor, net_minor, status, payout_date, created_at, updated_at)
SELECT n, 1 + n % 5, 1 + (n - 1) % 60, 'po_' || lpad(n::text, 8, '0'), g.gross, g.fee, g.gross - g.fee,
       CASE WHEN n > 2950 THEN 'imported' WHEN n % 200 = 0 THEN 'exception' ELSE 'closed' END,
       date '2023-07-02' + n / 5, timestamptz '2023-07-03 00:00+00' + (n / 5) * interval '1 day',
       timestamptz '2023-07-03 00:00+00' + (n / 5) * interval '1 day'
  FROM generate_series(1, 3000) AS n
 CROSS JOIN LATERAL (SELECT 200000 + n * 13 AS gross, (200000 + n * 13) / 40 AS fee) AS g;

INSERT INTO payment_settlement_lines (id, settlement_id, transaction_id, provider_reference, gross_minor, fee_minor, net_minor, match_status)
SELECT row_number() OVER (ORDER BY t.id), 1 + (t.id - 1) / 10 % 3000,
       CASE WHEN t.id % 150 <> 1 THEN t.id END,
       t.provider_reference, t.amount_minor, t.amount_minor / 40, t.amount_minor - t.amount_minor / 40,
       CASE WHEN t.id % 150 = 1 THEN 'exception' ELSE 'matched' END
  FROM payment_transactions AS t
 WHERE t.status = 'succeeded'
   AND t.id <= 20000;

INSERT INTO payment_provider_health_metrics (id, provider_id, method, bucket_start, call_count, technical_errors, declines, total_latency_ms)
SELECT n, 1 + n % 5, (ARRAY['card', 'card', 'interac', 'wallet', 'cash'])[1 + n % 5],
       timestamptz '2025-06-30 00:00+00' + (n / 5) * interval '10 seconds',
       20 + n % 30, CASE WHEN n % 50 = 0 THEN 3 ELSE 0 END, n % 4, (20 + n % 30) * 240
  FROM generate_series(1, 8000) AS n;

INSERT INTO payment_webhook_events (id, provider_id, event_id, event_type, payload, received_at, processed_at)
SELECT n, 1 + n % 4, 'evt_' || lpad(n::text, 10, '0'), (ARRAY['charge.succeeded', 'charge.failed', 'payout.paid'])[1 + n % 3],
       jsonb_build_object('object', 'ref_' || lpad(to_hex(n::bigint * 2654435761 % 4294967296), 8, '0'), 'live', true, 'sequence', n),
       timestamptz '2025-03-01 00:00+00' + n * interval '15 minutes',
       CASE WHEN n % 120 <> 0 THEN timestamptz '2025-03-01 00:01+00' + n * interval '15 minutes' END
  FROM generate_series(1, 10000) AS n;

-- ---------------------------------------------------------------------------
-- Conversations
-- ---------------------------------------------------------------------------

INSERT INTO ai_models (id, provider, name, purpose, parameters, is_active, created_at)
SELECT n, (ARRAY['local', 'hosted'])[1 + n % 2], 'model-' || n, (ARRAY['chat', 'chat', 'embedding', 'voice'])[1 + n % 4],
       '{"temperature": 0.3}', n < 7, timestamptz '2024-01-01 00:00+00'
  FROM generate_series(1, 8) AS n;

INSERT INTO ai_conversations (id, store_id, customer_id, model_id, channel, language, status, started_at, ended_at, updated_at)
SELECT n, 1 + (n - 1) % 60, CASE WHEN n % 4 <> 0 THEN 1 + (n * 19) % 10000 END, 1 + n % 8,
       (ARRAY['web', 'kiosk', 'voice', 'sms'])[1 + n % 4], (ARRAY['en', 'en', 'fr', 'es'])[1 + n % 4],
       CASE WHEN n > 39800 THEN 'open' WHEN n % 60 = 0 THEN 'handed_over' ELSE 'closed' END,
       timestamptz '2024-07-01 00:00+00' + n * interval '13 minutes',
       CASE WHEN n <= 39800 THEN timestamptz '2024-07-01 00:08+00' + n * interval '13 minutes' END,
       timestamptz '2024-07-01 00:08+00' + n * interval '13 minutes'
  FROM generate_series(1, 40000) AS n;

INSERT INTO ai_messages (id, conversation_id, role, content, created_at)
SELECT n * 3 - 3 + k, n, (ARRAY['user', 'assistant', 'user'])[k],
       (ARRAY['What helps me sleep, something mild?', 'An indica with a little CBD, for instance SKU-', 'Thanks, is it in stock?'])[k]
           || CASE WHEN k = 2 THEN lpad((1 + n % 5000)::text, 6, '0') ELSE '' END,
       timestamptz '2024-07-01 00:00+00' + n * interval '13 minutes' + k * interval '1 minute'
  FROM generate_series(1, 40000) AS n, generate_series(1, 3) AS k;

INSERT INTO ai_feedback (id, message_id, rating, comment, created_at)
SELECT n, n * 15 - 1, CASE WHEN n % 6 = 0 THEN -1 ELSE 1 END, CASE WHEN n % 6 = 0 THEN 'Not what I meant' END,
       timestamptz '2024-07-02 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 8000) AS n;

-- ---------------------------------------------------------------------------
-- Broadcasts and notifications
-- ---------------------------------------------------------------------------

INSERT INTO message_templates (id, code, channel, language, subject, body, is_active, created_at, updated_at)
SELECT row_number() OVER (ORDER BY c.ord, l.ord), c.code, 'email', l.language, initcap(replace(c.code, '_', ' ')),
       'Hello {{first_name}}, ' || replace(c.code, '_', ' ') || ' from {{store}}.', true,
       timestamptz '2023-03-01 00:00+00', timestamptz '2023-03-01 00:00+00'
  FROM unnest(ARRAY['order_ready', 'order_on_its_way', 'weekly_deals', 'points_expiring', 'birthday', 'receipt']) WITH ORDINALITY AS c (code, ord)
 CROSS JOIN unnest(ARRAY['en', 'fr']) WITH ORDINALITY AS l (language, ord);

INSERT INTO broadcasts (id, store_id, template_id, name, channel, status, scheduled_at, sent_at, created_by, created_at, updated_at)
SELECT n, 1 + (n - 1) % 60, 5, 'Deals of week ' || n, 'email',
       CASE WHEN n > 1180 THEN 'scheduled' WHEN n % 40 = 0 THEN 'cancelled' ELSE 'sent' END,
       timestamptz '2023-07-03 15:00+00' + n * interval '15 hours',
       CASE WHEN n <= 1180 AND n % 40 <> 0 THEN timestamptz '2023-07-03 15:01+00' + n * interval '15 hours' END,
       81 + n % 320, timestamptz '2023-07-01 15:00+00' + n * interval '15 hours', timestamptz '2023-07-03 15:01+00' + n * interval '15 hours'
  FROM generate_series(1, 1200) AS n;

INSERT INTO broadcast_recipients (id, broadcast_id, customer_id, status, sent_at, created_at)
SELECT n, 1 + (n - 1) % 1200, 1 + (n * 7) % 10000, CASE WHEN n % 80 = 0 THEN 'bounced' WHEN n % 1200 > 1180 THEN 'queued' ELSE 'sent' END,
       CASE WHEN n % 1200 <= 1180 THEN timestamptz '2024-01-01 00:00+00' + n * interval '1 hour' END,
       timestamptz '2024-01-01 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 12000) AS n;

INSERT INTO notifications (id, user_id, kind, title, data, read_at, created_at)
SELECT n, 1 + (n * 23) % 20000, (ARRAY['order', 'promotion', 'system', 'delivery'])[1 + n % 4], 'Notice ' || n,
       jsonb_build_object('order', n), CASE WHEN n % 8 <> 0 THEN timestamptz '2025-01-02 00:00+00' + n * interval '12 minutes' END,
       timestamptz '2025-01-01 00:00+00' + n * interval '12 minutes'
  FROM generate_series(1, 20000) AS n;

INSERT INTO notification_preferences (user_id, kind, channel, enabled, updated_at)
SELECT u, k, c, (u + length(k)) % 3 <> 0, timestamptz '2024-06-01 00:00+00'
  FROM generate_series(1, 500) AS u, unnest(ARRAY['order', 'promotion']) AS k, unnest(ARRAY['email', 'push']) AS c;

-- ---------------------------------------------------------------------------
-- Support, webhooks and settings
-- ---------------------------------------------------------------------------

INSERT INTO support_tickets (id, store_id, customer_id, order_id, assignee_id, subject, priority, status, created_at, resolved_at, updated_at)
SELECT n, 1 + (n - 1) % 60, 1 + (n * 3) % 10000, n * 20, 81 + n % 320, 'Question about order ' || n * 20,
       (ARRAY['low', 'normal', 'normal', 'high', 'urgent'])[1 + n % 5]::ticket_priority,
       CASE WHEN n > 5900 THEN 'open' WHEN n % 30 = 0 THEN 'waiting' ELSE 'closed' END,
       timestamptz '2023-07-05 00:00+00' + n * interval '2 hours 50 minutes',
       CASE WHEN n <= 5900 AND n % 30 <> 0 THEN timestamptz '2023-07-06 00:00+00' + n * interval '2 hours 50 minutes' END,
       timestamptz '2023-07-06 00:00+00' + n * interval '2 hours 50 minutes'
  FROM generate_series(1, 6000) AS n;

INSERT INTO support_messages (id, ticket_id, author_id, body, created_at)
SELECT n, 1 + (n - 1) / 2, CASE WHEN n % 2 = 0 THEN 81 + n % 320 END,
       CASE WHEN n % 2 = 0 THEN 'We are looking into it.' ELSE 'My order is not complete.' END,
       timestamptz '2023-07-05 00:05+00' + (n / 2) * interval '2 hours 50 minutes'
  FROM generate_series(1, 12000) AS n;

INSERT INTO webhook_endpoints (id, store_id, url, secret_hash, events, is_active, created_at, updated_at)
SELECT n, 1 + (n - 1) % 60, 'https://hooks.retailer-' || 1 + (n - 1) % 20 || '.example/' || n, md5('secret' || n), '{order.created,order.completed}',
       n % 12 <> 0, timestamptz '2024-01-01 00:00+00', timestamptz '2024-01-01 00:00+00'
  FROM generate_series(1, 60) AS n;

INSERT INTO webhook_deliveries (id, endpoint_id, event, payload, response_status, attempts, created_at)
SELECT n, 1 + (n - 1) % 60, (ARRAY['order.created', 'order.completed'])[1 + n % 2], jsonb_build_object('order_id', n),
       CASE WHEN n % 70 = 0 THEN 500 ELSE 200 END, 1 + (n % 70 = 0)::integer, timestamptz '2025-01-01 00:00+00' + n * interval '15 minutes'
  FROM generate_series(1, 12000) AS n;

INSERT INTO system_settings (key, value, description, updated_by, updated_at)
VALUES ('orders.max_open_hours', '72', 'After how long an open order is looked at', 1, '2024-06-01 00:00+00'),
       ('payments.breaker_seconds', '30', 'How long a breaker stays open', 1, '2024-06-01 00:00+00'),
       ('age.minimum', '19', 'Years', 1, '2024-06-01 00:00+00'),
       ('limits.dried_equivalent_g', '30', 'Grams that one may carry', 1, '2024-06-01 00:00+00'),
       ('ai.default_model', '"model-1"', NULL, 1, '2024-06-01 00:00+00');

-- ---------------------------------------------------------------------------
-- Added since the legacy
-- ---------------------------------------------------------------------------

INSERT INTO feature_flags (key, description, enabled, rollout_percent, created_at, updated_at)
SELECT 'flag_' || n, 'Feature ' || n, n % 2 = 0, n * 9, timestamptz '2025-01-01 00:00+00', timestamptz '2025-01-01 00:00+00'
  FROM generate_series(1, 10) AS n;

INSERT INTO push_subscriptions (id, user_id, endpoint, keys, platform, created_at)
SELECT md5('push' || n)::uuid, 600 + n, 'https://push.example/' || md5('endpoint' || n), '{"p256dh": "x"}',
       (ARRAY['web', 'ios', 'android'])[1 + n % 3], timestamptz '2025-01-01 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 500) AS n;

INSERT INTO customer_segments (id, store_id, name, definition, created_at)
SELECT n, 1 + (n - 1) % 60, 'Segment ' || n, '{"min_orders": 3}', timestamptz '2025-01-01 00:00+00'
  FROM generate_series(1, 120) AS n;

INSERT INTO customer_segment_members (segment_id, customer_id, added_at)
SELECT 1 + n % 120, 1 + n % 10000, timestamptz '2025-01-02 00:00+00'
  FROM generate_series(1, 3000) AS n;

UPDATE customer_segments SET refreshed_at = timestamptz '2025-01-02 00:00+00';

INSERT INTO referral_invites (id, inviter_id, invitee_email, code, status, reward_points, sent_at)
SELECT n, 1 + n % 10000, 'friend' || n || '@example.com', upper(substr(md5('invite' || n), 1, 12)),
       (ARRAY['sent', 'accepted', 'expired'])[1 + n % 3], 100, timestamptz '2025-01-01 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 400) AS n;

INSERT INTO delivery_routes (id, driver_id, route_date, stops, planned_km, status, created_at, updated_at)
SELECT n, 1 + (n - 1) % 200, date '2025-06-01' + (n - 1) / 200, ARRAY[n, n + 1, n + 2]::bigint[], 10 + n % 30,
       CASE WHEN n > 800 THEN 'planned' ELSE 'done' END, timestamptz '2025-06-01 00:00+00', timestamptz '2025-06-01 00:00+00'
  FROM generate_series(1, 1000) AS n;

INSERT INTO gift_cards (id, store_id, code_hash, initial_minor, balance_minor, issued_at)
SELECT n, 1 + (n - 1) % 60, md5('gift' || n), 5000, (n * 10) % 5001, timestamptz '2025-01-01 00:00+00' + n * interval '1 hour'
  FROM generate_series(1, 600) AS n;

INSERT INTO ai_tool_calls (id, message_id, tool_name, arguments, result_status, duration_ms, created_at)
SELECT n, n * 3 - 1, 'product_search', jsonb_build_object('query', 'sleep', 'limit', 5), CASE WHEN n % 100 = 0 THEN 'timeout' ELSE 'ok' END,
       20 + n % 300, timestamptz '2024-07-01 00:01+00' + n * interval '13 minutes'
  FROM generate_series(1, 5000) AS n;

-- ---------------------------------------------------------------------------
-- Sequences stand past what was loaded
-- ---------------------------------------------------------------------------

DO $$
DECLARE
    owned record;
BEGIN
    FOR owned IN
        SELECT s.oid::regclass AS sequence, d.refobjid::regclass AS relation, a.attname AS attribute
          FROM pg_class AS s
          JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
          JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE s.relkind = 'S'
           AND s.relnamespace = 'public'::regnamespace
         ORDER BY s.relname
    LOOP
        EXECUTE format('SELECT setval(%L, coalesce(max(%I), 1), max(%2$I) IS NOT NULL) FROM %s',
                       owned.sequence, owned.attribute, owned.relation);
    END LOOP;
END;
$$;

DO $$
DECLARE
    foreign_key record;
BEGIN
    FOR foreign_key IN SELECT * FROM set_aside_keys ORDER BY relation::text, name LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', foreign_key.relation, foreign_key.name, foreign_key.definition);
    END LOOP;
END;
$$;

COMMIT;

ANALYZE;
