create table there (id bigint generated always as identity, k int default 3) partition by list (k);
create table come partition of there for values in (3) partition by range (id);
create table come_low partition of come for values from (0) to (1000);
create table ev (id bigint generated always as identity (start 100), k int default 3, primary key (k, id)) partition by list (k);
create table ev3 partition of ev for values in (3) partition by range (id);
create table ev3a partition of ev3 for values from (0) to (1000);
