create table room (id int4range, valid tsrange, name text, primary key (id, valid without overlaps), unique (valid, id));
create table booking (id int4range, valid tsrange, room int4range, constraint bk unique (id, valid without overlaps), constraint fk foreign key (room, period valid) references room (id, period valid));
