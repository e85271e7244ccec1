insert into t values ('a',1,'{a,b}'),('b',2,null); insert into r values ('a',1);
