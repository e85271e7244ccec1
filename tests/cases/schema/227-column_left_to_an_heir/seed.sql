insert into base values (1,1); insert into kid values (2,2,'x'); insert into kid2 values (3,3);
