set search_path to s_c;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_d;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_e;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_f;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_g;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_h;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_i;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_j;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_k;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_l;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_m;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_n;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_o;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_p;
insert into w values (1,'1',3),(1,'2',12),(2,'2',1);

set search_path to s_q;
insert into h1 values (1,2,3);
