create schema s_a; set search_path to s_a;
CREATE TABLE foobar(
                id INT,
                foo VARCHAR(255),
                bar TEXT,
                fizz bytea
            ) PARTITION BY LIST (foo);
CREATE TABLE foobar_1 PARTITION OF foobar(
                CONSTRAINT "foobar1_PRIMARY_KEY" PRIMARY KEY (foo, id)
            ) FOR VALUES IN ('foo_1');
-- Create a table in a different schema where the index does not exist
            CREATE SCHEMA schema_1;
CREATE TABLE schema_1.foobar(
                id INT,
                foo VARCHAR(255) NOT NULL,
                bar TEXT NOT NULL,
                fizz bytea
            ) PARTITION BY LIST (foo);

create schema s_c; set search_path to s_c;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_d; set search_path to s_d;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int not null, foo text not null, bar int) partition by range (bar);
create table p3 (id int not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_e; set search_path to s_e;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int , foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_f; set search_path to s_f;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int , foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_g; set search_path to s_g;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int , foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');
alter table p1 add primary key (foo,id);
alter table p3 add primary key (foo,id);

create schema s_h; set search_path to s_h;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int , foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');
alter table p1 add primary key (foo,id);
alter table p3 add primary key (foo,id);

create schema s_i; set search_path to s_i;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int , foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_j; set search_path to s_j;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int constraint b not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int constraint c not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');
alter table p1 add primary key (foo,id);
alter table p3 add primary key (foo,id);

create schema s_k; set search_path to s_k;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int constraint b not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int constraint c not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_l; set search_path to s_l;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_m; set search_path to s_m;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');
alter table p1 add unique (foo,id);
alter table p1 replica identity using index p1_foo_id_key;

create schema s_n; set search_path to s_n;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int , foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');
alter table p1 add unique (foo,id);
alter table p1 replica identity using index p1_foo_id_key;

create schema s_o; set search_path to s_o;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');

create schema s_p; set search_path to s_p;
create table w (id int , foo text not null, bar int) partition by list (foo);
create table p1 (id int not null, foo text not null, bar int);
alter table w attach partition p1 for values in ('1');
create table p2 (id int , foo text not null, bar int) partition by range (bar);
create table p3 (id int not null, foo text not null, bar int);
alter table p2 attach partition p3 for values from (0) to (20);
alter table w attach partition p2 for values in ('2');
alter table p3 add primary key (foo,id);

create schema s_q; set search_path to s_q;
create table h (id int , a int);
create table h1 (b int ) inherits (h);
create table h2 (id int not null, a int) inherits (h);
