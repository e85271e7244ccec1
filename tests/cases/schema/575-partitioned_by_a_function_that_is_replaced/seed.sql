insert into p values (1,0,'2020-01-01'),(2,3,null); insert into h values (1,'A'),(3,'B');
