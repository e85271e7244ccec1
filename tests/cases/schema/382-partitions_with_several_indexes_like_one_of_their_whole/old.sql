create schema s_b; set search_path to s_b;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create index wi on w (bar);

create schema s_c; set search_path to s_c;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create index wi on w (bar);
create table p (id int, foo text not null, bar text);

create schema s_d; set search_path to s_d;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create unique index wi on w (foo,bar);
create table p (id int, foo text not null, bar text);
alter table p add constraint pk unique (foo,bar);

create schema s_e; set search_path to s_e;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create table p (id int, foo text not null, bar text);
create index a_local on p (bar);
alter table w attach partition p for values in ('2');
create index wi on w (bar);
create index b_local on p (bar);

create schema s_f; set search_path to s_f;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create table p (id int, foo text not null, bar text);
create index a_local on p (bar);
alter table w attach partition p for values in ('2');
create index wi on w (bar);
create index z_local on p (bar);

create schema s_g; set search_path to s_g;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create table v (id int, foo text, bar text) partition by list (foo);
create table p (id int, foo text not null, bar text);
create index a_local on p (bar);
alter table v attach partition p for values in ('2');
create index wi on w (bar);
create index vi on v(bar);
create index z_local on p (bar);

create schema s_l; set search_path to s_l;
create table w (id int, foo text, bar text) partition by list (foo);
create table w1 partition of w for values in ('1');
create table p (id int, foo text not null, bar text);
create index old_name on p (bar);
alter table w attach partition p for values in ('2');
create index wi on w (bar);
