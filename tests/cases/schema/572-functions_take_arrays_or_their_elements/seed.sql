insert into x (a, c) values (1,1);
