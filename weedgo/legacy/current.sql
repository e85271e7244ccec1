-- WeedGo, current database: what is in production before the migration.
--
-- PostgreSQL 15 or later, no extensions. Load into an empty database, then data.sql:
--     psql -v ON_ERROR_STOP=1 -f current.sql -f data.sql

-- ---------------------------------------------------------------------------
-- Types
-- ---------------------------------------------------------------------------

CREATE TYPE delivery_status AS ENUM (
    'pending',
    'assigned',
    'picked_up',
    'en_route',
    'delivered',
    'failed',
    'cancelled'
);
COMMENT ON TYPE delivery_status IS 'Where a delivery is on its way; the last three are final.';

CREATE TYPE ticket_priority AS ENUM ('low', 'normal', 'high', 'urgent');
COMMENT ON TYPE ticket_priority IS 'How soon a support ticket wants an answer.';

CREATE DOMAIN postal_code_ca AS varchar(7)
    CONSTRAINT postal_code_ca_shape CHECK (VALUE ~ '^[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]$');
COMMENT ON DOMAIN postal_code_ca IS 'A Canadian postal code, with or without the space in the middle.';

-- ---------------------------------------------------------------------------
-- Tenants, stores and users
-- ---------------------------------------------------------------------------

CREATE TABLE tenants (
    id bigserial PRIMARY KEY,
    name varchar(120) NOT NULL,
    code varchar(40) NOT NULL,
    legal_name varchar(200),
    business_number varchar(15),
    contact_email varchar(254),
    contact_phone varchar(32),
    subscription_tier varchar(20) NOT NULL DEFAULT 'community',
    max_stores integer NOT NULL DEFAULT 1,
    currency char(3) NOT NULL DEFAULT 'CAD',
    status varchar(20) NOT NULL DEFAULT 'active',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenants_code_key UNIQUE (code),
    CONSTRAINT tenants_max_stores_check CHECK (max_stores > 0),
    CONSTRAINT tenants_status_check CHECK (status IN ('active', 'suspended', 'closed')),
    CONSTRAINT tenants_tier_check CHECK (subscription_tier IN ('community', 'basic', 'professional', 'enterprise'))
);
COMMENT ON TABLE tenants IS 'A retailer on the platform; owns stores and everything in them.';
COMMENT ON COLUMN tenants.business_number IS 'The Canada Revenue Agency''s number, nine digits and a program account.';

CREATE TABLE stores (
    id bigserial PRIMARY KEY,
    tenant_id bigint NOT NULL,
    name varchar(120) NOT NULL,
    code varchar(40) NOT NULL,
    crol_number varchar(20),
    street varchar(200) NOT NULL,
    city varchar(80) NOT NULL,
    province char(2) NOT NULL DEFAULT 'ON',
    postal_code postal_code_ca NOT NULL,
    phone varchar(32),
    latitude numeric(9,6),
    longitude numeric(9,6),
    time_zone varchar(40) NOT NULL DEFAULT 'America/Toronto',
    delivery_radius_km numeric(6,2),
    opening_hours jsonb NOT NULL DEFAULT '{}',
    status varchar(20) NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stores_code_key UNIQUE (tenant_id, code),
    CONSTRAINT stores_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT,
    CONSTRAINT stores_status_check CHECK (status IN ('active', 'inactive', 'suspended')),
    CONSTRAINT stores_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT stores_longitude_check CHECK (longitude BETWEEN -180 AND 180)
);
COMMENT ON TABLE stores IS 'A licensed shop of a tenant.';
COMMENT ON COLUMN stores.crol_number IS 'Cannabis Retail Operating Licence number given by the AGCO.';

CREATE TABLE users (
    id bigserial PRIMARY KEY,
    store_id bigint,
    email varchar(254) NOT NULL,
    password_hash varchar(256) NOT NULL,
    first_name varchar(80),
    last_name varchar(80),
    phone varchar(32),
    role varchar(20) NOT NULL DEFAULT 'customer',
    is_active boolean NOT NULL DEFAULT true,
    email_verified boolean NOT NULL DEFAULT false,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_email_check CHECK (email LIKE '%_@_%'),
    CONSTRAINT users_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE SET NULL
);
COMMENT ON TABLE users IS 'Everybody who can log in: staff, drivers and customers.';
COMMENT ON COLUMN users.role IS 'The simple role; finer rights are in user_roles.';

CREATE INDEX stores_tenant_status_idx ON stores (tenant_id, status);
CREATE INDEX users_store_id_idx ON users (store_id);

-- ---------------------------------------------------------------------------
-- Functions that column defaults, generated columns and checks need
-- ---------------------------------------------------------------------------

