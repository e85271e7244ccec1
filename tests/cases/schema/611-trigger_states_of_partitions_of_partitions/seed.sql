insert into p values (12, 1), (16, 2);
