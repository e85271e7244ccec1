create type state as enum ('new', 'sent');
create table parcels (id int, s state not null default 'new');
