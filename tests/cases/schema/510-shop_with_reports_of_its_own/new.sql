create schema shop;
create type shop.st as enum ('new','packed','paid','shipped');
create domain shop.money as numeric(14,2) check (value >= 0);
create table shop.customer (id bigint generated always as identity primary key, email text not null unique, created timestamptz default now());
create table shop.orders (id bigint generated always as identity primary key, customer_id bigint not null references shop.customer, st shop.st not null default 'new', total shop.money not null default 0, note text, placed timestamptz not null default now(), channel text not null default 'web');
create index orders_channel on shop.orders (channel);
grant usage on schema shop to hr1, hr2;
