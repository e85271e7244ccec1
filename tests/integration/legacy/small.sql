-- A few rows in the tables that the live traffic reads and writes; both schemas take them.

INSERT INTO tenants (name, code) SELECT 'Tenant ' || n, 't' || n FROM generate_series(1, 3) n;
INSERT INTO stores (tenant_id, name, code, street, city, postal_code)
SELECT n, 'Store ' || n, 's' || n, '1 Main Street', 'Toronto', 'M5V 2T6' FROM generate_series(1, 3) n;
INSERT INTO users (store_id, email, password_hash)
SELECT 1 + n % 3, 'user' || n || '@example.com', 'x' FROM generate_series(1, 60) n;
INSERT INTO product_categories (name, slug, path) VALUES ('Flower', 'flower', 'flower');
INSERT INTO products (sku, name, slug, category_id, retail_price)
SELECT 'SKU-' || lpad(n::text, 6, '0'), 'Product ' || n, 'product-' || n, 1, n FROM generate_series(1, 60) n;
INSERT INTO customers (first_name, last_name) SELECT 'A', 'B' || n FROM generate_series(1, 60) n;
INSERT INTO payment_providers (code, name, kind) VALUES ('cards', 'Cards', 'card');
INSERT INTO orders (order_number, store_id, customer_id, status, subtotal, total)
SELECT 'N' || n, 1 + n % 3, n, 'completed', n, n FROM generate_series(1, 60) n;
INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price, line_total)
SELECT n, n, 'SKU-' || lpad(n::text, 6, '0'), 'Product ' || n, 1, n, n FROM generate_series(1, 60) n;
INSERT INTO payment_transactions (order_id, store_id, provider_id, method, status, amount_minor)
SELECT n, 1 + n % 3, 1, 'card', 'succeeded', n * 100 FROM generate_series(1, 60) n;
INSERT INTO deliveries (order_id, store_id) SELECT n, 1 + n % 3 FROM generate_series(1, 60) n;
INSERT INTO ocs_inventory (store_id, product_id, sku, stock_quantity)
SELECT 1 + n % 3, n, 'SKU-' || lpad(n::text, 6, '0'), 100 FROM generate_series(1, 60) n;
INSERT INTO ai_conversations (store_id, customer_id) SELECT 1 + n % 3, n FROM generate_series(1, 60) n;
