set search_path to s_c;
insert into w values (1,'1','a'),(2,'2','b');

set search_path to s_d;
insert into w values (1,'1','a'),(2,'2','b');

set search_path to s_e;
insert into w values (1,'1','a'),(2,'2','b');

set search_path to s_f;
insert into w values (1,'1','a'),(2,'2','b');

set search_path to s_h;
insert into w values (1,'1','a'),(2,'2','b');
