-- What applications ask of the migrated database, one statement below each name.

-- ---------------------------------------------------------------------------
-- Catalogue side
-- ---------------------------------------------------------------------------

-- name: product_by_sku_case_insensitive
SELECT id, sku, name, retail_price FROM products WHERE lower(sku) = lower('sku-001234');

-- name: product_by_sku_for_scanner
SELECT sku, name, retail_price FROM products WHERE sku = 'SKU-002500' AND is_active;

-- name: products_of_category_by_sku
SELECT id, sku, name FROM products WHERE category_id = 17 ORDER BY sku LIMIT 50;

-- name: products_of_supplier_by_sku
SELECT id, sku, name, unit_cost FROM products WHERE supplier_id = 12 ORDER BY sku;

-- name: products_by_sku_prefix
SELECT id, sku, name FROM products WHERE sku LIKE 'SKU-00421%' ORDER BY sku LIMIT 20;

-- name: product_full_text_search
SELECT id, sku, name FROM products WHERE search_vector @@ websearch_to_tsquery('english', 'blue haze') LIMIT 20;

-- name: product_name_search
SELECT id, sku, name FROM products
WHERE to_tsvector('english', name) @@ plainto_tsquery('english', 'lemon haze organic') LIMIT 20;

-- name: product_name_autocomplete
SELECT id, name FROM products WHERE lower(name) LIKE 'golden punch 1%' LIMIT 10;

-- name: products_with_metadata_flag
SELECT id, sku FROM products WHERE metadata @> '{"vegan": true}';

-- name: dearest_products_of_brand
SELECT id, name, retail_price FROM products WHERE brand_id = 42 ORDER BY retail_price DESC LIMIT 10;

-- name: popular_products_of_category
SELECT id, name, retail_price FROM products WHERE category_id = 23 AND is_active ORDER BY popularity DESC, id LIMIT 24;

-- name: featured_products_of_category
SELECT id, name FROM products WHERE category_id = 31 AND is_featured ORDER BY id;

-- name: strongest_products
SELECT id, name, thc_max FROM products WHERE thc_max IS NOT NULL ORDER BY thc_max DESC LIMIT 20;

-- name: product_by_gtin
SELECT id, sku, name FROM products WHERE each_gtin = '00628400001234';

-- name: products_changed_since_last_sync
SELECT id, sku, updated_at FROM products ORDER BY updated_at DESC LIMIT 100;

-- name: products_by_external_id
SELECT id, sku FROM products WHERE external_id = 'f2b1c1de-0000-4000-8000-000000000001';

-- name: best_margin_products
SELECT id, sku, retail_price - unit_cost AS margin FROM products ORDER BY retail_price - unit_cost DESC LIMIT 25;

-- name: default_variant_of_product
SELECT id, sku FROM product_variants WHERE product_id = 777 AND is_default;

-- name: primary_image_of_product
SELECT url FROM product_images WHERE product_id = 1500 AND is_primary;

-- name: image_already_uploaded
SELECT id, url FROM product_images WHERE content_hash = repeat('a', 64)::char(64);

-- name: images_uploaded_by_user
SELECT id, url, created_at FROM product_images WHERE uploaded_by = 17 ORDER BY created_at DESC LIMIT 20;

-- name: products_by_attribute_number
SELECT product_id, value_number FROM product_attribute_values WHERE attribute_id = 9 AND value_number BETWEEN 20 AND 25;

-- name: products_by_attribute_text
SELECT product_id FROM product_attribute_values WHERE attribute_id = 4 AND md5(value_text) = md5('value 12');

-- name: products_by_attribute_json
SELECT product_id FROM product_attribute_values WHERE value_json @> '{"certified": true}';

-- name: products_richest_in_terpene
SELECT product_id, percent FROM product_terpenes WHERE terpene_id = 3 ORDER BY percent DESC NULLS LAST LIMIT 20;

-- name: terpenes_measured_since
SELECT product_id, terpene_id FROM product_terpenes WHERE measured_on >= date '2025-09-01';

-- name: products_with_tag
SELECT product_id FROM product_tag_links WHERE tag_id = 13 ORDER BY product_id LIMIT 50;

-- name: recommendations_for_product
SELECT recommended_product_id, score FROM product_recommendations
WHERE product_id = 321 AND kind = 'similar' ORDER BY score DESC LIMIT 6;

-- name: products_that_recommend_this
SELECT product_id, kind FROM product_recommendations WHERE recommended_product_id = 4001;

-- name: recommendations_by_sku
SELECT recommended_product_id, score FROM product_recommendations WHERE sku = 'SKU-000321' ORDER BY score DESC LIMIT 6;

-- name: recommendations_to_expire
SELECT id FROM product_recommendations WHERE expires_at < timestamptz '2025-10-01 00:00+00';

-- name: recently_viewed_by_user
SELECT product_id, viewed_at FROM product_views WHERE user_id = 8 ORDER BY viewed_at DESC LIMIT 12;

-- name: views_of_sku
SELECT product_id, viewed_at FROM product_views WHERE sku = 'SKU-000100' ORDER BY viewed_at DESC LIMIT 50;

-- name: views_of_product_in_store
SELECT count(*) FROM product_views WHERE store_id = 5 AND product_id = 125;

-- name: views_of_session
SELECT product_id, viewed_at FROM product_views WHERE session_key = md5('session100') ORDER BY viewed_at;

