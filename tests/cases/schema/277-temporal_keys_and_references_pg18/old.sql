create table room (id int4range, valid tsrange, name text);
create table booking (id int4range, valid tsrange, room int4range);
