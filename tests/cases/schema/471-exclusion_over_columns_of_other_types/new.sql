create table res (id int primary key, room int, during tsrange not null, st text not null,
  constraint no_overlap exclude using gist (int4range(room, room, '[]') with =, during with &&) where (st = 'on'));
create function half(int) returns int language sql immutable as 'select $1 / 2';
create unique index halves on res (half(room));
alter table res add constraint odd check (half(room) > 0);
