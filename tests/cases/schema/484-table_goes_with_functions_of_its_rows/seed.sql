insert into z.t (a, b) values (1, 'y');
