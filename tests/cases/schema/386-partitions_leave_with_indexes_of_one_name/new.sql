create schema s_b; set search_path to s_b;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create index i on v (id);

create schema s_c; set search_path to s_c;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create unique index i on v (foo);

create schema s_d; set search_path to s_d;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create unique index i on v (foo);
create table f (x text references v (foo));

create schema s_e; set search_path to s_e;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create unique index i on v (foo);
create table f (x text);

create schema s_f; set search_path to s_f;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table v add constraint i unique (foo);

create schema s_g; set search_path to s_g;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table v add constraint i primary key (foo,id);
create table f (x text, y int, foreign key (x,y) references v);

create schema s_h; set search_path to s_h;
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create unique index i on v (foo);
alter table v add constraint s foreign key (foo) references v(foo);

create schema s_j; set search_path to s_j;
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of w for values in ('2');
create index i on w (id);
create index j on v (id);

create schema s_k; set search_path to s_k;
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of w for values in ('2');
create index i on v (id);
