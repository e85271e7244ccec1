-- One row in each table whose updated_at is tried and that the shop leaves empty.

INSERT INTO product_variants (product_id, sku, name, size_value, size_unit) VALUES (1, 'V-1', 'One', 1, 'g');
INSERT INTO product_reviews (product_id, user_id, rating) VALUES (1, 1, 5);
INSERT INTO ocs_product_catalog (ocs_sku, item_number, product_name, unit_price) VALUES ('O-1', '1', 'x', 1);
INSERT INTO ocs_purchase_orders (store_id, supplier_id, po_number) VALUES (1, 1, 'PO-1');
INSERT INTO inventory_transfers (from_store_id, to_store_id) VALUES (1, 2);
