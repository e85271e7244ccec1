create schema s_c; set search_path to s_c;
create table w (id int, foo text, bar text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');

create schema s_d; set search_path to s_d;
create function tf() returns trigger language plpgsql as 'begin return new; end';
create table w (id int, foo text, bar text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create trigger tg before update on w for each row when (old.* is distinct from new.*) execute function tf();

create schema s_e; set search_path to s_e;
create function tf() returns trigger language plpgsql as 'begin return new; end';
create table w (id int, foo text, bar text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create trigger tg before update on w for each row when (old.* is distinct from new.*) execute function tf();
create index i on w (id);
alter table w add unique (foo,id);

create schema s_f; set search_path to s_f;
create function tf() returns trigger language plpgsql as 'begin return new; end';
create table w (id int, foo text, bar text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create trigger tg before update on w for each row when (old.* is distinct from new.*) execute function tf();
create table f (a text, b int);
create index i on w (id);
alter table w add unique (foo,id);
alter table f add constraint ff foreign key (a,b) references w (foo,id);

create schema s_h; set search_path to s_h;
create table w (id int, foo text, bar text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create view vv as select * from p1;
