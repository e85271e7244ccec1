set search_path to s_l;
insert into r values (1),(2);
insert into w values (1,'1'),(2,'2');

set search_path to s_m;
insert into r values (1),(2);
insert into w values (1,'1'),(2,'2');

set search_path to s_n;
insert into r values (1),(2);
insert into w values (1,'1'),(2,'2');

set search_path to s_o;
insert into r values (1),(2);
insert into w values (1,'1'),(2,'2');

set search_path to s_p;
insert into r values (1),(2);
insert into w values (1,'1'),(2,'2');

set search_path to s_q;
insert into r values (1),(2);
insert into w values (1,'1'),(2,'2');

set search_path to s_r;
insert into w values (1,'1'),(2,'2');

set search_path to s_s;
insert into w values (1,'1'),(2,'2');

set search_path to s_t;
insert into w values (1,'1'),(2,'2');

set search_path to s_u;
insert into w values (1,'1'),(2,'2');

set search_path to s_v;
insert into w values (1,'1'),(2,'2');

set search_path to s_w;
insert into w values (1,'1'),(2,'2');

set search_path to s_x;
insert into w values (1,'1'),(2,'2');

set search_path to s_y;
insert into w values (1,'1'),(2,'2');

set search_path to s_z;
insert into w values (1,'1'),(2,'2');
