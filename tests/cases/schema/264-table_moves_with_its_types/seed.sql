insert into s1.t (e,d,es) values ('a',1,'{a,b}'),('b',2,'{}');
