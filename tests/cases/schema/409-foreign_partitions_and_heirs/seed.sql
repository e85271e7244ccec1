insert into p1(id,k,d) values (1,'a','2020-02-02');
insert into hk values (1,2,'x');
