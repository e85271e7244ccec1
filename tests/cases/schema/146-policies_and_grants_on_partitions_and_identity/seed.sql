insert into p (k, x) values (1, 'a')