CREATE FUNCTION is_valid_sku(p_sku text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_sku IS NOT NULL AND p_sku ~ '^[A-Z0-9][A-Z0-9._-]{2,63}$' $$;
COMMENT ON FUNCTION is_valid_sku(text) IS 'SKUs are upper case letters, digits, dot, dash and underscore; 3 to 64 characters';

-- ---------------------------------------------------------------------------
-- Catalogue: brands, categories, suppliers, strains
-- ---------------------------------------------------------------------------

CREATE TABLE brands (
    id              bigserial PRIMARY KEY,
    name            varchar(160) NOT NULL,
    slug            varchar(160) NOT NULL,
    description     text,
    logo_url        text,
    website_url     text,
    country_code    char(2) NOT NULL DEFAULT 'CA',
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT brands_slug_key UNIQUE (slug),
    CONSTRAINT brands_slug_format_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT brands_country_code_check CHECK (country_code ~ '^[A-Z]{2}$')
);
COMMENT ON TABLE brands IS 'Licensed producers'' consumer brands';
CREATE INDEX idx_brands_active ON brands (is_active) WHERE is_active;

CREATE TABLE product_categories (
    id              bigserial PRIMARY KEY,
    parent_id       bigint REFERENCES product_categories (id) ON DELETE RESTRICT,
    name            varchar(120) NOT NULL,
    slug            varchar(140) NOT NULL,
    path            text NOT NULL,
    sort_order      integer NOT NULL DEFAULT 0,
    unit_of_measure varchar(8) NOT NULL DEFAULT 'g',
    icon_name       varchar(60),
    is_visible      boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_categories_slug_key UNIQUE (slug),
    CONSTRAINT product_categories_unit_check CHECK (unit_of_measure IN ('g', 'ml', 'mg', 'each', 'seed')),
    CONSTRAINT product_categories_not_own_parent CHECK (parent_id <> id)
);
COMMENT ON TABLE product_categories IS 'Tree of categories and subcategories shown to shoppers';
COMMENT ON COLUMN product_categories.path IS 'Slugs from the root, separated by slashes';
CREATE INDEX idx_product_categories_parent ON product_categories (parent_id, sort_order);

CREATE TABLE suppliers (
    id              bigserial PRIMARY KEY,
    name            varchar(200) NOT NULL,
    code            varchar(32) NOT NULL,
    contact_name    varchar(160),
    contact_email   varchar(254),
    contact_phone   varchar(32),
    address         jsonb NOT NULL DEFAULT '{}'::jsonb,
    payment_terms_days integer NOT NULL DEFAULT 30,
    rating          numeric(3,2),
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT suppliers_code_key UNIQUE (code),
    CONSTRAINT suppliers_payment_terms_check CHECK (payment_terms_days BETWEEN 0 AND 180)
);
COMMENT ON TABLE suppliers IS 'Wholesalers and accessory vendors';

CREATE TABLE strains (
    id              bigserial PRIMARY KEY,
    name            varchar(160) NOT NULL,
    species         varchar(16) NOT NULL DEFAULT 'hybrid',
    description     text,
    lineage         text[] NOT NULL DEFAULT '{}',
    flavours        text[] NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT strains_name_key UNIQUE (name),
    CONSTRAINT strains_species_check CHECK (species IN ('indica', 'sativa', 'hybrid', 'ruderalis'))
);
COMMENT ON TABLE strains IS 'Cultivars, shared by all tenants';
CREATE INDEX idx_strains_species ON strains (species);

-- ---------------------------------------------------------------------------
-- Catalogue: products and what describes them
-- ---------------------------------------------------------------------------

CREATE TABLE products (
    id              bigserial PRIMARY KEY,
    sku             varchar(64) NOT NULL,
    name            varchar(240) NOT NULL,
    slug            varchar(260) NOT NULL,
    brand_id        bigint REFERENCES brands (id),
    category_id     bigint NOT NULL REFERENCES product_categories (id),
    strain_id       bigint REFERENCES strains (id) ON DELETE SET NULL,
    supplier_id     bigint,
    short_description varchar(500),
    long_description text,
    plant_type      varchar(16),
    thc_min         numeric(6,2),
    thc_max         numeric(6,2),
    cbd_min         numeric(6,2),
    cbd_max         numeric(6,2),
    net_weight_g    numeric(10,3),
    unit_cost       numeric(12,2) NOT NULL DEFAULT 0,
    retail_price    numeric(12,2) NOT NULL,
    is_active       boolean NOT NULL DEFAULT true,
    is_featured     boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT products_sku_key UNIQUE (sku),
    CONSTRAINT products_retail_price_check CHECK (retail_price >= 0),
    CONSTRAINT products_thc_range_check CHECK (thc_min <= thc_max),
    CONSTRAINT products_plant_type_check CHECK (plant_type IN ('indica', 'sativa', 'hybrid', 'blend', 'none'))
);
COMMENT ON TABLE products IS 'Sellable products; prices in dollars, potency in percent or mg per unit';
COMMENT ON COLUMN products.sku IS 'Platform SKU, the same in every store';
CREATE INDEX idx_products_category ON products (category_id);
CREATE INDEX idx_products_brand ON products (brand_id);
CREATE INDEX idx_products_strain ON products (strain_id);

CREATE TABLE product_variants (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    sku             varchar(64) NOT NULL,
    name            varchar(120) NOT NULL,
    size_value      numeric(10,3) NOT NULL,
    size_unit       varchar(8) NOT NULL,
    price_delta     numeric(12,2) NOT NULL DEFAULT 0,
    is_default      boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_variants_size_check CHECK (size_value > 0),
    CONSTRAINT product_variants_unit_check CHECK (size_unit IN ('g', 'ml', 'mg', 'each')),
    CONSTRAINT product_variants_sku_key UNIQUE (sku)
);
COMMENT ON TABLE product_variants IS 'Pack sizes of a product';
CREATE INDEX idx_product_variants_product ON product_variants (product_id);

CREATE TABLE product_images (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    url             text NOT NULL,
    alt_text        varchar(240),
    sort_order      integer NOT NULL DEFAULT 0,
    is_primary      boolean NOT NULL DEFAULT false,
    file_size_bytes bigint,
    created_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE product_images IS 'Pictures of products on the content network';
CREATE INDEX idx_product_images_product ON product_images (product_id, sort_order);

CREATE TABLE product_attributes (
    id              bigserial PRIMARY KEY,
    code            varchar(60) NOT NULL,
    label           varchar(120) NOT NULL,
    data_type       varchar(16) NOT NULL DEFAULT 'text',
    is_filterable   boolean NOT NULL DEFAULT false,
    unit            varchar(16),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_attributes_code_key UNIQUE (code),
    CONSTRAINT product_attributes_data_type_check CHECK (data_type IN ('text', 'number', 'boolean', 'date', 'choice'))
);
COMMENT ON TABLE product_attributes IS 'Definitions of the attributes that products may carry';

CREATE TABLE product_attribute_values (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    attribute_id    bigint NOT NULL REFERENCES product_attributes (id),
    value_text      text,
    value_number    numeric(14,4),
    source          varchar(24),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_attribute_values_key UNIQUE (product_id, attribute_id)
);
COMMENT ON TABLE product_attribute_values IS 'Values of attributes by product';

CREATE TABLE terpenes (
    id              bigserial PRIMARY KEY,
    name            varchar(80) NOT NULL,
    aroma           varchar(160),
    boiling_point_c numeric(6,2),
    description     text,
    CONSTRAINT terpenes_name_key UNIQUE (name)
);
COMMENT ON TABLE terpenes IS 'Aromatic compounds reported on certificates of analysis';

CREATE TABLE product_terpenes (
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    terpene_id      bigint NOT NULL REFERENCES terpenes (id),
    percent         numeric(6,3),
    CONSTRAINT product_terpenes_pkey PRIMARY KEY (product_id, terpene_id),
    CONSTRAINT product_terpenes_percent_check CHECK (percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE product_terpenes IS 'Terpene content of products';

CREATE TABLE product_tags (
    id              bigserial PRIMARY KEY,
    name            varchar(80) NOT NULL,
    slug            varchar(80) NOT NULL,
    colour          varchar(7) NOT NULL DEFAULT '#4b7f52',
    CONSTRAINT product_tags_slug_key UNIQUE (slug)
);
COMMENT ON TABLE product_tags IS 'Merchandising labels';

CREATE TABLE product_tag_links (
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    tag_id          bigint NOT NULL REFERENCES product_tags (id) ON DELETE CASCADE,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_tag_links_pkey PRIMARY KEY (product_id, tag_id)
);
COMMENT ON TABLE product_tag_links IS 'Which product carries which tag';

CREATE TABLE product_recommendations (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    recommended_product_id bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    kind            varchar(24) NOT NULL DEFAULT 'similar',
    score           numeric(8,6) NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_recommendations_kind_check CHECK (kind IN ('similar', 'bought_together', 'upsell', 'substitute')),
    CONSTRAINT product_recommendations_not_self CHECK (product_id <> recommended_product_id)
);
COMMENT ON TABLE product_recommendations IS 'Precomputed recommendations between products';
CREATE INDEX idx_product_recommendations_product ON product_recommendations (product_id);

CREATE TABLE product_views (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint NOT NULL REFERENCES stores (id),
    user_id         bigint,
    session_key     varchar(64) NOT NULL,
    viewed_at       timestamptz NOT NULL DEFAULT now(),
    referrer        text
);
COMMENT ON TABLE product_views IS 'Views of product pages, kept for thirteen months';
CREATE INDEX idx_product_views_product ON product_views (product_id);

-- ---------------------------------------------------------------------------
-- Shoppers' voice: reviews, votes, responses, wishlists
-- ---------------------------------------------------------------------------

CREATE TABLE product_reviews (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint REFERENCES stores (id),
    user_id         bigint NOT NULL REFERENCES users (id),
    rating          smallint NOT NULL,
    title           varchar(160),
    body            text,
    status          varchar(16) NOT NULL DEFAULT 'published',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_reviews_rating_check CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT product_reviews_status_check CHECK (status IN ('pending', 'published', 'rejected', 'hidden'))
);
COMMENT ON TABLE product_reviews IS 'Ratings and reviews by customers';
CREATE INDEX idx_product_reviews_product ON product_reviews (product_id, created_at);

CREATE TABLE review_votes (
    review_id       bigint NOT NULL REFERENCES product_reviews (id) ON DELETE CASCADE,
    user_id         bigint NOT NULL,
    is_helpful      boolean NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT review_votes_pkey PRIMARY KEY (review_id, user_id),
    CONSTRAINT review_votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE review_votes IS 'Helpful or not, one vote for each user and review';

CREATE TABLE review_responses (
    id              bigserial PRIMARY KEY,
    review_id       bigint NOT NULL REFERENCES product_reviews (id) ON DELETE CASCADE,
    responder_id    bigint NOT NULL REFERENCES users (id),
    body            text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT review_responses_body_check CHECK (length(body) BETWEEN 1 AND 4000)
);
COMMENT ON TABLE review_responses IS 'Answers of stores to reviews';
CREATE INDEX idx_review_responses_review ON review_responses (review_id);

CREATE TABLE wishlists (
    id              bigserial PRIMARY KEY,
    user_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint REFERENCES stores (id),
    note            varchar(240),
    added_at        timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE wishlists IS 'Products that customers keep for later';
CREATE UNIQUE INDEX unique_wishlist_item ON wishlists (user_id, product_id);
CREATE INDEX idx_wishlists_product ON wishlists (product_id);

-- ---------------------------------------------------------------------------
-- OCS: wholesaler's catalogue, stock, purchase orders, shipments
-- ---------------------------------------------------------------------------

CREATE TABLE ocs_product_catalog (
    id              bigserial PRIMARY KEY,
    ocs_sku         varchar(64) NOT NULL,
    product_id      bigint REFERENCES products (id) ON DELETE SET NULL,
    item_number     varchar(32) NOT NULL,
    product_name    varchar(240) NOT NULL,
    brand_name      varchar(160),
    supplier_name   varchar(200),
    category        varchar(80),
    subcategory     varchar(80),
    unit_price      numeric(12,2) NOT NULL,
    units_per_case  integer NOT NULL DEFAULT 1,
    size_text       varchar(60),
    thc_content     numeric(8,3),
    cbd_content     numeric(8,3),
    grow_method     varchar(40),
    is_listed       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_product_catalog_units_check CHECK (units_per_case > 0),
    CONSTRAINT ocs_product_catalog_ocs_sku_key UNIQUE (ocs_sku)
);
COMMENT ON TABLE ocs_product_catalog IS 'Wholesale catalogue of the Ontario Cannabis Store as last imported';
CREATE INDEX idx_ocs_catalog_category ON ocs_product_catalog (category, subcategory);

CREATE TABLE inventory_locations (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    code            varchar(32) NOT NULL,
    name            varchar(120) NOT NULL,
    kind            varchar(20) NOT NULL DEFAULT 'shelf',
    temperature_c   numeric(4,1),
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_locations_code_key UNIQUE (store_id, code),
    CONSTRAINT inventory_locations_kind_check CHECK (kind IN ('shelf', 'vault', 'backroom', 'in_transit', 'quarantine'))
);
COMMENT ON TABLE inventory_locations IS 'Places in a store where stock is kept';
CREATE INDEX idx_inventory_locations_kind ON inventory_locations (kind, store_id);

CREATE TABLE ocs_inventory (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    location_id     bigint REFERENCES inventory_locations (id),
    product_id      bigint NOT NULL REFERENCES products (id),
    sku             varchar(64) NOT NULL,
    stock_quantity  integer NOT NULL DEFAULT 0,
    units_per_case  integer NOT NULL DEFAULT 1,
    unit_cost       numeric(12,2) NOT NULL DEFAULT 0,
    packaged_on     date,
    expires_on      date,
    lot_status      varchar(16) NOT NULL DEFAULT 'sellable',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_inventory_lot_status_check CHECK (lot_status IN ('sellable', 'quarantine', 'recalled', 'expired')),
    CONSTRAINT ocs_inventory_units_per_case_check CHECK (units_per_case > 0)
)
WITH (fillfactor = 70);
COMMENT ON TABLE ocs_inventory IS 'Packaged cannabis bought from the OCS, by store, SKU and lot';
COMMENT ON COLUMN ocs_inventory.stock_quantity IS 'Units on the shelf according to the point of sale';
CREATE INDEX idx_ocs_inventory_store ON ocs_inventory (store_id);

CREATE TABLE ocs_price_list (
    id              bigserial PRIMARY KEY,
    sku             varchar(64) NOT NULL,
    wholesale_price numeric(12,2) NOT NULL,
    suggested_price numeric(12,2),
    effective_from  date NOT NULL,
    effective_to    date,
    source_file     text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_price_list_price_check CHECK (wholesale_price >= 0),
    CONSTRAINT ocs_price_list_period_check CHECK (effective_to > effective_from),
    CONSTRAINT ocs_price_list_sku_fkey FOREIGN KEY (sku) REFERENCES products (sku) ON UPDATE CASCADE
);
COMMENT ON TABLE ocs_price_list IS 'Wholesale prices by period';
CREATE INDEX idx_ocs_price_list_effective ON ocs_price_list (effective_from);

CREATE TABLE ocs_purchase_orders (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    supplier_id     bigint NOT NULL REFERENCES suppliers (id),
    po_number       varchar(40) NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'draft',
    ordered_at      timestamptz,
    expected_on     date,
    received_at     timestamptz,
    subtotal        numeric(12,2) NOT NULL DEFAULT 0,
    tax_total       numeric(12,2) NOT NULL DEFAULT 0,
    notes           text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_purchase_orders_po_number_key UNIQUE (po_number),
    CONSTRAINT ocs_purchase_orders_status_check CHECK (status IN ('draft', 'submitted', 'confirmed', 'shipped', 'received', 'cancelled'))
);
COMMENT ON TABLE ocs_purchase_orders IS 'Purchase orders of stores with the wholesaler';
CREATE INDEX idx_ocs_purchase_orders_store ON ocs_purchase_orders (store_id, ordered_at);

CREATE TABLE ocs_purchase_order_items (
    id              bigserial PRIMARY KEY,
    purchase_order_id bigint NOT NULL REFERENCES ocs_purchase_orders (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id),
    sku             varchar(64) NOT NULL,
    cases_ordered   integer NOT NULL,
    units_per_case  integer NOT NULL DEFAULT 1,
    unit_cost       numeric(12,2) NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_purchase_order_items_cases_check CHECK (cases_ordered > 0),
    CONSTRAINT ocs_purchase_order_items_sku_fkey FOREIGN KEY (sku) REFERENCES products (sku) ON UPDATE CASCADE
);
COMMENT ON TABLE ocs_purchase_order_items IS 'Lines of purchase orders, ordered in cases';
CREATE INDEX idx_ocs_po_items_order ON ocs_purchase_order_items (purchase_order_id);

CREATE TABLE ocs_asn_shipments (
    id              bigserial PRIMARY KEY,
    purchase_order_id bigint NOT NULL REFERENCES ocs_purchase_orders (id),
    asn_number      varchar(40) NOT NULL,
    carrier         varchar(80),
    tracking_number varchar(80),
    shipped_at      timestamptz NOT NULL,
    arrived_at      timestamptz,
    driver_name     varchar(120),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_asn_shipments_asn_number_key UNIQUE (asn_number),
    CONSTRAINT ocs_asn_shipments_arrival_check CHECK (arrived_at >= shipped_at)
);
COMMENT ON TABLE ocs_asn_shipments IS 'Advance shipping notices';
CREATE INDEX idx_ocs_asn_shipments_order ON ocs_asn_shipments (purchase_order_id);

CREATE TABLE ocs_asn_lines (
    id              bigserial PRIMARY KEY,
    shipment_id     bigint NOT NULL REFERENCES ocs_asn_shipments (id) ON DELETE CASCADE,
    sku             varchar(64) NOT NULL,
    cases_shipped   integer NOT NULL,
    units_per_case  integer NOT NULL,
    batch_lot       varchar(64) NOT NULL,
    expires_on      date,
    CONSTRAINT ocs_asn_lines_cases_check CHECK (cases_shipped > 0)
);
COMMENT ON TABLE ocs_asn_lines IS 'Lines of advance shipping notices';
CREATE INDEX idx_ocs_asn_lines_shipment ON ocs_asn_lines (shipment_id);

-- ---------------------------------------------------------------------------
-- Inventory: lots, movements, reservations, transfers, counts
-- ---------------------------------------------------------------------------

CREATE TABLE inventory_lots (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id),
    lot_number      varchar(64) NOT NULL,
    packaged_on     date,
    expires_on      date,
    status          varchar(16) NOT NULL DEFAULT 'sellable',
    certificate_url text,
    received_quantity integer NOT NULL DEFAULT 0,
    remaining_quantity integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_lots_number_key UNIQUE (product_id, lot_number),
    CONSTRAINT inventory_lots_status_check CHECK (status IN ('sellable', 'quarantine', 'recalled', 'expired')),
    CONSTRAINT inventory_lots_dates_check CHECK (expires_on > packaged_on)
);
COMMENT ON TABLE inventory_lots IS 'Production lots that were received';
CREATE INDEX idx_inventory_lots_expiry ON inventory_lots (expires_on);

CREATE TABLE gtin_aliases (
    id              bigserial PRIMARY KEY,
    gtin            varchar(14) NOT NULL,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    packaging       varchar(8) NOT NULL DEFAULT 'each',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gtin_aliases_packaging_check CHECK (packaging IN ('each', 'inner', 'case', 'pallet'))
);
COMMENT ON TABLE gtin_aliases IS 'Trade item numbers under which a product has been delivered';
CREATE INDEX idx_gtin_aliases_product ON gtin_aliases (product_id);

CREATE TABLE inventory_movements (
    id              bigserial PRIMARY KEY,
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    store_id        bigint NOT NULL,
    movement_type   varchar(20) NOT NULL,
    quantity_delta  integer NOT NULL,
    reference_type  varchar(24),
    reference_id    bigint,
    actor_id        bigint,
    occurred_at     timestamptz NOT NULL DEFAULT now(),
    reason          varchar(120),
    CONSTRAINT inventory_movements_type_check CHECK (movement_type IN ('receipt', 'sale', 'return', 'adjustment', 'transfer_out', 'transfer_in', 'destruction', 'direct_write')),
    CONSTRAINT inventory_movements_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE inventory_movements IS 'Ledger of changes of stock, append only';
CREATE INDEX idx_inventory_movements_inventory ON inventory_movements (inventory_id);

CREATE TABLE inventory_reservations (
    id              bigserial PRIMARY KEY,
    reservation_key uuid NOT NULL DEFAULT gen_random_uuid(),
    inventory_id    bigint NOT NULL,
    store_id        bigint NOT NULL REFERENCES stores (id),
    quantity        integer NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'active',
    expires_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_reservations_quantity_check CHECK (quantity > 0),
    CONSTRAINT inventory_reservations_status_check CHECK (status IN ('active', 'committed', 'released', 'expired')),
    CONSTRAINT inventory_reservations_key UNIQUE (reservation_key, inventory_id)
);
COMMENT ON TABLE inventory_reservations IS 'Stock held for carts; no foreign key onto the hot stock row';
CREATE INDEX idx_inventory_reservations_inventory ON inventory_reservations (inventory_id);

CREATE TABLE inventory_adjustments (
    id              bigserial PRIMARY KEY,
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    store_id        bigint NOT NULL REFERENCES stores (id),
    quantity_before integer NOT NULL,
    quantity_after  integer NOT NULL,
    reason_code     varchar(24) NOT NULL,
    note            text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_adjustments_reason_check CHECK (reason_code IN ('count', 'damage', 'theft', 'sample', 'correction', 'broken_case')),
    CONSTRAINT inventory_adjustments_quantities_check CHECK (quantity_before >= 0 AND quantity_after >= 0)
);
COMMENT ON TABLE inventory_adjustments IS 'Manual corrections of stock';
CREATE INDEX idx_inventory_adjustments_store ON inventory_adjustments (store_id, created_at);

CREATE TABLE inventory_transfers (
    id              bigserial PRIMARY KEY,
    from_store_id   bigint NOT NULL REFERENCES stores (id),
    to_store_id     bigint NOT NULL REFERENCES stores (id),
    status          varchar(16) NOT NULL DEFAULT 'draft',
    requested_at    timestamptz NOT NULL DEFAULT now(),
    shipped_at      timestamptz,
    received_at     timestamptz,
    manifest_url    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_transfers_status_check CHECK (status IN ('draft', 'approved', 'in_transit', 'received', 'cancelled'))
);
COMMENT ON TABLE inventory_transfers IS 'Transfers of stock between stores of a tenant';
CREATE INDEX idx_inventory_transfers_from ON inventory_transfers (from_store_id, requested_at);

CREATE TABLE inventory_transfer_items (
    id              bigserial PRIMARY KEY,
    transfer_id     bigint NOT NULL REFERENCES inventory_transfers (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id),
    sku             varchar(64) NOT NULL,
    quantity_sent   integer NOT NULL,
    quantity_received integer,
    discrepancy_note text,
    CONSTRAINT inventory_transfer_items_sent_check CHECK (quantity_sent > 0),
    CONSTRAINT inventory_transfer_items_received_check CHECK (quantity_received >= 0)
);
COMMENT ON TABLE inventory_transfer_items IS 'Lines of transfers';
CREATE INDEX idx_inventory_transfer_items_transfer ON inventory_transfer_items (transfer_id);
CREATE INDEX idx_inventory_transfer_items_product ON inventory_transfer_items (product_id);

CREATE TABLE inventory_counts (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    count_type      varchar(16) NOT NULL DEFAULT 'cycle',
    status          varchar(16) NOT NULL DEFAULT 'open',
    started_at      timestamptz NOT NULL DEFAULT now(),
    posted_at       timestamptz,
    CONSTRAINT inventory_counts_type_check CHECK (count_type IN ('cycle', 'full', 'spot', 'month_end')),
    CONSTRAINT inventory_counts_status_check CHECK (status IN ('open', 'counted', 'posted', 'cancelled')),
    CONSTRAINT inventory_counts_posted_check CHECK (posted_at >= started_at)
);
COMMENT ON TABLE inventory_counts IS 'Physical counts';
CREATE INDEX idx_inventory_counts_store ON inventory_counts (store_id, started_at);
CREATE INDEX idx_inventory_counts_open ON inventory_counts (store_id) WHERE status = 'open';

CREATE TABLE inventory_count_lines (
    id              bigserial PRIMARY KEY,
    count_id        bigint NOT NULL REFERENCES inventory_counts (id) ON DELETE CASCADE,
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    book_quantity   integer NOT NULL,
    counted_quantity integer,
    recount_quantity integer,
    counted_at      timestamptz,
    CONSTRAINT inventory_count_lines_key UNIQUE (count_id, inventory_id),
    CONSTRAINT inventory_count_lines_counted_check CHECK (counted_quantity >= 0)
);
COMMENT ON TABLE inventory_count_lines IS 'Counted against booked quantities';
CREATE INDEX idx_inventory_count_lines_count ON inventory_count_lines (count_id);

CREATE TABLE inventory_destructions (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    quantity        integer NOT NULL,
    reason          varchar(40) NOT NULL,
    method          varchar(40) NOT NULL,
    destroyed_at    timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_destructions_quantity_check CHECK (quantity > 0)
);
COMMENT ON TABLE inventory_destructions IS 'Destroyed cannabis, records kept as the AGCO asks';
CREATE INDEX idx_inventory_destructions_store ON inventory_destructions (store_id, destroyed_at);

CREATE TABLE inventory_recalls (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id),
    lot_number      varchar(64) NOT NULL,
    severity        varchar(8) NOT NULL DEFAULT 'II',
    announced_at    timestamptz NOT NULL,
    closed_at       timestamptz,
    instructions    text,
    CONSTRAINT inventory_recalls_severity_check CHECK (severity IN ('I', 'II', 'III'))
);
COMMENT ON TABLE inventory_recalls IS 'Recalls of lots by producers or Health Canada';
CREATE INDEX idx_inventory_recalls_product ON inventory_recalls (product_id);
CREATE INDEX idx_inventory_recalls_open ON inventory_recalls (announced_at DESC) WHERE closed_at IS NULL;

CREATE TABLE reorder_rules (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    minimum_quantity integer NOT NULL,
    target_quantity integer NOT NULL,
    is_active       boolean NOT NULL DEFAULT true,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reorder_rules_key UNIQUE (store_id, product_id)
);
COMMENT ON TABLE reorder_rules IS 'When and how much to reorder, by store and product';
CREATE INDEX idx_reorder_rules_product ON reorder_rules (product_id);

CREATE TABLE supplier_products (
    id              bigserial PRIMARY KEY,
    supplier_id     bigint NOT NULL REFERENCES suppliers (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    supplier_sku    varchar(64) NOT NULL,
    unit_cost       numeric(12,2) NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT supplier_products_key UNIQUE (supplier_id, product_id)
);
COMMENT ON TABLE supplier_products IS 'Which supplier sells which product, under its own SKU';

CREATE TABLE supplier_invoices (
    id              bigserial PRIMARY KEY,
    supplier_id     bigint NOT NULL REFERENCES suppliers (id),
    purchase_order_id bigint REFERENCES ocs_purchase_orders (id),
    invoice_number  varchar(40) NOT NULL,
    invoice_date    date NOT NULL,
    due_date        date NOT NULL,
    total_amount    numeric(12,2) NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'open',
    document_url    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT supplier_invoices_number_key UNIQUE (supplier_id, invoice_number),
    CONSTRAINT supplier_invoices_status_check CHECK (status IN ('open', 'paid', 'overdue', 'void')),
    CONSTRAINT supplier_invoices_due_check CHECK (due_date >= invoice_date)
);
COMMENT ON TABLE supplier_invoices IS 'Invoices of suppliers';
CREATE INDEX idx_supplier_invoices_order ON supplier_invoices (purchase_order_id);

-- ---------------------------------------------------------------------------
-- Prices, promotions, discounts, bundles
-- ---------------------------------------------------------------------------

CREATE TABLE price_history (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint REFERENCES stores (id),
    old_price       numeric(12,2),
    new_price       numeric(12,2) NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    changed_by      bigint,
    CONSTRAINT price_history_new_price_check CHECK (new_price >= 0)
);
COMMENT ON TABLE price_history IS 'Every change of a price; no store means the base price';
CREATE INDEX idx_price_history_product ON price_history (product_id);
CREATE INDEX idx_price_history_changed_by ON price_history (changed_by, changed_at DESC);

CREATE TABLE pricing_rules (
    id              bigserial PRIMARY KEY,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    category_id     bigint REFERENCES product_categories (id),
    name            varchar(120) NOT NULL,
    strategy        varchar(20) NOT NULL DEFAULT 'markup',
    markup_percent  numeric(6,2),
    priority        integer NOT NULL DEFAULT 100,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pricing_rules_strategy_check CHECK (strategy IN ('markup', 'fixed_margin', 'competitor', 'msrp'))
);
COMMENT ON TABLE pricing_rules IS 'How shelf prices follow from costs';
CREATE INDEX idx_pricing_rules_store ON pricing_rules (store_id, priority);

CREATE TABLE store_price_overrides (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    price           numeric(12,2) NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz,
    reason          varchar(120),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT store_price_overrides_price_check CHECK (price >= 0),
    CONSTRAINT store_price_overrides_period_check CHECK (ends_at > starts_at)
);
COMMENT ON TABLE store_price_overrides IS 'Prices of single stores for a period';
CREATE INDEX idx_store_price_overrides_store ON store_price_overrides (store_id);

CREATE TABLE excise_rates (
    id              bigserial PRIMARY KEY,
    province_code   char(2) NOT NULL,
    excise_class    varchar(24) NOT NULL,
    flat_rate       numeric(12,6) NOT NULL,
    ad_valorem_rate numeric(7,5) NOT NULL DEFAULT 0,
    rate_basis      varchar(16) NOT NULL DEFAULT 'gram',
    valid_from      date NOT NULL,
    valid_to        date,
    CONSTRAINT excise_rates_basis_check CHECK (rate_basis IN ('gram', 'seed', 'thc_mg')),
    CONSTRAINT excise_rates_ad_valorem_check CHECK (ad_valorem_rate >= 0 AND ad_valorem_rate < 1),
    CONSTRAINT excise_rates_key UNIQUE (province_code, excise_class, valid_from)
);
COMMENT ON TABLE excise_rates IS 'Federal and provincial cannabis duty by class and period';

CREATE TABLE promotions (
    id              bigserial PRIMARY KEY,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    name            varchar(160) NOT NULL,
    description     text,
    discount_type   varchar(16) NOT NULL,
    discount_value  numeric(12,2) NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz,
    status          varchar(16) NOT NULL DEFAULT 'draft',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT promotions_discount_type_check CHECK (discount_type IN ('percent', 'amount', 'fixed_price', 'bogo')),
    CONSTRAINT promotions_status_check CHECK (status IN ('draft', 'scheduled', 'active', 'paused', 'ended'))
);
COMMENT ON TABLE promotions IS 'Campaigns that lower prices';
CREATE INDEX idx_promotions_store ON promotions (store_id);

CREATE TABLE promotion_products (
    id              bigserial PRIMARY KEY,
    promotion_id    bigint NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    is_excluded     boolean NOT NULL DEFAULT false,
    CONSTRAINT promotion_products_key UNIQUE (promotion_id, product_id)
);
COMMENT ON TABLE promotion_products IS 'Products that a promotion covers';
CREATE INDEX idx_promotion_products_promotion ON promotion_products (promotion_id);

CREATE TABLE promotion_usage (
    id              bigserial PRIMARY KEY,
    promotion_id    bigint NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
    user_id         bigint,
    store_id        bigint NOT NULL REFERENCES stores (id),
    order_reference varchar(64) NOT NULL,
    discount_amount numeric(12,2) NOT NULL,
    basket_total    numeric(12,2),
    used_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT promotion_usage_amount_check CHECK (discount_amount >= 0)
);
COMMENT ON TABLE promotion_usage IS 'Uses of promotions by orders';
CREATE INDEX idx_promotion_usage_promotion ON promotion_usage (promotion_id);

CREATE TABLE discount_codes (
    id              bigserial PRIMARY KEY,
    promotion_id    bigint REFERENCES promotions (id) ON DELETE SET NULL,
    code            varchar(40) NOT NULL,
    percent_off     numeric(5,2),
    amount_off      numeric(12,2),
    valid_from      timestamptz NOT NULL DEFAULT now(),
    valid_until     timestamptz,
    maximum_redemptions integer,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT discount_codes_percent_check CHECK (percent_off > 0 AND percent_off <= 100)
);
COMMENT ON TABLE discount_codes IS 'Codes that customers type in';
CREATE INDEX idx_discount_codes_promotion ON discount_codes (promotion_id);

CREATE TABLE discount_redemptions (
    id              bigserial PRIMARY KEY,
    discount_code_id bigint NOT NULL REFERENCES discount_codes (id),
    user_id         bigint REFERENCES users (id),
    order_reference varchar(64) NOT NULL,
    amount          numeric(12,2) NOT NULL,
    redeemed_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT discount_redemptions_amount_check CHECK (amount >= 0),
    CONSTRAINT discount_redemptions_key UNIQUE (discount_code_id, order_reference)
);
COMMENT ON TABLE discount_redemptions IS 'Uses of discount codes';
CREATE INDEX idx_discount_redemptions_code ON discount_redemptions (discount_code_id);

CREATE TABLE bundles (
    id              bigserial PRIMARY KEY,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    name            varchar(160) NOT NULL,
    description     text,
    pricing         varchar(16) NOT NULL DEFAULT 'percent',
    discount_percent numeric(5,2),
    fixed_price     numeric(12,2),
    image_url       text,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bundles_pricing_check CHECK (pricing IN ('percent', 'fixed'))
);
COMMENT ON TABLE bundles IS 'Products sold together';
CREATE INDEX idx_bundles_store ON bundles (store_id) WHERE is_active;

CREATE TABLE bundle_items (
    id              bigserial PRIMARY KEY,
    bundle_id       bigint NOT NULL REFERENCES bundles (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id),
    quantity        integer NOT NULL DEFAULT 1,
    CONSTRAINT bundle_items_key UNIQUE (bundle_id, product_id),
    CONSTRAINT bundle_items_quantity_check CHECK (quantity > 0)
);
COMMENT ON TABLE bundle_items IS 'Contents of bundles';

-- ---------------------------------------------------------------------------
-- Stores: opening hours, holidays, settings, compliance
-- ---------------------------------------------------------------------------

CREATE TABLE store_hours (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    day_of_week     smallint NOT NULL,
    opens_at        time NOT NULL,
    closes_at       time NOT NULL,
    CONSTRAINT store_hours_key UNIQUE (store_id, day_of_week),
    CONSTRAINT store_hours_day_check CHECK (day_of_week BETWEEN 0 AND 6),
    CONSTRAINT store_hours_period_check CHECK (closes_at > opens_at)
);
COMMENT ON TABLE store_hours IS 'Weekly opening hours in the store''s time zone; 0 is Sunday';
CREATE INDEX idx_store_hours_day ON store_hours (day_of_week, opens_at);

CREATE TABLE store_settings (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    category        varchar(40) NOT NULL,
    key             varchar(80) NOT NULL,
    value           jsonb NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT store_settings_key UNIQUE (store_id, category, key)
);
COMMENT ON TABLE store_settings IS 'Settings of stores by category and key';

CREATE TABLE store_holidays (
    id              bigserial PRIMARY KEY,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    holiday_date    date NOT NULL,
    name            varchar(80) NOT NULL,
    is_closed       boolean NOT NULL DEFAULT true,
    CONSTRAINT store_holidays_key UNIQUE (store_id, holiday_date)
);
COMMENT ON TABLE store_holidays IS 'Days with other hours; no store means all stores';
CREATE INDEX idx_store_holidays_date ON store_holidays (holiday_date);

CREATE TABLE compliance_reports (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    report_type     varchar(32) NOT NULL,
    period_start    date NOT NULL,
    period_end      date NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'draft',
    payload         jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT compliance_reports_type_check CHECK (report_type IN ('monthly_federal', 'agco_sales', 'destruction', 'age_checks', 'staff_training')),
    CONSTRAINT compliance_reports_status_check CHECK (status IN ('draft', 'ready', 'submitted', 'accepted', 'rejected'))
);
COMMENT ON TABLE compliance_reports IS 'Reports to the AGCO and Health Canada';
CREATE INDEX idx_compliance_reports_store ON compliance_reports (store_id, period_start);

-- ---------------------------------------------------------------------------
-- Added since the legacy system: search, forecasts, labels, licences, menus
-- ---------------------------------------------------------------------------

CREATE TABLE product_search_documents (
    product_id      bigint PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
    document        tsvector NOT NULL,
    language        varchar(16) NOT NULL DEFAULT 'english',
    indexed_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE product_search_documents IS 'Search documents kept apart from the products';
CREATE INDEX product_search_documents_document_idx ON product_search_documents USING gin (document);

CREATE TABLE inventory_forecasts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    forecast_date   date NOT NULL,
    expected_units  numeric(12,3) NOT NULL,
    lower_bound     numeric(12,3) NOT NULL,
    upper_bound     numeric(12,3) NOT NULL,
    model           text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_forecasts_bounds CHECK (expected_units BETWEEN lower_bound AND upper_bound),
    CONSTRAINT inventory_forecasts_key UNIQUE (store_id, product_id, forecast_date)
);
COMMENT ON TABLE inventory_forecasts IS 'Expected sales by store, product and day';
CREATE INDEX inventory_forecasts_date_idx ON inventory_forecasts (forecast_date, store_id);

CREATE TABLE label_print_jobs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    template        varchar(40) NOT NULL,
    copies          integer NOT NULL DEFAULT 1 CHECK (copies > 0),
    status          varchar(16) NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'printing', 'done', 'failed')),
    queued_at       timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz
);
COMMENT ON TABLE label_print_jobs IS 'Queue of shelf labels';
CREATE INDEX label_print_jobs_queue_idx ON label_print_jobs (queued_at) WHERE status = 'queued';

CREATE TABLE compliance_licences (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    licence_type    varchar(32) NOT NULL CHECK (licence_type IN ('retail_store', 'retail_operator', 'delivery')),
    licence_number  varchar(40) NOT NULL UNIQUE,
    issued_on       date NOT NULL,
    expires_on      date NOT NULL,
    CONSTRAINT compliance_licences_period CHECK (expires_on > issued_on)
);
COMMENT ON TABLE compliance_licences IS 'AGCO licences of stores';
CREATE INDEX compliance_licences_expiry_idx ON compliance_licences (expires_on);

CREATE TABLE store_zones (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    name            varchar(80) NOT NULL,
    boundary        polygon NOT NULL,
    is_active       boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE store_zones IS 'Areas that a store serves, longitude and latitude';
CREATE INDEX store_zones_boundary_idx ON store_zones USING gist (boundary);

CREATE TABLE menu_boards (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    name            varchar(80) NOT NULL,
    layout          jsonb NOT NULL DEFAULT '{}'::jsonb,
    revision        integer NOT NULL DEFAULT 1,
    published_at    timestamptz,
    CONSTRAINT menu_boards_key UNIQUE (store_id, name)
);
COMMENT ON TABLE menu_boards IS 'Screens in the shop that show the menu';

CREATE TABLE price_experiments (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    variant         varchar(16) NOT NULL,
    price           numeric(12,2) NOT NULL CHECK (price >= 0),
    exposures       bigint NOT NULL DEFAULT 0,
    conversions     bigint NOT NULL DEFAULT 0,
    started_at      timestamptz NOT NULL,
    CONSTRAINT price_experiments_key UNIQUE (product_id, variant),
    CONSTRAINT price_experiments_conversions CHECK (conversions <= exposures)
);
COMMENT ON TABLE price_experiments IS 'Prices under test';

CREATE TABLE supplier_scorecards (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id     bigint NOT NULL REFERENCES suppliers (id) ON DELETE CASCADE,
    month           date NOT NULL,
    on_time_percent numeric(5,2) NOT NULL,
    fill_rate_percent numeric(5,2) NOT NULL,
    defects         integer NOT NULL DEFAULT 0,
    CONSTRAINT supplier_scorecards_key UNIQUE (supplier_id, month)
);
COMMENT ON TABLE supplier_scorecards IS 'Monthly performance of suppliers';

-- ---------------------------------------------------------------------------
-- Roles, sessions and log-ins
-- ---------------------------------------------------------------------------

CREATE TABLE roles (
    id bigserial PRIMARY KEY,
    name varchar(60) NOT NULL,
    description text,
    is_system boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_name_key UNIQUE (name)
);
COMMENT ON TABLE roles IS 'Named sets of permissions, finer than users.role.';

CREATE TABLE permissions (
    id bigserial PRIMARY KEY,
    code varchar(80) NOT NULL,
    resource varchar(60) NOT NULL,
    action varchar(20) NOT NULL,
    description text,
    CONSTRAINT permissions_code_key UNIQUE (code),
    CONSTRAINT permissions_action_check CHECK (action IN ('view', 'create', 'update', 'delete', 'approve', 'export'))
);
COMMENT ON TABLE permissions IS 'One thing that somebody may do to one kind of resource.';

CREATE TABLE role_permissions (
    role_id bigint NOT NULL,
    permission_id bigint NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_permissions_pkey PRIMARY KEY (role_id, permission_id),
    CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_id_fkey FOREIGN KEY (permission_id) REFERENCES permissions (id) ON DELETE CASCADE
);
COMMENT ON TABLE role_permissions IS 'Which permissions a role holds.';

CREATE TABLE user_roles (
    user_id bigint NOT NULL,
    role_id bigint NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_id),
    CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE
);
COMMENT ON TABLE user_roles IS 'Which roles a user holds.';

CREATE TABLE user_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL,
    token_hash varchar(64) NOT NULL,
    ip_address inet,
    user_agent text,
    expires_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT user_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE user_sessions IS 'A logged-in device; the token itself is never stored.';

CREATE TABLE login_events (
    id bigserial PRIMARY KEY,
    user_id bigint,
    email varchar(254) NOT NULL,
    outcome varchar(20) NOT NULL,
    failure_reason varchar(60),
    ip_address inet,
    user_agent text,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT login_events_outcome_check CHECK (outcome IN ('success', 'failure', 'locked', 'logout')),
    CONSTRAINT login_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE login_events IS 'Every attempt to log in, whether it worked or not.';

CREATE TABLE api_keys (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL,
    name varchar(80) NOT NULL,
    prefix varchar(12) NOT NULL,
    key_hash varchar(64) NOT NULL,
    scopes text[] NOT NULL DEFAULT '{}',
    last_used_at timestamptz,
    expires_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE api_keys IS 'Keys by which programs act for a user.';

CREATE TABLE password_reset_tokens (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL,
    token_hash varchar(64) NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT password_reset_tokens_hash_key UNIQUE (token_hash),
    CONSTRAINT password_reset_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE password_reset_tokens IS 'One use each, short-lived.';

CREATE TABLE user_preferences (
    user_id bigint PRIMARY KEY,
    theme varchar(10) NOT NULL DEFAULT 'system',
    language varchar(10) NOT NULL DEFAULT 'en',
    preferences jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_preferences_theme_check CHECK (theme IN ('light', 'dark', 'system')),
    CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE user_preferences IS 'How a user likes the site to look and speak.';

CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id);
CREATE INDEX login_events_occurred_at_idx ON login_events (occurred_at);

-- ---------------------------------------------------------------------------
-- Customers, loyalty and consent
-- ---------------------------------------------------------------------------

CREATE TABLE customers (
    id bigserial PRIMARY KEY,
    user_id bigint,
    home_store_id bigint,
    first_name varchar(80) NOT NULL,
    last_name varchar(80) NOT NULL,
    email varchar(254),
    phone varchar(32),
    date_of_birth date,
    status varchar(20) NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_birth_check CHECK (date_of_birth >= DATE '1900-01-01'),
    CONSTRAINT customers_status_check CHECK (status IN ('active', 'blocked', 'erased')),
    CONSTRAINT customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT customers_home_store_id_fkey FOREIGN KEY (home_store_id) REFERENCES stores (id)
);
COMMENT ON TABLE customers IS 'Somebody who buys; may or may not have a user account.';

CREATE TABLE customer_addresses (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    label varchar(40) NOT NULL DEFAULT 'home',
    street varchar(200) NOT NULL,
    city varchar(80) NOT NULL,
    province char(2) NOT NULL DEFAULT 'ON',
    postal_code postal_code_ca NOT NULL,
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_addresses_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE customer_addresses IS 'Where a customer has deliveries brought.';

CREATE TABLE customer_notes (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    author_id bigint,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_notes_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT customer_notes_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE customer_notes IS 'What the staff should know about a customer.';

CREATE TABLE loyalty_programs (
    id bigserial PRIMARY KEY,
    store_id bigint,
    name varchar(80) NOT NULL,
    points_per_dollar numeric(6,2) NOT NULL DEFAULT 1,
    point_value_cents numeric(6,3) NOT NULL DEFAULT 1,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loyalty_programs_rate_check CHECK (points_per_dollar >= 0 AND point_value_cents >= 0),
    CONSTRAINT loyalty_programs_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE loyalty_programs IS 'How points are earned and what they are worth.';

CREATE TABLE loyalty_accounts (
    id bigserial PRIMARY KEY,
    program_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    points_balance integer NOT NULL DEFAULT 0,
    lifetime_points integer NOT NULL DEFAULT 0,
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loyalty_accounts_member_key UNIQUE (program_id, customer_id),
    CONSTRAINT loyalty_accounts_balance_check CHECK (points_balance >= 0),
    CONSTRAINT loyalty_accounts_program_id_fkey FOREIGN KEY (program_id) REFERENCES loyalty_programs (id),
    CONSTRAINT loyalty_accounts_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE loyalty_accounts IS 'A customer''s points in a program.';

CREATE TABLE loyalty_transactions (
    id bigserial PRIMARY KEY,
    account_id bigint NOT NULL,
    order_id bigint,
    kind varchar(20) NOT NULL,
    points integer NOT NULL,
    reason varchar(120),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loyalty_transactions_kind_check CHECK (kind IN ('earn', 'redeem', 'bonus', 'expire', 'adjust')),
    CONSTRAINT loyalty_transactions_account_id_fkey FOREIGN KEY (account_id) REFERENCES loyalty_accounts (id) ON DELETE CASCADE
);
COMMENT ON TABLE loyalty_transactions IS 'Points earned, spent, given and lost.';

CREATE TABLE consent_records (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    purpose varchar(40) NOT NULL,
    granted boolean NOT NULL,
    source varchar(20) NOT NULL DEFAULT 'web',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT consent_records_purpose_check CHECK (purpose IN ('marketing_email', 'marketing_sms', 'analytics', 'terms', 'privacy')),
    CONSTRAINT consent_records_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE consent_records IS 'What a customer agreed to, as CASL asks to be proved.';

CREATE TABLE age_verifications (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    method varchar(20) NOT NULL,
    result varchar(20) NOT NULL,
    verified_by bigint,
    verified_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT age_verifications_result_check CHECK (result IN ('passed', 'failed', 'referred')),
    CONSTRAINT age_verifications_method_check CHECK (method IN ('in_person', 'document_scan', 'third_party', 'at_door')),
    CONSTRAINT age_verifications_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT age_verifications_verified_by_fkey FOREIGN KEY (verified_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE age_verifications IS 'Proof that a buyer is nineteen or older.';

CREATE INDEX customers_user_id_idx ON customers (user_id);
CREATE INDEX customer_addresses_customer_id_idx ON customer_addresses (customer_id);
CREATE INDEX loyalty_transactions_account_id_idx ON loyalty_transactions (account_id);

-- ---------------------------------------------------------------------------
-- Carts, orders and taxes
-- ---------------------------------------------------------------------------

CREATE TABLE carts (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    customer_id bigint,
    session_key varchar(64),
    status varchar(20) NOT NULL DEFAULT 'open',
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carts_status_check CHECK (status IN ('open', 'ordered', 'abandoned')),
    CONSTRAINT carts_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT carts_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE carts IS 'What somebody has picked and not yet ordered.';

CREATE TABLE cart_items (
    id bigserial PRIMARY KEY,
    cart_id bigint NOT NULL,
    product_id bigint NOT NULL,
    sku varchar(64) NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cart_items_quantity_check CHECK (quantity > 0),
    CONSTRAINT cart_items_price_check CHECK (unit_price >= 0),
    CONSTRAINT cart_items_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE
);
COMMENT ON TABLE cart_items IS 'A line of a cart.';

CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    order_number varchar(24) NOT NULL,
    store_id bigint NOT NULL,
    customer_id bigint,
    status varchar(20) NOT NULL DEFAULT 'pending',
    payment_status varchar(20) NOT NULL DEFAULT 'unpaid',
    fulfilment varchar(20) NOT NULL DEFAULT 'pickup',
    subtotal numeric(12,2) NOT NULL DEFAULT 0,
    discount_total numeric(12,2) NOT NULL DEFAULT 0,
    tax_total numeric(12,2) NOT NULL DEFAULT 0,
    delivery_fee numeric(8,2) NOT NULL DEFAULT 0,
    total numeric(12,2) NOT NULL DEFAULT 0,
    notes text,
    placed_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_number_key UNIQUE (order_number),
    CONSTRAINT orders_status_check CHECK (status IN ('pending', 'confirmed', 'preparing', 'ready', 'completed', 'cancelled', 'returned')),
    CONSTRAINT orders_payment_status_check CHECK (payment_status IN ('unpaid', 'authorized', 'paid', 'refunded', 'failed')),
    CONSTRAINT orders_fulfilment_check CHECK (fulfilment IN ('pickup', 'delivery', 'in_store')),
    CONSTRAINT orders_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)
);
COMMENT ON TABLE orders IS 'A sale, from the moment it is placed.';
COMMENT ON COLUMN orders.total IS 'What the customer pays, tips apart.';

CREATE TABLE order_items (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    product_id bigint NOT NULL,
    sku varchar(64) NOT NULL,
    product_name varchar(200) NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    line_total numeric(12,2) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT order_items_quantity_check CHECK (quantity > 0),
    CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
);
COMMENT ON TABLE order_items IS 'A line of an order, with the name and price of that day.';

CREATE TABLE order_status_history (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    from_status varchar(20),
    to_status varchar(20) NOT NULL,
    changed_by bigint,
    comment text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT order_status_history_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT order_status_history_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE order_status_history IS 'How an order went from one status to the next.';

CREATE TABLE order_discounts (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    label varchar(80) NOT NULL,
    kind varchar(20) NOT NULL,
    amount numeric(10,2) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT order_discounts_kind_check CHECK (kind IN ('promotion', 'coupon', 'loyalty', 'manual')),
    CONSTRAINT order_discounts_amount_check CHECK (amount >= 0),
    CONSTRAINT order_discounts_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
);
COMMENT ON TABLE order_discounts IS 'What was taken off an order and why.';

CREATE TABLE tax_rates (
    id bigserial PRIMARY KEY,
    region varchar(8) NOT NULL,
    name varchar(40) NOT NULL,
    federal_rate numeric(6,4) NOT NULL DEFAULT 0,
    provincial_rate numeric(6,4) NOT NULL DEFAULT 0,
    effective_from date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tax_rates_region_from_key UNIQUE (region, name, effective_from),
    CONSTRAINT tax_rates_range_check CHECK (federal_rate BETWEEN 0 AND 1 AND provincial_rate BETWEEN 0 AND 1)
);
COMMENT ON TABLE tax_rates IS 'GST, PST and HST by province and time.';

CREATE TABLE order_taxes (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    tax_rate_id bigint NOT NULL,
    amount numeric(10,2) NOT NULL,
    CONSTRAINT order_taxes_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT order_taxes_tax_rate_id_fkey FOREIGN KEY (tax_rate_id) REFERENCES tax_rates (id)
);
COMMENT ON TABLE order_taxes IS 'The taxes of an order, one row per rate.';

CREATE INDEX orders_customer_id_idx ON orders (customer_id);
CREATE INDEX order_items_order_id_idx ON order_items (order_id);

-- ---------------------------------------------------------------------------
-- Deliveries
-- ---------------------------------------------------------------------------

CREATE TABLE delivery_zones (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    name varchar(80) NOT NULL,
    base_fee numeric(8,2) NOT NULL DEFAULT 5.00,
    fee_per_km numeric(8,2) NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_zones_name_key UNIQUE (store_id, name),
    CONSTRAINT delivery_zones_fee_check CHECK (base_fee >= 0 AND fee_per_km >= 0),
    CONSTRAINT delivery_zones_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE CASCADE
);
COMMENT ON TABLE delivery_zones IS 'Where a store delivers and for how much.';

CREATE TABLE drivers (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL,
    store_id bigint NOT NULL,
    vehicle_type varchar(20) NOT NULL DEFAULT 'car',
    status varchar(20) NOT NULL DEFAULT 'offline',
    hired_on date NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT drivers_user_id_key UNIQUE (user_id),
    CONSTRAINT drivers_status_check CHECK (status IN ('offline', 'available', 'busy', 'suspended')),
    CONSTRAINT drivers_vehicle_check CHECK (vehicle_type IN ('car', 'bike', 'van', 'on_foot')),
    CONSTRAINT drivers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT drivers_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE drivers IS 'Who brings orders to customers.';

CREATE TABLE driver_shifts (
    id bigserial PRIMARY KEY,
    driver_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT driver_shifts_period_check CHECK (ends_at > starts_at),
    CONSTRAINT driver_shifts_driver_id_fkey FOREIGN KEY (driver_id) REFERENCES drivers (id) ON DELETE CASCADE
);
COMMENT ON TABLE driver_shifts IS 'When a driver works.';

CREATE TABLE deliveries (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    store_id bigint NOT NULL,
    driver_id bigint,
    address_id bigint,
    status delivery_status NOT NULL DEFAULT 'pending',
    fee numeric(8,2) NOT NULL DEFAULT 0,
    assigned_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT deliveries_order_id_key UNIQUE (order_id),
    CONSTRAINT deliveries_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT deliveries_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT deliveries_driver_id_fkey FOREIGN KEY (driver_id) REFERENCES drivers (id)
);
COMMENT ON TABLE deliveries IS 'The way of an order to its customer.';

CREATE TABLE delivery_events (
    id bigserial PRIMARY KEY,
    delivery_id bigint NOT NULL,
    event_type varchar(30) NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_events_type_check CHECK (event_type IN ('assigned', 'picked_up', 'location', 'arrived', 'delivered', 'failed'))
);
COMMENT ON TABLE delivery_events IS 'What happened on the way.';

CREATE INDEX deliveries_driver_id_idx ON deliveries (driver_id);

-- ---------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------

CREATE TABLE payment_providers (
    id bigserial PRIMARY KEY,
    code varchar(30) NOT NULL,
    name varchar(80) NOT NULL,
    kind varchar(20) NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_providers_code_key UNIQUE (code),
    CONSTRAINT payment_providers_kind_check CHECK (kind IN ('card', 'interac', 'wallet', 'cash', 'sandbox'))
);
COMMENT ON TABLE payment_providers IS 'Who moves the money.';

CREATE TABLE payment_methods (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    kind varchar(20) NOT NULL,
    token varchar(120) NOT NULL,
    brand varchar(20),
    last4 char(4),
    expires_month smallint,
    expires_year smallint,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_methods_last4_check CHECK (last4 ~ '^[0-9]{4}$'),
    CONSTRAINT payment_methods_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT payment_methods_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id)
);
COMMENT ON TABLE payment_methods IS 'A customer''s card or account by the provider''s token; never its number.';

CREATE TABLE payment_settlements (
    id bigserial PRIMARY KEY,
    provider_id bigint NOT NULL,
    store_id bigint NOT NULL,
    payout_reference varchar(64) NOT NULL,
    gross_minor bigint NOT NULL,
    fee_minor bigint NOT NULL DEFAULT 0,
    net_minor bigint NOT NULL,
    currency char(3) NOT NULL DEFAULT 'CAD',
    status varchar(20) NOT NULL DEFAULT 'imported',
    payout_date date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_settlements_payout_key UNIQUE (provider_id, payout_reference),
    CONSTRAINT payment_settlements_status_check CHECK (status IN ('imported', 'matched', 'exception', 'closed')),
    CONSTRAINT payment_settlements_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id),
    CONSTRAINT payment_settlements_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE payment_settlements IS 'What a provider says it paid out.';

CREATE TABLE payment_transactions (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    store_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    payment_method_id bigint,
    kind varchar(20) NOT NULL DEFAULT 'charge',
    method varchar(20) NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'pending',
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL DEFAULT 'CAD',
    provider_reference varchar(80),
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_transactions_amount_check CHECK (amount_minor > 0),
    CONSTRAINT payment_transactions_kind_check CHECK (kind IN ('charge', 'authorize', 'capture', 'void', 'refund')),
    CONSTRAINT payment_transactions_method_check CHECK (method IN ('card', 'interac', 'wallet', 'cash')),
    CONSTRAINT payment_transactions_status_check CHECK (status IN ('pending', 'sent', 'succeeded', 'declined', 'unknown', 'cancelled')),
    CONSTRAINT payment_transactions_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT payment_transactions_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT payment_transactions_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id)
);
COMMENT ON TABLE payment_transactions IS 'Every operation asked of a provider, whatever became of it.';
COMMENT ON COLUMN payment_transactions.amount_minor IS 'In cents.';

CREATE TABLE payment_refunds (
    id bigserial PRIMARY KEY,
    transaction_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    reason varchar(120),
    status varchar(20) NOT NULL DEFAULT 'pending',
    provider_reference varchar(80),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_refunds_amount_check CHECK (amount_minor > 0),
    CONSTRAINT payment_refunds_status_check CHECK (status IN ('pending', 'succeeded', 'failed')),
    CONSTRAINT payment_refunds_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES payment_transactions (id)
);
COMMENT ON TABLE payment_refunds IS 'Money given back.';

CREATE TABLE payment_disputes (
    id bigserial PRIMARY KEY,
    transaction_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    provider_reference varchar(80) NOT NULL,
    reason varchar(40) NOT NULL,
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL DEFAULT 'CAD',
    status varchar(20) NOT NULL DEFAULT 'open',
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_disputes_status_check CHECK (status IN ('open', 'submitted', 'won', 'lost', 'accepted')),
    CONSTRAINT payment_disputes_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES payment_transactions (id),
    CONSTRAINT payment_disputes_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id)
);
COMMENT ON TABLE payment_disputes IS 'A customer''s bank wants money back.';

CREATE TABLE payment_settlement_lines (
    id bigserial PRIMARY KEY,
    settlement_id bigint NOT NULL,
    transaction_id bigint,
    provider_reference varchar(80) NOT NULL,
    gross_minor bigint NOT NULL,
    fee_minor bigint NOT NULL DEFAULT 0,
    net_minor bigint NOT NULL,
    match_status varchar(20) NOT NULL DEFAULT 'unmatched',
    CONSTRAINT payment_settlement_lines_net_check CHECK (gross_minor - fee_minor = net_minor),
    CONSTRAINT payment_settlement_lines_match_check CHECK (match_status IN ('unmatched', 'matched', 'exception')),
    CONSTRAINT payment_settlement_lines_settlement_fkey FOREIGN KEY (settlement_id) REFERENCES payment_settlements (id) ON DELETE CASCADE,
    CONSTRAINT payment_settlement_lines_transaction_fkey FOREIGN KEY (transaction_id) REFERENCES payment_transactions (id)
);
COMMENT ON TABLE payment_settlement_lines IS 'One operation in a provider''s payout.';

CREATE TABLE payment_provider_health_metrics (
    id bigserial PRIMARY KEY,
    provider_id bigint NOT NULL,
    method varchar(20) NOT NULL,
    bucket_start timestamptz NOT NULL,
    call_count integer NOT NULL DEFAULT 0,
    technical_errors integer NOT NULL DEFAULT 0,
    declines integer NOT NULL DEFAULT 0,
    total_latency_ms bigint NOT NULL DEFAULT 0,
    CONSTRAINT payment_provider_health_bucket_key UNIQUE (provider_id, method, bucket_start),
    CONSTRAINT payment_provider_health_counts_check CHECK (technical_errors + declines <= call_count),
    CONSTRAINT payment_provider_health_provider_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id) ON DELETE CASCADE
);
COMMENT ON TABLE payment_provider_health_metrics IS 'How well each provider answers, in ten-second buckets.';

CREATE TABLE payment_webhook_events (
    id bigserial PRIMARY KEY,
    provider_id bigint NOT NULL,
    event_id varchar(80) NOT NULL,
    event_type varchar(60) NOT NULL,
    payload jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    CONSTRAINT payment_webhook_events_event_key UNIQUE (provider_id, event_id),
    CONSTRAINT payment_webhook_events_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id)
);
COMMENT ON TABLE payment_webhook_events IS 'What providers told us; each event counts once.';

CREATE INDEX payment_transactions_order_id_idx ON payment_transactions (order_id);
CREATE INDEX payment_settlement_lines_settlement_idx ON payment_settlement_lines (settlement_id);

-- ---------------------------------------------------------------------------
-- Conversations with the budtender
-- ---------------------------------------------------------------------------

CREATE TABLE ai_models (
    id bigserial PRIMARY KEY,
    provider varchar(40) NOT NULL,
    name varchar(80) NOT NULL,
    purpose varchar(20) NOT NULL DEFAULT 'chat',
    parameters jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_models_name_key UNIQUE (provider, name),
    CONSTRAINT ai_models_purpose_check CHECK (purpose IN ('chat', 'embedding', 'voice', 'moderation'))
);
COMMENT ON TABLE ai_models IS 'Language models that conversations may use.';

CREATE TABLE ai_conversations (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    customer_id bigint,
    model_id bigint,
    channel varchar(20) NOT NULL DEFAULT 'web',
    language varchar(10) NOT NULL DEFAULT 'en',
    status varchar(20) NOT NULL DEFAULT 'open',
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_conversations_channel_check CHECK (channel IN ('web', 'kiosk', 'voice', 'sms')),
    CONSTRAINT ai_conversations_status_check CHECK (status IN ('open', 'closed', 'handed_over')),
    CONSTRAINT ai_conversations_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT ai_conversations_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL,
    CONSTRAINT ai_conversations_model_id_fkey FOREIGN KEY (model_id) REFERENCES ai_models (id)
);
COMMENT ON TABLE ai_conversations IS 'A customer talking with the virtual budtender.';

CREATE TABLE ai_messages (
    id bigserial PRIMARY KEY,
    conversation_id bigint NOT NULL,
    role varchar(20) NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_messages_role_check CHECK (role IN ('system', 'user', 'assistant', 'tool')),
    CONSTRAINT ai_messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES ai_conversations (id) ON DELETE CASCADE
);
COMMENT ON TABLE ai_messages IS 'What was said.';

CREATE TABLE ai_feedback (
    id bigserial PRIMARY KEY,
    message_id bigint NOT NULL,
    rating smallint NOT NULL,
    comment text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_feedback_rating_check CHECK (rating IN (-1, 1)),
    CONSTRAINT ai_feedback_message_id_fkey FOREIGN KEY (message_id) REFERENCES ai_messages (id) ON DELETE CASCADE
);
COMMENT ON TABLE ai_feedback IS 'Thumbs up and down.';

CREATE INDEX ai_conversations_store_id_idx ON ai_conversations (store_id);

-- ---------------------------------------------------------------------------
-- Broadcasts, notifications and templates
-- ---------------------------------------------------------------------------

CREATE TABLE message_templates (
    id bigserial PRIMARY KEY,
    code varchar(60) NOT NULL,
    channel varchar(10) NOT NULL,
    language varchar(10) NOT NULL DEFAULT 'en',
    subject varchar(200),
    body text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT message_templates_code_key UNIQUE (code, channel, language),
    CONSTRAINT message_templates_channel_check CHECK (channel IN ('email', 'sms', 'push'))
);
COMMENT ON TABLE message_templates IS 'Texts with {{variables}} for every channel.';

CREATE TABLE broadcasts (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    template_id bigint,
    name varchar(120) NOT NULL,
    channel varchar(10) NOT NULL DEFAULT 'email',
    status varchar(20) NOT NULL DEFAULT 'draft',
    scheduled_at timestamptz,
    sent_at timestamptz,
    created_by bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT broadcasts_channel_check CHECK (channel IN ('email', 'sms', 'push')),
    CONSTRAINT broadcasts_status_check CHECK (status IN ('draft', 'scheduled', 'sending', 'sent', 'cancelled')),
    CONSTRAINT broadcasts_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT broadcasts_template_id_fkey FOREIGN KEY (template_id) REFERENCES message_templates (id),
    CONSTRAINT broadcasts_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE broadcasts IS 'One message to many customers who agreed to it.';

CREATE TABLE broadcast_recipients (
    id bigserial PRIMARY KEY,
    broadcast_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'queued',
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT broadcast_recipients_once_key UNIQUE (broadcast_id, customer_id),
    CONSTRAINT broadcast_recipients_status_check CHECK (status IN ('queued', 'sent', 'bounced', 'unsubscribed')),
    CONSTRAINT broadcast_recipients_broadcast_fkey FOREIGN KEY (broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE,
    CONSTRAINT broadcast_recipients_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE broadcast_recipients IS 'Who gets a broadcast and whether it arrived.';

CREATE TABLE notifications (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL,
    kind varchar(40) NOT NULL,
    title varchar(200) NOT NULL,
    body text,
    data jsonb NOT NULL DEFAULT '{}',
    read_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE notifications IS 'What a user is told inside the application.';

CREATE TABLE notification_preferences (
    user_id bigint NOT NULL,
    kind varchar(40) NOT NULL,
    channel varchar(10) NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id, kind, channel),
    CONSTRAINT notification_preferences_channel_check CHECK (channel IN ('email', 'sms', 'push', 'in_app')),
    CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE notification_preferences IS 'By which channel a user wants to hear of what.';

-- ---------------------------------------------------------------------------
-- Support
-- ---------------------------------------------------------------------------

CREATE TABLE support_tickets (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    customer_id bigint,
    order_id bigint,
    assignee_id bigint,
    subject varchar(200) NOT NULL,
    priority ticket_priority NOT NULL DEFAULT 'normal',
    status varchar(20) NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT support_tickets_status_check CHECK (status IN ('open', 'waiting', 'resolved', 'closed')),
    CONSTRAINT support_tickets_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT support_tickets_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL,
    CONSTRAINT support_tickets_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL,
    CONSTRAINT support_tickets_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE support_tickets IS 'Something that a customer needs help with.';

CREATE TABLE support_messages (
    id bigserial PRIMARY KEY,
    ticket_id bigint NOT NULL,
    author_id bigint,
    body text NOT NULL,
    attachments jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT support_messages_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES support_tickets (id) ON DELETE CASCADE,
    CONSTRAINT support_messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE support_messages IS 'A ticket''s correspondence.';

CREATE INDEX support_tickets_customer_id_idx ON support_tickets (customer_id);

-- ---------------------------------------------------------------------------
-- Webhooks and settings
-- ---------------------------------------------------------------------------

CREATE TABLE webhook_endpoints (
    id bigserial PRIMARY KEY,
    store_id bigint,
    url varchar(500) NOT NULL,
    secret_hash varchar(64) NOT NULL,
    events text[] NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_endpoints_url_check CHECK (url LIKE 'https://%'),
    CONSTRAINT webhook_endpoints_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE CASCADE
);
COMMENT ON TABLE webhook_endpoints IS 'Where other programs want to hear of events.';

CREATE TABLE webhook_deliveries (
    id bigserial PRIMARY KEY,
    endpoint_id bigint NOT NULL,
    event varchar(60) NOT NULL,
    payload jsonb NOT NULL,
    response_status smallint,
    attempts smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE
);
COMMENT ON TABLE webhook_deliveries IS 'An event on its way to an endpoint.';

CREATE TABLE system_settings (
    key varchar(80) PRIMARY KEY,
    value jsonb NOT NULL,
    description text,
    updated_by bigint,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT system_settings_key_check CHECK (key ~ '^[a-z][a-z0-9_.]*$'),
    CONSTRAINT system_settings_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE system_settings IS 'Settings of the whole platform.';

-- ---------------------------------------------------------------------------
-- Added since the legacy
-- ---------------------------------------------------------------------------

CREATE TABLE feature_flags (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key varchar(80) NOT NULL,
    description text,
    enabled boolean NOT NULL DEFAULT false,
    rollout_percent smallint NOT NULL DEFAULT 0,
    conditions jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT feature_flags_key_key UNIQUE (key),
    CONSTRAINT feature_flags_rollout_check CHECK (rollout_percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE feature_flags IS 'What is switched on, and for how many.';

CREATE TABLE push_subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL,
    endpoint text NOT NULL,
    keys jsonb NOT NULL,
    platform varchar(10) NOT NULL DEFAULT 'web',
    last_success_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT push_subscriptions_endpoint_key UNIQUE (endpoint),
    CONSTRAINT push_subscriptions_platform_check CHECK (platform IN ('web', 'ios', 'android')),
    CONSTRAINT push_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE push_subscriptions IS 'Browsers and phones that take push messages.';

CREATE TABLE customer_segments (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    name varchar(80) NOT NULL,
    definition jsonb NOT NULL DEFAULT '{}',
    member_count integer NOT NULL DEFAULT 0,
    refreshed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_segments_name_key UNIQUE (store_id, name),
    CONSTRAINT customer_segments_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE CASCADE
);
COMMENT ON TABLE customer_segments IS 'Groups of customers for marketing.';

CREATE TABLE customer_segment_members (
    segment_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_segment_members_pkey PRIMARY KEY (segment_id, customer_id),
    CONSTRAINT customer_segment_members_segment_fkey FOREIGN KEY (segment_id) REFERENCES customer_segments (id) ON DELETE CASCADE,
    CONSTRAINT customer_segment_members_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE customer_segment_members IS 'Who is in a segment.';

CREATE TABLE referral_invites (
    id bigserial PRIMARY KEY,
    inviter_id bigint NOT NULL,
    invitee_email varchar(254) NOT NULL,
    code varchar(16) NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'sent',
    reward_points integer NOT NULL DEFAULT 0,
    sent_at timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz,
    CONSTRAINT referral_invites_code_key UNIQUE (code),
    CONSTRAINT referral_invites_status_check CHECK (status IN ('sent', 'accepted', 'expired')),
    CONSTRAINT referral_invites_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE referral_invites IS 'Customers who bring their friends.';

CREATE TABLE delivery_routes (
    id bigserial PRIMARY KEY,
    driver_id bigint NOT NULL,
    route_date date NOT NULL,
    stops bigint[] NOT NULL DEFAULT '{}',
    planned_km numeric(7,2),
    status varchar(20) NOT NULL DEFAULT 'planned',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_routes_day_key UNIQUE (driver_id, route_date),
    CONSTRAINT delivery_routes_status_check CHECK (status IN ('planned', 'driving', 'done')),
    CONSTRAINT delivery_routes_driver_id_fkey FOREIGN KEY (driver_id) REFERENCES drivers (id) ON DELETE CASCADE
);
COMMENT ON TABLE delivery_routes IS 'In which order a driver brings a day''s deliveries.';

CREATE TABLE gift_cards (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    code_hash varchar(64) NOT NULL,
    initial_minor bigint NOT NULL,
    balance_minor bigint NOT NULL,
    currency char(3) NOT NULL DEFAULT 'CAD',
    issued_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT gift_cards_code_hash_key UNIQUE (code_hash),
    CONSTRAINT gift_cards_balance_check CHECK (balance_minor BETWEEN 0 AND initial_minor),
    CONSTRAINT gift_cards_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE gift_cards IS 'Prepaid cards; Ontario lets them not expire.';

CREATE TABLE ai_tool_calls (
    id bigserial PRIMARY KEY,
    message_id bigint NOT NULL,
    tool_name varchar(60) NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    result_status varchar(20) NOT NULL DEFAULT 'ok',
    duration_ms integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_tool_calls_status_check CHECK (result_status IN ('ok', 'error', 'timeout')),
    CONSTRAINT ai_tool_calls_message_id_fkey FOREIGN KEY (message_id) REFERENCES ai_messages (id) ON DELETE CASCADE
);
COMMENT ON TABLE ai_tool_calls IS 'What the budtender looked up while it answered.';

CREATE INDEX push_subscriptions_user_idx ON push_subscriptions (user_id);
CREATE INDEX customer_segment_members_customer_idx ON customer_segment_members (customer_id);
CREATE INDEX referral_invites_inviter_idx ON referral_invites (inviter_id, sent_at DESC);
CREATE INDEX delivery_routes_open_idx ON delivery_routes (route_date) WHERE status <> 'done';
CREATE INDEX gift_cards_store_idx ON gift_cards (store_id) INCLUDE (balance_minor);
CREATE INDEX ai_tool_calls_message_idx ON ai_tool_calls (message_id);
CREATE INDEX ai_tool_calls_arguments_gin ON ai_tool_calls USING gin (arguments);

-- ---------------------------------------------------------------------------
-- Catalogue side: functions, triggers, views
-- ---------------------------------------------------------------------------

CREATE FUNCTION product_display_name(p_product_id bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT concat_ws(' ', b.name, '–', p.name)
        FROM products p LEFT JOIN brands b ON b.id = p.brand_id
        WHERE p.id = p_product_id
    $$;
COMMENT ON FUNCTION product_display_name(bigint) IS 'Brand and name as printed on receipts';

CREATE FUNCTION stamp_setting_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION stamp_setting_version() IS 'Counts the versions of a setting';

CREATE TRIGGER store_settings_version
    BEFORE UPDATE ON store_settings
    FOR EACH ROW WHEN (OLD.value IS DISTINCT FROM NEW.value)
    EXECUTE FUNCTION stamp_setting_version();

CREATE VIEW active_products AS
    SELECT p.id, p.sku, p.name, b.name AS brand_name, c.name AS category_name, p.retail_price, p.thc_max, p.cbd_max
    FROM products p
    JOIN product_categories c ON c.id = p.category_id
    LEFT JOIN brands b ON b.id = p.brand_id
    WHERE p.is_active;
COMMENT ON VIEW active_products IS 'What can be sold today';

CREATE VIEW store_stock_summary AS
    SELECT s.id AS store_id, s.name AS store_name, count(i.id) AS stock_rows,
           coalesce(sum(i.stock_quantity), 0) AS units,
           coalesce(sum(i.stock_quantity * i.unit_cost), 0) AS cost_value
    FROM stores s
    LEFT JOIN ocs_inventory i ON i.store_id = s.id AND i.lot_status = 'sellable'
    GROUP BY s.id;
COMMENT ON VIEW store_stock_summary IS 'Sellable units and their cost by store';

CREATE VIEW open_purchase_orders AS
    SELECT o.id, o.po_number, o.store_id, s.name AS supplier_name, o.status, o.expected_on,
           (SELECT sum(i.cases_ordered * i.units_per_case) FROM ocs_purchase_order_items i WHERE i.purchase_order_id = o.id) AS units_ordered
    FROM ocs_purchase_orders o
    JOIN suppliers s ON s.id = o.supplier_id
    WHERE o.status IN ('submitted', 'confirmed', 'shipped');
COMMENT ON VIEW open_purchase_orders IS 'Orders that have not arrived';

CREATE FUNCTION bump_menu_revision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION bump_menu_revision() IS 'Screens reload when the revision grows';

CREATE TRIGGER menu_boards_revision BEFORE UPDATE OF layout ON menu_boards
    FOR EACH ROW WHEN (OLD.layout IS DISTINCT FROM NEW.layout)
    EXECUTE FUNCTION bump_menu_revision();

-- ---------------------------------------------------------------------------
-- People: names, ages, what may be shown of them
-- ---------------------------------------------------------------------------

CREATE FUNCTION full_name(first_name text, last_name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT nullif(concat_ws(' ', nullif(btrim(first_name), ''), nullif(btrim(last_name), '')), '') $$;
COMMENT ON FUNCTION full_name(text, text) IS 'First and last name as one, null when there is neither.';

CREATE FUNCTION order_age_hours(order_id bigint, at_time timestamptz DEFAULT now()) RETURNS numeric
    LANGUAGE sql STABLE
AS $$ SELECT round(EXTRACT(epoch FROM at_time - o.placed_at) / 3600, 1) FROM orders AS o WHERE o.id = order_id $$;
COMMENT ON FUNCTION order_age_hours(bigint, timestamptz) IS 'Hours since an order was placed.';

CREATE VIEW open_orders AS
SELECT o.id, o.order_number, o.store_id, s.name AS store_name, o.status, o.fulfilment, o.total, o.placed_at,
       full_name(c.first_name, c.last_name) AS customer_name
  FROM orders AS o
  JOIN stores AS s ON s.id = o.store_id
  LEFT JOIN customers AS c ON c.id = o.customer_id
 WHERE o.status IN ('pending', 'confirmed', 'preparing', 'ready');
COMMENT ON VIEW open_orders IS 'What the counter still has to hand over.';

-- ---------------------------------------------------------------------------
-- Of the tables added since the legacy
-- ---------------------------------------------------------------------------

CREATE FUNCTION count_segment_members() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE customer_segments AS s
       SET member_count = (SELECT count(*) FROM customer_segment_members AS m WHERE m.segment_id = s.id),
           refreshed_at = now()
     WHERE s.id IN (SELECT segment_id FROM changed_members);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_segment_members() IS 'Keeps the number of a segment''s members, once a statement.';

CREATE FUNCTION flag_is_on(flag text, subject text) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT f.enabled AND (hashtext(f.key || ':' || subject) & 65535) % 100 < f.rollout_percent
          FROM feature_flags AS f
         WHERE f.key = flag
    ), false)
$$;
COMMENT ON FUNCTION flag_is_on(text, text) IS 'Whether a feature is on for a subject; the same answer every time.';

CREATE TRIGGER customer_segment_members_count
    AFTER INSERT ON customer_segment_members
    REFERENCING NEW TABLE AS changed_members
    FOR EACH STATEMENT EXECUTE FUNCTION count_segment_members();

-- Lines of carts and orders to the products they hold
ALTER TABLE cart_items ADD CONSTRAINT cart_items_product_id_fkey
    FOREIGN KEY (product_id) REFERENCES products (id);
