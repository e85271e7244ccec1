set search_path to s_b;
insert into w values (1,'1','x');

set search_path to s_c;
insert into p values (1,'2','x');

set search_path to s_d;
insert into p values (1,'2','x');

set search_path to s_e;
insert into p values (1,'2','x');

set search_path to s_f;
insert into p values (1,'2','x');

set search_path to s_g;
insert into p values (1,'2','x');

set search_path to s_l;
insert into p values (1,'2','x');
