insert into cu values (1); insert into o values (1,1,'2020-05-01'),(2,1,'2021-05-01'); insert into li values (2,'2021-05-01',1);