-- name: tenant_reviews_newest_first
SELECT id, product_id, rating FROM product_reviews WHERE tenant_id = 7 ORDER BY created_at DESC LIMIT 20;

-- name: low_ratings_of_product
SELECT id, rating, title FROM product_reviews WHERE product_id = 100 AND status = 'published' AND rating <= 2;

-- name: reviews_of_user
SELECT id, product_id, rating FROM product_reviews WHERE user_id = 556;

-- name: reviews_waiting_for_moderation
SELECT id, product_id, created_at FROM product_reviews WHERE status = 'pending' ORDER BY created_at LIMIT 20;

-- name: review_text_search
SELECT id, product_id FROM product_reviews
WHERE to_tsvector('english', coalesce(title, '') || ' ' || coalesce(body, '')) @@ plainto_tsquery('english', 'review 1234');

-- name: votes_of_user
SELECT review_id, is_helpful FROM review_votes WHERE user_id = 138 ORDER BY created_at DESC;

-- name: responses_of_manager
SELECT id, review_id, created_at FROM review_responses WHERE responder_id = 25 ORDER BY created_at DESC LIMIT 20;

-- name: tenant_wishlist_of_user
SELECT product_id, added_at FROM wishlists WHERE tenant_id = 3 AND user_id = 44;

-- name: wishlist_of_user
SELECT product_id, added_at FROM wishlists WHERE user_id = 2920 ORDER BY added_at DESC LIMIT 20;

-- name: who_waits_for_sku
SELECT user_id FROM wishlists WHERE sku = 'SKU-000777' AND notify_on_restock;

-- name: ocs_item_by_sku
SELECT id, product_name, unit_price FROM ocs_product_catalog WHERE lower(ocs_sku) = 'ocs-004321';

-- name: ocs_items_of_category_after_sku
SELECT ocs_sku, product_name FROM ocs_product_catalog
WHERE category = 'Vapes' AND is_listed AND ocs_sku > 'OCS-005700' ORDER BY ocs_sku LIMIT 40;

-- name: ocs_items_of_product
SELECT ocs_sku, unit_price FROM ocs_product_catalog WHERE product_id = 1234;

-- name: ocs_item_by_number
SELECT ocs_sku, product_name FROM ocs_product_catalog WHERE item_number = '00102345';

-- name: ocs_name_search
SELECT ocs_sku, product_name FROM ocs_product_catalog
WHERE to_tsvector('english', product_name) @@ plainto_tsquery('english', 'purple dream limited') LIMIT 20;

-- name: ocs_items_with_terpene
SELECT ocs_sku FROM ocs_product_catalog WHERE terpene_profile @> ARRAY['Myrcene'];

-- name: ocs_items_of_brand_by_price
SELECT ocs_sku, unit_price FROM ocs_product_catalog WHERE lower(brand_name) = 'maple leaf' ORDER BY unit_price;

-- name: ocs_items_by_raw_field
SELECT ocs_sku FROM ocs_product_catalog WHERE raw_record @> '{"Colour": "green"}';

-- name: tenant_stock_of_store
SELECT sku, quantity_available FROM ocs_inventory WHERE tenant_id = 4 AND store_id = 24;

-- name: stock_of_sku_by_expiry
SELECT store_id, stock_quantity, expires_on FROM ocs_inventory WHERE sku = 'SKU-000042' ORDER BY expires_on;

-- name: stock_of_sku_in_store
SELECT sku, stock_quantity FROM ocs_inventory WHERE store_id = 12 AND sku = 'SKU-000042';

-- name: stock_by_scanned_sku
SELECT store_id, stock_quantity FROM ocs_inventory WHERE lower(sku) = 'sku-000042';

-- name: stock_of_product_in_stores
SELECT store_id, stock_quantity FROM ocs_inventory WHERE product_id = 42 ORDER BY store_id;

-- name: stock_at_location
SELECT sku, stock_quantity FROM ocs_inventory WHERE location_id = 57;

-- name: stock_of_lot
SELECT store_id, quantity_on_hand FROM ocs_inventory WHERE batch_lot = 'LOT-42-1';

-- name: stock_by_each_gtin
SELECT store_id, sku, quantity_available FROM ocs_inventory WHERE each_gtin = '00628400001234';

-- name: stock_by_case_gtin
SELECT store_id, sku, quantity_available FROM ocs_inventory WHERE case_gtin = '10628400001231';

-- name: stock_expiring_first
SELECT sku, stock_quantity, expires_on FROM ocs_inventory
WHERE store_id = 9 AND lot_status = 'sellable' AND expires_on < date '2025-12-20' ORDER BY expires_on;

-- name: low_stock_of_store
SELECT sku, stock_quantity FROM ocs_inventory WHERE store_id = 31 AND stock_quantity < 5 ORDER BY stock_quantity;

-- name: stock_with_units_available
SELECT sku, quantity_available FROM ocs_inventory WHERE quantity_available > 100;

-- name: stock_on_hold
SELECT store_id, sku, stock_quantity FROM ocs_inventory WHERE lot_status <> 'sellable' AND lot_status = 'quarantine' AND store_id = 20;

-- name: wholesale_price_of_sku
SELECT wholesale_price FROM ocs_price_list WHERE sku = 'SKU-003333' ORDER BY effective_from DESC LIMIT 1;

-- name: wholesale_clearance_prices
SELECT sku, wholesale_price FROM ocs_price_list WHERE price_tier = 'clearance';

