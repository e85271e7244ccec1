set search_path to s_b;
insert into w values (1,'1'),(2,'2');

set search_path to s_c;
insert into w values (1,'1'),(2,'2');

set search_path to s_d;
insert into w values (1,'1'),(2,'2');
insert into f values ('1');

set search_path to s_e;
insert into w values (1,'1'),(2,'2');

set search_path to s_f;
insert into w values (1,'1'),(2,'2');

set search_path to s_g;
insert into w values (1,'1'),(2,'2');
insert into f values ('1',1);

set search_path to s_h;
insert into w values (1,'1'),(2,'2');

set search_path to s_j;
insert into w values (1,'1'),(2,'2');

set search_path to s_k;
insert into w values (1,'1'),(2,'2');
