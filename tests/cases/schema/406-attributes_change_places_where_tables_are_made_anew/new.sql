create type co as (b text, a text);
create table t (id int, c co, primary key (id)) partition by hash (id);
create table t1 partition of t for values with (modulus 1, remainder 0);
create table dep (x co);
create table many (id int primary key, list co[], one co);
create table typed of co (primary key (a));
create domain dc as co check ((value).a is not null);
create domain dl as co[];
create table domains (id int primary key, c dc, l dl);