-- name: tenant_open_purchase_orders
SELECT id, po_number FROM ocs_purchase_orders WHERE tenant_id = 11 AND status = 'submitted';

-- name: purchase_orders_with_supplier
SELECT id, po_number, ordered_at FROM ocs_purchase_orders WHERE supplier_id = 30 ORDER BY ordered_at DESC LIMIT 10;

-- name: purchase_orders_expected
SELECT id, po_number, expected_on FROM ocs_purchase_orders
WHERE status IN ('submitted', 'confirmed', 'shipped') ORDER BY expected_on LIMIT 20;

-- name: purchase_order_by_ocs_reference
SELECT id, po_number FROM ocs_purchase_orders WHERE ocs_order_reference = 'OCS-9988';

-- name: last_purchases_of_sku
SELECT purchase_order_id, unit_cost FROM ocs_purchase_order_items WHERE sku = 'SKU-000500' ORDER BY created_at DESC LIMIT 5;

-- name: purchases_of_lot
SELECT purchase_order_id FROM ocs_purchase_order_items WHERE batch_lot = 'LOT-500-1';

-- name: shipment_by_tracking_number
SELECT id, asn_number FROM ocs_asn_shipments WHERE tracking_number = 'TRK000000977000';

-- name: shipments_on_the_road
SELECT id, asn_number, shipped_at FROM ocs_asn_shipments WHERE arrived_at IS NULL ORDER BY shipped_at;

-- name: deliveries_of_sku_and_lot
SELECT shipment_id, cases_shipped FROM ocs_asn_lines WHERE sku = 'SKU-000500' AND batch_lot = 'LOT-500-1';

-- name: delivery_by_pallet_label
SELECT shipment_id, sku FROM ocs_asn_lines WHERE sscc = '006284000000000018';

-- name: tenant_lots_by_expiry
SELECT lot_number, expires_on FROM inventory_lots WHERE tenant_id = 2 ORDER BY expires_on LIMIT 20;

-- name: lots_of_sku_by_expiry
SELECT lot_number, expires_on FROM inventory_lots WHERE sku = 'SKU-000042' ORDER BY expires_on;

-- name: lot_by_number
SELECT product_id, status FROM inventory_lots WHERE lot_number = 'LOT-42-0';

-- name: first_lots_to_sell
SELECT id, lot_number, remaining_quantity FROM inventory_lots
WHERE product_id = 77 AND status = 'sellable' AND remaining_quantity > 0 ORDER BY expires_on, id LIMIT 3;

-- name: product_by_delivered_gtin
SELECT product_id FROM gtin_aliases WHERE gtin = '00628400012345' AND packaging = 'each';

-- name: product_by_any_gtin_length
SELECT product_id, gtin FROM gtin_aliases WHERE gtin_normalize(gtin) = '00628400012345';

-- name: gtins_of_sku
SELECT gtin, packaging FROM gtin_aliases WHERE sku = 'SKU-000042';

-- name: tenant_movements_newest_first
SELECT id, sku, quantity_delta FROM inventory_movements WHERE tenant_id = 8 ORDER BY occurred_at DESC LIMIT 50;

-- name: movements_of_sku
SELECT id, quantity_delta, occurred_at FROM inventory_movements WHERE sku = 'SKU-000042' ORDER BY occurred_at DESC LIMIT 50;

-- name: movements_of_sku_in_store
SELECT count(*), sum(quantity_delta) FROM inventory_movements WHERE store_id = 6 AND sku = 'SKU-000042';

-- name: movements_of_store_newest_first
SELECT id, movement_type, quantity_delta, occurred_at FROM inventory_movements WHERE store_id = 6 ORDER BY occurred_at DESC LIMIT 50;

-- name: movements_of_order
SELECT id, inventory_id, quantity_delta FROM inventory_movements WHERE reference_type = 'order' AND reference_id = 4321;

-- name: destructions_of_store
SELECT id, inventory_id, quantity_delta FROM inventory_movements
WHERE store_id = 14 AND movement_type = 'destruction' AND occurred_at >= timestamptz '2025-06-01 00:00+00' ORDER BY occurred_at;

-- name: movements_by_employee
SELECT id, movement_type, occurred_at FROM inventory_movements WHERE actor_id = 15 ORDER BY occurred_at DESC LIMIT 20;

-- name: last_movement_number
SELECT max(seq) FROM inventory_movements WHERE inventory_id = 1234 AND seq IS NOT NULL;

-- name: reservations_due
SELECT id, inventory_id FROM inventory_reservations WHERE status = 'active' AND expires_at < timestamptz '2025-10-01 00:00+00' ORDER BY expires_at LIMIT 50;

-- name: reservations_of_sku
SELECT id, quantity FROM inventory_reservations WHERE sku = 'SKU-000042' AND status = 'active';

-- name: reservations_of_cart
SELECT id, inventory_id, quantity FROM inventory_reservations WHERE cart_reference = 'cart-5150';

-- name: adjustments_for_theft
SELECT id, inventory_id, created_at FROM inventory_adjustments WHERE reason_code = 'theft' ORDER BY created_at DESC LIMIT 20;

-- name: adjustments_of_stock_row
SELECT quantity_before, quantity_after, created_at FROM inventory_adjustments WHERE inventory_id = 1006;

-- name: adjustments_of_sku
SELECT id, quantity_before, quantity_after FROM inventory_adjustments WHERE sku = 'SKU-000042';

