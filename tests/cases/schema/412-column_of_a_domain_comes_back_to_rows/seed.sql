insert into t(id,a) values (1,'q'),(2,'r');
