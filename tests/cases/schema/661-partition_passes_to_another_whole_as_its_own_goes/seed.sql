insert into b values (1, 'q');
