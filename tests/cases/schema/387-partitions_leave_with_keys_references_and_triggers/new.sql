create schema s_l; set search_path to s_l;
create table r (id int primary key);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table v add constraint fk foreign key (id) references r;

create schema s_m; set search_path to s_m;
create table r (id int primary key);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table v add constraint fk2 foreign key (id) references r;

create schema s_n; set search_path to s_n;
create table r (id int primary key);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');

create schema s_o; set search_path to s_o;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table w add constraint fk foreign key (id) references r;

create schema s_p; set search_path to s_p;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table v add constraint fk foreign key (id) references r;

create schema s_q; set search_path to s_q;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table p1 (id int, foo text);
create table p2 (id int, foo text);

create schema s_r; set search_path to s_r;
create table r (id int primary key);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
alter table v add constraint ch check (id > 0);

create schema s_s; set search_path to s_s;
create function tf() returns trigger language plpgsql as 'begin return new;
end';
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create trigger tg before insert on v for each row execute function tf();

create schema s_t; set search_path to s_t;
create function tf() returns trigger language plpgsql as 'begin return new;
end';
create table v (id int, foo text) partition by list (foo);
create table p1 partition of v for values in ('1');
create table p2 partition of v for values in ('2');
create trigger tg before insert on v for each row execute function tf();

create schema s_u; set search_path to s_u;
create function tf() returns trigger language plpgsql as 'begin return new;
end';
create table w (id int, foo text) partition by list (foo);
create table p1 (id int, foo text);
create table p2 (id int, foo text);
create trigger tg before insert on p1 for each row execute function tf();

create schema s_v; set search_path to s_v;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);

create schema s_w; set search_path to s_w;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');

create schema s_x; set search_path to s_x;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
create index k2 on w (foo);

create schema s_y; set search_path to s_y;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
create index k2 on w (foo);
create index kk on p2 (foo);
alter table p2 add constraint p2_foo_id_key unique (foo,id);

create schema s_z; set search_path to s_z;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
create index k2 on w (foo);
alter table p1 add primary key (foo,id);
