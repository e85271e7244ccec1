"""A small shop in two states: as it should be (source) and as it is (target, with rows)."""

from __future__ import annotations

BOTH = """
CREATE TABLE public.stores (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.orders (
    id integer PRIMARY KEY, store_id integer, total numeric NOT NULL DEFAULT 0
);
"""
SOURCE = f"""{BOTH}
CREATE SEQUENCE public.ticket_number;
CREATE TABLE public.tickets (id integer PRIMARY KEY, subject text NOT NULL);
ALTER TABLE public.orders ADD COLUMN note text;
ALTER TABLE public.orders ADD COLUMN paid boolean NOT NULL DEFAULT false;
CREATE FUNCTION public.with_tax(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
    AS $$ SELECT round(amount * 1.13, 2) $$;
CREATE VIEW public.dear_orders AS
    SELECT id, public.with_tax(total) AS total FROM public.orders WHERE total > 100;
CREATE INDEX orders_store_idx ON public.orders (store_id);
ALTER TABLE public.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0);
ALTER TABLE public.orders ADD CONSTRAINT orders_store_fk
    FOREIGN KEY (store_id) REFERENCES public.stores (id);
COMMENT ON TABLE public.tickets IS 'What customers ask';
"""
TARGET = f"""{BOTH}
CREATE TABLE public.geo_zones (id integer PRIMARY KEY);
INSERT INTO public.stores SELECT n, 'store ' || n FROM generate_series(1, 3) n;
INSERT INTO public.orders SELECT n, n % 3 + 1, n FROM generate_series(1, 200) n;
"""
