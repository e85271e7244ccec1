set search_path to s_n;
insert into p values (1,'2','x');

set search_path to s_o;
insert into p values (1,'2','x');

set search_path to s_p;
insert into w values (1,'1',3),(1,'2',12),(1,'2',1);
insert into f values ('2',1,1);

set search_path to s_q;
insert into w values (1,'1',3),(1,'2',12),(1,'2',1);
insert into f values ('2',1,1);

set search_path to s_r;
insert into w values (1,'1',3),(1,'2',12),(1,'2',1);
insert into f values ('2',1,1);
