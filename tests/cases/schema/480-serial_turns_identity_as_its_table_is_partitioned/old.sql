create table ev (id bigserial primary key, at date not null, kind text not null);
create table note (id int primary key, ev_id bigint references ev on delete cascade);
create publication pub for table ev (id, kind) with (publish = 'insert');
create view v as select * from ev;