-- name: tenant_transfers_under_way
SELECT id, reference_code FROM inventory_transfers WHERE tenant_id = 9 AND status = 'in_transit';

-- name: transfers_to_store
SELECT id, from_store_id, requested_at FROM inventory_transfers WHERE to_store_id = 25 ORDER BY requested_at DESC LIMIT 10;

-- name: oldest_open_transfers
SELECT id, from_store_id, to_store_id FROM inventory_transfers WHERE status IN ('approved', 'in_transit') ORDER BY requested_at LIMIT 10;

-- name: transfers_of_sku
SELECT transfer_id, quantity_sent FROM inventory_transfer_items WHERE sku = 'SKU-000145' ORDER BY transfer_id;

-- name: tenant_counts_newest_first
SELECT id, store_id, status FROM inventory_counts WHERE tenant_id = 9 ORDER BY started_at DESC LIMIT 10;

-- name: variances_of_count
SELECT inventory_id, book_quantity, counted_quantity FROM inventory_count_lines WHERE count_id = 300 AND counted_quantity <> book_quantity;

-- name: counts_of_stock_row
SELECT count_id, counted_quantity, counted_at FROM inventory_count_lines WHERE inventory_id = 4501 ORDER BY counted_at DESC LIMIT 5;

-- name: destructions_of_sku
SELECT id, quantity, destroyed_at FROM inventory_destructions WHERE sku = 'SKU-000042' ORDER BY destroyed_at;

-- name: destructions_of_stock_row
SELECT id, quantity, destroyed_at FROM inventory_destructions WHERE inventory_id = 370;

-- name: reorder_rules_with_supplier
SELECT store_id, product_id FROM reorder_rules WHERE preferred_supplier_id = 5 AND is_active;

-- name: cheapest_supplier_of_product
SELECT supplier_id, unit_cost FROM supplier_products WHERE product_id = 640 ORDER BY unit_cost LIMIT 1;

-- name: product_by_supplier_sku
SELECT product_id, unit_cost FROM supplier_products WHERE supplier_id = 12 AND supplier_sku = 'S12-000132';

-- name: tenant_invoices_due
SELECT id, invoice_number, due_date FROM supplier_invoices WHERE tenant_id = 6 ORDER BY due_date LIMIT 20;

-- name: invoices_to_pay
SELECT id, invoice_number, total_amount FROM supplier_invoices WHERE status IN ('open', 'overdue') AND due_date < date '2025-09-01' ORDER BY due_date;

-- name: tenant_price_changes
SELECT product_id, new_price FROM price_history WHERE tenant_id = 5 ORDER BY changed_at DESC LIMIT 50;

-- name: price_of_product_at_date
SELECT new_price FROM price_history
WHERE product_id = 1001 AND store_id = 41 AND changed_at <= timestamptz '2025-06-30 23:59+00' ORDER BY changed_at DESC LIMIT 1;

-- name: price_changes_of_sku
SELECT new_price, changed_at FROM price_history WHERE sku = 'SKU-001001' ORDER BY changed_at DESC LIMIT 20;

-- name: price_increases_of_store
SELECT product_id, old_price, new_price FROM price_history WHERE store_id = 17 AND new_price > old_price ORDER BY changed_at DESC LIMIT 20;

-- name: price_changes_of_a_day
SELECT count(*) FROM price_history WHERE changed_at >= timestamptz '2025-05-05 00:00+00' AND changed_at < timestamptz '2025-05-06 00:00+00';

-- name: movements_of_a_day
SELECT movement_type, sum(quantity_delta) FROM inventory_movements
WHERE occurred_at >= timestamptz '2025-05-05 00:00+00' AND occurred_at < timestamptz '2025-05-06 00:00+00' GROUP BY movement_type;

-- name: tenant_pricing_rules
SELECT id, name, strategy FROM pricing_rules WHERE tenant_id = 5 ORDER BY priority;

-- name: pricing_rules_of_category
SELECT id, name, strategy FROM pricing_rules WHERE category_id = 15 AND is_active ORDER BY priority;

-- name: price_override_of_store
SELECT price FROM store_price_overrides WHERE store_id = 8 AND product_id = 102 ORDER BY starts_at DESC LIMIT 1;

-- name: price_overrides_of_sku
SELECT store_id, price FROM store_price_overrides WHERE sku = 'SKU-000102' ORDER BY store_id;

-- name: tenant_active_promotions
SELECT id, name FROM promotions WHERE tenant_id = 3 AND status = 'active';

-- name: running_promotions_of_store
SELECT id, name, discount_type FROM promotions
WHERE store_id = 35 AND status = 'active' AND starts_at <= timestamptz '2025-09-01 00:00+00' AND ends_at > timestamptz '2025-09-01 00:00+00';

-- name: promotions_ending_soon
SELECT id, name, ends_at FROM promotions WHERE status IN ('active', 'scheduled') ORDER BY ends_at LIMIT 20;

-- name: promotions_for_audience
SELECT id, name FROM promotions WHERE audience @> '{"segment": "vip"}';

-- name: promotions_of_weekday
SELECT id, name FROM promotions WHERE days_of_week @> ARRAY[2]::smallint[];

-- name: promotions_of_product
SELECT promotion_id FROM promotion_products WHERE product_id = 738 AND NOT is_excluded;

