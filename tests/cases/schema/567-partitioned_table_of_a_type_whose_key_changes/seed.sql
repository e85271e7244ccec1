insert into h values (1,'x',null),(12,'a',null);
