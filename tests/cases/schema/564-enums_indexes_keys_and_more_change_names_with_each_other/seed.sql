insert into a values (1,1,'x'); insert into b values (1,1,'x',1); insert into en values ('p','r','{q}');
