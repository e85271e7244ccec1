insert into "T" values (1, 'x', 1)