-- name: promotions_of_sku
SELECT promotion_id FROM promotion_products WHERE sku = 'SKU-000738' ORDER BY promotion_id;

-- name: promotion_uses_of_user
SELECT promotion_id, discount_amount FROM promotion_usage WHERE user_id = 233 ORDER BY used_at DESC LIMIT 10;

-- name: promotion_uses_of_store
SELECT promotion_id, discount_amount, used_at FROM promotion_usage WHERE store_id = 12 ORDER BY used_at DESC LIMIT 20;

-- name: promotion_uses_of_order
SELECT promotion_id, discount_amount FROM promotion_usage WHERE order_reference = 'ORD-00004321';

-- name: tenant_discount_codes
SELECT code, valid_until FROM discount_codes WHERE tenant_id = 13 ORDER BY valid_until LIMIT 20;

-- name: discount_code_by_text
SELECT id, percent_off, amount_off FROM discount_codes WHERE upper(code) = upper('save0123456789');

-- name: discount_codes_of_user
SELECT code, valid_until FROM discount_codes WHERE assigned_user_id = 501;

-- name: discount_codes_expiring
SELECT code, valid_until FROM discount_codes WHERE is_active ORDER BY valid_until LIMIT 20;

-- name: redemptions_of_user
SELECT discount_code_id, amount FROM discount_redemptions WHERE user_id = 1718 ORDER BY redeemed_at DESC LIMIT 10;

-- name: redemptions_of_order
SELECT discount_code_id, amount FROM discount_redemptions WHERE order_reference = 'ORD-00000300';

-- name: tenant_bundles_of_store
SELECT id, name FROM bundles WHERE tenant_id = 2 AND store_id = 22;

-- name: bundles_ending
SELECT id, name, available_until FROM bundles WHERE is_active AND available_until < timestamptz '2025-10-01 00:00+00' ORDER BY available_until;

-- name: bundles_with_product
SELECT bundle_id, quantity FROM bundle_items WHERE product_id = 1018 ORDER BY bundle_id;

-- name: settings_of_category
SELECT store_id, value FROM store_settings WHERE category = 'pos' AND key = 'setting_3';

-- name: settings_with_value
SELECT store_id, key FROM store_settings WHERE value @> '{"level": 17, "enabled": true}';

-- name: reports_to_submit
SELECT id, store_id, period_end FROM compliance_reports WHERE status IN ('draft', 'ready', 'rejected') AND period_end < date '2025-10-01' ORDER BY period_end;

-- name: reports_of_month
SELECT id, store_id FROM compliance_reports WHERE payload @> '{"month": "2025-03", "units": 120}';

-- ---------------------------------------------------------------------------
-- Users, sessions, log-ins
-- ---------------------------------------------------------------------------

-- name: users_of_tenant_by_role
SELECT id, email, first_name, last_name FROM users WHERE tenant_id = 7 AND role = 'staff';

-- name: platform_administrators
SELECT email, role FROM users WHERE role = 'super_admin';

-- name: user_by_email
SELECT id, email, password_hash, is_active FROM users WHERE lower(email) = lower('User5000@Example.com');

-- name: users_by_name
SELECT id, email FROM users WHERE last_name = 'Smith45' AND first_name = 'Ava';

-- name: locked_users
SELECT id, email, locked_until FROM users WHERE locked_until > now();

-- name: users_last_logged_in
SELECT id, email, last_login_at FROM users ORDER BY last_login_at DESC NULLS LAST LIMIT 20;

-- name: user_by_phone
SELECT id, email FROM users WHERE phone = '416-555-0007';

-- name: sessions_to_expire
SELECT id, user_id FROM user_sessions WHERE revoked_at IS NULL AND expires_at < timestamptz '2025-01-02 00:00+00';

-- name: sessions_of_a_refresh_family
SELECT id, user_id, revoked_at FROM user_sessions WHERE refresh_family = 'b6a1c3f0-9d5e-4f07-8a60-0f5a3e1f9f11';

-- name: sessions_of_a_device
SELECT id, user_id, last_seen_at FROM user_sessions WHERE device_fingerprint = 'c81e728d9d4c2f636f067f89cc14862c';

-- name: tenant_log_ins
SELECT id, email, outcome, occurred_at FROM login_events WHERE tenant_id = 4 ORDER BY occurred_at DESC LIMIT 50;

-- name: user_log_ins
SELECT id, outcome, ip_address, occurred_at FROM login_events WHERE user_id = 818 ORDER BY occurred_at DESC LIMIT 20;

-- name: failures_from_an_address
SELECT count(*) FROM login_events
 WHERE outcome = 'failure' AND ip_address = '192.0.12.13' AND occurred_at > timestamptz '2025-01-01 00:00+00';

-- name: log_ins_by_email
SELECT id, outcome, occurred_at FROM login_events WHERE lower(email) = 'user1276@example.com';

-- name: api_key_by_prefix
SELECT id, key_hash, scopes FROM api_keys WHERE prefix = 'wg_c81e728d';

-- name: tenant_api_keys
SELECT id, name, last_used_at FROM api_keys WHERE tenant_id = 3 AND is_active;

-- name: open_password_resets_of_user
SELECT id, expires_at FROM password_reset_tokens WHERE user_id = 581 AND used_at IS NULL;

-- name: users_of_the_beta
SELECT user_id FROM user_preferences WHERE preferences @> '{"beta": true}';

