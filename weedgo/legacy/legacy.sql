-- WeedGo, legacy database: the schema of record.
--
-- PostgreSQL 15 or later, no extensions. Load into an empty database:
--     psql -v ON_ERROR_STOP=1 -f legacy.sql

-- ---------------------------------------------------------------------------
-- Types
-- ---------------------------------------------------------------------------

CREATE TYPE user_role_simple AS ENUM (
    'super_admin',
    'tenant_admin',
    'store_manager',
    'staff',
    'driver',
    'customer'
);
COMMENT ON TYPE user_role_simple IS 'What a user may do, from most to least.';

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

CREATE FUNCTION touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION touch_updated_at() IS 'Keeps updated_at true; shared by every table that has the column.';

CREATE TABLE tenants (
    id bigserial PRIMARY KEY,
    name varchar(120) NOT NULL,
    code varchar(40) NOT NULL,
    legal_name varchar(200),
    business_number varchar(15),
    contact_email varchar(254),
    contact_phone varchar(32),
    subscription_tier varchar(20) NOT NULL DEFAULT 'community',
    billing_day smallint NOT NULL DEFAULT 1,
    suspended_at timestamptz,
    suspended_reason varchar(200),
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
COMMENT ON COLUMN tenants.billing_day IS 'Day of the month on which the subscription is charged.';

CREATE TABLE stores (
    id bigserial PRIMARY KEY,
    tenant_id bigint NOT NULL,
    name varchar(120) NOT NULL,
    code varchar(40) NOT NULL,
    crol_number varchar(20),
    license_expires_on date,
    street varchar(200) NOT NULL,
    city varchar(80) NOT NULL,
    province char(2) NOT NULL DEFAULT 'ON',
    postal_code postal_code_ca NOT NULL,
    phone varchar(32),
    latitude numeric(9,6),
    longitude numeric(9,6),
    time_zone varchar(40) NOT NULL DEFAULT 'America/Toronto',
    tax_region varchar(8) NOT NULL DEFAULT 'CA-ON',
    pickup_enabled boolean NOT NULL DEFAULT true,
    delivery_radius_km numeric(6,2),
    delivery_base_fee numeric(8,2) NOT NULL DEFAULT 5.00,
    opening_hours jsonb NOT NULL DEFAULT '{}',
    status varchar(20) NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stores_delivery_base_fee_check CHECK (delivery_base_fee >= 0),
    CONSTRAINT stores_code_key UNIQUE (tenant_id, code),
    CONSTRAINT stores_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT,
    CONSTRAINT stores_status_check CHECK (status IN ('active', 'inactive', 'suspended')),
    CONSTRAINT stores_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT stores_longitude_check CHECK (longitude BETWEEN -180 AND 180)
);
COMMENT ON TABLE stores IS 'A licensed shop of a tenant.';
COMMENT ON COLUMN stores.crol_number IS 'Cannabis Retail Operating Licence number given by the AGCO.';
COMMENT ON COLUMN stores.license_expires_on IS 'Last day on which the licence holds.';

CREATE TABLE users (
    id bigserial PRIMARY KEY,
    store_id bigint,
    tenant_id bigint,
    email varchar(254) NOT NULL,
    password_hash varchar(256) NOT NULL,
    first_name varchar(80),
    last_name varchar(80),
    phone varchar(32),
    role user_role_simple NOT NULL DEFAULT 'customer',
    locale varchar(10) NOT NULL DEFAULT 'en-CA',
    mfa_enabled boolean NOT NULL DEFAULT false,
    failed_login_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    email_verified boolean NOT NULL DEFAULT false,
    last_login_at timestamptz,
    last_login_ip inet,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT users_role_store_check CHECK (role <> 'driver'::user_role_simple OR store_id IS NOT NULL),
    CONSTRAINT users_failed_logins_check CHECK (failed_login_attempts >= 0),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_email_check CHECK (email LIKE '%_@_%'),
    CONSTRAINT users_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE SET NULL
);
COMMENT ON TABLE users IS 'Everybody who can log in: staff, drivers and customers.';
COMMENT ON COLUMN users.role IS 'The simple role; finer rights are in user_roles.';
COMMENT ON COLUMN users.locked_until IS 'Until when log-ins are refused after too many failures.';

CREATE INDEX stores_tenant_status_idx ON stores (tenant_id, status);
CREATE INDEX users_store_id_idx ON users (store_id);
CREATE INDEX tenants_settings_gin ON tenants USING gin (settings jsonb_path_ops);
CREATE INDEX stores_location_idx ON stores (latitude, longitude) WHERE status = 'active';
CREATE INDEX stores_postal_code_idx ON stores (postal_code);
CREATE INDEX stores_license_expiry_idx ON stores (license_expires_on) WHERE license_expires_on IS NOT NULL;
CREATE INDEX users_tenant_role_idx ON users (tenant_id, role);
CREATE INDEX users_role_idx ON users (role) INCLUDE (email);
CREATE INDEX users_email_lower_idx ON users (lower(email));
CREATE INDEX users_name_idx ON users (last_name, first_name);
CREATE INDEX users_locked_idx ON users (locked_until) WHERE locked_until IS NOT NULL;
CREATE INDEX users_last_login_idx ON users (last_login_at DESC NULLS LAST);
CREATE INDEX users_phone_idx ON users USING hash (phone);

CREATE TRIGGER tenants_touch_updated_at BEFORE UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER stores_touch_updated_at BEFORE UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER users_touch_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- ---------------------------------------------------------------------------
-- Functions that column defaults, generated columns and checks need
-- ---------------------------------------------------------------------------

CREATE FUNCTION is_valid_sku(p_sku text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_sku IS NOT NULL AND p_sku ~ '^[A-Z0-9][A-Z0-9._-]{2,63}$' $$;
COMMENT ON FUNCTION is_valid_sku(text) IS 'SKUs are upper case letters, digits, dot, dash and underscore; 3 to 64 characters';

CREATE FUNCTION generate_reference_code(p_prefix text) RETURNS text
    LANGUAGE sql VOLATILE
    AS $$
        SELECT upper(p_prefix) || '-' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')
               || '-' || upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 10))
    $$;
COMMENT ON FUNCTION generate_reference_code(text) IS 'Human-readable document number: prefix, UTC day and ten random hex digits';

