insert into acc values (1, '7', 'true'); insert into o (i, c) values (1, 2);
