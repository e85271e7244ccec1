set search_path to s_b;
insert into a values ('1',1),('2',2);
insert into p values ('1',1),('2',2);
insert into q values ('1',1);
insert into f values ('1',1);
insert into g values ('1',1);

set search_path to s_c;
insert into a values ('1',1),('2',2);
insert into p values ('1',1),('2',2);
insert into q values ('1',1);
insert into f values ('1',1);
insert into g values ('1',1);

set search_path to s_d;
insert into a values ('1',1),('2',2);
insert into p values ('1',1),('2',2);
insert into q values ('1',1);
insert into f values ('1',1);
insert into g values ('1',1);

set search_path to s_f;
insert into a values ('1',1),('2',2);
insert into p values ('1',1),('2',2);
insert into q values ('1',1);
insert into f values ('1',1);
insert into g values ('1',1);

set search_path to s_g;
insert into a values ('1',1),('2',2);
insert into p values ('1',1),('2',2);
insert into q values ('1',1);
insert into f values ('1',1);
insert into g values ('1',1);

set search_path to s_h;
insert into a values ('1',1),('2',2);
insert into p values ('1',1),('2',2);
insert into q values ('1',1);
insert into f values ('1',1);
insert into g values ('1',1);
