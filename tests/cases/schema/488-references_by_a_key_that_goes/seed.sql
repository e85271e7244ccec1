insert into p values (1,2,3);
insert into c values (1,1,3);
