insert into p values (1,5),(2,6);
insert into c1 values (1,5),(2,6);