-- ---------------------------------------------------------------------------
-- Customers, loyalty, consent
-- ---------------------------------------------------------------------------

-- name: tenant_customers_by_name
SELECT id, first_name, last_name, email FROM customers WHERE tenant_id = 5 ORDER BY last_name, first_name LIMIT 50;

-- name: customer_by_email
SELECT id, first_name, last_name FROM customers WHERE lower(email) = 'user4711@example.com';

-- name: customer_by_phone
SELECT id, first_name, last_name FROM customers WHERE phone = '647-123-0369';

-- name: customers_with_tag
SELECT id, email FROM customers WHERE tags @> '{vip}';

-- name: customer_search
SELECT id, first_name, last_name FROM customers WHERE search_text @@ to_tsquery('simple', 'tremblay & mia') LIMIT 20;

-- name: customers_who_ordered_last
SELECT id, last_order_at, lifetime_value FROM customers ORDER BY last_order_at DESC NULLS LAST LIMIT 25;

-- name: customers_with_birthday
SELECT id, email FROM customers
 WHERE EXTRACT(month FROM date_of_birth) = 6 AND EXTRACT(day FROM date_of_birth) = 30;

-- name: newest_customers_of_store
SELECT id, first_name, last_name, created_at FROM customers WHERE home_store_id = 12 ORDER BY created_at DESC LIMIT 20;

-- name: addresses_of_postal_code
SELECT id, customer_id, street FROM customer_addresses WHERE replace(postal_code::text, ' ', '') = 'M5V6G0';

-- name: default_address
SELECT id, street, city, postal_code FROM customer_addresses WHERE customer_id = 777 AND is_default;

-- name: customer_notes_latest
SELECT body, created_at FROM customer_notes WHERE customer_id = 701 ORDER BY created_at DESC LIMIT 5;

-- name: customer_points
SELECT program_id, points_balance, tier FROM loyalty_accounts WHERE customer_id = 4321;

-- name: gold_members
SELECT customer_id, points_balance FROM loyalty_accounts WHERE tier = 'gold' ORDER BY points_balance DESC LIMIT 10;

-- name: points_of_an_order
SELECT kind, points FROM loyalty_transactions WHERE order_id = 70007;

-- name: points_about_to_expire
SELECT account_id, sum(points) FROM loyalty_transactions WHERE expires_on < date '2025-07-31' GROUP BY account_id;

-- name: points_statement
SELECT created_at, points FROM loyalty_transactions WHERE account_id = 1501 ORDER BY created_at DESC LIMIT 20;

-- name: consent_of_customer
SELECT granted, recorded_at FROM consent_records
 WHERE customer_id = 1234 AND purpose = 'marketing_email' ORDER BY recorded_at DESC LIMIT 1;

-- name: age_proof_of_customer
SELECT method, result, verified_at FROM age_verifications WHERE customer_id = 4242 ORDER BY verified_at DESC LIMIT 1;

-- ---------------------------------------------------------------------------
-- Carts and orders
-- ---------------------------------------------------------------------------

-- name: tenant_open_carts
SELECT id, store_id, updated_at FROM carts WHERE tenant_id = 9 AND status = 'open';

-- name: open_cart_of_customer
SELECT id, store_id FROM carts WHERE customer_id = 166 AND status = 'open';

-- name: cart_of_session
SELECT id, store_id, status FROM carts WHERE session_key = 'bd9d2b9b2b8d4d3fc1ce1aa0bb3e3a47';

-- name: carts_holding_sku
SELECT cart_id, quantity FROM cart_items WHERE sku = 'SKU-000042' ORDER BY added_at DESC;

-- name: cart_line_of_sku
SELECT id, quantity, unit_price FROM cart_items WHERE cart_id = 1200 AND sku = 'SKU-004360';

-- name: tenant_latest_orders
SELECT id, order_number, status, total FROM orders WHERE tenant_id = 6 ORDER BY placed_at DESC LIMIT 50;

-- name: store_latest_orders
SELECT placed_at, status, total FROM orders WHERE store_id = 17 ORDER BY placed_at DESC LIMIT 50;

-- name: customer_order_history
SELECT id, order_number, status, total, placed_at FROM orders WHERE customer_id = 2718 ORDER BY placed_at DESC LIMIT 10;

-- name: store_orders_to_prepare
SELECT id, order_number, placed_at FROM orders WHERE store_id = 8 AND status = 'confirmed' ORDER BY placed_at;

-- name: unpaid_orders
SELECT id, order_number, total FROM orders
 WHERE payment_status = 'unpaid' AND placed_at < timestamptz '2025-06-29 00:00+00' ORDER BY placed_at;

-- name: orders_scheduled_for_today
SELECT id, order_number, scheduled_for FROM orders
 WHERE scheduled_for >= timestamptz '2025-06-30 04:00+00' AND scheduled_for < timestamptz '2025-07-01 04:00+00';

-- name: order_by_external_reference
SELECT id, order_number FROM orders WHERE external_reference = 'leafly-829911';

-- name: orders_with_metadata
SELECT id, order_number FROM orders WHERE metadata @> '{"kiosk": 4}';

-- name: orders_of_a_day
SELECT count(*), sum(total) FROM orders
 WHERE placed_at >= timestamptz '2024-11-29 05:00+00' AND placed_at < timestamptz '2024-11-30 05:00+00';

-- name: order_by_number
SELECT id, status, total FROM orders WHERE upper(order_number) = upper('wg-00012345');

