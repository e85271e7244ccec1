insert into t1 values (1,'a');
insert into t2(id,a) values (1,'a');
insert into t3(id,a) values (1,'a');
