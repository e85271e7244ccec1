insert into kid1 values (1,1); insert into kid2 values (2,2);