-- name: units_sold_of_sku
SELECT sum(quantity), sum(line_total) FROM order_items WHERE sku = 'SKU-000777';

-- name: order_lines_by_sku_prefix
SELECT order_id, sku, quantity FROM order_items WHERE sku LIKE 'SKU-00012%';

-- name: order_line_of_sku
SELECT id, quantity FROM order_items WHERE order_id = 99999 AND sku = 'SKU-000947';

-- name: orders_holding_lot
SELECT order_id, sku, quantity FROM order_items WHERE batch_lot = 'L2025-0117';

-- name: orders_holding_lot_of_sku
SELECT order_id, quantity FROM order_items WHERE sku = 'SKU-000042' AND batch_lot = 'L2025-0117';

-- name: product_order_lines
SELECT sku, order_id, quantity FROM order_items WHERE product_id = 1618;

-- name: order_history
SELECT from_status, to_status, changed_at FROM order_status_history WHERE order_id = 123456 ORDER BY changed_at DESC;

-- name: order_changes_for_reason
SELECT order_id, changed_at FROM order_status_history WHERE reason_code = 'out_of_stock';

-- name: order_discounts_given
SELECT label, kind, amount FROM order_discounts WHERE order_id = 54320;

-- name: orders_with_promotion_code
SELECT order_id, amount FROM order_discounts WHERE upper(promotion_code) = 'GREEN5';

-- name: order_tax_lines
SELECT tax_rate_id, amount FROM order_taxes WHERE order_id = 140404;

-- ---------------------------------------------------------------------------
-- Deliveries
-- ---------------------------------------------------------------------------

-- name: tenant_latest_deliveries
SELECT id, order_id, status FROM deliveries WHERE tenant_id = 2 ORDER BY created_at DESC LIMIT 50;

-- name: store_latest_deliveries
SELECT id, order_id, status, fee FROM deliveries WHERE store_id = 31 ORDER BY created_at DESC LIMIT 50;

-- name: driver_current_deliveries
SELECT id, order_id, status FROM deliveries WHERE driver_id = 36 AND status IN ('assigned', 'picked_up', 'en_route');

-- name: deliveries_without_driver
SELECT id, order_id, created_at FROM deliveries WHERE store_id = 20 AND driver_id IS NULL ORDER BY created_at;

-- name: deliveries_of_zone
SELECT id, order_id, distance_km FROM deliveries WHERE zone_id = 11;

-- name: deliveries_wanted_now
SELECT id, order_id FROM deliveries
 WHERE window_start IS NOT NULL AND tstzrange(window_start, window_end) @> timestamptz '2025-06-30 18:00+00';

-- name: delivery_track
SELECT event_type, occurred_at FROM delivery_events WHERE delivery_id = 41234 ORDER BY occurred_at DESC;

-- name: failed_deliveries_of_month
SELECT delivery_id, occurred_at FROM delivery_events
 WHERE event_type = 'failed' AND occurred_at >= timestamptz '2025-05-01 00:00+00';

-- name: driver_shifts_ahead
SELECT starts_at, ends_at FROM driver_shifts WHERE driver_id = 14 ORDER BY starts_at DESC LIMIT 5;

-- ---------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------

-- name: customer_cards
SELECT id, brand, last4 FROM payment_methods WHERE customer_id = 3333;

-- name: same_card_elsewhere
SELECT customer_id FROM payment_methods WHERE fingerprint = 'e4da3b7fbbce2345d7772b0674a318d5';

-- name: tenant_latest_payments
SELECT id, order_id, amount_minor, status FROM payment_transactions WHERE tenant_id = 10 ORDER BY created_at DESC LIMIT 50;

-- name: store_latest_payments
SELECT created_at, amount_minor, status FROM payment_transactions WHERE store_id = 44 ORDER BY created_at DESC LIMIT 50;

-- name: payment_by_provider_reference
SELECT id, order_id, status FROM payment_transactions WHERE provider_id = 1 AND provider_reference = 'ref_9e3779b1';

-- name: payments_to_look_up
SELECT id, order_id, status FROM payment_transactions
 WHERE provider_id = 1 AND status IN ('sent', 'unknown') ORDER BY created_at LIMIT 100;

-- name: payments_due_for_a_check
SELECT id, provider_id FROM payment_transactions WHERE next_check_at <= now() ORDER BY next_check_at LIMIT 50;

-- name: payment_by_provider_key
SELECT id, status FROM payment_transactions WHERE provider_key = '5f0c8d0e-55a9-4a6b-8f5e-1de0a9e9f1c2';

-- name: payment_by_request_key
SELECT id, status FROM payment_transactions WHERE store_id = 3 AND request_key = 'order-4711-charge';

-- name: payments_of_settlement
SELECT id, amount_minor, net_minor FROM payment_transactions WHERE settlement_id = 812;

-- name: payments_of_card
SELECT id, order_id, amount_minor FROM payment_transactions WHERE payment_method_id = 4004;

-- name: payments_of_a_day
SELECT method, sum(amount_minor) FROM payment_transactions
 WHERE created_at >= timestamptz '2025-03-01 05:00+00' AND created_at < timestamptz '2025-03-02 05:00+00' GROUP BY method;

-- name: payments_failed_by_code
SELECT id, order_id, created_at FROM payment_transactions
 WHERE failure_code = 'insufficient_funds' AND created_at > timestamptz '2025-06-01 00:00+00';

