create type r as range (subtype = float8);
create table t (id int primary key, a int, b r[], c date, d numeric(6, 2));
