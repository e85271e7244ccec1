create type state as enum ('new', 'sent', 'lost');
create function counts(mask bit, s state) returns boolean immutable language sql as $$ select s = 'new' $$;
create table parcels (id int, s state not null default 'new', code text, mask bit(8));
create unique index parcels_code on parcels (code) where counts(mask, s);
