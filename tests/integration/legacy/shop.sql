-- A shop with two products, stock, promotions and codes.

INSERT INTO tenants (id, name, code) VALUES (1, 'One', 'one'), (2, 'Two', 'two');
INSERT INTO stores (id, tenant_id, name, code, street, city, postal_code)
VALUES (1, 1, 'Queen', 'queen', '1 Queen St', 'Toronto', 'M5V 1A1'),
       (2, 1, 'King', 'king', '2 King St', 'Toronto', 'M5V 1A2'),
       (3, 2, 'Elgin', 'elgin', '3 Elgin St', 'Ottawa', 'K1A 0A1');
INSERT INTO users (id, email, password_hash) VALUES (1, 'a@example.com', 'x'), (2, 'b@example.com', 'x');
INSERT INTO brands (id, name, slug) VALUES (1, 'Maple', 'maple');
INSERT INTO suppliers (id, name, code) VALUES (1, 'OCS', 'OCS');
INSERT INTO product_categories (id, name, slug, path, unit_of_measure, dried_equivalency)
VALUES (1, 'Flower', 'flower', 'flower', 'g', 1), (2, 'Edibles', 'edibles', 'edibles', 'g', 15),
       (3, 'Accessories', 'accessories', 'accessories', 'each', NULL);
INSERT INTO products (id, sku, name, slug, brand_id, category_id, unit_cost, retail_price, popularity, search_vector)
VALUES (1, 'SKU-1', 'Blue Dream', 'blue-dream', 1, 1, 12, 20, 0, product_document('Blue Dream', 'Maple', 'Sweet')),
       (2, 'SKU-2', 'Dream Gummies', 'gummies', 1, 2, 3, 10, 900, product_document('Dream Gummies', 'Maple', 'Sour'));
INSERT INTO ocs_inventory (id, store_id, product_id, sku, quantity_on_hand, quantity_reserved, unit_cost, units_per_case)
VALUES (1, 1, 1, 'SKU-1', 10, 2, 12, 6), (2, 1, 2, 'SKU-2', 4, 0, 3, 12);
INSERT INTO inventory_lots (id, product_id, lot_number, expires_on, received_quantity, remaining_quantity)
VALUES (1, 1, 'late', '2026-06-01', 10, 10), (2, 1, 'early', '2026-01-01', 10, 4),
       (3, 1, 'past', '2025-01-01', 10, 9), (4, 1, 'undated', NULL, 10, 10);
INSERT INTO price_history (product_id, store_id, new_price, changed_at)
VALUES (1, NULL, 18, '2025-01-01'), (1, NULL, 19, '2025-03-01'), (1, 2, 17, '2025-02-01');
INSERT INTO store_price_overrides (store_id, product_id, price, starts_at, ends_at)
VALUES (1, 1, 15, '2025-05-01', '2025-06-01');
INSERT INTO excise_rates (province_code, excise_class, flat_rate, ad_valorem_rate, valid_from, valid_to)
VALUES ('ON', 'flowering', 1, 0.1, '2018-10-17', '2025-07-01'), ('ON', 'flowering', 0.9, 0.1, '2025-07-01', NULL);
INSERT INTO promotions (id, store_id, name, discount_type, discount_value, starts_at, ends_at, status,
                        days_of_week, maximum_uses, minimum_subtotal)
VALUES (1, 1, 'Percent', 'percent', 10, '2025-01-01', '2026-01-01', 'active', NULL, NULL, NULL),
       (2, NULL, 'Amount', 'amount', 5, '2025-01-01', NULL, 'active', '{2}', NULL, NULL),
       (3, 1, 'Fixed', 'fixed_price', 12, '2025-01-01', '2026-01-01', 'active', NULL, 1, 40),
       (4, 1, 'Two for one', 'bogo', 0, '2025-01-01', '2026-01-01', 'paused', NULL, NULL, NULL);
INSERT INTO promotion_products (promotion_id, product_id, is_excluded)
VALUES (1, 1, false), (2, 1, false), (4, 1, false), (2, 2, true);
INSERT INTO discount_codes (id, code, percent_off, amount_off, valid_from, valid_until, maximum_redemptions,
                            redeemed_count, minimum_subtotal, assigned_user_id)
VALUES (1, 'TEN', 10, NULL, '2020-01-01', NULL, NULL, 0, NULL, NULL),
       (2, 'FIVE', NULL, 5, '2020-01-01', NULL, NULL, 0, 50, NULL),
       (3, 'OVER', 10, NULL, '2020-01-01', '2021-01-01', NULL, 0, NULL, NULL),
       (4, 'SOON', 10, NULL, '2090-01-01', NULL, NULL, 0, NULL, NULL),
       (5, 'GONE', 10, NULL, '2020-01-01', NULL, 1, 1, NULL, NULL),
       (6, 'MINE', 10, NULL, '2020-01-01', NULL, NULL, 0, NULL, 2);
INSERT INTO bundles (id, name, pricing, discount_percent, fixed_price)
VALUES (1, 'A', 'percent', 10, NULL), (2, 'B', 'fixed', NULL, 33.33);
INSERT INTO bundle_items (bundle_id, product_id, quantity) VALUES (1, 1, 1), (1, 2, 3), (2, 1, 2);
INSERT INTO reorder_rules (store_id, product_id, minimum_quantity, target_quantity, safety_stock)
VALUES (1, 1, 5, 40, 2), (1, 2, 5, 30, 0);
INSERT INTO inventory_counts (id, store_id) VALUES (1, 1);
INSERT INTO inventory_count_lines (count_id, inventory_id, book_quantity, counted_quantity)
VALUES (1, 1, 10, 9), (1, 2, 4, 4);
INSERT INTO wishlists (user_id, product_id, notify_on_restock) VALUES (1, 1, true), (2, 1, false), (2, 2, true);
INSERT INTO store_hours (store_id, day_of_week, opens_at, closes_at) VALUES (1, 1, '10:00', '21:00');
INSERT INTO store_holidays (store_id, holiday_date, name, is_closed, opens_at, closes_at)
VALUES (NULL, '2025-12-25', 'Christmas Day', true, NULL, NULL), (1, '2025-12-29', 'Short day', false, '12:00', '15:00');
INSERT INTO store_settings (store_id, category, key, value, is_secret)
VALUES (1, 'pos', 'drawer', '2', false), (1, 'pos', 'token', '"abc"', true);
