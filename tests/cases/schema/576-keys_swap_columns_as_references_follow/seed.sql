insert into a values (1,'x',1); insert into b values (1,'x',1,1);
