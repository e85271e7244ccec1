create table room (id int4range, valid datemultirange, name text, price numeric, constraint room_pk primary key (id, valid without overlaps), constraint nm check (name <> ''));
create table book (id int4range, valid tstzrange, room int4range, rv datemultirange, constraint book_fk foreign key (room, period rv) references room (id, period valid) on delete no action, constraint bk unique (id, room, valid without overlaps));
create index bi on book using gist (rv, room);