CREATE FUNCTION gtin_check_digit(p_digits text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT ((10 - sum(substr(reverse(p_digits), i, 1)::integer * CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END) % 10) % 10)::integer
        FROM generate_series(1, length(p_digits)) AS i
    $$;
COMMENT ON FUNCTION gtin_check_digit(text) IS 'GS1 modulo-10 check digit of a GTIN without its last digit';

CREATE FUNCTION gtin_is_valid(p_gtin text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
BEGIN
    IF p_gtin !~ '^([0-9]{8}|[0-9]{12,14})$' THEN
        RETURN false;
    END IF;
    RETURN public.gtin_check_digit(left(p_gtin, -1)) = right(p_gtin, 1)::integer;
END
$$;
COMMENT ON FUNCTION gtin_is_valid(text) IS 'GTIN-8, -12, -13 or -14 with a correct check digit';

CREATE FUNCTION gtin_normalize(p_gtin text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lpad(regexp_replace(p_gtin, '[^0-9]', '', 'g'), 14, '0') $$;
COMMENT ON FUNCTION gtin_normalize(text) IS 'Any GTIN as the 14 digits under which GTIN-8, -12 and -13 are equal to it';

CREATE FUNCTION slugify(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT trim(BOTH '-' FROM regexp_replace(
            translate(lower(p_text), 'àâäçéèêëîïôöùûüÿñ', 'aaaceeeeiioouuuyn'),
            '[^a-z0-9]+', '-', 'g'))
    $$;
COMMENT ON FUNCTION slugify(text) IS 'URL slug: lower case, French accents folded, everything else a single dash';

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
    licence_number  varchar(40),
    is_craft        boolean NOT NULL DEFAULT false,
    social_links    jsonb NOT NULL DEFAULT '{}'::jsonb,
    name_key        text GENERATED ALWAYS AS (lower(btrim(name::text))) STORED,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT brands_slug_key UNIQUE (slug),
    CONSTRAINT brands_slug_format_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT brands_country_code_check CHECK (country_code ~ '^[A-Z]{2}$')
);
COMMENT ON TABLE brands IS 'Licensed producers'' consumer brands';
COMMENT ON COLUMN brands.licence_number IS 'Health Canada licence of the producer behind the brand';
COMMENT ON COLUMN brands.name_key IS 'Name as it is compared when a wholesaler file is imported';
CREATE INDEX idx_brands_active ON brands (is_active) WHERE is_active;
CREATE INDEX idx_brands_name_key ON brands (name_key);
CREATE INDEX idx_brands_craft ON brands (name) WHERE is_craft;
CREATE INDEX idx_brands_social_links ON brands USING gin (social_links);

CREATE TABLE product_categories (
    id              bigserial PRIMARY KEY,
    parent_id       bigint REFERENCES product_categories (id) ON DELETE RESTRICT,
    name            varchar(120) NOT NULL,
    slug            varchar(140) NOT NULL,
    path            text NOT NULL,
    sort_order      integer NOT NULL DEFAULT 0,
    unit_of_measure varchar(8) NOT NULL DEFAULT 'g',
    dried_equivalency numeric(8,4),
    excise_class    varchar(24),
    age_restricted  boolean NOT NULL DEFAULT true,
    icon_name       varchar(60),
    is_visible      boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_categories_slug_key UNIQUE (slug),
    CONSTRAINT product_categories_unit_check CHECK (unit_of_measure IN ('g', 'ml', 'mg', 'each', 'seed')),
    CONSTRAINT product_categories_not_own_parent CHECK (parent_id <> id),
    CONSTRAINT product_categories_equivalency_check CHECK (dried_equivalency > 0),
    CONSTRAINT product_categories_excise_class_check CHECK (excise_class IN ('flowering', 'non_flowering', 'seed', 'oil', 'edible', 'none'))
);
COMMENT ON TABLE product_categories IS 'Tree of categories and subcategories shown to shoppers';
COMMENT ON COLUMN product_categories.path IS 'Slugs from the root, separated by slashes';
COMMENT ON COLUMN product_categories.dried_equivalency IS 'Units equal to one gram of dried cannabis (Cannabis Act, Schedule 3)';
CREATE INDEX idx_product_categories_parent ON product_categories (parent_id, sort_order);
CREATE INDEX idx_product_categories_path ON product_categories (path text_pattern_ops);

CREATE TABLE suppliers (
    id              bigserial PRIMARY KEY,
    name            varchar(200) NOT NULL,
    code            varchar(32) NOT NULL,
    contact_name    varchar(160),
    contact_email   varchar(254),
    contact_phone   varchar(32),
    address         jsonb NOT NULL DEFAULT '{}'::jsonb,
    payment_terms_days integer NOT NULL DEFAULT 30,
    lead_time_days  integer,
    minimum_order   numeric(12,2),
    tax_number      varchar(32),
    rating          numeric(3,2),
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT suppliers_code_key UNIQUE (code),
    CONSTRAINT suppliers_payment_terms_check CHECK (payment_terms_days BETWEEN 0 AND 180),
    CONSTRAINT suppliers_lead_time_check CHECK (lead_time_days BETWEEN 0 AND 365),
    CONSTRAINT suppliers_tax_number_key UNIQUE (tax_number)
);
COMMENT ON TABLE suppliers IS 'Wholesalers and accessory vendors';
CREATE INDEX idx_suppliers_contact_email ON suppliers (lower(contact_email::text));

CREATE TABLE strains (
    id              bigserial PRIMARY KEY,
    name            varchar(160) NOT NULL,
    species         varchar(16) NOT NULL DEFAULT 'hybrid',
    description     text,
    lineage         text[] NOT NULL DEFAULT '{}',
    effects         text[] NOT NULL DEFAULT '{}',
    flavours        text[] NOT NULL DEFAULT '{}',
    typical_thc_min numeric(5,2),
    typical_thc_max numeric(5,2),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT strains_name_key UNIQUE (name),
    CONSTRAINT strains_species_check CHECK (species IN ('indica', 'sativa', 'hybrid', 'ruderalis')),
    CONSTRAINT strains_thc_range_check CHECK (typical_thc_min <= typical_thc_max)
);
COMMENT ON TABLE strains IS 'Cultivars, shared by all tenants';
CREATE INDEX idx_strains_species ON strains (species);
CREATE INDEX idx_strains_effects ON strains USING gin (effects);
CREATE INDEX idx_strains_lineage ON strains USING gin (lineage);

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
    compare_at_price numeric(12,2),
    each_gtin       varchar(14),
    rating_average  numeric(3,2),
    rating_count    integer NOT NULL DEFAULT 0,
    popularity      integer NOT NULL DEFAULT 0,
    search_vector   tsvector,
    metadata        jsonb NOT NULL DEFAULT '{}'::jsonb,
    external_id     uuid NOT NULL DEFAULT gen_random_uuid(),
    discontinued_at timestamptz,
    is_active       boolean NOT NULL DEFAULT true,
    is_featured     boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT products_sku_key UNIQUE (sku),
    CONSTRAINT products_retail_price_check CHECK (retail_price >= 0),
    CONSTRAINT products_thc_range_check CHECK (thc_min <= thc_max),
    CONSTRAINT products_plant_type_check CHECK (plant_type IN ('indica', 'sativa', 'hybrid', 'blend', 'none')),
    CONSTRAINT products_cbd_range_check CHECK (cbd_min <= cbd_max),
    CONSTRAINT products_compare_at_check CHECK (compare_at_price >= retail_price),
    CONSTRAINT products_each_gtin_check CHECK (gtin_is_valid(each_gtin::text)),
    CONSTRAINT products_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES suppliers (id),
    CONSTRAINT products_external_id_key UNIQUE (external_id),
    CONSTRAINT products_slug_key UNIQUE (slug)
);
COMMENT ON TABLE products IS 'Sellable products; prices in dollars, potency in percent or mg per unit';
COMMENT ON COLUMN products.sku IS 'Platform SKU, the same in every store';
COMMENT ON COLUMN products.search_vector IS 'Weighted document of name, brand and descriptions';
COMMENT ON COLUMN products.popularity IS 'Units sold in the trailing 28 days, refreshed nightly';
CREATE INDEX idx_products_category ON products (category_id);
CREATE INDEX idx_products_brand ON products (brand_id);
CREATE INDEX idx_products_sku_lower ON products (lower(sku::text));
CREATE INDEX idx_products_sku_active ON products (sku) INCLUDE (name, retail_price) WHERE is_active;
CREATE INDEX idx_products_category_sku ON products (category_id, sku);
CREATE INDEX idx_products_supplier_sku ON products (supplier_id, sku);
CREATE INDEX idx_products_sku_pattern ON products (sku varchar_pattern_ops);
CREATE INDEX idx_products_search_vector ON products USING gin (search_vector);
CREATE INDEX idx_products_name_search ON products USING gin (to_tsvector('english', name));
CREATE INDEX idx_products_name_lower ON products (lower(name::text) text_pattern_ops);
CREATE INDEX idx_products_metadata ON products USING gin (metadata jsonb_path_ops);
CREATE INDEX idx_products_brand_price ON products (brand_id, retail_price DESC);
CREATE INDEX idx_products_category_popularity ON products (category_id, popularity DESC, id) WHERE is_active;
CREATE INDEX idx_products_featured ON products (category_id, id) WHERE is_featured;
CREATE INDEX idx_products_thc_max ON products (thc_max) WHERE thc_max IS NOT NULL;
CREATE INDEX idx_products_each_gtin ON products (each_gtin) WHERE each_gtin IS NOT NULL;
CREATE INDEX idx_products_strain ON products (strain_id);
CREATE INDEX idx_products_updated_at ON products (updated_at DESC);
CREATE INDEX idx_products_margin ON products ((retail_price - unit_cost));

CREATE TABLE product_variants (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    sku             varchar(64) NOT NULL,
    name            varchar(120) NOT NULL,
    size_value      numeric(10,3) NOT NULL,
    size_unit       varchar(8) NOT NULL,
    price_delta     numeric(12,2) NOT NULL DEFAULT 0,
    pack_count      integer NOT NULL DEFAULT 1,
    barcode         varchar(14),
    weight_with_packaging_g numeric(10,3),
    position        integer NOT NULL DEFAULT 0,
    is_default      boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_variants_size_check CHECK (size_value > 0),
    CONSTRAINT product_variants_unit_check CHECK (size_unit IN ('g', 'ml', 'mg', 'each')),
    CONSTRAINT product_variants_sku_key UNIQUE (sku)
);
COMMENT ON TABLE product_variants IS 'Pack sizes of a product';
CREATE INDEX idx_product_variants_product ON product_variants (product_id);
CREATE INDEX idx_product_variants_product_sku ON product_variants (product_id, sku);
CREATE UNIQUE INDEX uq_product_variants_default ON product_variants (product_id) WHERE is_default;
CREATE INDEX idx_product_variants_position ON product_variants (product_id, position);

CREATE TABLE product_images (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    url             text NOT NULL,
    alt_text        varchar(240),
    sort_order      integer NOT NULL DEFAULT 0,
    is_primary      boolean NOT NULL DEFAULT false,
    content_hash    char(64),
    width_px        integer,
    height_px       integer,
    file_size_bytes bigint,
    uploaded_by     bigint,
    created_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE product_images IS 'Pictures of products on the content network';
CREATE INDEX idx_product_images_product ON product_images (product_id, sort_order);
CREATE INDEX idx_product_images_primary ON product_images (product_id) INCLUDE (url) WHERE is_primary;
CREATE INDEX idx_product_images_content_hash ON product_images USING hash (content_hash);
CREATE INDEX idx_product_images_uploaded_by ON product_images (uploaded_by, created_at DESC);

CREATE TABLE product_attributes (
    id              bigserial PRIMARY KEY,
    code            varchar(60) NOT NULL,
    label           varchar(120) NOT NULL,
    data_type       varchar(16) NOT NULL DEFAULT 'text',
    is_filterable   boolean NOT NULL DEFAULT false,
    allowed_values  text[],
    unit            varchar(16),
    label_fr        varchar(120),
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
    value_json      jsonb,
    locale          varchar(8) NOT NULL DEFAULT 'en-CA',
    source          varchar(24),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_attribute_values_key UNIQUE (product_id, attribute_id),
    CONSTRAINT product_attribute_values_locale_check CHECK (locale ~ '^[a-z]{2}(-[A-Z]{2})?$')
);
COMMENT ON TABLE product_attribute_values IS 'Values of attributes by product';
CREATE INDEX idx_product_attribute_values_number ON product_attribute_values (attribute_id, value_number) WHERE value_number IS NOT NULL;
CREATE INDEX idx_product_attribute_values_text ON product_attribute_values (attribute_id, md5(value_text));
CREATE INDEX idx_product_attribute_values_json ON product_attribute_values USING gin (value_json);

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
    rank            smallint,
    measured_on     date,
    laboratory      varchar(120),
    CONSTRAINT product_terpenes_pkey PRIMARY KEY (product_id, terpene_id),
    CONSTRAINT product_terpenes_percent_check CHECK (percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE product_terpenes IS 'Terpene content of products';
CREATE INDEX idx_product_terpenes_terpene ON product_terpenes (terpene_id, percent DESC NULLS LAST);
CREATE INDEX idx_product_terpenes_measured_on ON product_terpenes (measured_on);

CREATE TABLE product_tags (
    id              bigserial PRIMARY KEY,
    name            varchar(80) NOT NULL,
    slug            varchar(80) NOT NULL,
    colour          varchar(7) NOT NULL DEFAULT '#4b7f52',
    is_internal     boolean NOT NULL DEFAULT false,
    usage_count     integer NOT NULL DEFAULT 0,
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
CREATE INDEX idx_product_tag_links_tag ON product_tag_links (tag_id, product_id);

CREATE TABLE product_recommendations (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    recommended_product_id bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    kind            varchar(24) NOT NULL DEFAULT 'similar',
    score           numeric(8,6) NOT NULL DEFAULT 0,
    sku             varchar(64),
    model_version   varchar(40),
    impressions     bigint NOT NULL DEFAULT 0,
    clicks          bigint NOT NULL DEFAULT 0,
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_recommendations_kind_check CHECK (kind IN ('similar', 'bought_together', 'upsell', 'substitute')),
    CONSTRAINT product_recommendations_clicks_check CHECK (clicks <= impressions),
    CONSTRAINT product_recommendations_not_self CHECK (product_id <> recommended_product_id),
    CONSTRAINT product_recommendations_key UNIQUE (product_id, recommended_product_id, kind)
);
COMMENT ON TABLE product_recommendations IS 'Precomputed recommendations between products';
CREATE INDEX idx_product_recommendations_product ON product_recommendations (product_id);
CREATE INDEX idx_product_recommendations_score ON product_recommendations (product_id, kind, score DESC);
CREATE INDEX idx_product_recommendations_reverse ON product_recommendations (recommended_product_id);
CREATE INDEX idx_product_recommendations_sku ON product_recommendations (sku, score DESC);
CREATE INDEX idx_product_recommendations_expires ON product_recommendations (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE product_views (
    id              bigserial PRIMARY KEY,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint NOT NULL REFERENCES stores (id),
    user_id         bigint,
    session_key     varchar(64) NOT NULL,
    viewed_at       timestamptz NOT NULL DEFAULT now(),
    sku             varchar(64),
    referrer        text,
    device_type     varchar(16),
    CONSTRAINT product_views_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE product_views IS 'Views of product pages, kept for thirteen months';
CREATE INDEX idx_product_views_product ON product_views (product_id);
CREATE INDEX idx_product_views_user_recent ON product_views (user_id, viewed_at DESC);
CREATE INDEX idx_product_views_viewed_at ON product_views USING brin (viewed_at);
CREATE INDEX idx_product_views_sku ON product_views (sku, viewed_at DESC);
CREATE INDEX idx_product_views_store_product ON product_views (store_id, product_id);
CREATE INDEX idx_product_views_session ON product_views USING hash (session_key);

-- ---------------------------------------------------------------------------
-- Shoppers' voice: reviews, votes, responses, wishlists
-- ---------------------------------------------------------------------------

CREATE TABLE product_reviews (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint REFERENCES stores (id),
    user_id         bigint NOT NULL REFERENCES users (id),
    rating          smallint NOT NULL,
    title           varchar(160),
    body            text,
    status          varchar(16) NOT NULL DEFAULT 'published',
    verified_purchase boolean NOT NULL DEFAULT false,
    helpful_count   integer NOT NULL DEFAULT 0,
    sentiment       numeric(4,3),
    sku             varchar(64),
    moderated_by    bigint,
    moderated_at    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_reviews_rating_check CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT product_reviews_status_check CHECK (status IN ('pending', 'published', 'rejected', 'hidden')),
    CONSTRAINT product_reviews_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT product_reviews_sentiment_check CHECK (sentiment BETWEEN -1 AND 1),
    CONSTRAINT product_reviews_one_per_user UNIQUE (product_id, user_id)
);
COMMENT ON TABLE product_reviews IS 'Ratings and reviews by customers';
CREATE INDEX idx_product_reviews_product ON product_reviews (product_id, created_at);
CREATE INDEX idx_product_reviews_tenant ON product_reviews (tenant_id, created_at DESC);
CREATE INDEX idx_product_reviews_rating ON product_reviews (product_id, rating) WHERE status = 'published';
CREATE INDEX idx_product_reviews_user ON product_reviews (user_id);
CREATE INDEX idx_product_reviews_moderation ON product_reviews (created_at) WHERE status = 'pending';
CREATE INDEX idx_product_reviews_body_search ON product_reviews USING gin (to_tsvector('english', coalesce(title, '') || ' ' || coalesce(body, '')));

CREATE TABLE review_votes (
    review_id       bigint NOT NULL REFERENCES product_reviews (id) ON DELETE CASCADE,
    user_id         bigint NOT NULL,
    is_helpful      boolean NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT review_votes_pkey PRIMARY KEY (review_id, user_id),
    CONSTRAINT review_votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE review_votes IS 'Helpful or not, one vote for each user and review';
CREATE INDEX idx_review_votes_user ON review_votes (user_id, created_at DESC);

CREATE TABLE review_responses (
    id              bigserial PRIMARY KEY,
    review_id       bigint NOT NULL REFERENCES product_reviews (id) ON DELETE CASCADE,
    responder_id    bigint NOT NULL REFERENCES users (id),
    body            text NOT NULL,
    is_public       boolean NOT NULL DEFAULT true,
    edited_at       timestamptz,
    template_code   varchar(40),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT review_responses_body_check CHECK (length(body) BETWEEN 1 AND 4000)
);
COMMENT ON TABLE review_responses IS 'Answers of stores to reviews';
CREATE INDEX idx_review_responses_review ON review_responses (review_id);
CREATE INDEX idx_review_responses_responder ON review_responses (responder_id, created_at DESC);

CREATE TABLE wishlists (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    user_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint REFERENCES stores (id),
    note            varchar(240),
    sku             varchar(64),
    priority        smallint NOT NULL DEFAULT 0,
    notify_on_restock boolean NOT NULL DEFAULT false,
    price_when_added numeric(12,2),
    added_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT unique_wishlist_item UNIQUE (user_id, product_id),
    CONSTRAINT wishlists_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);
COMMENT ON TABLE wishlists IS 'Products that customers keep for later';
CREATE INDEX idx_wishlists_product ON wishlists (product_id);
CREATE INDEX idx_wishlists_tenant ON wishlists (tenant_id, user_id);
CREATE INDEX idx_wishlists_sku ON wishlists (sku) WHERE notify_on_restock;
CREATE INDEX idx_wishlists_user_added ON wishlists (user_id, added_at DESC);

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
    each_gtin       varchar(14),
    case_gtin       varchar(14),
    grow_method     varchar(40),
    terpene_profile text[],
    stock_status    varchar(20),
    last_synced_at  timestamptz NOT NULL DEFAULT now(),
    raw_record      jsonb,
    is_listed       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_product_catalog_units_check CHECK (units_per_case > 0),
    CONSTRAINT ocs_product_catalog_ocs_sku_key UNIQUE (ocs_sku),
    CONSTRAINT ocs_product_catalog_case_gtin_check CHECK (gtin_is_valid(case_gtin::text)),
    CONSTRAINT ocs_product_catalog_stock_status_check CHECK (stock_status IN ('in_stock', 'low', 'out_of_stock', 'delisted'))
);
COMMENT ON TABLE ocs_product_catalog IS 'Wholesale catalogue of the Ontario Cannabis Store as last imported';
CREATE INDEX idx_ocs_catalog_category ON ocs_product_catalog (category, subcategory);
CREATE INDEX idx_ocs_catalog_sku_lower ON ocs_product_catalog (lower(ocs_sku::text));
CREATE INDEX idx_ocs_catalog_category_sku ON ocs_product_catalog (category, ocs_sku) WHERE is_listed;
CREATE INDEX idx_ocs_catalog_product ON ocs_product_catalog (product_id);
CREATE INDEX idx_ocs_catalog_item_number ON ocs_product_catalog (item_number);
CREATE INDEX idx_ocs_catalog_name_search ON ocs_product_catalog USING gin (to_tsvector('english', product_name));
CREATE INDEX idx_ocs_catalog_terpenes ON ocs_product_catalog USING gin (terpene_profile);
CREATE INDEX idx_ocs_catalog_brand ON ocs_product_catalog (lower(brand_name::text), unit_price);
CREATE INDEX idx_ocs_catalog_raw ON ocs_product_catalog USING gin (raw_record jsonb_path_ops);

CREATE TABLE inventory_locations (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    code            varchar(32) NOT NULL,
    name            varchar(120) NOT NULL,
    kind            varchar(20) NOT NULL DEFAULT 'shelf',
    capacity_units  integer,
    temperature_c   numeric(4,1),
    is_secured      boolean NOT NULL DEFAULT true,
    barcode         varchar(64),
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_locations_code_key UNIQUE (store_id, code),
    CONSTRAINT inventory_locations_kind_check CHECK (kind IN ('shelf', 'vault', 'backroom', 'in_transit', 'quarantine'))
);
COMMENT ON TABLE inventory_locations IS 'Places in a store where stock is kept';
CREATE INDEX idx_inventory_locations_kind ON inventory_locations (kind, store_id);

CREATE TABLE ocs_inventory (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint NOT NULL REFERENCES stores (id),
    location_id     bigint REFERENCES inventory_locations (id),
    product_id      bigint NOT NULL REFERENCES products (id),
    sku             varchar(64) NOT NULL,
    batch_lot       varchar(64),
    each_gtin       char(14),
    case_gtin       char(14),
    quantity_on_hand  integer NOT NULL DEFAULT 0,
    quantity_reserved integer NOT NULL DEFAULT 0,
    quantity_available integer NOT NULL DEFAULT 0,
    stock_quantity  integer NOT NULL DEFAULT 0,
    units_per_case  integer NOT NULL DEFAULT 1,
    unit_cost       numeric(12,2) NOT NULL DEFAULT 0,
    packaged_on     date,
    expires_on      date,
    lot_status      varchar(16) NOT NULL DEFAULT 'sellable',
    reorder_point   integer,
    last_counted_at timestamptz,
    seq             bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_inventory_lot_status_check CHECK (lot_status IN ('sellable', 'quarantine', 'recalled', 'expired')),
    CONSTRAINT ocs_inventory_units_per_case_check CHECK (units_per_case > 0),
    CONSTRAINT ocs_inventory_reserved_check CHECK (quantity_reserved BETWEEN 0 AND quantity_on_hand),
    CONSTRAINT ocs_inventory_each_gtin_check CHECK (gtin_is_valid(each_gtin::text)),
    CONSTRAINT ocs_inventory_case_gtin_check CHECK (gtin_is_valid(case_gtin::text)),
    CONSTRAINT ocs_inventory_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ocs_inventory_store_sku_lot_key UNIQUE (store_id, sku, batch_lot)
)
WITH (fillfactor = 70);
COMMENT ON TABLE ocs_inventory IS 'Packaged cannabis bought from the OCS, by store, SKU and lot';
COMMENT ON COLUMN ocs_inventory.batch_lot IS 'Lot number as printed on the case (GS1 application identifier 10)';
COMMENT ON COLUMN ocs_inventory.quantity_available IS 'On hand less reserved, kept by trigger';
COMMENT ON COLUMN ocs_inventory.stock_quantity IS 'Units on the shelf according to the point of sale';
CREATE INDEX idx_ocs_inventory_store ON ocs_inventory (store_id);
CREATE INDEX idx_ocs_inventory_tenant ON ocs_inventory (tenant_id, store_id);
CREATE INDEX idx_ocs_inventory_sku ON ocs_inventory (sku, expires_on);
CREATE INDEX idx_ocs_inventory_store_sku ON ocs_inventory (store_id, sku) INCLUDE (stock_quantity);
CREATE INDEX idx_ocs_inventory_sku_lower ON ocs_inventory (lower(sku::text));
CREATE INDEX idx_ocs_inventory_product ON ocs_inventory (product_id, store_id);
CREATE INDEX idx_ocs_inventory_location ON ocs_inventory (location_id);
CREATE INDEX idx_ocs_inventory_batch_lot ON ocs_inventory (batch_lot) WHERE batch_lot IS NOT NULL;
CREATE INDEX idx_ocs_inventory_each_gtin ON ocs_inventory (each_gtin);
CREATE INDEX idx_ocs_inventory_case_gtin ON ocs_inventory (case_gtin);
CREATE INDEX idx_ocs_inventory_expiry ON ocs_inventory (store_id, expires_on) WHERE lot_status = 'sellable';
CREATE INDEX idx_ocs_inventory_low_stock ON ocs_inventory (store_id, stock_quantity) WHERE stock_quantity < 10;
CREATE INDEX idx_ocs_inventory_available ON ocs_inventory (quantity_available) WHERE quantity_available > 0;
CREATE INDEX idx_ocs_inventory_held ON ocs_inventory (lot_status, store_id) WHERE lot_status <> 'sellable';

CREATE TABLE ocs_price_list (
    id              bigserial PRIMARY KEY,
    sku             varchar(64) NOT NULL,
    wholesale_price numeric(12,2) NOT NULL,
    suggested_price numeric(12,2),
    effective_from  date NOT NULL,
    effective_to    date,
    currency        char(3) NOT NULL DEFAULT 'CAD',
    price_tier      varchar(16),
    excise_included boolean NOT NULL DEFAULT true,
    source_file     text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_price_list_price_check CHECK (wholesale_price >= 0),
    CONSTRAINT ocs_price_list_period_check CHECK (effective_to > effective_from),
    CONSTRAINT ocs_price_list_tier_check CHECK (price_tier IN ('standard', 'volume', 'clearance')),
    CONSTRAINT ocs_price_list_sku_fkey FOREIGN KEY (sku) REFERENCES products (sku) ON UPDATE CASCADE
);
COMMENT ON TABLE ocs_price_list IS 'Wholesale prices by period';
CREATE INDEX idx_ocs_price_list_effective ON ocs_price_list (effective_from);
CREATE INDEX idx_ocs_price_list_sku ON ocs_price_list (sku, effective_from DESC);
CREATE INDEX idx_ocs_price_list_tier ON ocs_price_list (price_tier) WHERE price_tier IS NOT NULL;

CREATE TABLE ocs_purchase_orders (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint NOT NULL REFERENCES stores (id),
    supplier_id     bigint NOT NULL REFERENCES suppliers (id),
    po_number       varchar(40) NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'draft',
    ordered_at      timestamptz,
    expected_on     date,
    received_at     timestamptz,
    subtotal        numeric(12,2) NOT NULL DEFAULT 0,
    tax_total       numeric(12,2) NOT NULL DEFAULT 0,
    created_by      bigint,
    approved_by     bigint,
    approved_at     timestamptz,
    shipping_total  numeric(12,2) NOT NULL DEFAULT 0,
    ocs_order_reference varchar(64),
    notes           text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_purchase_orders_po_number_key UNIQUE (po_number),
    CONSTRAINT ocs_purchase_orders_status_check CHECK (status IN ('draft', 'submitted', 'confirmed', 'shipped', 'received', 'cancelled')),
    CONSTRAINT ocs_purchase_orders_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ocs_purchase_orders_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id),
    CONSTRAINT ocs_purchase_orders_four_eyes_check CHECK (approved_by <> created_by)
);
COMMENT ON TABLE ocs_purchase_orders IS 'Purchase orders of stores with the wholesaler';
CREATE INDEX idx_ocs_purchase_orders_store ON ocs_purchase_orders (store_id, ordered_at);
CREATE INDEX idx_ocs_purchase_orders_tenant ON ocs_purchase_orders (tenant_id, status);
CREATE INDEX idx_ocs_purchase_orders_supplier ON ocs_purchase_orders (supplier_id, ordered_at DESC);
CREATE INDEX idx_ocs_purchase_orders_open ON ocs_purchase_orders (expected_on) WHERE status IN ('submitted', 'confirmed', 'shipped');
CREATE INDEX idx_ocs_purchase_orders_reference ON ocs_purchase_orders (ocs_order_reference);

CREATE TABLE ocs_purchase_order_items (
    id              bigserial PRIMARY KEY,
    purchase_order_id bigint NOT NULL REFERENCES ocs_purchase_orders (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id),
    sku             varchar(64) NOT NULL,
    cases_ordered   integer NOT NULL,
    units_per_case  integer NOT NULL DEFAULT 1,
    unit_cost       numeric(12,2) NOT NULL,
    quantity_received integer NOT NULL DEFAULT 0,
    quantity_damaged integer NOT NULL DEFAULT 0,
    batch_lot       varchar(64),
    expected_expiry date,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_purchase_order_items_cases_check CHECK (cases_ordered > 0),
    CONSTRAINT ocs_purchase_order_items_damaged_check CHECK (quantity_damaged BETWEEN 0 AND quantity_received),
    CONSTRAINT ocs_purchase_order_items_sku_fkey FOREIGN KEY (sku) REFERENCES products (sku) ON UPDATE CASCADE
);
COMMENT ON TABLE ocs_purchase_order_items IS 'Lines of purchase orders, ordered in cases';
CREATE INDEX idx_ocs_po_items_order ON ocs_purchase_order_items (purchase_order_id);
CREATE INDEX idx_ocs_po_items_sku ON ocs_purchase_order_items (sku, created_at DESC);
CREATE INDEX idx_ocs_po_items_batch_lot ON ocs_purchase_order_items (batch_lot);

CREATE TABLE ocs_asn_shipments (
    id              bigserial PRIMARY KEY,
    purchase_order_id bigint NOT NULL REFERENCES ocs_purchase_orders (id),
    asn_number      varchar(40) NOT NULL,
    carrier         varchar(80),
    tracking_number varchar(80),
    shipped_at      timestamptz NOT NULL,
    arrived_at      timestamptz,
    pallet_count    integer,
    seal_number     varchar(40),
    driver_name     varchar(120),
    temperature_log jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ocs_asn_shipments_asn_number_key UNIQUE (asn_number),
    CONSTRAINT ocs_asn_shipments_arrival_check CHECK (arrived_at >= shipped_at)
);
COMMENT ON TABLE ocs_asn_shipments IS 'Advance shipping notices';
CREATE INDEX idx_ocs_asn_shipments_order ON ocs_asn_shipments (purchase_order_id);
CREATE INDEX idx_ocs_asn_shipments_tracking ON ocs_asn_shipments (tracking_number);
CREATE INDEX idx_ocs_asn_shipments_in_transit ON ocs_asn_shipments (shipped_at) WHERE arrived_at IS NULL;

CREATE TABLE ocs_asn_lines (
    id              bigserial PRIMARY KEY,
    shipment_id     bigint NOT NULL REFERENCES ocs_asn_shipments (id) ON DELETE CASCADE,
    sku             varchar(64) NOT NULL,
    cases_shipped   integer NOT NULL,
    units_per_case  integer NOT NULL,
    batch_lot       varchar(64) NOT NULL,
    expires_on      date,
    case_gtin       varchar(14),
    sscc            char(18),
    exception_code  varchar(24),
    CONSTRAINT ocs_asn_lines_cases_check CHECK (cases_shipped > 0)
);
COMMENT ON TABLE ocs_asn_lines IS 'Lines of advance shipping notices';
CREATE INDEX idx_ocs_asn_lines_shipment ON ocs_asn_lines (shipment_id);
CREATE INDEX idx_ocs_asn_lines_sku ON ocs_asn_lines (sku, batch_lot);
CREATE INDEX idx_ocs_asn_lines_sscc ON ocs_asn_lines (sscc) WHERE sscc IS NOT NULL;

-- ---------------------------------------------------------------------------
-- Inventory: lots, movements, reservations, transfers, counts
-- ---------------------------------------------------------------------------

CREATE TABLE inventory_lots (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    product_id      bigint NOT NULL REFERENCES products (id),
    lot_number      varchar(64) NOT NULL,
    sku             varchar(64),
    packaged_on     date,
    expires_on      date,
    status          varchar(16) NOT NULL DEFAULT 'sellable',
    thc_percent     numeric(6,3),
    cbd_percent     numeric(6,3),
    certificate_url text,
    received_quantity integer NOT NULL DEFAULT 0,
    remaining_quantity integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_lots_number_key UNIQUE (product_id, lot_number),
    CONSTRAINT inventory_lots_status_check CHECK (status IN ('sellable', 'quarantine', 'recalled', 'expired')),
    CONSTRAINT inventory_lots_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT inventory_lots_remaining_check CHECK (remaining_quantity BETWEEN 0 AND received_quantity),
    CONSTRAINT inventory_lots_dates_check CHECK (expires_on > packaged_on)
);
COMMENT ON TABLE inventory_lots IS 'Production lots that were received';
CREATE INDEX idx_inventory_lots_expiry ON inventory_lots (expires_on);
CREATE INDEX idx_inventory_lots_tenant ON inventory_lots (tenant_id, expires_on);
CREATE INDEX idx_inventory_lots_sku ON inventory_lots (sku, expires_on);
CREATE INDEX idx_inventory_lots_lot_number ON inventory_lots (lot_number);
CREATE INDEX idx_inventory_lots_fefo ON inventory_lots (product_id, expires_on, id) WHERE status = 'sellable' AND remaining_quantity > 0;

CREATE TABLE gtin_aliases (
    id              bigserial PRIMARY KEY,
    gtin            varchar(14) NOT NULL,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    packaging       varchar(8) NOT NULL DEFAULT 'each',
    sku             varchar(64),
    valid_from      date NOT NULL DEFAULT CURRENT_DATE,
    valid_to        date,
    source          varchar(24) NOT NULL DEFAULT 'ocs',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gtin_aliases_packaging_check CHECK (packaging IN ('each', 'inner', 'case', 'pallet')),
    CONSTRAINT gtin_aliases_gtin_check CHECK (gtin_is_valid(gtin::text)),
    CONSTRAINT gtin_aliases_validity_check CHECK (valid_to > valid_from)
);
COMMENT ON TABLE gtin_aliases IS 'Trade item numbers under which a product has been delivered';
CREATE INDEX idx_gtin_aliases_product ON gtin_aliases (product_id);
CREATE INDEX idx_gtin_aliases_gtin ON gtin_aliases (gtin, packaging);
CREATE INDEX idx_gtin_aliases_sku ON gtin_aliases (sku);
CREATE INDEX idx_gtin_aliases_normalized ON gtin_aliases (gtin_normalize(gtin::text));

CREATE TABLE inventory_movements (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    store_id        bigint NOT NULL,
    movement_type   varchar(20) NOT NULL,
    quantity_delta  integer NOT NULL,
    reference_type  varchar(24),
    reference_id    bigint,
    actor_id        bigint,
    occurred_at     timestamptz NOT NULL DEFAULT now(),
    sku             varchar(64),
    seq             bigint,
    balance_after   integer,
    reason          varchar(120),
    batch_lot       varchar(64),
    CONSTRAINT inventory_movements_type_check CHECK (movement_type IN ('receipt', 'sale', 'return', 'adjustment', 'transfer_out', 'transfer_in', 'destruction', 'direct_write')),
    CONSTRAINT inventory_movements_delta_check CHECK (quantity_delta <> 0),
    CONSTRAINT inventory_movements_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT inventory_movements_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users (id),
    CONSTRAINT inventory_movements_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);
COMMENT ON TABLE inventory_movements IS 'Ledger of changes of stock, append only';
CREATE INDEX idx_inventory_movements_inventory ON inventory_movements (inventory_id);
CREATE INDEX idx_inventory_movements_tenant ON inventory_movements (tenant_id, occurred_at DESC);
CREATE INDEX idx_inventory_movements_sku ON inventory_movements (sku, occurred_at DESC);
CREATE INDEX idx_inventory_movements_store_sku ON inventory_movements (store_id, sku);
CREATE INDEX idx_inventory_movements_store_time ON inventory_movements (store_id, occurred_at DESC);
CREATE INDEX idx_inventory_movements_reference ON inventory_movements (reference_type, reference_id);
CREATE INDEX idx_inventory_movements_occurred ON inventory_movements USING brin (occurred_at);
CREATE UNIQUE INDEX uq_inventory_movements_seq ON inventory_movements (inventory_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX idx_inventory_movements_losses ON inventory_movements (store_id, occurred_at) WHERE movement_type = 'destruction';
CREATE INDEX idx_inventory_movements_actor ON inventory_movements (actor_id, occurred_at DESC);

CREATE TABLE inventory_reservations (
    id              bigserial PRIMARY KEY,
    reservation_key uuid NOT NULL DEFAULT gen_random_uuid(),
    inventory_id    bigint NOT NULL,
    store_id        bigint NOT NULL REFERENCES stores (id),
    quantity        integer NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'active',
    expires_at      timestamptz NOT NULL,
    sku             varchar(64),
    closed_at       timestamptz,
    closed_reason   varchar(40),
    cart_reference  varchar(64),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_reservations_quantity_check CHECK (quantity > 0),
    CONSTRAINT inventory_reservations_status_check CHECK (status IN ('active', 'committed', 'released', 'expired')),
    CONSTRAINT inventory_reservations_key UNIQUE (reservation_key, inventory_id),
    CONSTRAINT inventory_reservations_closed_check CHECK (closed_at IS NULL OR status <> 'active')
);
COMMENT ON TABLE inventory_reservations IS 'Stock held for carts; no foreign key onto the hot stock row';
CREATE INDEX idx_inventory_reservations_inventory ON inventory_reservations (inventory_id);
CREATE INDEX idx_inventory_reservations_due ON inventory_reservations (expires_at) WHERE status = 'active';
CREATE INDEX idx_inventory_reservations_sku ON inventory_reservations (sku, status);
CREATE INDEX idx_inventory_reservations_cart ON inventory_reservations USING hash (cart_reference);

CREATE TABLE inventory_adjustments (
    id              bigserial PRIMARY KEY,
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    store_id        bigint NOT NULL REFERENCES stores (id),
    quantity_before integer NOT NULL,
    quantity_after  integer NOT NULL,
    reason_code     varchar(24) NOT NULL,
    note            text,
    sku             varchar(64),
    performed_by    bigint,
    approved_by     bigint,
    unit_cost       numeric(12,2),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_adjustments_reason_check CHECK (reason_code IN ('count', 'damage', 'theft', 'sample', 'correction', 'broken_case')),
    CONSTRAINT inventory_adjustments_quantities_check CHECK (quantity_before >= 0 AND quantity_after >= 0)
);
COMMENT ON TABLE inventory_adjustments IS 'Manual corrections of stock';
CREATE INDEX idx_inventory_adjustments_store ON inventory_adjustments (store_id, created_at);
CREATE INDEX idx_inventory_adjustments_reason ON inventory_adjustments (reason_code, created_at DESC);
CREATE INDEX idx_inventory_adjustments_sku ON inventory_adjustments (sku);
CREATE INDEX idx_inventory_adjustments_inventory ON inventory_adjustments (inventory_id);

CREATE TABLE inventory_transfers (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    from_store_id   bigint NOT NULL REFERENCES stores (id),
    to_store_id     bigint NOT NULL REFERENCES stores (id),
    status          varchar(16) NOT NULL DEFAULT 'draft',
    requested_at    timestamptz NOT NULL DEFAULT now(),
    shipped_at      timestamptz,
    received_at     timestamptz,
    reference_code  varchar(40) NOT NULL DEFAULT generate_reference_code('TRF'),
    requested_by    bigint,
    approved_by     bigint,
    manifest_url    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_transfers_status_check CHECK (status IN ('draft', 'approved', 'in_transit', 'received', 'cancelled')),
    CONSTRAINT inventory_transfers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT inventory_transfers_stores_check CHECK (from_store_id <> to_store_id),
    CONSTRAINT inventory_transfers_reference_code_key UNIQUE (reference_code)
);
COMMENT ON TABLE inventory_transfers IS 'Transfers of stock between stores of a tenant';
CREATE INDEX idx_inventory_transfers_from ON inventory_transfers (from_store_id, requested_at);
CREATE INDEX idx_inventory_transfers_tenant ON inventory_transfers (tenant_id, status);
CREATE INDEX idx_inventory_transfers_to ON inventory_transfers (to_store_id, requested_at DESC);
CREATE INDEX idx_inventory_transfers_open ON inventory_transfers (requested_at) WHERE status IN ('approved', 'in_transit');

CREATE TABLE inventory_transfer_items (
    id              bigserial PRIMARY KEY,
    transfer_id     bigint NOT NULL REFERENCES inventory_transfers (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id),
    sku             varchar(64) NOT NULL,
    quantity_sent   integer NOT NULL,
    quantity_received integer,
    batch_lot       varchar(64),
    unit_cost       numeric(12,2),
    discrepancy_note text,
    CONSTRAINT inventory_transfer_items_sent_check CHECK (quantity_sent > 0),
    CONSTRAINT inventory_transfer_items_received_check CHECK (quantity_received >= 0)
);
COMMENT ON TABLE inventory_transfer_items IS 'Lines of transfers';
CREATE INDEX idx_inventory_transfer_items_transfer ON inventory_transfer_items (transfer_id);
CREATE INDEX idx_inventory_transfer_items_sku ON inventory_transfer_items (sku, transfer_id);
CREATE INDEX idx_inventory_transfer_items_product ON inventory_transfer_items (product_id);

CREATE TABLE inventory_counts (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint NOT NULL REFERENCES stores (id),
    count_type      varchar(16) NOT NULL DEFAULT 'cycle',
    status          varchar(16) NOT NULL DEFAULT 'open',
    started_at      timestamptz NOT NULL DEFAULT now(),
    posted_at       timestamptz,
    started_by      bigint,
    posted_by       bigint,
    variance_value  numeric(12,2),
    CONSTRAINT inventory_counts_type_check CHECK (count_type IN ('cycle', 'full', 'spot', 'month_end')),
    CONSTRAINT inventory_counts_status_check CHECK (status IN ('open', 'counted', 'posted', 'cancelled')),
    CONSTRAINT inventory_counts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT inventory_counts_started_by_fkey FOREIGN KEY (started_by) REFERENCES users (id),
    CONSTRAINT inventory_counts_posted_check CHECK (posted_at >= started_at)
);
COMMENT ON TABLE inventory_counts IS 'Physical counts';
CREATE INDEX idx_inventory_counts_store ON inventory_counts (store_id, started_at);
CREATE INDEX idx_inventory_counts_tenant ON inventory_counts (tenant_id, started_at DESC);
CREATE INDEX idx_inventory_counts_open ON inventory_counts (store_id) WHERE status = 'open';

CREATE TABLE inventory_count_lines (
    id              bigserial PRIMARY KEY,
    count_id        bigint NOT NULL REFERENCES inventory_counts (id) ON DELETE CASCADE,
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    book_quantity   integer NOT NULL,
    counted_quantity integer,
    sku             varchar(64),
    book_seq        bigint,
    recount_quantity integer,
    counted_by      bigint,
    counted_at      timestamptz,
    CONSTRAINT inventory_count_lines_key UNIQUE (count_id, inventory_id),
    CONSTRAINT inventory_count_lines_counted_check CHECK (counted_quantity >= 0)
);
COMMENT ON TABLE inventory_count_lines IS 'Counted against booked quantities';
CREATE INDEX idx_inventory_count_lines_count ON inventory_count_lines (count_id);
CREATE INDEX idx_inventory_count_lines_variance ON inventory_count_lines (count_id) WHERE counted_quantity <> book_quantity;
CREATE INDEX idx_inventory_count_lines_inventory ON inventory_count_lines (inventory_id, counted_at DESC);

CREATE TABLE inventory_destructions (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id),
    inventory_id    bigint NOT NULL REFERENCES ocs_inventory (id),
    quantity        integer NOT NULL,
    reason          varchar(40) NOT NULL,
    method          varchar(40) NOT NULL,
    destroyed_at    timestamptz NOT NULL,
    sku             varchar(64),
    witness_id      bigint,
    second_witness_id bigint,
    certificate_number varchar(40),
    weight_g        numeric(12,3),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_destructions_quantity_check CHECK (quantity > 0),
    CONSTRAINT inventory_destructions_certificate_key UNIQUE (certificate_number),
    CONSTRAINT inventory_destructions_witnesses_check CHECK (witness_id <> second_witness_id)
);
COMMENT ON TABLE inventory_destructions IS 'Destroyed cannabis, records kept as the AGCO asks';
CREATE INDEX idx_inventory_destructions_store ON inventory_destructions (store_id, destroyed_at);
CREATE INDEX idx_inventory_destructions_sku ON inventory_destructions (sku, destroyed_at);
CREATE INDEX idx_inventory_destructions_inventory ON inventory_destructions (inventory_id);

CREATE TABLE inventory_recalls (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    product_id      bigint NOT NULL REFERENCES products (id),
    lot_number      varchar(64) NOT NULL,
    severity        varchar(8) NOT NULL DEFAULT 'II',
    announced_at    timestamptz NOT NULL,
    closed_at       timestamptz,
    instructions    text,
    sku             varchar(64),
    notice_number   varchar(40),
    units_located   integer NOT NULL DEFAULT 0,
    units_sold      integer NOT NULL DEFAULT 0,
    CONSTRAINT inventory_recalls_severity_check CHECK (severity IN ('I', 'II', 'III')),
    CONSTRAINT inventory_recalls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT inventory_recalls_lot_fkey FOREIGN KEY (product_id, lot_number) REFERENCES inventory_lots (product_id, lot_number)
);
COMMENT ON TABLE inventory_recalls IS 'Recalls of lots by producers or Health Canada';
CREATE INDEX idx_inventory_recalls_product ON inventory_recalls (product_id);
CREATE INDEX idx_inventory_recalls_sku_lot ON inventory_recalls (sku, lot_number);
CREATE INDEX idx_inventory_recalls_open ON inventory_recalls (announced_at DESC) WHERE closed_at IS NULL;

CREATE TABLE reorder_rules (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    minimum_quantity integer NOT NULL,
    target_quantity integer NOT NULL,
    safety_stock    integer NOT NULL DEFAULT 0,
    average_daily_sales numeric(10,3),
    review_cycle_days integer NOT NULL DEFAULT 7,
    preferred_supplier_id bigint,
    is_active       boolean NOT NULL DEFAULT true,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reorder_rules_key UNIQUE (store_id, product_id),
    CONSTRAINT reorder_rules_target_check CHECK (target_quantity >= minimum_quantity),
    CONSTRAINT reorder_rules_supplier_fkey FOREIGN KEY (preferred_supplier_id) REFERENCES suppliers (id) ON DELETE SET NULL
);
COMMENT ON TABLE reorder_rules IS 'When and how much to reorder, by store and product';
CREATE INDEX idx_reorder_rules_product ON reorder_rules (product_id);
CREATE INDEX idx_reorder_rules_supplier ON reorder_rules (preferred_supplier_id) WHERE is_active;

CREATE TABLE supplier_products (
    id              bigserial PRIMARY KEY,
    supplier_id     bigint NOT NULL REFERENCES suppliers (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    supplier_sku    varchar(64) NOT NULL,
    unit_cost       numeric(12,2) NOT NULL,
    minimum_cases   integer NOT NULL DEFAULT 1,
    lead_time_days  integer,
    is_preferred    boolean NOT NULL DEFAULT false,
    last_quoted_at  timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT supplier_products_key UNIQUE (supplier_id, product_id)
);
COMMENT ON TABLE supplier_products IS 'Which supplier sells which product, under its own SKU';
CREATE INDEX idx_supplier_products_product ON supplier_products (product_id, unit_cost);
CREATE INDEX idx_supplier_products_supplier_sku ON supplier_products (supplier_id, supplier_sku);

CREATE TABLE supplier_invoices (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    supplier_id     bigint NOT NULL REFERENCES suppliers (id),
    purchase_order_id bigint REFERENCES ocs_purchase_orders (id),
    invoice_number  varchar(40) NOT NULL,
    invoice_date    date NOT NULL,
    due_date        date NOT NULL,
    total_amount    numeric(12,2) NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'open',
    paid_at         timestamptz,
    paid_amount     numeric(12,2) NOT NULL DEFAULT 0,
    document_url    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT supplier_invoices_number_key UNIQUE (supplier_id, invoice_number),
    CONSTRAINT supplier_invoices_status_check CHECK (status IN ('open', 'paid', 'overdue', 'void')),
    CONSTRAINT supplier_invoices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT supplier_invoices_due_check CHECK (due_date >= invoice_date)
);
COMMENT ON TABLE supplier_invoices IS 'Invoices of suppliers';
CREATE INDEX idx_supplier_invoices_order ON supplier_invoices (purchase_order_id);
CREATE INDEX idx_supplier_invoices_tenant ON supplier_invoices (tenant_id, due_date);
CREATE INDEX idx_supplier_invoices_due ON supplier_invoices (due_date) WHERE status IN ('open', 'overdue');

-- ---------------------------------------------------------------------------
-- Prices, promotions, discounts, bundles
-- ---------------------------------------------------------------------------

CREATE TABLE price_history (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    store_id        bigint REFERENCES stores (id),
    old_price       numeric(12,2),
    new_price       numeric(12,2) NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    changed_by      bigint,
    sku             varchar(64),
    reason          varchar(80),
    cost_at_change  numeric(12,2),
    CONSTRAINT price_history_new_price_check CHECK (new_price >= 0),
    CONSTRAINT price_history_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT price_history_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES users (id)
);
COMMENT ON TABLE price_history IS 'Every change of a price; no store means the base price';
CREATE INDEX idx_price_history_product ON price_history (product_id);
CREATE INDEX idx_price_history_tenant ON price_history (tenant_id, changed_at DESC);
CREATE INDEX idx_price_history_product_changed ON price_history (product_id, store_id, changed_at DESC) INCLUDE (new_price);
CREATE INDEX idx_price_history_sku ON price_history (sku, changed_at DESC);
CREATE INDEX idx_price_history_changed_at ON price_history USING brin (changed_at);
CREATE INDEX idx_price_history_changed_by ON price_history (changed_by, changed_at DESC);
CREATE INDEX idx_price_history_increases ON price_history (store_id, changed_at DESC) WHERE new_price > old_price;

CREATE TABLE pricing_rules (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    category_id     bigint REFERENCES product_categories (id),
    name            varchar(120) NOT NULL,
    strategy        varchar(20) NOT NULL DEFAULT 'markup',
    markup_percent  numeric(6,2),
    priority        integer NOT NULL DEFAULT 100,
    minimum_margin_percent numeric(5,2),
    rounding_mode   varchar(16) NOT NULL DEFAULT 'none',
    conditions      jsonb NOT NULL DEFAULT '{}'::jsonb,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pricing_rules_strategy_check CHECK (strategy IN ('markup', 'fixed_margin', 'competitor', 'msrp')),
    CONSTRAINT pricing_rules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT pricing_rules_rounding_check CHECK (rounding_mode IN ('none', 'nickel', 'charm_99', 'charm_95', 'dollar'))
);
COMMENT ON TABLE pricing_rules IS 'How shelf prices follow from costs';
CREATE INDEX idx_pricing_rules_store ON pricing_rules (store_id, priority);
CREATE INDEX idx_pricing_rules_tenant ON pricing_rules (tenant_id, priority);
CREATE INDEX idx_pricing_rules_category ON pricing_rules (category_id, priority) WHERE is_active;

CREATE TABLE store_price_overrides (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    price           numeric(12,2) NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz,
    sku             varchar(64),
    approved_by     bigint,
    reason          varchar(120),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT store_price_overrides_price_check CHECK (price >= 0),
    CONSTRAINT store_price_overrides_period_check CHECK (ends_at > starts_at),
    CONSTRAINT store_price_overrides_no_overlap EXCLUDE USING gist (int8range(store_id, store_id, '[]') WITH &&, int8range(product_id, product_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
);
COMMENT ON TABLE store_price_overrides IS 'Prices of single stores for a period';
CREATE INDEX idx_store_price_overrides_store ON store_price_overrides (store_id);
CREATE INDEX idx_store_price_overrides_current ON store_price_overrides (store_id, product_id, starts_at DESC);
CREATE INDEX idx_store_price_overrides_sku ON store_price_overrides (sku, store_id);

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
    tenant_id       bigint,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    name            varchar(160) NOT NULL,
    description     text,
    discount_type   varchar(16) NOT NULL,
    discount_value  numeric(12,2) NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz,
    status          varchar(16) NOT NULL DEFAULT 'draft',
    minimum_subtotal numeric(12,2),
    maximum_uses    integer,
    times_used      integer NOT NULL DEFAULT 0,
    days_of_week    smallint[],
    stackable       boolean NOT NULL DEFAULT false,
    audience        jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_by      bigint,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT promotions_discount_type_check CHECK (discount_type IN ('percent', 'amount', 'fixed_price', 'bogo')),
    CONSTRAINT promotions_status_check CHECK (status IN ('draft', 'scheduled', 'active', 'paused', 'ended')),
    CONSTRAINT promotions_period_check CHECK (ends_at > starts_at),
    CONSTRAINT promotions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT promotions_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT promotions_times_used_check CHECK (times_used <= maximum_uses),
    CONSTRAINT promotions_days_check CHECK (days_of_week <@ ARRAY[0,1,2,3,4,5,6]::smallint[])
);
COMMENT ON TABLE promotions IS 'Campaigns that lower prices';
COMMENT ON COLUMN promotions.days_of_week IS '0 is Sunday; NULL means every day';
CREATE INDEX idx_promotions_store ON promotions (store_id);
CREATE INDEX idx_promotions_tenant ON promotions (tenant_id, status);
CREATE INDEX idx_promotions_running ON promotions (store_id, starts_at, ends_at) WHERE status = 'active';
CREATE INDEX idx_promotions_ending ON promotions (ends_at) WHERE status IN ('active', 'scheduled');
CREATE INDEX idx_promotions_audience ON promotions USING gin (audience jsonb_path_ops);
CREATE INDEX idx_promotions_days ON promotions USING gin (days_of_week);

CREATE TABLE promotion_products (
    id              bigserial PRIMARY KEY,
    promotion_id    bigint NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    is_excluded     boolean NOT NULL DEFAULT false,
    sku             varchar(64),
    special_price   numeric(12,2),
    limit_per_order integer,
    CONSTRAINT promotion_products_key UNIQUE (promotion_id, product_id),
    CONSTRAINT promotion_products_special_price_check CHECK (special_price >= 0)
);
COMMENT ON TABLE promotion_products IS 'Products that a promotion covers';
CREATE INDEX idx_promotion_products_promotion ON promotion_products (promotion_id);
CREATE INDEX idx_promotion_products_product ON promotion_products (product_id, promotion_id) WHERE NOT is_excluded;
CREATE INDEX idx_promotion_products_sku ON promotion_products (sku, promotion_id);

CREATE TABLE promotion_usage (
    id              bigserial PRIMARY KEY,
    promotion_id    bigint NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
    user_id         bigint,
    store_id        bigint NOT NULL REFERENCES stores (id),
    order_reference varchar(64) NOT NULL,
    discount_amount numeric(12,2) NOT NULL,
    channel         varchar(16),
    basket_total    numeric(12,2),
    used_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT promotion_usage_amount_check CHECK (discount_amount >= 0),
    CONSTRAINT promotion_usage_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE promotion_usage IS 'Uses of promotions by orders';
CREATE INDEX idx_promotion_usage_promotion ON promotion_usage (promotion_id);
CREATE INDEX idx_promotion_usage_user ON promotion_usage (user_id, used_at DESC);
CREATE INDEX idx_promotion_usage_store_time ON promotion_usage (store_id, used_at DESC);
CREATE INDEX idx_promotion_usage_order ON promotion_usage USING hash (order_reference);

CREATE TABLE discount_codes (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    promotion_id    bigint REFERENCES promotions (id) ON DELETE SET NULL,
    code            varchar(40) NOT NULL,
    percent_off     numeric(5,2),
    amount_off      numeric(12,2),
    valid_from      timestamptz NOT NULL DEFAULT now(),
    valid_until     timestamptz,
    maximum_redemptions integer,
    redeemed_count  integer NOT NULL DEFAULT 0,
    minimum_subtotal numeric(12,2),
    assigned_user_id bigint,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT discount_codes_percent_check CHECK (percent_off > 0 AND percent_off <= 100),
    CONSTRAINT discount_codes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT discount_codes_assigned_user_fkey FOREIGN KEY (assigned_user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT discount_codes_one_kind_check CHECK (num_nonnulls(percent_off, amount_off) = 1),
    CONSTRAINT discount_codes_redeemed_check CHECK (redeemed_count <= maximum_redemptions)
);
COMMENT ON TABLE discount_codes IS 'Codes that customers type in';
CREATE INDEX idx_discount_codes_promotion ON discount_codes (promotion_id);
CREATE INDEX idx_discount_codes_tenant ON discount_codes (tenant_id, valid_until);
CREATE UNIQUE INDEX uq_discount_codes_code ON discount_codes (upper(code::text));
CREATE INDEX idx_discount_codes_assigned_user ON discount_codes (assigned_user_id) WHERE assigned_user_id IS NOT NULL;
CREATE INDEX idx_discount_codes_expiring ON discount_codes (valid_until) WHERE is_active;

CREATE TABLE discount_redemptions (
    id              bigserial PRIMARY KEY,
    discount_code_id bigint NOT NULL REFERENCES discount_codes (id),
    user_id         bigint REFERENCES users (id),
    order_reference varchar(64) NOT NULL,
    amount          numeric(12,2) NOT NULL,
    refunded_at     timestamptz,
    ip_hash         char(64),
    redeemed_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT discount_redemptions_amount_check CHECK (amount >= 0),
    CONSTRAINT discount_redemptions_key UNIQUE (discount_code_id, order_reference)
);
COMMENT ON TABLE discount_redemptions IS 'Uses of discount codes';
CREATE INDEX idx_discount_redemptions_code ON discount_redemptions (discount_code_id);
CREATE INDEX idx_discount_redemptions_user ON discount_redemptions (user_id, redeemed_at DESC);
CREATE INDEX idx_discount_redemptions_order ON discount_redemptions (order_reference);

CREATE TABLE bundles (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    name            varchar(160) NOT NULL,
    description     text,
    pricing         varchar(16) NOT NULL DEFAULT 'percent',
    discount_percent numeric(5,2),
    fixed_price     numeric(12,2),
    slug            varchar(180),
    image_url       text,
    available_until timestamptz,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bundles_pricing_check CHECK (pricing IN ('percent', 'fixed')),
    CONSTRAINT bundles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT bundles_value_check CHECK (CASE pricing WHEN 'fixed' THEN fixed_price IS NOT NULL ELSE discount_percent BETWEEN 0 AND 100 END),
    CONSTRAINT bundles_slug_key UNIQUE (store_id, slug)
);
COMMENT ON TABLE bundles IS 'Products sold together';
CREATE INDEX idx_bundles_store ON bundles (store_id) WHERE is_active;
CREATE INDEX idx_bundles_tenant ON bundles (tenant_id, store_id);
CREATE INDEX idx_bundles_available_until ON bundles (available_until) WHERE is_active;

CREATE TABLE bundle_items (
    id              bigserial PRIMARY KEY,
    bundle_id       bigint NOT NULL REFERENCES bundles (id) ON DELETE CASCADE,
    product_id      bigint NOT NULL REFERENCES products (id),
    quantity        integer NOT NULL DEFAULT 1,
    CONSTRAINT bundle_items_key UNIQUE (bundle_id, product_id),
    CONSTRAINT bundle_items_quantity_check CHECK (quantity > 0)
);
COMMENT ON TABLE bundle_items IS 'Contents of bundles';
CREATE INDEX idx_bundle_items_product ON bundle_items (product_id, bundle_id);

-- ---------------------------------------------------------------------------
-- Stores: opening hours, holidays, settings, compliance
-- ---------------------------------------------------------------------------

CREATE TABLE store_hours (
    id              bigserial PRIMARY KEY,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    day_of_week     smallint NOT NULL,
    opens_at        time NOT NULL,
    closes_at       time NOT NULL,
    delivery_opens_at time,
    delivery_closes_at time,
    pickup_lead_minutes integer NOT NULL DEFAULT 20,
    CONSTRAINT store_hours_key UNIQUE (store_id, day_of_week),
    CONSTRAINT store_hours_day_check CHECK (day_of_week BETWEEN 0 AND 6),
    CONSTRAINT store_hours_period_check CHECK (closes_at > opens_at),
    CONSTRAINT store_hours_agco_check CHECK (opens_at >= time '09:00' AND closes_at <= time '23:00')
);
COMMENT ON TABLE store_hours IS 'Weekly opening hours in the store''s time zone; 0 is Sunday';
CREATE INDEX idx_store_hours_day ON store_hours (day_of_week, opens_at);

CREATE TABLE store_settings (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    category        varchar(40) NOT NULL,
    key             varchar(80) NOT NULL,
    value           jsonb NOT NULL,
    description     text,
    is_secret       boolean NOT NULL DEFAULT false,
    updated_by      bigint,
    version         integer NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT store_settings_key UNIQUE (store_id, category, key),
    CONSTRAINT store_settings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT store_settings_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE store_settings IS 'Settings of stores by category and key';
CREATE INDEX idx_store_settings_category ON store_settings (category, key);
CREATE INDEX idx_store_settings_value ON store_settings USING gin (value);

CREATE TABLE store_holidays (
    id              bigserial PRIMARY KEY,
    store_id        bigint REFERENCES stores (id) ON DELETE CASCADE,
    holiday_date    date NOT NULL,
    name            varchar(80) NOT NULL,
    is_closed       boolean NOT NULL DEFAULT true,
    opens_at        time,
    closes_at       time,
    is_statutory    boolean NOT NULL DEFAULT true,
    CONSTRAINT store_holidays_hours_check CHECK (is_closed OR opens_at < closes_at),
    CONSTRAINT store_holidays_key UNIQUE (store_id, holiday_date)
);
COMMENT ON TABLE store_holidays IS 'Days with other hours; no store means all stores';
CREATE INDEX idx_store_holidays_date ON store_holidays (holiday_date);

CREATE TABLE compliance_reports (
    id              bigserial PRIMARY KEY,
    tenant_id       bigint,
    store_id        bigint NOT NULL REFERENCES stores (id),
    report_type     varchar(32) NOT NULL,
    period_start    date NOT NULL,
    period_end      date NOT NULL,
    status          varchar(16) NOT NULL DEFAULT 'draft',
    payload         jsonb NOT NULL DEFAULT '{}'::jsonb,
    submitted_at    timestamptz,
    submitted_by    bigint,
    file_sha256     char(64),
    retention_until date,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT compliance_reports_type_check CHECK (report_type IN ('monthly_federal', 'agco_sales', 'destruction', 'age_checks', 'staff_training')),
    CONSTRAINT compliance_reports_status_check CHECK (status IN ('draft', 'ready', 'submitted', 'accepted', 'rejected')),
    CONSTRAINT compliance_reports_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT compliance_reports_submitted_by_fkey FOREIGN KEY (submitted_by) REFERENCES users (id),
    CONSTRAINT compliance_reports_period_key UNIQUE (store_id, report_type, period_start)
);
COMMENT ON TABLE compliance_reports IS 'Reports to the AGCO and Health Canada';
CREATE INDEX idx_compliance_reports_store ON compliance_reports (store_id, period_start);
CREATE INDEX idx_compliance_reports_pending ON compliance_reports (period_end) WHERE status IN ('draft', 'ready', 'rejected');
CREATE INDEX idx_compliance_reports_payload ON compliance_reports USING gin (payload jsonb_path_ops);

-- ---------------------------------------------------------------------------
-- Roles, sessions and log-ins
-- ---------------------------------------------------------------------------

CREATE TABLE roles (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    name varchar(60) NOT NULL,
    description text,
    parent_role_id bigint,
    rank smallint NOT NULL DEFAULT 100,
    is_system boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
    CONSTRAINT roles_parent_role_id_fkey FOREIGN KEY (parent_role_id) REFERENCES roles (id),
    CONSTRAINT roles_name_key UNIQUE (name)
);
COMMENT ON TABLE roles IS 'Named sets of permissions, finer than users.role.';
COMMENT ON COLUMN roles.rank IS 'Lower may manage higher; system roles start at zero.';

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
    granted_by bigint,
    expires_at timestamptz,
    scope_store_id bigint,
    granted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_roles_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT user_roles_expires_check CHECK (expires_at > granted_at),
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_id),
    CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE
);
COMMENT ON TABLE user_roles IS 'Which roles a user holds.';

CREATE TABLE user_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL,
    token_hash varchar(64) NOT NULL,
    refresh_family uuid NOT NULL DEFAULT gen_random_uuid(),
    ip_address inet,
    user_agent text,
    device_type varchar(20),
    device_fingerprint varchar(64),
    revoked_at timestamptz,
    expires_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_sessions_device_type_check CHECK (device_type IN ('desktop', 'mobile', 'tablet', 'kiosk', 'pos')),
    CONSTRAINT user_sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT user_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE user_sessions IS 'A logged-in device; the token itself is never stored.';
COMMENT ON COLUMN user_sessions.refresh_family IS 'A refresh token used twice revokes its whole family.';

CREATE TABLE login_events (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    user_id bigint,
    email varchar(254) NOT NULL,
    outcome varchar(20) NOT NULL,
    failure_reason varchar(60),
    ip_address inet,
    user_agent text,
    country char(2),
    method varchar(20) NOT NULL DEFAULT 'password',
    session_id uuid,
    risk_score smallint,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT login_events_session_id_fkey FOREIGN KEY (session_id) REFERENCES user_sessions (id) ON DELETE SET NULL,
    CONSTRAINT login_events_method_check CHECK (method IN ('password', 'otp', 'oauth', 'magic_link', 'api_key')),
    CONSTRAINT login_events_outcome_check CHECK (outcome IN ('success', 'failure', 'locked', 'logout')),
    CONSTRAINT login_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE login_events IS 'Every attempt to log in, whether it worked or not.';
COMMENT ON COLUMN login_events.risk_score IS '0 is ordinary, 100 is certainly somebody else.';

CREATE TABLE api_keys (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    user_id bigint NOT NULL,
    name varchar(80) NOT NULL,
    prefix varchar(12) NOT NULL,
    key_hash varchar(64) NOT NULL,
    scopes text[] NOT NULL DEFAULT '{}',
    allowed_ips inet[],
    rate_limit_per_minute integer NOT NULL DEFAULT 600,
    last_used_ip inet,
    last_used_at timestamptz,
    expires_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT api_keys_rate_limit_check CHECK (rate_limit_per_minute > 0),
    CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE api_keys IS 'Keys by which programs act for a user.';

CREATE TABLE password_reset_tokens (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL,
    token_hash varchar(64) NOT NULL,
    requested_ip inet,
    attempts smallint NOT NULL DEFAULT 0,
    channel varchar(10) NOT NULL DEFAULT 'email',
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
    default_store_id bigint,
    text_size varchar(10) NOT NULL DEFAULT 'normal',
    units varchar(10) NOT NULL DEFAULT 'metric',
    dietary_flags text[] NOT NULL DEFAULT '{}',
    preferences jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_preferences_default_store_fkey FOREIGN KEY (default_store_id) REFERENCES stores (id) ON DELETE SET NULL,
    CONSTRAINT user_preferences_theme_check CHECK (theme IN ('light', 'dark', 'system')),
    CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE user_preferences IS 'How a user likes the site to look and speak.';

CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id);
CREATE INDEX login_events_occurred_at_idx ON login_events (occurred_at);
CREATE INDEX roles_parent_idx ON roles (parent_role_id);
CREATE INDEX user_roles_role_idx ON user_roles (role_id, user_id);
CREATE INDEX user_roles_expiring_idx ON user_roles (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX role_permissions_permission_idx ON role_permissions (permission_id);
CREATE INDEX user_sessions_expires_idx ON user_sessions (expires_at) WHERE revoked_at IS NULL;
CREATE INDEX user_sessions_family_idx ON user_sessions (refresh_family);
CREATE INDEX user_sessions_fingerprint_idx ON user_sessions USING hash (device_fingerprint);
CREATE INDEX login_events_tenant_idx ON login_events (tenant_id, occurred_at DESC);
CREATE INDEX login_events_user_idx ON login_events (user_id, occurred_at DESC);
CREATE INDEX login_events_failed_ip_idx ON login_events (ip_address, occurred_at) WHERE outcome = 'failure';
CREATE INDEX login_events_email_idx ON login_events (lower(email));
CREATE INDEX login_events_occurred_brin ON login_events USING brin (occurred_at) WITH (pages_per_range = 32);
CREATE INDEX api_keys_tenant_idx ON api_keys (tenant_id) WHERE is_active;
CREATE INDEX api_keys_prefix_idx ON api_keys (prefix);
CREATE INDEX api_keys_scopes_gin ON api_keys USING gin (scopes);
CREATE INDEX password_reset_tokens_open_idx ON password_reset_tokens (user_id, expires_at) WHERE used_at IS NULL;
CREATE INDEX user_preferences_gin ON user_preferences USING gin (preferences);
CREATE INDEX user_preferences_store_idx ON user_preferences (default_store_id);

-- ---------------------------------------------------------------------------
-- Customers, loyalty and consent
-- ---------------------------------------------------------------------------

CREATE TABLE customers (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    user_id bigint,
    home_store_id bigint,
    first_name varchar(80) NOT NULL,
    last_name varchar(80) NOT NULL,
    email varchar(254),
    phone varchar(32),
    date_of_birth date,
    preferred_contact varchar(10) NOT NULL DEFAULT 'email',
    referral_code varchar(16),
    lifetime_value numeric(12,2) NOT NULL DEFAULT 0,
    order_count integer NOT NULL DEFAULT 0,
    tags text[] NOT NULL DEFAULT '{}',
    last_order_at timestamptz,
    search_text tsvector,
    status varchar(20) NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT customers_referral_code_key UNIQUE (referral_code),
    CONSTRAINT customers_lifetime_value_check CHECK (lifetime_value >= 0),
    CONSTRAINT customers_birth_check CHECK (date_of_birth >= DATE '1900-01-01'),
    CONSTRAINT customers_status_check CHECK (status IN ('active', 'blocked', 'erased')),
    CONSTRAINT customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT customers_home_store_id_fkey FOREIGN KEY (home_store_id) REFERENCES stores (id)
);
COMMENT ON TABLE customers IS 'Somebody who buys; may or may not have a user account.';
COMMENT ON COLUMN customers.lifetime_value IS 'Sum of paid orders less refunds, kept by the nightly job.';
COMMENT ON COLUMN customers.search_text IS 'Name, e-mail and phone for the counter''s search box, kept by a trigger.';

CREATE TABLE customer_addresses (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    label varchar(40) NOT NULL DEFAULT 'home',
    street varchar(200) NOT NULL,
    unit varchar(20),
    buzzer_code varchar(20),
    city varchar(80) NOT NULL,
    province char(2) NOT NULL DEFAULT 'ON',
    postal_code postal_code_ca NOT NULL,
    latitude numeric(9,6),
    longitude numeric(9,6),
    delivery_notes text,
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
    category varchar(20) NOT NULL DEFAULT 'general',
    is_pinned boolean NOT NULL DEFAULT false,
    visible_until date,
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
    expiry_months smallint,
    tier_thresholds jsonb NOT NULL DEFAULT '{"silver": 500, "gold": 2000, "platinum": 5000}',
    min_redeem_points integer NOT NULL DEFAULT 100,
    birthday_bonus_points integer NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loyalty_programs_rate_check CHECK (points_per_dollar >= 0 AND point_value_cents >= 0),
    CONSTRAINT loyalty_programs_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE loyalty_programs IS 'How points are earned and what they are worth.';

CREATE TABLE loyalty_accounts (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    program_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    points_balance integer NOT NULL DEFAULT 0,
    lifetime_points integer NOT NULL DEFAULT 0,
    tier varchar(20) NOT NULL DEFAULT 'bronze',
    tier_since date,
    card_number varchar(20),
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loyalty_accounts_tier_check CHECK (tier IN ('bronze', 'silver', 'gold', 'platinum')),
    CONSTRAINT loyalty_accounts_card_number_key UNIQUE (card_number),
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
    expires_on date,
    reversed_by bigint,
    staff_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loyalty_transactions_reversed_by_fkey FOREIGN KEY (reversed_by) REFERENCES loyalty_transactions (id),
    CONSTRAINT loyalty_transactions_sign_check CHECK (kind NOT IN ('earn', 'bonus') OR points > 0),
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
    policy_version varchar(20) NOT NULL DEFAULT '1.0',
    evidence jsonb NOT NULL DEFAULT '{}',
    withdrawn_at timestamptz,
    ip_address inet,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT consent_records_withdrawn_check CHECK (withdrawn_at IS NULL OR granted),
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
    document_type varchar(20),
    document_last4 varchar(4),
    document_expires_on date,
    confidence numeric(5,4),
    verified_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT age_verifications_confidence_check CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT age_verifications_result_check CHECK (result IN ('passed', 'failed', 'referred')),
    CONSTRAINT age_verifications_method_check CHECK (method IN ('in_person', 'document_scan', 'third_party', 'at_door')),
    CONSTRAINT age_verifications_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT age_verifications_verified_by_fkey FOREIGN KEY (verified_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE age_verifications IS 'Proof that a buyer is nineteen or older.';
COMMENT ON COLUMN age_verifications.document_last4 IS 'Never the whole number.';

CREATE INDEX customers_user_id_idx ON customers (user_id);
CREATE INDEX customer_addresses_customer_id_idx ON customer_addresses (customer_id);
CREATE INDEX loyalty_transactions_account_id_idx ON loyalty_transactions (account_id);
CREATE INDEX customers_tenant_idx ON customers (tenant_id, last_name, first_name);
CREATE INDEX customers_email_lower_idx ON customers (lower(email));
CREATE INDEX customers_phone_idx ON customers (phone) WHERE phone IS NOT NULL;
CREATE INDEX customers_tags_gin ON customers USING gin (tags);
CREATE INDEX customers_search_gin ON customers USING gin (search_text);
CREATE INDEX customers_last_order_idx ON customers (last_order_at DESC NULLS LAST) INCLUDE (lifetime_value);
CREATE INDEX customers_birthday_idx ON customers (EXTRACT(month FROM date_of_birth), EXTRACT(day FROM date_of_birth));
CREATE INDEX customers_home_store_idx ON customers (home_store_id, created_at DESC);
CREATE INDEX customer_addresses_postal_idx ON customer_addresses (replace(postal_code::text, ' ', ''));
CREATE UNIQUE INDEX customer_addresses_one_default ON customer_addresses (customer_id) WHERE is_default;
CREATE INDEX customer_notes_customer_idx ON customer_notes (customer_id, created_at DESC);
CREATE INDEX customer_notes_pinned_idx ON customer_notes (customer_id) WHERE is_pinned;
CREATE INDEX loyalty_accounts_customer_idx ON loyalty_accounts (customer_id);
CREATE INDEX loyalty_accounts_tier_idx ON loyalty_accounts (tier, points_balance DESC);
CREATE INDEX loyalty_transactions_order_idx ON loyalty_transactions (order_id);
CREATE INDEX loyalty_transactions_expiring_idx ON loyalty_transactions (expires_on) WHERE expires_on IS NOT NULL;
CREATE INDEX loyalty_transactions_created_idx ON loyalty_transactions (account_id, created_at DESC) INCLUDE (points);
CREATE INDEX consent_records_customer_idx ON consent_records (customer_id, purpose, recorded_at DESC);
CREATE INDEX age_verifications_customer_idx ON age_verifications (customer_id, verified_at DESC);

-- ---------------------------------------------------------------------------
-- Carts, orders and taxes
-- ---------------------------------------------------------------------------

CREATE TABLE carts (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    store_id bigint NOT NULL,
    customer_id bigint,
    session_key varchar(64),
    coupon_code varchar(40),
    source varchar(20) NOT NULL DEFAULT 'web',
    abandoned_at timestamptz,
    status varchar(20) NOT NULL DEFAULT 'open',
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
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
    original_price numeric(10,2),
    reserved_until timestamptz,
    line_note varchar(200),
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cart_items_quantity_check CHECK (quantity > 0),
    CONSTRAINT cart_items_price_check CHECK (unit_price >= 0),
    CONSTRAINT cart_items_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE
);
COMMENT ON TABLE cart_items IS 'A line of a cart.';

CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    order_number varchar(24) NOT NULL,
    store_id bigint NOT NULL,
    customer_id bigint,
    status varchar(20) NOT NULL DEFAULT 'pending',
    payment_status varchar(20) NOT NULL DEFAULT 'unpaid',
    fulfilment varchar(20) NOT NULL DEFAULT 'pickup',
    source_channel varchar(20) NOT NULL DEFAULT 'web',
    external_reference varchar(64),
    subtotal numeric(12,2) NOT NULL DEFAULT 0,
    discount_total numeric(12,2) NOT NULL DEFAULT 0,
    tax_total numeric(12,2) NOT NULL DEFAULT 0,
    delivery_fee numeric(8,2) NOT NULL DEFAULT 0,
    tip_amount numeric(8,2) NOT NULL DEFAULT 0,
    total numeric(12,2) NOT NULL DEFAULT 0,
    loyalty_points_earned integer NOT NULL DEFAULT 0,
    scheduled_for timestamptz,
    cancelled_reason varchar(120),
    id_checked_by bigint,
    metadata jsonb NOT NULL DEFAULT '{}',
    notes text,
    placed_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT orders_id_checked_by_fkey FOREIGN KEY (id_checked_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT orders_tip_check CHECK (tip_amount >= 0),
    CONSTRAINT orders_total_check CHECK (total = subtotal - discount_total + tax_total + delivery_fee),
    CONSTRAINT orders_number_key UNIQUE (order_number),
    CONSTRAINT orders_status_check CHECK (status IN ('pending', 'confirmed', 'preparing', 'ready', 'completed', 'cancelled', 'returned')),
    CONSTRAINT orders_payment_status_check CHECK (payment_status IN ('unpaid', 'authorized', 'paid', 'refunded', 'failed')),
    CONSTRAINT orders_fulfilment_check CHECK (fulfilment IN ('pickup', 'delivery', 'in_store')),
    CONSTRAINT orders_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)
);
COMMENT ON TABLE orders IS 'A sale, from the moment it is placed.';
COMMENT ON COLUMN orders.total IS 'What the customer pays, tips apart.';
COMMENT ON COLUMN orders.id_checked_by IS 'Who saw the identity card when the goods were handed over.';

CREATE TABLE order_items (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    product_id bigint NOT NULL,
    sku varchar(64) NOT NULL,
    product_name varchar(200) NOT NULL,
    quantity integer NOT NULL,
    fulfilled_quantity integer NOT NULL DEFAULT 0,
    unit_price numeric(10,2) NOT NULL,
    unit_cost numeric(10,2),
    discount_amount numeric(10,2) NOT NULL DEFAULT 0,
    excise_amount numeric(10,2),
    line_total numeric(12,2) NOT NULL,
    batch_lot varchar(40),
    dried_equivalent_g numeric(8,3),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT order_items_fulfilled_check CHECK (fulfilled_quantity BETWEEN 0 AND quantity),
    CONSTRAINT order_items_quantity_check CHECK (quantity > 0),
    CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
);
COMMENT ON TABLE order_items IS 'A line of an order, with the name and price of that day.';
COMMENT ON COLUMN order_items.dried_equivalent_g IS 'Counts toward the 30 g that one may carry.';

CREATE TABLE order_status_history (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    from_status varchar(20),
    to_status varchar(20) NOT NULL,
    changed_by bigint,
    reason_code varchar(40),
    source varchar(20) NOT NULL DEFAULT 'system',
    comment text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT order_status_history_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT order_status_history_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE order_status_history IS 'How an order went from one status to the next.';

CREATE TABLE order_discounts (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    promotion_code varchar(40),
    label varchar(80) NOT NULL,
    kind varchar(20) NOT NULL,
    amount numeric(10,2) NOT NULL,
    stacking_order smallint NOT NULL DEFAULT 1,
    approved_by bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT order_discounts_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES users (id) ON DELETE SET NULL,
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
    combined_rate numeric(7,4) GENERATED ALWAYS AS (federal_rate + provincial_rate) STORED,
    is_compound boolean NOT NULL DEFAULT false,
    effective_to date,
    effective_from date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tax_rates_period_check CHECK (effective_to > effective_from),
    CONSTRAINT tax_rates_region_from_key UNIQUE (region, name, effective_from),
    CONSTRAINT tax_rates_range_check CHECK (federal_rate BETWEEN 0 AND 1 AND provincial_rate BETWEEN 0 AND 1)
);
COMMENT ON TABLE tax_rates IS 'GST, PST and HST by province and time.';

CREATE TABLE order_taxes (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    tax_rate_id bigint NOT NULL,
    taxable_amount numeric(12,2),
    exempt_reason varchar(60),
    amount numeric(10,2) NOT NULL,
    CONSTRAINT order_taxes_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT order_taxes_tax_rate_id_fkey FOREIGN KEY (tax_rate_id) REFERENCES tax_rates (id)
);
COMMENT ON TABLE order_taxes IS 'The taxes of an order, one row per rate.';

ALTER TABLE loyalty_transactions ADD CONSTRAINT loyalty_transactions_order_id_fkey
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL;

CREATE INDEX orders_customer_id_idx ON orders (customer_id);
CREATE INDEX order_items_order_id_idx ON order_items (order_id);
CREATE INDEX carts_tenant_idx ON carts (tenant_id, status);
CREATE INDEX carts_customer_open_idx ON carts (customer_id) WHERE status = 'open';
CREATE INDEX carts_session_idx ON carts USING hash (session_key);
CREATE INDEX cart_items_sku_idx ON cart_items (sku, added_at DESC);
CREATE INDEX cart_items_cart_sku_idx ON cart_items (cart_id, sku);
CREATE INDEX cart_items_reserved_idx ON cart_items (reserved_until) WHERE reserved_until IS NOT NULL;
CREATE INDEX orders_tenant_idx ON orders (tenant_id, placed_at DESC);
CREATE INDEX orders_store_placed_idx ON orders (store_id, placed_at DESC) INCLUDE (status, total);
CREATE INDEX orders_customer_placed_idx ON orders (customer_id, placed_at DESC);
CREATE INDEX orders_open_idx ON orders (store_id, status, placed_at) WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');
CREATE INDEX orders_payment_status_idx ON orders (payment_status, placed_at) WHERE payment_status IN ('unpaid', 'failed');
CREATE INDEX orders_scheduled_idx ON orders (scheduled_for) WHERE scheduled_for IS NOT NULL;
CREATE INDEX orders_external_reference_idx ON orders (external_reference);
CREATE INDEX orders_metadata_gin ON orders USING gin (metadata jsonb_path_ops);
CREATE INDEX orders_placed_brin ON orders USING brin (placed_at);
CREATE INDEX orders_number_upper_idx ON orders (upper(order_number));
CREATE INDEX order_items_sku_idx ON order_items (sku) INCLUDE (quantity, line_total);
CREATE INDEX order_items_sku_pattern_idx ON order_items (sku varchar_pattern_ops);
CREATE INDEX order_items_order_sku_idx ON order_items (order_id, sku);
CREATE INDEX order_items_sku_lot_idx ON order_items (sku, batch_lot) WHERE batch_lot IS NOT NULL;
CREATE INDEX order_items_product_sku_idx ON order_items (product_id, sku);
CREATE INDEX order_items_lot_idx ON order_items (batch_lot);
CREATE INDEX order_status_history_order_idx ON order_status_history (order_id, changed_at DESC);
CREATE INDEX order_status_history_reason_idx ON order_status_history (reason_code) WHERE reason_code IS NOT NULL;
CREATE INDEX order_discounts_order_idx ON order_discounts (order_id);
CREATE INDEX order_discounts_code_idx ON order_discounts (upper(promotion_code));
CREATE INDEX order_taxes_order_idx ON order_taxes (order_id, tax_rate_id) INCLUDE (amount);
CREATE INDEX tax_rates_current_idx ON tax_rates (region, effective_from DESC) WHERE effective_to IS NULL;

-- ---------------------------------------------------------------------------
-- Deliveries
-- ---------------------------------------------------------------------------

CREATE TABLE delivery_zones (
    id bigserial PRIMARY KEY,
    store_id bigint NOT NULL,
    name varchar(80) NOT NULL,
    base_fee numeric(8,2) NOT NULL DEFAULT 5.00,
    fee_per_km numeric(8,2) NOT NULL DEFAULT 0,
    boundary jsonb,
    min_order_amount numeric(10,2) NOT NULL DEFAULT 0,
    max_distance_km numeric(6,2),
    surge_multiplier numeric(4,2) NOT NULL DEFAULT 1.00,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_zones_surge_check CHECK (surge_multiplier BETWEEN 1 AND 5),
    CONSTRAINT delivery_zones_name_key UNIQUE (store_id, name),
    CONSTRAINT delivery_zones_fee_check CHECK (base_fee >= 0 AND fee_per_km >= 0),
    CONSTRAINT delivery_zones_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE CASCADE
);
COMMENT ON TABLE delivery_zones IS 'Where a store delivers and for how much.';

CREATE TABLE drivers (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    user_id bigint NOT NULL,
    store_id bigint NOT NULL,
    vehicle_type varchar(20) NOT NULL DEFAULT 'car',
    vehicle_plate varchar(12),
    licence_expires_on date,
    cannsell_certificate varchar(20),
    rating numeric(3,2),
    status varchar(20) NOT NULL DEFAULT 'offline',
    hired_on date NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT drivers_rating_check CHECK (rating BETWEEN 1 AND 5),
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
    break_minutes smallint NOT NULL DEFAULT 0,
    start_odometer_km integer,
    end_odometer_km integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT driver_shifts_no_overlap EXCLUDE USING gist (int8range(driver_id, driver_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&),
    CONSTRAINT driver_shifts_period_check CHECK (ends_at > starts_at),
    CONSTRAINT driver_shifts_driver_id_fkey FOREIGN KEY (driver_id) REFERENCES drivers (id) ON DELETE CASCADE
);
COMMENT ON TABLE driver_shifts IS 'When a driver works.';

CREATE TABLE deliveries (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    order_id bigint NOT NULL,
    store_id bigint NOT NULL,
    driver_id bigint,
    zone_id bigint,
    address_id bigint,
    status delivery_status NOT NULL DEFAULT 'pending',
    fee numeric(8,2) NOT NULL DEFAULT 0,
    distance_km numeric(7,3),
    attempt_count smallint NOT NULL DEFAULT 0,
    window_start timestamptz,
    window_end timestamptz,
    proof_url varchar(300),
    age_checked_at timestamptz,
    assigned_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT deliveries_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT deliveries_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES delivery_zones (id) ON DELETE SET NULL,
    CONSTRAINT deliveries_window_check CHECK (window_end > window_start),
    CONSTRAINT deliveries_order_id_key UNIQUE (order_id),
    CONSTRAINT deliveries_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT deliveries_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT deliveries_driver_id_fkey FOREIGN KEY (driver_id) REFERENCES drivers (id)
);
COMMENT ON TABLE deliveries IS 'The way of an order to its customer.';
COMMENT ON COLUMN deliveries.age_checked_at IS 'When the driver saw an identity card at the door.';

CREATE TABLE delivery_events (
    id bigserial PRIMARY KEY,
    delivery_id bigint NOT NULL,
    event_type varchar(30) NOT NULL,
    latitude numeric(9,6),
    longitude numeric(9,6),
    battery_percent smallint,
    details jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_events_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE,
    CONSTRAINT delivery_events_type_check CHECK (event_type IN ('assigned', 'picked_up', 'location', 'arrived', 'delivered', 'failed'))
);
COMMENT ON TABLE delivery_events IS 'What happened on the way.';

CREATE INDEX deliveries_driver_id_idx ON deliveries (driver_id);
CREATE INDEX delivery_zones_active_idx ON delivery_zones (store_id) WHERE is_active;
CREATE INDEX drivers_available_idx ON drivers (store_id) WHERE status = 'available';
CREATE INDEX driver_shifts_driver_idx ON driver_shifts (driver_id, starts_at DESC);
CREATE INDEX deliveries_tenant_idx ON deliveries (tenant_id, created_at DESC);
CREATE INDEX deliveries_store_created_idx ON deliveries (store_id, created_at DESC);
CREATE INDEX deliveries_active_idx ON deliveries (driver_id, status) WHERE status IN ('assigned', 'picked_up', 'en_route');
CREATE INDEX deliveries_unassigned_idx ON deliveries (store_id, created_at) WHERE driver_id IS NULL;
CREATE INDEX deliveries_zone_idx ON deliveries (zone_id);
CREATE INDEX deliveries_window_idx ON deliveries USING gist (tstzrange(window_start, window_end)) WHERE window_start IS NOT NULL;
CREATE INDEX delivery_events_delivery_idx ON delivery_events (delivery_id, occurred_at DESC);
CREATE INDEX delivery_events_failed_idx ON delivery_events (occurred_at) WHERE event_type = 'failed';

-- ---------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------

CREATE TABLE payment_providers (
    id bigserial PRIMARY KEY,
    code varchar(30) NOT NULL,
    name varchar(80) NOT NULL,
    kind varchar(20) NOT NULL,
    priority smallint NOT NULL DEFAULT 100,
    supported_currencies text[] NOT NULL DEFAULT '{CAD}',
    webhook_secret_ref varchar(120),
    config jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_providers_code_key UNIQUE (code),
    CONSTRAINT payment_providers_kind_check CHECK (kind IN ('card', 'interac', 'wallet', 'cash', 'sandbox'))
);
COMMENT ON TABLE payment_providers IS 'Who moves the money.';
COMMENT ON COLUMN payment_providers.webhook_secret_ref IS 'Name of the secret in the vault, not the secret.';

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
    fingerprint varchar(64),
    billing_postal_code varchar(10),
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_methods_last4_check CHECK (last4 ~ '^[0-9]{4}$'),
    CONSTRAINT payment_methods_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT payment_methods_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id)
);
COMMENT ON TABLE payment_methods IS 'A customer''s card or account by the provider''s token; never its number.';

CREATE TABLE payment_settlements (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    provider_id bigint NOT NULL,
    store_id bigint NOT NULL,
    payout_reference varchar(64) NOT NULL,
    gross_minor bigint NOT NULL,
    fee_minor bigint NOT NULL DEFAULT 0,
    net_minor bigint NOT NULL,
    currency char(3) NOT NULL DEFAULT 'CAD',
    status varchar(20) NOT NULL DEFAULT 'imported',
    file_sha256 char(64),
    bank_reference varchar(64),
    fx_rate numeric(12,6) NOT NULL DEFAULT 1,
    reconciled_at timestamptz,
    payout_date date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_settlements_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT payment_settlements_net_check CHECK (gross_minor - fee_minor = net_minor),
    CONSTRAINT payment_settlements_file_key UNIQUE (file_sha256),
    CONSTRAINT payment_settlements_payout_key UNIQUE (provider_id, payout_reference),
    CONSTRAINT payment_settlements_status_check CHECK (status IN ('imported', 'matched', 'exception', 'closed')),
    CONSTRAINT payment_settlements_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id),
    CONSTRAINT payment_settlements_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores (id)
);
COMMENT ON TABLE payment_settlements IS 'What a provider says it paid out.';

CREATE TABLE payment_transactions (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    order_id bigint NOT NULL,
    store_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    payment_method_id bigint,
    kind varchar(20) NOT NULL DEFAULT 'charge',
    method varchar(20) NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'pending',
    amount_minor bigint NOT NULL,
    fee_minor bigint,
    net_minor bigint,
    currency char(3) NOT NULL DEFAULT 'CAD',
    provider_reference varchar(80),
    request_key varchar(80),
    provider_key uuid,
    failure_code varchar(40),
    error_message text,
    risk_score smallint,
    next_check_at timestamptz,
    captured_at timestamptz,
    settlement_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_transactions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT payment_transactions_settlement_id_fkey FOREIGN KEY (settlement_id) REFERENCES payment_settlements (id),
    CONSTRAINT payment_transactions_method_id_fkey FOREIGN KEY (payment_method_id) REFERENCES payment_methods (id) ON DELETE SET NULL,
    CONSTRAINT payment_transactions_net_check CHECK (net_minor = amount_minor - fee_minor),
    CONSTRAINT payment_transactions_request_key UNIQUE (store_id, request_key),
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
COMMENT ON COLUMN payment_transactions.request_key IS 'The caller''s key: the same request never charges twice.';

CREATE TABLE payment_refunds (
    id bigserial PRIMARY KEY,
    transaction_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    reason varchar(120),
    status varchar(20) NOT NULL DEFAULT 'pending',
    provider_reference varchar(80),
    request_key varchar(80),
    requested_by bigint,
    approved_by bigint,
    restocked boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_refunds_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT payment_refunds_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT payment_refunds_amount_check CHECK (amount_minor > 0),
    CONSTRAINT payment_refunds_status_check CHECK (status IN ('pending', 'succeeded', 'failed')),
    CONSTRAINT payment_refunds_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES payment_transactions (id)
);
COMMENT ON TABLE payment_refunds IS 'Money given back.';

CREATE TABLE payment_disputes (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    transaction_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    provider_reference varchar(80) NOT NULL,
    stage varchar(20) NOT NULL DEFAULT 'chargeback',
    reason varchar(40) NOT NULL,
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL DEFAULT 'CAD',
    status varchar(20) NOT NULL DEFAULT 'open',
    evidence_due_at timestamptz,
    evidence jsonb NOT NULL DEFAULT '{}',
    recovered_minor bigint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_disputes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT payment_disputes_reference_key UNIQUE (provider_id, provider_reference, stage),
    CONSTRAINT payment_disputes_recovered_check CHECK (recovered_minor BETWEEN 0 AND amount_minor),
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
    unknowns integer NOT NULL DEFAULT 0,
    latency_histogram integer[] NOT NULL DEFAULT '{0,0,0,0,0,0,0,0,0,0,0,0}',
    p95_ms integer,
    breaker_state varchar(10) NOT NULL DEFAULT 'closed',
    total_latency_ms bigint NOT NULL DEFAULT 0,
    CONSTRAINT payment_provider_health_breaker_check CHECK (breaker_state IN ('closed', 'open', 'half_open')),
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
    attempts smallint NOT NULL DEFAULT 0,
    last_error text,
    signature_valid boolean,
    received_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    CONSTRAINT payment_webhook_events_event_key UNIQUE (provider_id, event_id),
    CONSTRAINT payment_webhook_events_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES payment_providers (id)
);
COMMENT ON TABLE payment_webhook_events IS 'What providers told us; each event counts once.';

CREATE INDEX payment_transactions_order_id_idx ON payment_transactions (order_id);
CREATE INDEX payment_settlement_lines_settlement_idx ON payment_settlement_lines (settlement_id);
CREATE INDEX payment_methods_customer_idx ON payment_methods (customer_id);
CREATE INDEX payment_methods_fingerprint_idx ON payment_methods (fingerprint);
CREATE INDEX payment_methods_expiry_idx ON payment_methods (expires_year, expires_month);
CREATE INDEX payment_transactions_tenant_idx ON payment_transactions (tenant_id, created_at DESC);
CREATE INDEX payment_transactions_store_created_idx ON payment_transactions (store_id, created_at DESC) INCLUDE (amount_minor, status);
CREATE INDEX payment_transactions_reference_idx ON payment_transactions (provider_id, provider_reference);
CREATE INDEX payment_transactions_unsettled_idx ON payment_transactions (provider_id, created_at) WHERE status IN ('sent', 'unknown');
CREATE INDEX payment_transactions_due_idx ON payment_transactions (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payment_transactions_provider_key_idx ON payment_transactions USING hash (provider_key);
CREATE INDEX payment_transactions_settlement_idx ON payment_transactions (settlement_id);
CREATE INDEX payment_transactions_method_idx ON payment_transactions (payment_method_id);
CREATE INDEX payment_transactions_created_brin ON payment_transactions USING brin (created_at);
CREATE INDEX payment_transactions_failure_idx ON payment_transactions (failure_code, created_at) WHERE failure_code IS NOT NULL;
CREATE UNIQUE INDEX payment_transactions_one_charge ON payment_transactions (order_id) WHERE kind = 'charge' AND status = 'succeeded';
CREATE INDEX payment_refunds_transaction_idx ON payment_refunds (transaction_id) INCLUDE (amount_minor, status);
CREATE INDEX payment_refunds_pending_idx ON payment_refunds (created_at) WHERE status = 'pending';
CREATE INDEX payment_disputes_tenant_idx ON payment_disputes (tenant_id, status);
CREATE INDEX payment_disputes_due_idx ON payment_disputes (evidence_due_at) WHERE status = 'open';
CREATE INDEX payment_disputes_transaction_idx ON payment_disputes (transaction_id);
CREATE INDEX payment_settlements_tenant_idx ON payment_settlements (tenant_id, payout_date DESC);
CREATE INDEX payment_settlements_date_idx ON payment_settlements (payout_date, provider_id);
CREATE INDEX payment_settlement_lines_unmatched_idx ON payment_settlement_lines (settlement_id) WHERE match_status <> 'matched';
CREATE INDEX payment_settlement_lines_transaction_idx ON payment_settlement_lines (transaction_id);
CREATE INDEX payment_health_recent_idx ON payment_provider_health_metrics (bucket_start DESC, provider_id);
CREATE INDEX payment_webhook_events_pending_idx ON payment_webhook_events (received_at) WHERE processed_at IS NULL;
CREATE INDEX payment_webhook_events_payload_gin ON payment_webhook_events USING gin (payload jsonb_path_ops);

-- ---------------------------------------------------------------------------
-- Conversations with the budtender
-- ---------------------------------------------------------------------------

CREATE TABLE ai_models (
    id bigserial PRIMARY KEY,
    provider varchar(40) NOT NULL,
    name varchar(80) NOT NULL,
    purpose varchar(20) NOT NULL DEFAULT 'chat',
    context_window integer,
    input_cost_per_mtok numeric(10,4),
    output_cost_per_mtok numeric(10,4),
    capabilities text[] NOT NULL DEFAULT '{}',
    parameters jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_models_name_key UNIQUE (provider, name),
    CONSTRAINT ai_models_purpose_check CHECK (purpose IN ('chat', 'embedding', 'voice', 'moderation'))
);
COMMENT ON TABLE ai_models IS 'Language models that conversations may use.';

CREATE TABLE ai_conversations (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    store_id bigint NOT NULL,
    customer_id bigint,
    model_id bigint,
    channel varchar(20) NOT NULL DEFAULT 'web',
    language varchar(10) NOT NULL DEFAULT 'en',
    status varchar(20) NOT NULL DEFAULT 'open',
    summary text,
    sentiment varchar(10),
    escalated_at timestamptz,
    total_tokens integer NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_conversations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
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
    input_tokens integer,
    output_tokens integer,
    latency_ms integer,
    tool_calls jsonb,
    search_text tsvector,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_messages_tokens_check CHECK (input_tokens >= 0 AND output_tokens >= 0),
    CONSTRAINT ai_messages_role_check CHECK (role IN ('system', 'user', 'assistant', 'tool')),
    CONSTRAINT ai_messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES ai_conversations (id) ON DELETE CASCADE
);
COMMENT ON TABLE ai_messages IS 'What was said.';

CREATE TABLE ai_feedback (
    id bigserial PRIMARY KEY,
    message_id bigint NOT NULL,
    rating smallint NOT NULL,
    comment text,
    tags text[] NOT NULL DEFAULT '{}',
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_feedback_rating_check CHECK (rating IN (-1, 1)),
    CONSTRAINT ai_feedback_message_id_fkey FOREIGN KEY (message_id) REFERENCES ai_messages (id) ON DELETE CASCADE
);
COMMENT ON TABLE ai_feedback IS 'Thumbs up and down.';

CREATE INDEX ai_conversations_store_id_idx ON ai_conversations (store_id);
CREATE INDEX ai_models_capabilities_gin ON ai_models USING gin (capabilities);
CREATE INDEX ai_conversations_tenant_idx ON ai_conversations (tenant_id, started_at DESC);
CREATE INDEX ai_conversations_customer_idx ON ai_conversations (customer_id, started_at DESC);
CREATE INDEX ai_conversations_escalated_idx ON ai_conversations (escalated_at) WHERE escalated_at IS NOT NULL;
CREATE INDEX ai_messages_conversation_idx ON ai_messages (conversation_id, created_at);
CREATE INDEX ai_messages_search_gin ON ai_messages USING gin (search_text);
CREATE INDEX ai_messages_tool_calls_gin ON ai_messages USING gin (tool_calls jsonb_path_ops) WHERE tool_calls IS NOT NULL;
CREATE INDEX ai_feedback_message_idx ON ai_feedback (message_id);

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
    version integer NOT NULL DEFAULT 1,
    variables text[] NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT message_templates_code_key UNIQUE (code, channel, language),
    CONSTRAINT message_templates_channel_check CHECK (channel IN ('email', 'sms', 'push'))
);
COMMENT ON TABLE message_templates IS 'Texts with {{variables}} for every channel.';

CREATE TABLE broadcasts (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    store_id bigint NOT NULL,
    template_id bigint,
    name varchar(120) NOT NULL,
    channel varchar(10) NOT NULL DEFAULT 'email',
    status varchar(20) NOT NULL DEFAULT 'draft',
    segment_filter jsonb NOT NULL DEFAULT '{}',
    throttle_per_minute integer NOT NULL DEFAULT 600,
    ab_variant char(1),
    scheduled_at timestamptz,
    sent_at timestamptz,
    created_by bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT broadcasts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
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
    opened_at timestamptz,
    bounce_reason varchar(80),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT broadcast_recipients_once_key UNIQUE (broadcast_id, customer_id),
    CONSTRAINT broadcast_recipients_status_check CHECK (status IN ('queued', 'sent', 'bounced', 'unsubscribed')),
    CONSTRAINT broadcast_recipients_broadcast_fkey FOREIGN KEY (broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE,
    CONSTRAINT broadcast_recipients_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
COMMENT ON TABLE broadcast_recipients IS 'Who gets a broadcast and whether it arrived.';

CREATE TABLE notifications (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    user_id bigint NOT NULL,
    kind varchar(40) NOT NULL,
    title varchar(200) NOT NULL,
    body text,
    priority smallint NOT NULL DEFAULT 5,
    dedup_key varchar(120),
    data jsonb NOT NULL DEFAULT '{}',
    read_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notifications_dedup_key UNIQUE (user_id, dedup_key),
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

CREATE INDEX broadcast_recipients_status_idx ON broadcast_recipients (broadcast_id, status);
CREATE INDEX broadcast_recipients_customer_idx ON broadcast_recipients (customer_id, sent_at DESC);
CREATE INDEX broadcasts_tenant_idx ON broadcasts (tenant_id, status);
CREATE INDEX broadcasts_scheduled_idx ON broadcasts (scheduled_at) WHERE status = 'scheduled';
CREATE INDEX message_templates_variables_gin ON message_templates USING gin (variables);
CREATE INDEX notifications_tenant_idx ON notifications (tenant_id, created_at DESC);
CREATE INDEX notifications_unread_idx ON notifications (user_id, created_at DESC) WHERE read_at IS NULL;

-- ---------------------------------------------------------------------------
-- Support
-- ---------------------------------------------------------------------------

CREATE TABLE support_tickets (
    id bigserial PRIMARY KEY,
    tenant_id bigint,
    store_id bigint NOT NULL,
    customer_id bigint,
    order_id bigint,
    assignee_id bigint,
    subject varchar(200) NOT NULL,
    priority ticket_priority NOT NULL DEFAULT 'normal',
    status varchar(20) NOT NULL DEFAULT 'open',
    sla_due_at timestamptz,
    satisfaction smallint,
    merged_into bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT support_tickets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT support_tickets_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES support_tickets (id),
    CONSTRAINT support_tickets_satisfaction_check CHECK (satisfaction BETWEEN 1 AND 5),
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
    is_internal boolean NOT NULL DEFAULT false,
    attachments jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT support_messages_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES support_tickets (id) ON DELETE CASCADE,
    CONSTRAINT support_messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL
);
COMMENT ON TABLE support_messages IS 'A ticket''s correspondence.';

CREATE INDEX support_tickets_customer_id_idx ON support_tickets (customer_id);
CREATE INDEX support_tickets_tenant_idx ON support_tickets (tenant_id, priority DESC, created_at);
CREATE INDEX support_tickets_sla_idx ON support_tickets (sla_due_at) WHERE status IN ('open', 'waiting');
CREATE INDEX support_tickets_assignee_idx ON support_tickets (assignee_id, status);
CREATE INDEX support_messages_ticket_idx ON support_messages (ticket_id, created_at);

-- ---------------------------------------------------------------------------
-- Webhooks and settings
-- ---------------------------------------------------------------------------

CREATE TABLE webhook_endpoints (
    id bigserial PRIMARY KEY,
    store_id bigint,
    url varchar(500) NOT NULL,
    secret_hash varchar(64) NOT NULL,
    events text[] NOT NULL DEFAULT '{}',
    consecutive_failures integer NOT NULL DEFAULT 0,
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
    next_attempt_at timestamptz,
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

CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_endpoint_idx ON webhook_deliveries (endpoint_id, created_at DESC);

-- ---------------------------------------------------------------------------
-- Audit
-- ---------------------------------------------------------------------------

CREATE TABLE agi_audit_logs (
    id bigserial,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    epoch integer NOT NULL DEFAULT 0,
    tenant varchar(63),
    category varchar(20) NOT NULL DEFAULT 'data',
    severity varchar(10) NOT NULL DEFAULT 'info',
    outcome varchar(10) NOT NULL DEFAULT 'success',
    event_type varchar(60) NOT NULL,
    actor_type varchar(20) NOT NULL DEFAULT 'system',
    actor_id varchar(64),
    actor_label varchar(254),
    impersonator_id varchar(64),
    db_role name NOT NULL DEFAULT current_user,
    app_name text,
    request_id uuid,
    ip inet,
    user_agent text,
    method varchar(10),
    route varchar(200),
    status smallint,
    duration_ms integer,
    op varchar(10),
    target_table varchar(126),
    target_pk varchar(200),
    changes jsonb,
    snapshot jsonb,
    rows_affected bigint,
    truncated boolean NOT NULL DEFAULT false,
    CONSTRAINT agi_audit_logs_pkey PRIMARY KEY (id),
    CONSTRAINT agi_audit_logs_severity_check CHECK (severity IN ('debug', 'info', 'notice', 'warning', 'error', 'critical'))
);
COMMENT ON TABLE agi_audit_logs IS 'Every system event: who did what to what, when and from where.';
COMMENT ON COLUMN agi_audit_logs.actor_id IS 'No foreign key: a deleted user stays named.';
COMMENT ON COLUMN agi_audit_logs.changes IS 'Old and new value of each changed column.';

CREATE TABLE agi_audit_aggregates (
    id bigserial,
    bucket_start timestamptz NOT NULL,
    grain varchar(10) NOT NULL DEFAULT 'hour',
    tenant varchar(63) NOT NULL DEFAULT '',
    event_type varchar(60) NOT NULL,
    dim varchar(30) NOT NULL DEFAULT '',
    dim_value varchar(120) NOT NULL DEFAULT '',
    count bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    sum_ms bigint NOT NULL DEFAULT 0,
    max_ms integer NOT NULL DEFAULT 0,
    histogram bigint[] NOT NULL DEFAULT '{}',
    CONSTRAINT agi_audit_aggregates_pkey PRIMARY KEY (id),
    CONSTRAINT agi_audit_aggregates_bucket_key UNIQUE (bucket_start, grain, tenant, event_type, dim, dim_value)
);
COMMENT ON TABLE agi_audit_aggregates IS 'The audit log summed up by time, tenant and kind of event.';

CREATE TABLE agi_audit_alerts (
    id bigserial,
    rule_key varchar(80) NOT NULL,
    dedup_key varchar(200) NOT NULL,
    tenant varchar(63),
    severity varchar(10) NOT NULL DEFAULT 'warning',
    state varchar(20) NOT NULL DEFAULT 'open',
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    occurrences integer NOT NULL DEFAULT 1,
    sample_ids bigint[] NOT NULL DEFAULT '{}',
    assignee_id bigint,
    snoozed_until timestamptz,
    resolved_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agi_audit_alerts_pkey PRIMARY KEY (id),
    CONSTRAINT agi_audit_alerts_state_check CHECK (state IN ('open', 'acknowledged', 'snoozed', 'resolved'))
);
COMMENT ON TABLE agi_audit_alerts IS 'What the rules over the audit log found and who looks after it.';

CREATE INDEX agi_audit_logs_tenant_time_idx ON agi_audit_logs (tenant, occurred_at DESC);
CREATE INDEX agi_audit_logs_actor_time_idx ON agi_audit_logs (actor_id, occurred_at DESC);
CREATE INDEX agi_audit_logs_event_time_idx ON agi_audit_logs (event_type, occurred_at DESC);
CREATE INDEX agi_audit_logs_target_idx ON agi_audit_logs (target_table, target_pk, occurred_at DESC);
CREATE INDEX agi_audit_logs_request_idx ON agi_audit_logs (request_id);
CREATE INDEX agi_audit_logs_xid_idx ON agi_audit_logs (epoch, xid);
CREATE INDEX agi_audit_logs_time_brin ON agi_audit_logs USING brin (occurred_at);
CREATE INDEX agi_audit_logs_severe_idx ON agi_audit_logs (occurred_at DESC) WHERE severity IN ('error', 'critical');
CREATE INDEX agi_audit_aggregates_tenant_idx ON agi_audit_aggregates (tenant, event_type, bucket_start DESC);
CREATE INDEX agi_audit_aggregates_grain_idx ON agi_audit_aggregates (grain, bucket_start);
CREATE UNIQUE INDEX agi_audit_alerts_open_dedup_idx ON agi_audit_alerts (dedup_key) WHERE state <> 'resolved';
CREATE INDEX agi_audit_alerts_state_idx ON agi_audit_alerts (state, severity, last_seen_at DESC);
CREATE INDEX agi_audit_alerts_tenant_idx ON agi_audit_alerts (tenant, first_seen_at DESC);
CREATE INDEX agi_audit_alerts_samples_gin ON agi_audit_alerts USING gin (sample_ids);

-- ---------------------------------------------------------------------------
-- Rate limits
-- ---------------------------------------------------------------------------

CREATE TABLE agi_rate_limit_rules (
    id bigserial,
    name varchar(80) NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    mode varchar(10) NOT NULL DEFAULT 'enforce',
    scope varchar(10) NOT NULL DEFAULT 'user',
    key_template varchar(120) NOT NULL DEFAULT '{user}',
    methods text[] NOT NULL DEFAULT '{}',
    route_glob varchar(200) NOT NULL DEFAULT '*',
    tenant_glob varchar(120) NOT NULL DEFAULT '*',
    cidr cidr,
    capacity numeric(14,4) NOT NULL,
    refill_per_sec numeric(14,6) NOT NULL,
    default_cost numeric(10,4) NOT NULL DEFAULT 1,
    cost_map jsonb NOT NULL DEFAULT '{}',
    shards smallint NOT NULL DEFAULT 1,
    priority smallint NOT NULL DEFAULT 100,
    replaces varchar(80),
    fail_policy varchar(10) NOT NULL DEFAULT 'open',
    starts_at timestamptz,
    ends_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agi_rate_limit_rules_pkey PRIMARY KEY (id),
    CONSTRAINT agi_rate_limit_rules_name_key UNIQUE (name),
    CONSTRAINT agi_rate_limit_rules_mode_check CHECK (mode IN ('enforce', 'shadow', 'off')),
    CONSTRAINT agi_rate_limit_rules_capacity_check CHECK (capacity > 0 AND refill_per_sec >= 0)
);
COMMENT ON TABLE agi_rate_limit_rules IS 'Who may ask how often for what.';
COMMENT ON COLUMN agi_rate_limit_rules.fail_policy IS 'Whether requests pass (open) or not (closed) when the limit cannot be read.';

CREATE TABLE agi_rate_limit_buckets (
    id bigserial,
    rule_id bigint NOT NULL,
    shard smallint NOT NULL DEFAULT 0,
    key_hash bytea NOT NULL,
    tokens double precision NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT agi_rate_limit_buckets_pkey PRIMARY KEY (id),
    CONSTRAINT agi_rate_limit_buckets_key UNIQUE (rule_id, shard, key_hash),
    CONSTRAINT agi_rate_limit_buckets_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES agi_rate_limit_rules (id) ON DELETE CASCADE
) WITH (fillfactor = 50);
COMMENT ON TABLE agi_rate_limit_buckets IS 'The tokens left to a key; a full bucket needs no row.';

CREATE TABLE agi_rate_limit_violations (
    id bigserial,
    rule_id bigint NOT NULL,
    key_hash bytea NOT NULL,
    minute timestamptz NOT NULL,
    tenant varchar(63),
    hits integer NOT NULL DEFAULT 1,
    cost double precision NOT NULL DEFAULT 1,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    sample_path varchar(200),
    sample_ip inet,
    sample_agent text,
    CONSTRAINT agi_rate_limit_violations_pkey PRIMARY KEY (id),
    CONSTRAINT agi_rate_limit_violations_minute_key UNIQUE (rule_id, key_hash, minute),
    CONSTRAINT agi_rate_limit_violations_hits_check CHECK (hits > 0),
    CONSTRAINT agi_rate_limit_violations_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES agi_rate_limit_rules (id) ON DELETE CASCADE
);
COMMENT ON TABLE agi_rate_limit_violations IS 'Refused requests, summed by rule, key and minute.';

CREATE INDEX agi_rate_limit_rules_active_idx ON agi_rate_limit_rules (priority, id) WHERE enabled AND mode <> 'off';
CREATE INDEX agi_rate_limit_rules_scope_idx ON agi_rate_limit_rules (scope, route_glob);
CREATE INDEX agi_rate_limit_rules_methods_gin ON agi_rate_limit_rules USING gin (methods);
CREATE INDEX agi_rate_limit_buckets_updated_brin ON agi_rate_limit_buckets USING brin (updated_at);
CREATE INDEX agi_rate_limit_violations_rule_idx ON agi_rate_limit_violations (rule_id, minute DESC);
CREATE INDEX agi_rate_limit_violations_tenant_idx ON agi_rate_limit_violations (tenant, minute DESC);
CREATE INDEX agi_rate_limit_violations_key_idx ON agi_rate_limit_violations USING hash (key_hash);
CREATE INDEX agi_rate_limit_violations_minute_brin ON agi_rate_limit_violations USING brin (minute);

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

-- ---------------------------------------------------------------------------
-- Potency, equivalence, duty and tax
-- ---------------------------------------------------------------------------

CREATE FUNCTION thc_percent_to_mg(p_percent numeric, p_weight_g numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT round(p_percent * 10 * p_weight_g, 2) $$;
COMMENT ON FUNCTION thc_percent_to_mg(numeric, numeric) IS 'Milligrams of THC in a package; one percent is 10 mg per gram';

CREATE FUNCTION total_thc(p_thc numeric, p_thca numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT round(coalesce(p_thc, 0) + 0.877 * coalesce(p_thca, 0), 3) $$;
COMMENT ON FUNCTION total_thc(numeric, numeric) IS 'THC after decarboxylation; 0.877 is the ratio of the molar masses of THC and THCA';

CREATE FUNCTION thc_cbd_ratio(p_thc numeric, p_cbd numeric) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
    IF coalesce(p_thc, 0) = 0 AND coalesce(p_cbd, 0) = 0 THEN
        RETURN 'none';
    ELSIF coalesce(p_cbd, 0) = 0 THEN
        RETURN '1:0';
    ELSIF coalesce(p_thc, 0) = 0 THEN
        RETURN '0:1';
    ELSIF p_thc >= p_cbd THEN
        RETURN round(p_thc / p_cbd) || ':1';
    END IF;
    RETURN '1:' || round(p_cbd / p_thc);
END
$$;
COMMENT ON FUNCTION thc_cbd_ratio(numeric, numeric) IS 'Ratio as printed on menus, such as 20:1, 1:1 or 1:5';

CREATE FUNCTION dried_equivalent_grams(p_category_id bigint, p_quantity numeric) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        SELECT round(p_quantity / c.dried_equivalency, 3)
        FROM product_categories c
        WHERE c.id = p_category_id
    $$;
COMMENT ON FUNCTION dried_equivalent_grams(bigint, numeric) IS 'Grams of dried cannabis to which a quantity counts; NULL where the category has no equivalency';

CREATE FUNCTION excise_duty(p_class text, p_quantity numeric, p_value numeric DEFAULT 0,
                            p_on date DEFAULT CURRENT_DATE, p_province text DEFAULT 'ON') RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        SELECT round(greatest(r.flat_rate * p_quantity, r.ad_valorem_rate * p_value), 2)
        FROM excise_rates r
        WHERE r.province_code = p_province AND r.excise_class = p_class
          AND p_on >= r.valid_from AND (r.valid_to IS NULL OR p_on < r.valid_to)
        ORDER BY r.valid_from DESC
        LIMIT 1
    $$;
COMMENT ON FUNCTION excise_duty(text, numeric, numeric, date, text) IS 'The greater of the flat and the ad valorem duty';

CREATE FUNCTION hst_amount(p_amount numeric, p_rate numeric DEFAULT 0.13) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT round(p_amount * p_rate, 2) $$;
COMMENT ON FUNCTION hst_amount(numeric, numeric) IS 'Harmonized sales tax, Ontario''s rate unless told otherwise';

-- ---------------------------------------------------------------------------
-- Prices, promotions, discount codes, bundles
-- ---------------------------------------------------------------------------

CREATE FUNCTION margin_percent(p_cost numeric, p_price numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT round(100 * (p_price - p_cost) / nullif(p_price, 0), 2) $$;
COMMENT ON FUNCTION margin_percent(numeric, numeric) IS 'Gross margin in percent of the price';

CREATE FUNCTION charm_price(p_price numeric, p_mode text DEFAULT 'charm_99') RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
BEGIN
    CASE p_mode
        WHEN 'none' THEN RETURN round(p_price, 2);
        WHEN 'nickel' THEN RETURN round(p_price * 20) / 20;
        WHEN 'charm_99' THEN RETURN ceil(p_price + 0.01) - 0.01;
        WHEN 'charm_95' THEN RETURN ceil(p_price + 0.05) - 0.05;
        WHEN 'dollar' THEN RETURN ceil(p_price);
        ELSE RAISE EXCEPTION 'unknown rounding mode %', p_mode USING ERRCODE = 'invalid_parameter_value';
    END CASE;
END
$$;
COMMENT ON FUNCTION charm_price(numeric, text) IS 'Shelf price by a rounding mode of pricing_rules; never below the given price, nickel excepted';

CREATE FUNCTION price_at(p_product_id bigint, p_at timestamptz, p_store_id bigint DEFAULT NULL) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(
            (SELECT h.new_price FROM price_history h
             WHERE h.product_id = p_product_id AND h.changed_at <= p_at
               AND (h.store_id = p_store_id OR h.store_id IS NULL)
             ORDER BY h.store_id NULLS LAST, h.changed_at DESC
             LIMIT 1),
            (SELECT p.retail_price FROM products p WHERE p.id = p_product_id))
    $$;
COMMENT ON FUNCTION price_at(bigint, timestamptz, bigint) IS 'Price in force at a moment; the store''s own history goes before the base price''s';

CREATE FUNCTION store_price(p_store_id bigint, p_product_id bigint, p_at timestamptz DEFAULT now()) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(o.price, p.retail_price)
        FROM products p
        LEFT JOIN store_price_overrides o
               ON o.product_id = p.id AND o.store_id = p_store_id
              AND tstzrange(o.starts_at, o.ends_at) @> p_at
        WHERE p.id = p_product_id
    $$;
COMMENT ON FUNCTION store_price(bigint, bigint, timestamptz) IS 'Override of the store if one is in force, else the base price';

CREATE FUNCTION promotion_is_active(p_promotion_id bigint, p_at timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
        SELECT EXISTS (
            SELECT FROM promotions p
            WHERE p.id = p_promotion_id AND p.status = 'active'
              AND p.starts_at <= p_at AND (p.ends_at IS NULL OR p.ends_at > p_at)
              AND (p.days_of_week IS NULL
                   OR extract(dow FROM p_at AT TIME ZONE 'America/Toronto')::smallint = ANY (p.days_of_week))
              AND (p.maximum_uses IS NULL OR p.times_used < p.maximum_uses))
    $$;
COMMENT ON FUNCTION promotion_is_active(bigint, timestamptz) IS 'Within its period, on one of its weekdays, and not used up';

CREATE FUNCTION promotion_discount(p_promotion_id bigint, p_unit_price numeric, p_quantity integer DEFAULT 1) RETURNS numeric
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    promotion promotions%ROWTYPE;
BEGIN
    SELECT * INTO promotion FROM promotions WHERE id = p_promotion_id;
    IF NOT FOUND OR p_unit_price * p_quantity < coalesce(promotion.minimum_subtotal, 0) THEN
        RETURN 0;
    END IF;
    RETURN CASE promotion.discount_type
        WHEN 'percent' THEN round(p_unit_price * p_quantity * promotion.discount_value / 100, 2)
        WHEN 'amount' THEN least(promotion.discount_value, p_unit_price * p_quantity)
        WHEN 'fixed_price' THEN greatest(p_unit_price - promotion.discount_value, 0) * p_quantity
        WHEN 'bogo' THEN (p_quantity / 2) * p_unit_price
    END;
END
$$;
COMMENT ON FUNCTION promotion_discount(bigint, numeric, integer) IS 'Dollars off a line; 0 below the minimum subtotal';

CREATE FUNCTION best_promotion(p_product_id bigint, p_store_id bigint, p_at timestamptz DEFAULT now(),
                               OUT promotion_id bigint, OUT discount numeric)
    LANGUAGE sql STABLE
    AS $$
        SELECT pr.id, promotion_discount(pr.id, store_price(p_store_id, p_product_id, p_at))
        FROM promotions pr
        JOIN promotion_products pp ON pp.promotion_id = pr.id AND pp.product_id = p_product_id AND NOT pp.is_excluded
        WHERE (pr.store_id = p_store_id OR pr.store_id IS NULL) AND promotion_is_active(pr.id, p_at)
        ORDER BY 2 DESC, 1
        LIMIT 1
    $$;
COMMENT ON FUNCTION best_promotion(bigint, bigint, timestamptz) IS 'The running promotion that takes most off one unit';

CREATE FUNCTION discount_code_problem(p_code text, p_subtotal numeric, p_user_id bigint DEFAULT NULL,
                                      p_at timestamptz DEFAULT now()) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    found_code discount_codes%ROWTYPE;
BEGIN
    SELECT * INTO found_code FROM discount_codes WHERE upper(code) = upper(btrim(p_code));
    RETURN CASE
        WHEN NOT FOUND OR NOT found_code.is_active THEN 'unknown'
        WHEN p_at < found_code.valid_from THEN 'not_yet_valid'
        WHEN p_at >= found_code.valid_until THEN 'expired'
        WHEN found_code.redeemed_count >= found_code.maximum_redemptions THEN 'used_up'
        WHEN found_code.assigned_user_id <> coalesce(p_user_id, 0) THEN 'not_yours'
        WHEN p_subtotal < found_code.minimum_subtotal THEN 'below_minimum'
    END;
END
$$;
COMMENT ON FUNCTION discount_code_problem(text, numeric, bigint, timestamptz) IS 'Why a code cannot be used; NULL when it can';

CREATE FUNCTION redeem_discount_code(p_code text, p_user_id bigint, p_order_reference text, p_subtotal numeric) RETURNS numeric
    LANGUAGE plpgsql VOLATILE
    AS $$
DECLARE
    problem text;
    locked discount_codes%ROWTYPE;
    taken numeric;
BEGIN
    SELECT * INTO locked FROM discount_codes WHERE upper(code) = upper(btrim(p_code)) FOR UPDATE;
    problem := discount_code_problem(p_code, p_subtotal, p_user_id);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'discount code % cannot be redeemed: %', p_code, problem USING ERRCODE = 'check_violation';
    END IF;
    taken := least(coalesce(locked.amount_off, round(p_subtotal * locked.percent_off / 100, 2)), p_subtotal);
    INSERT INTO discount_redemptions (discount_code_id, user_id, order_reference, amount)
    VALUES (locked.id, p_user_id, p_order_reference, taken);
    UPDATE discount_codes SET redeemed_count = redeemed_count + 1 WHERE id = locked.id;
    RETURN taken;
END
$$;
COMMENT ON FUNCTION redeem_discount_code(text, bigint, text, numeric) IS 'Uses a code once for an order and returns the dollars off';

CREATE FUNCTION bundle_price(p_bundle_id bigint) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        SELECT CASE b.pricing
                   WHEN 'fixed' THEN b.fixed_price
                   ELSE round(sum(p.retail_price * i.quantity) * (100 - b.discount_percent) / 100, 2)
               END
        FROM bundles b
        JOIN bundle_items i ON i.bundle_id = b.id
        JOIN products p ON p.id = i.product_id
        WHERE b.id = p_bundle_id
        GROUP BY b.id
    $$;
COMMENT ON FUNCTION bundle_price(bigint) IS 'Price of the whole bundle';

-- ---------------------------------------------------------------------------
-- Stock
-- ---------------------------------------------------------------------------

CREATE FUNCTION cases_and_eaches(p_units integer, p_units_per_case integer, OUT cases integer, OUT eaches integer)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT p_units / p_units_per_case, p_units % p_units_per_case $$;
COMMENT ON FUNCTION cases_and_eaches(integer, integer) IS 'Full cases and what is left over';

CREATE FUNCTION fefo_allocation(p_product_id bigint, p_quantity integer, p_on date DEFAULT CURRENT_DATE)
    RETURNS TABLE (lot_id bigint, lot_number text, expires_on date, take integer)
    LANGUAGE sql STABLE
    AS $$
        SELECT a.id, a.lot_number, a.expires_on, least(a.remaining_quantity, p_quantity - a.before)::integer
        FROM (SELECT l.id, l.lot_number, l.expires_on, l.remaining_quantity,
                     coalesce(sum(l.remaining_quantity) OVER (ORDER BY l.expires_on NULLS LAST, l.id
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
              FROM inventory_lots l
              WHERE l.product_id = p_product_id AND l.status = 'sellable' AND l.remaining_quantity > 0
                AND (l.expires_on IS NULL OR l.expires_on > p_on)) a
        WHERE a.before < p_quantity
        ORDER BY a.expires_on NULLS LAST, a.id
    $$;
COMMENT ON FUNCTION fefo_allocation(bigint, integer, date) IS 'First expired, first out: how much to take of which lot';

CREATE FUNCTION reorder_point(p_daily_sales numeric, p_lead_time_days integer, p_safety_stock integer DEFAULT 0) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT ceil(p_daily_sales * p_lead_time_days)::integer + p_safety_stock $$;
COMMENT ON FUNCTION reorder_point(numeric, integer, integer) IS 'Stock at which to order: sales during the lead time and the safety stock';

CREATE FUNCTION economic_order_quantity(p_annual_demand numeric, p_order_cost numeric, p_holding_cost numeric) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
BEGIN
    IF p_holding_cost <= 0 THEN
        RAISE EXCEPTION 'holding cost must be positive, not %', p_holding_cost USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN ceil(sqrt(2 * p_annual_demand * p_order_cost / p_holding_cost))::integer;
END
$$;
COMMENT ON FUNCTION economic_order_quantity(numeric, numeric, numeric) IS 'Wilson''s formula, rounded up to a unit';

CREATE FUNCTION suggest_purchase(p_store_id bigint)
    RETURNS TABLE (product_id bigint, units_short integer, cases integer)
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN QUERY
        SELECT r.product_id, (r.target_quantity - s.units)::integer,
               ceil((r.target_quantity - s.units)::numeric / s.per_case)::integer
        FROM reorder_rules r
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(i.quantity_available), 0) AS units, coalesce(max(i.units_per_case), 1) AS per_case
            FROM ocs_inventory i
            WHERE i.store_id = r.store_id AND i.product_id = r.product_id AND i.lot_status = 'sellable') s
        WHERE r.store_id = p_store_id AND r.is_active AND s.units < r.minimum_quantity + r.safety_stock
        ORDER BY r.product_id;
END
$$;
COMMENT ON FUNCTION suggest_purchase(bigint) IS 'What a store should order to come back to its targets';

CREATE FUNCTION stock_value(p_store_id bigint) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(sum(i.quantity_on_hand * i.unit_cost), 0)
        FROM ocs_inventory i
        WHERE i.store_id = p_store_id AND i.lot_status <> 'expired'
    $$;
COMMENT ON FUNCTION stock_value(bigint) IS 'Cost of what a store has on hand';

CREATE FUNCTION reserve_stock(p_inventory_id bigint, p_quantity integer, p_ttl interval DEFAULT '15 minutes') RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    AS $$
DECLARE
    held ocs_inventory%ROWTYPE;
    new_key uuid;
BEGIN
    UPDATE ocs_inventory SET quantity_reserved = quantity_reserved + p_quantity
    WHERE id = p_inventory_id AND lot_status = 'sellable' AND quantity_on_hand - quantity_reserved >= p_quantity
    RETURNING * INTO held;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO inventory_reservations (inventory_id, store_id, quantity, expires_at, sku)
    VALUES (held.id, held.store_id, p_quantity, now() + p_ttl, held.sku)
    RETURNING reservation_key INTO new_key;
    RETURN new_key;
END
$$;
COMMENT ON FUNCTION reserve_stock(bigint, integer, interval) IS 'Key of the reservation; NULL when there is not enough';

CREATE FUNCTION release_reservation(p_key uuid, p_reason text DEFAULT 'released') RETURNS integer
    LANGUAGE sql VOLATILE
    AS $$
        WITH closed AS (
            UPDATE inventory_reservations SET status = 'released', closed_at = now(), closed_reason = p_reason
            WHERE reservation_key = p_key AND status = 'active'
            RETURNING inventory_id, quantity
        ), returned AS (
            UPDATE ocs_inventory i SET quantity_reserved = i.quantity_reserved - c.quantity
            FROM closed c WHERE i.id = c.inventory_id
            RETURNING c.quantity
        )
        SELECT coalesce(sum(quantity), 0)::integer FROM returned
    $$;
COMMENT ON FUNCTION release_reservation(uuid, text) IS 'Units given back; 0 when it was closed already';

CREATE PROCEDURE expire_reservations(IN p_at timestamptz, INOUT closed integer DEFAULT 0)
    LANGUAGE plpgsql
    AS $$
DECLARE
    due record;
BEGIN
    FOR due IN
        SELECT r.id, r.inventory_id, r.quantity FROM inventory_reservations r
        WHERE r.status = 'active' AND r.expires_at <= p_at
        ORDER BY r.inventory_id, r.id
        FOR UPDATE SKIP LOCKED
    LOOP
        UPDATE inventory_reservations SET status = 'expired', closed_at = p_at, closed_reason = 'ttl' WHERE id = due.id;
        UPDATE ocs_inventory SET quantity_reserved = greatest(quantity_reserved - due.quantity, 0) WHERE id = due.inventory_id;
        closed := closed + 1;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE expire_reservations(timestamptz, integer) IS 'Closes reservations past their time and frees their stock';

CREATE FUNCTION count_variance(p_count_id bigint)
    RETURNS TABLE (inventory_id bigint, sku text, difference integer, value numeric)
    LANGUAGE sql STABLE
    AS $$
        SELECT l.inventory_id, i.sku::text, l.counted_quantity - l.book_quantity,
               (l.counted_quantity - l.book_quantity) * i.unit_cost
        FROM inventory_count_lines l
        JOIN ocs_inventory i ON i.id = l.inventory_id
        WHERE l.count_id = p_count_id AND l.counted_quantity <> l.book_quantity
        ORDER BY abs((l.counted_quantity - l.book_quantity) * i.unit_cost) DESC, l.inventory_id
    $$;
COMMENT ON FUNCTION count_variance(bigint) IS 'Differences of a count, the dearest first';

-- ---------------------------------------------------------------------------
-- Search, demand, opening hours, settings
-- ---------------------------------------------------------------------------

CREATE FUNCTION product_document(p_name text, p_brand text, p_description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT setweight(to_tsvector('english', coalesce(p_name, '')), 'A')
            || setweight(to_tsvector('simple', coalesce(p_brand, '')), 'B')
            || setweight(to_tsvector('english', coalesce(p_description, '')), 'D')
    $$;
COMMENT ON FUNCTION product_document(text, text, text) IS 'Search document: the name weighs most, then the brand, then the description';

CREATE FUNCTION search_products(p_query text, p_limit integer DEFAULT 20)
    RETURNS TABLE (product_id bigint, sku text, name text, rank real)
    LANGUAGE sql STABLE
    AS $$
        SELECT p.id, p.sku::text, p.name::text,
               ts_rank(p.search_vector, q) * (1 + ln(1 + greatest(p.popularity, 0)))::real
        FROM products p, websearch_to_tsquery('english', p_query) q
        WHERE p.is_active AND p.search_vector @@ q
        ORDER BY 4 DESC, 1
        LIMIT p_limit
    $$;
COMMENT ON FUNCTION search_products(text, integer) IS 'Full-text search, ranked by text and popularity';

CREATE FUNCTION wishlist_demand(p_product_id bigint) RETURNS bigint
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT count(*) FILTER (WHERE w.notify_on_restock)
        FROM wishlists w
        WHERE w.product_id = p_product_id;
    END;
COMMENT ON FUNCTION wishlist_demand(bigint) IS 'Customers who wait for a product to be back';

CREATE FUNCTION store_is_open(p_store_id bigint, p_at timestamptz DEFAULT now(), p_zone text DEFAULT 'America/Toronto') RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    local_time timestamp := p_at AT TIME ZONE p_zone;
    holiday store_holidays%ROWTYPE;
BEGIN
    SELECT * INTO holiday FROM store_holidays
    WHERE holiday_date = local_time::date AND (store_id = p_store_id OR store_id IS NULL)
    ORDER BY store_id NULLS LAST LIMIT 1;
    IF FOUND THEN
        RETURN NOT holiday.is_closed AND local_time::time >= holiday.opens_at AND local_time::time < holiday.closes_at;
    END IF;
    RETURN EXISTS (SELECT FROM store_hours
                   WHERE store_id = p_store_id AND day_of_week = extract(dow FROM local_time)
                     AND local_time::time >= opens_at AND local_time::time < closes_at);
END
$$;
COMMENT ON FUNCTION store_is_open(bigint, timestamptz, text) IS 'By the holidays first, else by the weekly hours';

CREATE FUNCTION next_business_day(p_from date, p_store_id bigint DEFAULT NULL) RETURNS date
    LANGUAGE sql STABLE
    AS $$
        SELECT d::date
        FROM generate_series(p_from + 1, p_from + 30, interval '1 day') d
        WHERE extract(isodow FROM d) < 6
          AND NOT EXISTS (SELECT FROM store_holidays h
                          WHERE h.holiday_date = d::date AND h.is_closed AND h.is_statutory
                            AND (h.store_id IS NULL OR h.store_id = p_store_id))
        ORDER BY d
        LIMIT 1
    $$;
COMMENT ON FUNCTION next_business_day(date, bigint) IS 'Next day from Monday to Friday that is not a statutory holiday';

CREATE FUNCTION setting_value(p_store_id bigint, p_category text, p_key text, p_default jsonb DEFAULT 'null'::jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce((SELECT CASE WHEN s.is_secret THEN '"********"'::jsonb ELSE s.value END
                         FROM store_settings s
                         WHERE s.store_id = p_store_id AND s.category = p_category AND s.key = p_key),
                        p_default)
    $$;
COMMENT ON FUNCTION setting_value(bigint, text, text, jsonb) IS 'Setting of a store or the default; secrets are masked';

-- ---------------------------------------------------------------------------
-- Trigger functions
-- ---------------------------------------------------------------------------

CREATE FUNCTION log_price_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO price_history (product_id, old_price, new_price, sku, reason, cost_at_change)
    VALUES (NEW.id, OLD.retail_price, NEW.retail_price, NEW.sku,
            coalesce(nullif(current_setting('weedgo.price_reason', true), ''), 'direct'), NEW.unit_cost);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION log_price_change() IS 'Writes changes of base prices into price_history';

CREATE FUNCTION sync_product_rating() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    changed bigint := coalesce(NEW.product_id, OLD.product_id);
BEGIN
    UPDATE products p
    SET rating_average = r.average, rating_count = r.reviews
    FROM (SELECT round(avg(rating), 2) AS average, count(*) AS reviews
          FROM product_reviews WHERE product_id = changed AND status = 'published') r
    WHERE p.id = changed;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION sync_product_rating() IS 'Keeps the average and the count of ratings on the product';

CREATE FUNCTION guard_inventory_quantities() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.quantity_reserved > NEW.quantity_on_hand THEN
        RAISE EXCEPTION 'cannot reserve % of % on hand for SKU %', NEW.quantity_reserved, NEW.quantity_on_hand, NEW.sku
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ocs_inventory_reserved_check', TABLE = 'ocs_inventory';
    END IF;
    NEW.quantity_available := NEW.quantity_on_hand - NEW.quantity_reserved;
    IF TG_OP = 'UPDATE' AND NEW.quantity_on_hand <> OLD.quantity_on_hand THEN
        NEW.seq := OLD.seq + 1;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_inventory_quantities() IS 'Keeps quantity_available and numbers the changes of stock';

CREATE FUNCTION write_inventory_movement() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO inventory_movements (tenant_id, inventory_id, store_id, movement_type, quantity_delta,
                                     sku, seq, balance_after, batch_lot)
    VALUES (NEW.tenant_id, NEW.id, NEW.store_id,
            coalesce(nullif(current_setting('weedgo.movement_type', true), ''), 'direct_write'),
            NEW.quantity_on_hand - OLD.quantity_on_hand, NEW.sku, NEW.seq, NEW.quantity_on_hand, NEW.batch_lot);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION write_inventory_movement() IS 'Every change of quantity_on_hand is in the ledger, whoever wrote it';

CREATE FUNCTION refuse_movement_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'inventory_movements is append only: % refused', lower(TG_OP)
        USING ERRCODE = 'restrict_violation', HINT = 'Write a movement in the other direction.';
END
$$;
COMMENT ON FUNCTION refuse_movement_change() IS 'The ledger of stock is corrected by new entries only';

CREATE FUNCTION check_transfer_stores() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (SELECT count(DISTINCT s.tenant_id) FROM stores s WHERE s.id IN (NEW.from_store_id, NEW.to_store_id)) > 1 THEN
        RAISE EXCEPTION 'transfer % is between stores of different tenants', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION check_transfer_stores() IS 'Stock never moves from one tenant to another';

CREATE FUNCTION count_promotion_uses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE promotions p
    SET times_used = p.times_used + u.uses
    FROM (SELECT promotion_id, count(*)::integer AS uses FROM new_uses GROUP BY promotion_id) u
    WHERE p.id = u.promotion_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_promotion_uses() IS 'Adds a statement''s uses to the promotions'' counters';

CREATE FUNCTION normalize_catalog_sku() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.ocs_sku := upper(regexp_replace(NEW.ocs_sku, '\s+', '', 'g'));
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION normalize_catalog_sku() IS 'The wholesaler''s files write SKUs with blanks and in either case';

-- ---------------------------------------------------------------------------
-- Triggers
-- ---------------------------------------------------------------------------

CREATE TRIGGER brands_touch BEFORE UPDATE ON brands
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER product_categories_touch BEFORE UPDATE ON product_categories
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER suppliers_touch BEFORE UPDATE ON suppliers
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER products_touch BEFORE UPDATE ON products
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER product_variants_touch BEFORE UPDATE ON product_variants
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER product_reviews_touch BEFORE UPDATE OF rating, title, body ON product_reviews
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER ocs_product_catalog_touch BEFORE UPDATE ON ocs_product_catalog
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER ocs_inventory_touch BEFORE UPDATE ON ocs_inventory
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER ocs_purchase_orders_touch BEFORE UPDATE ON ocs_purchase_orders
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER inventory_transfers_touch BEFORE UPDATE ON inventory_transfers
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER promotions_touch BEFORE UPDATE ON promotions
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER bundles_touch BEFORE UPDATE ON bundles
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER products_log_price AFTER UPDATE OF retail_price ON products
    FOR EACH ROW WHEN (OLD.retail_price IS DISTINCT FROM NEW.retail_price)
    EXECUTE FUNCTION log_price_change();
CREATE TRIGGER product_reviews_sync_rating AFTER INSERT OR DELETE OR UPDATE OF rating, status ON product_reviews
    FOR EACH ROW EXECUTE FUNCTION sync_product_rating();
CREATE TRIGGER ocs_inventory_guard BEFORE INSERT OR UPDATE OF quantity_on_hand, quantity_reserved ON ocs_inventory
    FOR EACH ROW EXECUTE FUNCTION guard_inventory_quantities();
CREATE TRIGGER ocs_inventory_write_movement AFTER UPDATE OF quantity_on_hand ON ocs_inventory
    FOR EACH ROW WHEN (OLD.quantity_on_hand <> NEW.quantity_on_hand)
    EXECUTE FUNCTION write_inventory_movement();
CREATE TRIGGER inventory_movements_append_only BEFORE DELETE OR UPDATE OF inventory_id, quantity_delta ON inventory_movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_movement_change();
CREATE CONSTRAINT TRIGGER inventory_transfers_same_tenant AFTER INSERT OR UPDATE OF from_store_id, to_store_id ON inventory_transfers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_transfer_stores();
CREATE TRIGGER promotion_usage_count AFTER INSERT ON promotion_usage
    REFERENCING NEW TABLE AS new_uses
    FOR EACH STATEMENT EXECUTE FUNCTION count_promotion_uses();
CREATE TRIGGER ocs_product_catalog_normalize BEFORE INSERT OR UPDATE OF ocs_sku ON ocs_product_catalog
    FOR EACH ROW EXECUTE FUNCTION normalize_catalog_sku();

-- ---------------------------------------------------------------------------
-- People: names, ages, what may be shown of them
-- ---------------------------------------------------------------------------

CREATE FUNCTION full_name(first_name text, last_name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT nullif(concat_ws(' ', nullif(btrim(first_name), ''), nullif(btrim(last_name), '')), '') $$;
COMMENT ON FUNCTION full_name(text, text) IS 'First and last name as one, null when there is neither.';

CREATE FUNCTION role_rank(role user_role_simple) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE role
        WHEN 'super_admin' THEN 0
        WHEN 'tenant_admin' THEN 10
        WHEN 'store_manager' THEN 20
        WHEN 'staff' THEN 30
        WHEN 'driver' THEN 40
        ELSE 100
    END
$$;
COMMENT ON FUNCTION role_rank(user_role_simple) IS 'Lower may manage higher.';

CREATE FUNCTION age_on(birth date, on_day date DEFAULT CURRENT_DATE) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT EXTRACT(year FROM age(on_day::timestamp, birth::timestamp))::integer $$;
COMMENT ON FUNCTION age_on(date, date) IS 'Completed years on a day.';

CREATE FUNCTION is_of_legal_age(birth date, province text DEFAULT 'ON', on_day date DEFAULT CURRENT_DATE) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT birth IS NOT NULL
       AND age_on(birth, on_day) >= CASE province WHEN 'AB' THEN 18 WHEN 'QC' THEN 21 ELSE 19 END
$$;
COMMENT ON FUNCTION is_of_legal_age(date, text, date) IS 'Whether somebody may buy cannabis in a province: 19 but in Alberta (18) and Quebec (21).';

CREATE FUNCTION mask_email(address text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN position('@' IN address) < 2 THEN '***'
        ELSE left(address, 1) || '***' || substr(address, position('@' IN address))
    END
$$;
COMMENT ON FUNCTION mask_email(text) IS 'jane@example.com as j***@example.com.';

CREATE FUNCTION mask_phone(number text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    digits text := regexp_replace(number, '\D', '', 'g');
BEGIN
    IF length(digits) <= 4 THEN
        RETURN repeat('*', length(digits));
    END IF;
    RETURN repeat('*', length(digits) - 4) || right(digits, 4);
END;
$$;
COMMENT ON FUNCTION mask_phone(text) IS 'All digits but the last four as stars.';

CREATE FUNCTION normalize_phone(number text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    digits text := regexp_replace(split_part(lower(number), 'x', 1), '\D', '', 'g');
BEGIN
    IF length(digits) = 10 THEN
        RETURN '+1' || digits;
    ELSIF length(digits) = 11 AND left(digits, 1) = '1' THEN
        RETURN '+' || digits;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION normalize_phone(text) IS 'A North American number in E.164, null if it is none.';

CREATE FUNCTION mask_ip(address inet) RETURNS inet
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 48 END))::inet $$;
COMMENT ON FUNCTION mask_ip(inet) IS 'The network of an address: enough to see a pattern, not a person.';

CREATE FUNCTION luhn_valid(number text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT number ~ '^[0-9]{2,}$' AND (
        SELECT sum(CASE WHEN place % 2 = 1 THEN digit
                        WHEN digit * 2 > 9 THEN digit * 2 - 9
                        ELSE digit * 2 END) % 10 = 0
          FROM (SELECT d::integer AS digit, place
                  FROM string_to_table(reverse(number), NULL) WITH ORDINALITY AS t (d, place)
                 WHERE number ~ '^[0-9]{2,}$') AS digits
    )
$$;
COMMENT ON FUNCTION luhn_valid(text) IS 'Whether the check digit of a card number is right (ISO/IEC 7812).';

CREATE FUNCTION new_referral_code() RETURNS text
    LANGUAGE sql VOLATILE
AS $$ SELECT upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)) $$;
COMMENT ON FUNCTION new_referral_code() IS 'Twelve hexadecimal digits that nobody can guess.';

ALTER TABLE customers ALTER COLUMN referral_code SET DEFAULT new_referral_code();

CREATE FUNCTION customers_set_search_text() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.search_text :=
        setweight(to_tsvector('simple', concat_ws(' ', NEW.first_name, NEW.last_name)), 'A')
        || setweight(to_tsvector('simple', coalesce(NEW.email, '')), 'B')
        || setweight(to_tsvector('simple', coalesce(NEW.phone, '')), 'C');
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION customers_set_search_text() IS 'Keeps customers.search_text in step with what it is made of.';

CREATE FUNCTION customer_lifetime_value(customer bigint) RETURNS numeric
    LANGUAGE sql STABLE
AS $$
    SELECT coalesce(sum(CASE o.payment_status WHEN 'paid' THEN o.total ELSE 0 END), 0)
      FROM orders AS o
     WHERE o.customer_id = customer
       AND o.status <> 'cancelled'
$$;
COMMENT ON FUNCTION customer_lifetime_value(bigint) IS 'What a customer has paid, cancelled orders apart.';

CREATE FUNCTION has_consent(customer bigint, for_purpose text, at_time timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT c.granted AND (c.withdrawn_at IS NULL OR c.withdrawn_at > at_time)
          FROM consent_records AS c
         WHERE c.customer_id = customer
           AND c.purpose = for_purpose
           AND c.recorded_at <= at_time
         ORDER BY c.recorded_at DESC, c.id DESC
         LIMIT 1
    ), false)
$$;
COMMENT ON FUNCTION has_consent(bigint, text, timestamptz) IS 'What the customer said last counts.';

-- ---------------------------------------------------------------------------
-- Loyalty
-- ---------------------------------------------------------------------------

CREATE FUNCTION loyalty_points_for(amount numeric, points_per_dollar numeric DEFAULT 1, tier text DEFAULT 'bronze') RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT floor(greatest(amount, 0) * points_per_dollar
                 * CASE tier WHEN 'silver' THEN 1.10 WHEN 'gold' THEN 1.25 WHEN 'platinum' THEN 1.50 ELSE 1 END)::integer
$$;
COMMENT ON FUNCTION loyalty_points_for(numeric, numeric, text) IS 'Points that a purchase earns; never a fraction.';

CREATE FUNCTION loyalty_tier(lifetime_points integer, thresholds jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce((
        SELECT t.key
          FROM jsonb_each_text(thresholds) AS t
         WHERE t.value::integer <= lifetime_points
         ORDER BY t.value::integer DESC
         LIMIT 1
    ), 'bronze')
$$;
COMMENT ON FUNCTION loyalty_tier(integer, jsonb) IS 'The highest tier whose threshold is reached.';

CREATE FUNCTION apply_loyalty_transaction() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE loyalty_accounts AS a
       SET points_balance = a.points_balance + NEW.points,
           lifetime_points = a.lifetime_points + CASE WHEN NEW.kind IN ('earn', 'bonus') THEN NEW.points ELSE 0 END,
           tier = loyalty_tier(
               a.lifetime_points + CASE WHEN NEW.kind IN ('earn', 'bonus') THEN NEW.points ELSE 0 END,
               p.tier_thresholds),
           updated_at = now()
      FROM loyalty_programs AS p
     WHERE a.id = NEW.account_id
       AND p.id = a.program_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION apply_loyalty_transaction() IS 'Moves the balance and the tier with each transaction.';

CREATE FUNCTION expire_loyalty_points(as_of date DEFAULT CURRENT_DATE) RETURNS integer
    LANGUAGE plpgsql
AS $$
DECLARE
    due record;
    expiry_id bigint;
    expired integer := 0;
BEGIN
    FOR due IN
        SELECT t.account_id, array_agg(t.id) AS ids, least(sum(t.points), a.points_balance)::integer AS points
          FROM loyalty_transactions AS t
          JOIN loyalty_accounts AS a ON a.id = t.account_id
         WHERE t.kind IN ('earn', 'bonus')
           AND t.expires_on < as_of
           AND t.reversed_by IS NULL
         GROUP BY t.account_id, a.points_balance
         ORDER BY t.account_id
    LOOP
        INSERT INTO loyalty_transactions (account_id, kind, points, reason)
        VALUES (due.account_id, 'expire', -due.points, 'expired')
        RETURNING id INTO expiry_id;
        UPDATE loyalty_transactions SET reversed_by = expiry_id WHERE id = ANY (due.ids);
        expired := expired + due.points;
    END LOOP;
    RETURN expired;
END;
$$;
COMMENT ON FUNCTION expire_loyalty_points(date) IS 'Takes away points whose day has passed, never more than there are; returns how many.';

-- ---------------------------------------------------------------------------
-- Carts and orders
-- ---------------------------------------------------------------------------

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

CREATE FUNCTION cart_totals(cart bigint, OUT lines integer, OUT units integer, OUT subtotal numeric)
    LANGUAGE sql STABLE
AS $$
    SELECT count(*)::integer, coalesce(sum(i.quantity), 0)::integer, coalesce(sum(i.quantity * i.unit_price), 0)
      FROM cart_items AS i
     WHERE i.cart_id = cart
$$;
COMMENT ON FUNCTION cart_totals(bigint) IS 'Lines, units and price of a cart.';

CREATE PROCEDURE abandon_stale_carts(older_than interval DEFAULT '7 days', at_time timestamptz DEFAULT now())
    LANGUAGE sql
AS $$
    UPDATE carts
       SET status = 'abandoned', abandoned_at = at_time
     WHERE status = 'open'
       AND updated_at < at_time - older_than
$$;
COMMENT ON PROCEDURE abandon_stale_carts(interval, timestamptz) IS 'Closes carts that nobody has touched for a while.';

CREATE FUNCTION order_status_allowed(from_status text, to_status text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE from_status
        WHEN 'cancelled' THEN to_status = 'cancelled'
        WHEN 'returned' THEN to_status = 'returned'
        WHEN 'completed' THEN to_status IN ('completed', 'returned')
        ELSE to_status <> 'returned'
    END
$$;
COMMENT ON FUNCTION order_status_allowed(text, text) IS 'Cancelled and returned are final; only what was handed over can come back.';

CREATE FUNCTION guard_order_status() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT order_status_allowed(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'order % cannot go from % to %', OLD.order_number, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'completed' AND NEW.completed_at IS NULL THEN
        NEW.completed_at := now();
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION guard_order_status() IS 'Refuses steps that an order cannot take, and stamps the last.';

CREATE FUNCTION record_order_status() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO order_status_history (order_id, from_status, to_status, source)
    VALUES (NEW.id, OLD.status, NEW.status, 'trigger');
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION record_order_status() IS 'Writes each change of status into the history.';

CREATE FUNCTION recalculate_order_total(order_to_sum bigint) RETURNS numeric
    LANGUAGE plpgsql
AS $$
DECLARE
    result numeric;
BEGIN
    UPDATE orders AS o
       SET subtotal = s.subtotal,
           tax_total = t.tax,
           total = s.subtotal - o.discount_total + t.tax + o.delivery_fee
      FROM (SELECT coalesce(sum(line_total), 0) AS subtotal FROM order_items WHERE order_id = order_to_sum) AS s,
           (SELECT coalesce(sum(amount), 0) AS tax FROM order_taxes WHERE order_id = order_to_sum) AS t
     WHERE o.id = order_to_sum
    RETURNING o.total INTO result;
    RETURN result;
END;
$$;
COMMENT ON FUNCTION recalculate_order_total(bigint) IS 'Sums an order again from its lines and taxes; returns the new total.';

CREATE FUNCTION orders_by_day(of_store bigint, from_day date, to_day date)
    RETURNS TABLE (day date, order_count bigint, revenue numeric)
    LANGUAGE sql STABLE
AS $$
    SELECT d::date, count(o.id), coalesce(sum(o.total), 0)
      FROM stores AS s
      CROSS JOIN generate_series(from_day::timestamp, to_day::timestamp, interval '1 day') AS d
      LEFT JOIN orders AS o
        ON o.store_id = s.id
       AND o.status <> 'cancelled'
       AND o.placed_at >= d AT TIME ZONE s.time_zone
       AND o.placed_at < (d + interval '1 day') AT TIME ZONE s.time_zone
     WHERE s.id = of_store
     GROUP BY d
     ORDER BY d
$$;
COMMENT ON FUNCTION orders_by_day(bigint, date, date) IS 'Sales of a store by its own local day; days without any stand with zero.';

CREATE FUNCTION cash_rounding(amount numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT round(round(amount * 20) / 20, 2) $$;
COMMENT ON FUNCTION cash_rounding(numeric) IS 'To the nearest five cents, as cash has been paid in Canada since 2013.';

CREATE FUNCTION split_tax(gross numeric, rate numeric, OUT net numeric, OUT tax numeric)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    net := round(gross / (1 + rate), 2);
    tax := gross - net;
END;
$$;
COMMENT ON FUNCTION split_tax(numeric, numeric) IS 'Net and tax of a price that includes tax; they always add up.';

-- ---------------------------------------------------------------------------
-- Deliveries
-- ---------------------------------------------------------------------------

CREATE FUNCTION distance_km(lat1 numeric, lon1 numeric, lat2 numeric, lon2 numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT round((2 * 6371.0088 * asin(least(1, sqrt(
        power(sin(radians(lat2 - lat1)::double precision / 2), 2)
        + cos(radians(lat1)::double precision) * cos(radians(lat2)::double precision)
          * power(sin(radians(lon2 - lon1)::double precision / 2), 2)))))::numeric, 3)
$$;
COMMENT ON FUNCTION distance_km(numeric, numeric, numeric, numeric) IS 'Great-circle distance by the haversine formula on the mean radius of the earth.';

CREATE FUNCTION delivery_fee(base numeric, per_km numeric, km numeric, surge numeric DEFAULT 1, free_km numeric DEFAULT 2) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT round((base + per_km * greatest(km - free_km, 0)) * surge, 2) $$;
COMMENT ON FUNCTION delivery_fee(numeric, numeric, numeric, numeric, numeric) IS 'Base fee and what lies beyond the free distance, times the surge.';

CREATE FUNCTION nearest_store(lat numeric, lon numeric, within_km numeric DEFAULT NULL) RETURNS bigint
    LANGUAGE sql STABLE
AS $$
    SELECT s.id
      FROM stores AS s
     WHERE s.status = 'active'
       AND s.latitude IS NOT NULL
       AND s.longitude IS NOT NULL
       AND (within_km IS NULL OR distance_km(lat, lon, s.latitude, s.longitude) <= within_km)
     ORDER BY distance_km(lat, lon, s.latitude, s.longitude), s.id
     LIMIT 1
$$;
COMMENT ON FUNCTION nearest_store(numeric, numeric, numeric) IS 'The closest open store, null if none is near enough.';

CREATE FUNCTION available_drivers(of_store bigint, at_time timestamptz DEFAULT now()) RETURNS SETOF bigint
    LANGUAGE sql STABLE ROWS 10
AS $$
    SELECT d.id
      FROM drivers AS d
      JOIN driver_shifts AS s ON s.driver_id = d.id AND at_time >= s.starts_at AND at_time < s.ends_at
     WHERE d.store_id = of_store
       AND d.status = 'available'
     ORDER BY (SELECT count(*) FROM deliveries AS y
                WHERE y.driver_id = d.id AND y.status IN ('assigned', 'picked_up', 'en_route')), d.id
$$;
COMMENT ON FUNCTION available_drivers(bigint, timestamptz) IS 'Drivers on shift, the least busy first.';

CREATE FUNCTION stamp_delivery_status() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    CASE NEW.status
        WHEN 'assigned' THEN NEW.assigned_at := coalesce(NEW.assigned_at, now());
        WHEN 'delivered' THEN NEW.delivered_at := coalesce(NEW.delivered_at, now());
        WHEN 'failed' THEN NEW.attempt_count := NEW.attempt_count + 1;
        ELSE NULL;
    END CASE;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stamp_delivery_status() IS 'Notes when a delivery was assigned and done, and counts the attempts.';

CREATE FUNCTION point_in_polygon(lat numeric, lon numeric, ring jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    corners integer := jsonb_array_length(ring);
    inside boolean := false;
    x1 numeric; y1 numeric; x2 numeric; y2 numeric;
BEGIN
    FOR i IN 0 .. corners - 1 LOOP
        x1 := ring -> i ->> 0;
        y1 := ring -> i ->> 1;
        x2 := ring -> ((i + 1) % corners) ->> 0;
        y2 := ring -> ((i + 1) % corners) ->> 1;
        IF (y1 > lat) <> (y2 > lat) AND lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1 THEN
            inside := NOT inside;
        END IF;
    END LOOP;
    RETURN inside;
END;
$$;
COMMENT ON FUNCTION point_in_polygon(numeric, numeric, jsonb) IS 'Whether a place lies in a ring of [longitude, latitude] corners, by counting crossings.';

-- ---------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------

CREATE FUNCTION minor_units(amount numeric, currency text DEFAULT 'CAD') RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT round(amount * CASE WHEN currency IN ('JPY', 'KRW', 'CLP') THEN 1 WHEN currency IN ('BHD', 'KWD', 'JOD') THEN 1000 ELSE 100 END)::bigint $$;
COMMENT ON FUNCTION minor_units(numeric, text) IS 'Dollars as cents; some currencies have none, some a thousand (ISO 4217).';

CREATE FUNCTION payment_fee_minor(amount_minor bigint, percent numeric, fixed_minor bigint DEFAULT 0) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    exact numeric := amount_minor * percent / 100;
    whole numeric := floor(exact);
BEGIN
    IF exact - whole > 0.5 OR (exact - whole = 0.5 AND whole % 2 = 1) THEN
        whole := whole + 1;
    END IF;
    RETURN whole::bigint + fixed_minor;
END;
$$;
COMMENT ON FUNCTION payment_fee_minor(bigint, numeric, bigint) IS 'A provider''s fee in cents, halves to the even cent.';

CREATE FUNCTION refundable_amount(payment bigint) RETURNS bigint
    LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN t.status = 'succeeded' THEN t.amount_minor ELSE 0 END
           - coalesce((SELECT sum(r.amount_minor) FROM payment_refunds AS r
                        WHERE r.transaction_id = t.id AND r.status <> 'failed'), 0)::bigint
      FROM payment_transactions AS t
     WHERE t.id = payment
$$;
COMMENT ON FUNCTION refundable_amount(bigint) IS 'Cents of a payment that can still be given back; pending refunds count as given.';

CREATE FUNCTION guard_refund_amount() RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    left_over bigint := refundable_amount(NEW.transaction_id);
BEGIN
    IF left_over < 0 THEN
        RAISE EXCEPTION 'refunds of payment % exceed it by % cents', NEW.transaction_id, -left_over
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION guard_refund_amount() IS 'No payment gives back more than it took; checked at commit.';

CREATE FUNCTION settlement_difference(settlement bigint) RETURNS bigint
    LANGUAGE sql STABLE
AS $$
    SELECT s.net_minor - coalesce((SELECT sum(l.net_minor) FROM payment_settlement_lines AS l WHERE l.settlement_id = s.id), 0)::bigint
      FROM payment_settlements AS s
     WHERE s.id = settlement
$$;
COMMENT ON FUNCTION settlement_difference(bigint) IS 'Payout less its lines, in cents; zero when they agree.';

CREATE FUNCTION histogram_percentile(counts integer[], quantile numeric DEFAULT 0.95) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    bounds CONSTANT integer[] := '{10,25,50,100,250,500,1000,2500,5000,10000,30000,60000}';
    total bigint := (SELECT sum(c) FROM unnest(counts) AS c);
    seen bigint := 0;
BEGIN
    IF coalesce(total, 0) = 0 THEN
        RETURN NULL;
    END IF;
    FOR i IN 1 .. array_length(counts, 1) LOOP
        seen := seen + counts[i];
        IF seen >= quantile * total THEN
            RETURN bounds[i];
        END IF;
    END LOOP;
    RETURN bounds[array_length(bounds, 1)];
END;
$$;
COMMENT ON FUNCTION histogram_percentile(integer[], numeric) IS 'Upper bound, in milliseconds, of the bucket in which a quantile lies.';

-- ---------------------------------------------------------------------------
-- Conversations, messages, support
-- ---------------------------------------------------------------------------

CREATE FUNCTION conversation_summary(conversation bigint, max_length integer DEFAULT 200) RETURNS text
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    asked text;
    turns integer;
BEGIN
    SELECT count(*) FILTER (WHERE m.role IN ('user', 'assistant')),
           (array_agg(m.content ORDER BY m.created_at, m.id) FILTER (WHERE m.role = 'user'))[1]
      INTO turns, asked
      FROM ai_messages AS m
     WHERE m.conversation_id = conversation;
    IF turns = 0 THEN
        RETURN NULL;
    END IF;
    RETURN left(format('%s turns: %s', turns, coalesce(asked, '(nothing asked)')), max_length);
END;
$$;
COMMENT ON FUNCTION conversation_summary(bigint, integer) IS 'How long a conversation was and what it began with.';

CREATE FUNCTION count_conversation_tokens() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE ai_conversations AS c
       SET total_tokens = c.total_tokens + n.tokens
      FROM (SELECT conversation_id, sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) AS tokens
              FROM new_messages
             GROUP BY conversation_id) AS n
     WHERE c.id = n.conversation_id
       AND n.tokens > 0;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_conversation_tokens() IS 'Adds the tokens of new messages to their conversations, once a statement.';

CREATE FUNCTION render_template(body text, variables jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    name text;
    result text := '';
    rest text := body;
    at_place integer;
BEGIN
    LOOP
        name := substring(rest FROM '\{\{ *([a-z_][a-z0-9_]*) *\}\}');
        EXIT WHEN name IS NULL;
        at_place := position(substring(rest FROM '\{\{ *[a-z_][a-z0-9_]* *\}\}') IN rest);
        result := result || left(rest, at_place - 1) || coalesce(variables ->> name, '');
        rest := substr(rest, at_place + length(substring(rest FROM '\{\{ *[a-z_][a-z0-9_]* *\}\}')));
    END LOOP;
    RETURN result || rest;
END;
$$;
COMMENT ON FUNCTION render_template(text, jsonb) IS 'Puts values for {{names}}; a value is never read as a template again.';

CREATE FUNCTION ticket_sla_due(priority ticket_priority, opened timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT opened + CASE priority
        WHEN 'urgent' THEN interval '1 hour'
        WHEN 'high' THEN interval '4 hours'
        WHEN 'normal' THEN interval '24 hours'
        ELSE interval '72 hours'
    END;
END;
COMMENT ON FUNCTION ticket_sla_due(ticket_priority, timestamptz) IS 'Until when a ticket wants its first answer.';

-- ---------------------------------------------------------------------------
-- Audit and rate limits
-- ---------------------------------------------------------------------------

CREATE FUNCTION refuse_audit_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END;
$$;
COMMENT ON FUNCTION refuse_audit_change() IS 'What was recorded stays as it was.';

CREATE FUNCTION rate_limit_take(rule_name text, bucket_key text, cost double precision DEFAULT 1) RETURNS boolean
    LANGUAGE plpgsql
AS $$
DECLARE
    rule agi_rate_limit_rules%ROWTYPE;
BEGIN
    SELECT * INTO rule FROM agi_rate_limit_rules AS r WHERE r.name = rule_name AND r.enabled AND r.mode <> 'off';
    IF NOT FOUND THEN
        RETURN true;
    END IF;
    IF cost > rule.capacity THEN
        RETURN rule.mode = 'shadow';
    END IF;
    INSERT INTO agi_rate_limit_buckets AS b (rule_id, key_hash, tokens)
    VALUES (rule.id, sha256(convert_to(bucket_key, 'UTF8')), rule.capacity - cost)
    ON CONFLICT (rule_id, shard, key_hash) DO UPDATE
        SET tokens = least(rule.capacity, b.tokens + rule.refill_per_sec
                * greatest(0, EXTRACT(epoch FROM clock_timestamp() - b.updated_at))) - cost,
            updated_at = clock_timestamp()
      WHERE least(rule.capacity, b.tokens + rule.refill_per_sec
                * greatest(0, EXTRACT(epoch FROM clock_timestamp() - b.updated_at))) >= cost;
    RETURN FOUND OR rule.mode = 'shadow';
END;
$$;
COMMENT ON FUNCTION rate_limit_take(text, text, double precision) IS 'Takes tokens from a bucket if it holds enough; a refused call changes nothing.';

-- ---------------------------------------------------------------------------
-- Who has logged in
-- ---------------------------------------------------------------------------

CREATE VIEW recent_login_activity AS
SELECT u.id AS user_id,
       u.email,
       u.role,
       role_rank(u.role) AS role_rank,
       count(*) FILTER (WHERE e.outcome = 'success') AS logins,
       count(*) FILTER (WHERE e.outcome = 'failure') AS failures,
       max(e.occurred_at) AS last_seen_at,
       array_agg(DISTINCT mask_ip(e.ip_address)) FILTER (WHERE e.ip_address IS NOT NULL) AS networks
  FROM users AS u
  JOIN login_events AS e ON e.user_id = u.id
 WHERE e.occurred_at > (SELECT max(occurred_at) FROM login_events) - interval '30 days'
 GROUP BY u.id;
COMMENT ON VIEW recent_login_activity IS 'Log-ins of each user over the last thirty days on record.';

-- ---------------------------------------------------------------------------
-- Triggers
-- ---------------------------------------------------------------------------

CREATE TRIGGER customers_touch_updated_at BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER orders_touch_updated_at BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER deliveries_touch_updated_at BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER payment_transactions_touch_updated_at BEFORE UPDATE ON payment_transactions FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER payment_disputes_touch_updated_at BEFORE UPDATE ON payment_disputes FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER support_tickets_touch_updated_at BEFORE UPDATE ON support_tickets FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER ai_conversations_touch_updated_at BEFORE UPDATE ON ai_conversations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER broadcasts_touch_updated_at BEFORE UPDATE ON broadcasts FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER customers_search_text
    BEFORE INSERT OR UPDATE OF first_name, last_name, email, phone ON customers
    FOR EACH ROW EXECUTE FUNCTION customers_set_search_text();

CREATE TRIGGER loyalty_transactions_apply
    AFTER INSERT ON loyalty_transactions
    FOR EACH ROW EXECUTE FUNCTION apply_loyalty_transaction();

CREATE TRIGGER orders_guard_status
    BEFORE UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION guard_order_status();

CREATE TRIGGER orders_record_status
    AFTER UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION record_order_status();

CREATE TRIGGER deliveries_stamp_status
    BEFORE UPDATE OF status ON deliveries
    FOR EACH ROW WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION stamp_delivery_status();

CREATE CONSTRAINT TRIGGER payment_refunds_guard_amount
    AFTER INSERT OR UPDATE OF amount_minor, status ON payment_refunds
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard_refund_amount();

CREATE TRIGGER ai_messages_count_tokens
    AFTER INSERT ON ai_messages
    REFERENCING NEW TABLE AS new_messages
    FOR EACH STATEMENT EXECUTE FUNCTION count_conversation_tokens();

CREATE TRIGGER agi_audit_logs_refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON agi_audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Lines of carts and orders to the products they hold
ALTER TABLE cart_items ADD CONSTRAINT cart_items_product_id_fkey
    FOREIGN KEY (product_id) REFERENCES products (id);
ALTER TABLE order_items ADD CONSTRAINT order_items_product_id_fkey
    FOREIGN KEY (product_id) REFERENCES products (id);
