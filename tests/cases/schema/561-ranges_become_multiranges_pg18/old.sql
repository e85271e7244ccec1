create table room (id int4range, valid daterange, name text, constraint room_pk primary key (id, valid without overlaps));
create table book (id int4range, valid tsrange, room int4range, rv daterange, constraint book_fk foreign key (room, period rv) references room (id, period valid), constraint bk unique (id, valid without overlaps));
create index bi on book using gist (room, rv);
