insert into base values (1, '2');
