insert into p2 values (11,1);
