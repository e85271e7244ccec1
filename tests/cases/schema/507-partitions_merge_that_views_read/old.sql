create table ev (id int, at date, k text) partition by range (at);
create table ev_1 partition of ev for values from ('2023-01-01') to ('2024-01-01');
create table ev_d partition of ev default;
create view kv as select k from ev_1;
create function kf(ev_d) returns text language sql immutable return $1.k;
