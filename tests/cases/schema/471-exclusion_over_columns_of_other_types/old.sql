create table res (id int primary key, room bigint, during tstzrange not null, st text not null,
  constraint no_overlap exclude using gist (int8range(room, room, '[]') with =, during with &&) where (st <> 'off'));
create function half(bigint) returns bigint language sql immutable as 'select $1 / 2';
create unique index halves on res (half(room));
alter table res add constraint odd check (half(room) > 0);
