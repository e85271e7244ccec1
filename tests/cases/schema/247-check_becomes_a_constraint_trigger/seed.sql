insert into fields values (1, 'a');
