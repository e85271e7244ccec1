create schema s_l; set search_path to s_l;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint fk foreign key (id) references r;

create schema s_m; set search_path to s_m;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint fk foreign key (id) references r;

create schema s_n; set search_path to s_n;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint fk foreign key (id) references r;

create schema s_o; set search_path to s_o;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint fk foreign key (id) references r;

create schema s_p; set search_path to s_p;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint fk foreign key (id) references r;

create schema s_q; set search_path to s_q;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table v (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint fk foreign key (id) references r;
alter table w add check (id > 0);
create index x on w (id);

create schema s_r; set search_path to s_r;
create table r (id int primary key);
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
alter table w add constraint ch check (id > 0);

create schema s_s; set search_path to s_s;
create function tf() returns trigger language plpgsql as 'begin return new;
end';
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create trigger tg before insert on w for each row execute function tf();

create schema s_t; set search_path to s_t;
create function tf() returns trigger language plpgsql as 'begin return new;
end';
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create trigger tg before insert on w for each row execute function tf();
alter table p1 disable trigger tg;

create schema s_u; set search_path to s_u;
create function tf() returns trigger language plpgsql as 'begin return new;
end';
create table w (id int, foo text) partition by list (foo);
create table p1 partition of w for values in ('1');
create table p2 partition of w for values in ('2');
create trigger tg before insert on w for each row execute function tf();

create schema s_v; set search_path to s_v;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
alter table w attach partition p2 for values in ('2');
alter table w add constraint k unique (foo,id);

create schema s_w; set search_path to s_w;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
alter table w attach partition p2 for values in ('2');
alter table w add constraint k unique (foo,id);

create schema s_x; set search_path to s_x;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
alter table w attach partition p2 for values in ('2');
create index k on w (id);
create index k2 on w (foo);

create schema s_y; set search_path to s_y;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
alter table w attach partition p2 for values in ('2');
alter table w add constraint k unique (foo,id);
create index k2 on w (foo);

create schema s_z; set search_path to s_z;
create table w (id int, foo text not null) partition by list (foo);
create table p1 (id int not null, foo text not null);
create table p2 (id int not null, foo text not null);
alter table w attach partition p1 for values in ('1');
alter table w attach partition p2 for values in ('2');
alter table w add primary key (foo,id);
create index k2 on w (foo);