-- name: successful_charge_of_order
SELECT id, amount_minor FROM payment_transactions WHERE order_id = 88001 AND kind = 'charge' AND status = 'succeeded';

-- name: refunds_of_payment
SELECT amount_minor, status FROM payment_refunds WHERE transaction_id = 9700;

-- name: refunds_pending
SELECT id, transaction_id, amount_minor FROM payment_refunds WHERE status = 'pending' ORDER BY created_at;

-- name: tenant_open_disputes
SELECT id, transaction_id, amount_minor FROM payment_disputes WHERE tenant_id = 8 AND status = 'open';

-- name: disputes_due
SELECT id, evidence_due_at FROM payment_disputes
 WHERE status = 'open' AND evidence_due_at < timestamptz '2025-07-07 00:00+00' ORDER BY evidence_due_at;

-- name: dispute_of_payment
SELECT id, status, reason FROM payment_disputes WHERE transaction_id = 10101;

-- name: tenant_settlements
SELECT id, payout_date, net_minor FROM payment_settlements WHERE tenant_id = 1 ORDER BY payout_date DESC LIMIT 30;

-- name: settlements_of_a_day
SELECT id, provider_id, net_minor FROM payment_settlements WHERE payout_date = date '2024-07-01';

-- name: settlement_lines_unmatched
SELECT id, provider_reference, net_minor FROM payment_settlement_lines WHERE match_status <> 'matched' AND settlement_id = 1501;

-- name: settlement_line_of_payment
SELECT settlement_id, net_minor FROM payment_settlement_lines WHERE transaction_id = 12345;

-- name: provider_health_now
SELECT provider_id, method, call_count, technical_errors FROM payment_provider_health_metrics
 WHERE bucket_start >= timestamptz '2025-06-30 04:21:40+00' ORDER BY bucket_start DESC;

-- name: provider_events_to_process
SELECT id, provider_id, event_type FROM payment_webhook_events WHERE processed_at IS NULL ORDER BY received_at LIMIT 100;

-- name: provider_events_about_a_payment
SELECT id, event_type, received_at FROM payment_webhook_events WHERE payload @> '{"object": "ref_9e3779b1"}';

-- ---------------------------------------------------------------------------
-- Conversations, messages, support
-- ---------------------------------------------------------------------------

-- name: tenant_latest_conversations
SELECT id, customer_id, status FROM ai_conversations WHERE tenant_id = 13 ORDER BY started_at DESC LIMIT 50;

-- name: customer_conversations
SELECT id, started_at, status FROM ai_conversations WHERE customer_id = 1901 ORDER BY started_at DESC LIMIT 10;

-- name: conversations_handed_to_a_person
SELECT id, store_id, escalated_at FROM ai_conversations WHERE escalated_at > timestamptz '2025-06-01 00:00+00';

-- name: conversation_transcript
SELECT role, content, created_at FROM ai_messages WHERE conversation_id = 20202 ORDER BY created_at;

-- name: message_search
SELECT id, conversation_id FROM ai_messages WHERE search_text @@ plainto_tsquery('simple', 'sleep indica') LIMIT 20;

-- name: messages_that_called_a_tool
SELECT id, conversation_id FROM ai_messages WHERE tool_calls @> '[{"name": "reserve_stock"}]';

-- name: feedback_on_message
SELECT rating, comment FROM ai_feedback WHERE message_id = 44;

-- name: tenant_broadcasts
SELECT id, name, sent_at FROM broadcasts WHERE tenant_id = 11 AND status = 'sent';

-- name: broadcasts_to_send
SELECT id, store_id, scheduled_at FROM broadcasts WHERE status = 'scheduled' AND scheduled_at <= now() ORDER BY scheduled_at;

-- name: broadcast_bounces
SELECT customer_id, bounce_reason FROM broadcast_recipients WHERE broadcast_id = 320 AND status = 'bounced';

-- name: broadcasts_sent_to_customer
SELECT broadcast_id, sent_at FROM broadcast_recipients WHERE customer_id = 2101 ORDER BY sent_at DESC LIMIT 10;

-- name: tenant_latest_notifications
SELECT id, user_id, title FROM notifications WHERE tenant_id = 12 ORDER BY created_at DESC LIMIT 50;

-- name: unread_notifications
SELECT id, title, created_at FROM notifications WHERE user_id = 185 AND read_at IS NULL ORDER BY created_at DESC;

-- name: tenant_urgent_tickets
SELECT id, subject, created_at FROM support_tickets WHERE tenant_id = 14 ORDER BY priority DESC, created_at LIMIT 20;

-- name: tickets_past_their_time
SELECT id, subject, sla_due_at FROM support_tickets WHERE status IN ('open', 'waiting') AND sla_due_at < now();

-- name: tickets_of_assignee
SELECT id, subject FROM support_tickets WHERE assignee_id = 99 AND status = 'open';

-- name: ticket_correspondence
SELECT author_id, body, created_at FROM support_messages WHERE ticket_id = 2500 ORDER BY created_at;

-- name: webhook_deliveries_due
SELECT id, endpoint_id, event FROM webhook_deliveries WHERE next_attempt_at <= now() ORDER BY next_attempt_at LIMIT 100;

-- name: webhook_log_of_endpoint
SELECT event, response_status, created_at FROM webhook_deliveries WHERE endpoint_id = 7 ORDER BY created_at DESC LIMIT 50;
