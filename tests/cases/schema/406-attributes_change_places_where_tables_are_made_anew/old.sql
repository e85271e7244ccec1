create type co as (a text, b text);
create table t (id int primary key, c co);
create table dep (x co);
create table many (id int primary key, list co[], one co);
create table typed of co (primary key (a));
create domain dc as co check ((value).a is not null);
create domain dl as co[];
create table domains (id int primary key, c dc, l dl);
